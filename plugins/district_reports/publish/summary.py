"""A summary, ``sql/summaries/<city table>.sql``: a header that declares the figures and, where needed, a SELECT.

The header is the comment lines at the top of the file, ``-- word: value``:

- ``form``: the form whose periods and coverage it tells, bound as ``:form``; left out by a summary of several forms.
- ``key``: the columns that tell its rows apart, ``release_id`` aside.
- ``counts of people``: the columns that disclosure control has to look at; ``none`` where there are none. That line and
  those of ``protect`` are by the grammar of :mod:`.disclosure.parsed`.
- ``additive``: the columns that add up from the districts to 全市, nulls left out; ``none`` where there are none.
- ``units``: the sheet that is reported unit by unit, whose coverage the table gives as units of the register, too.
- ``period``: ``night`` where the rows are of the release's own day, which is then their period: the same row of another
  release has another.
- ``stands on``: ``city tables`` for a summary that reads the relations of :mod:`.commitments`; it comes last.
- ``first`` and ``per 1,000 <name>``: what pages show first, and counts that they tell by another figure
  (:mod:`.first_measures`).
- ``trace <columns>``: from which rows of which sheets they come, by the grammar of :mod:`.lineage`.

A line that begins with ``--`` and four spaces continues such a word.

Everything else in the header is for people. Where every figure counts or adds up rows of sheets, or is a formula of
such figures, the SELECT follows from the header (:mod:`.summary_sql`). One that is written out reads the relations of
:mod:`district_reports.moment`, and of their submissions the facts and ``ledger.sheet_count``; ``:form`` and
``:known_at`` (timestamptz) are bound.
Whatever else it read of the ledger or of reference could be of another moment than the release.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from district_reports.errors import SystemFault
from district_reports.publish.disclosure.declared import Protection
from district_reports.publish.disclosure.parsed import check_tables, parse
from district_reports.publish.first_measures import PerThousand, first, per_thousand
from district_reports.publish.lineage import COVERAGE, ROW_OF, Origin, declared, units_of
from district_reports.publish.summary_sql import declared_select

_WORD = re.compile(r"--\s*(form|key|period|additive|units|stands on|first)\s*:\s*(.*)")
_PEOPLE = re.compile(r"--\s*counts of people(?: where (.+?))?\s*:\s*(.*)")
_PROTECT = re.compile(r"-- protect (.+?): (.+)")
_PER_THOUSAND = re.compile(r"-- per 1,000 (\w+): (.+)")
_TRACE = re.compile(r"-- trace ([\w, ]+): (.+)")
_CONTINUED = "--    "
_NAME = re.compile(r"city_[a-z0-9_]{1,49}")
_PEOPLE_WORD = "counts of people"
_REQUIRED = ("key", _PEOPLE_WORD, "additive")
_CITY_TABLES = "city tables"
_NIGHT = "night"


@dataclass(frozen=True)
class Summary:
    """``select`` is the file's, without a final semicolon, or the one that its header gives."""

    table: str
    select: str
    form: str | None
    key: tuple[str, ...]
    additive: tuple[str, ...]
    on_city_tables: bool
    origins: Mapping[str, Origin]
    # Of sets, whose order is another one in each process, and of no figure of the night: no part of a release's hash.
    protection: Protection = field(repr=False)
    first: tuple[str, ...] = field(default=(), repr=False)
    per_thousand: Mapping[str, PerThousand] = field(default_factory=dict, repr=False)
    units: str | None = None
    nightly: bool = False

    @property
    def counts_of_people(self) -> tuple[str, ...]:
        """Those that are counts of people, be it in some of the rows."""
        return tuple(self.protection.people)

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that tell which row it is in any release."""
        return tuple(name for name in self.key if not (self.nightly and name == "period"))

    def figures(self, columns: Iterable[str]) -> list[str]:
        """Those of the table's `columns` that are figures, each of which has to have an origin."""
        return [name for name in columns if name not in (*self.key, *ROW_OF)]


def summaries(folder: Path) -> list[Summary]:
    """Every summary of `folder` by name, those that stand on city tables last.

    Raises:
        SystemFault: there is none, or a header lacks a word; the message names the file.
    """
    stamped = [(path, path.stat()) for path in sorted(folder.glob("*.sql"))]
    if not stamped:
        raise SystemFault(f"there is no summary in {folder}")
    return list(_read(tuple((path, stamp.st_mtime_ns, stamp.st_size) for path, stamp in stamped)))


# A page asks for them several times, and reading the headers takes it as long as a dozen queries.
@lru_cache(maxsize=8)
def _read(files: tuple[tuple[Path, int, int], ...]) -> tuple[Summary, ...]:
    found = [_summary(path) for path, _, _ in files]
    others = {each.table: ({*each.key} - {*ROW_OF}, {*each.origins}) for each in found}
    for summary in found:
        check_tables(f"{summary.table}.sql", summary.protection, others)
    return tuple(sorted(found, key=lambda summary: summary.on_city_tables))


def _summary(path: Path) -> Summary:
    if not _NAME.fullmatch(path.stem):
        raise SystemFault(f"{path.name}: a summary is named after its table, city_…")
    lines = path.read_text(encoding="utf-8").splitlines()
    words: dict[str, str] = {}
    people: list[tuple[str | None, str]] = []
    protect: list[tuple[str, str]] = []
    traced: list[tuple[str, str]] = []
    relative: list[tuple[str, str]] = []
    for line in _header(lines):
        if match := _WORD.fullmatch(line):
            words[match[1]] = match[2].strip()
        elif match := _PEOPLE.fullmatch(line):
            words[_PEOPLE_WORD] = match[2].strip()
            people.append((match[1], match[2].strip()))
        elif match := _PROTECT.fullmatch(line):
            protect.append((match[1], match[2]))
        elif match := _PER_THOUSAND.fullmatch(line):
            relative.append((match[1], match[2]))
        elif match := _TRACE.fullmatch(line):
            traced.append((match[1], match[2]))
        elif line.startswith("-- protect "):
            raise SystemFault(f"{path.name}: `{line}` has no `: <what is known>`")
        elif line.startswith("-- trace "):
            raise SystemFault(f"{path.name}: `{line}` has no `: <origin>`")
    for word in _REQUIRED:
        if not words.get(word):
            raise SystemFault(f"{path.name}: its header lacks `-- {word}: …`")
    if words.get("stands on", _CITY_TABLES) != _CITY_TABLES:
        raise SystemFault(f"{path.name}: a summary stands on `{_CITY_TABLES}`, not on {words['stands on']!r}")
    if words.get("period", _NIGHT) != _NIGHT:
        raise SystemFault(f"{path.name}: a period is `{_NIGHT}` or that of the reports, not {words['period']!r}")
    key, units = _names(words["key"]), words.get("units")
    origins = {**COVERAGE, **(units_of(units) if units else {}), **declared(traced, path.name)}
    counted = per_thousand(relative, origins, path.name)
    select = "\n".join(lines).strip().rstrip(";")
    if not select and not (traced and "form" in words):
        raise SystemFault(f"{path.name}: without a SELECT its header has to name a form and to trace a figure")
    return Summary(
        table=path.stem,
        select=select or declared_select(path.name, key, origins, units),
        form=words.get("form"),
        key=key,
        additive=_names(words["additive"]),
        on_city_tables="stands on" in words,
        origins=origins,
        first=first(_names(words.get("first", "none")), (*counted, *origins), path.name),
        per_thousand=counted,
        protection=parse(path.name, key, people, protect, origins),
        units=units,
        nightly="period" in words,
    )


def _header(lines: list[str]) -> Iterator[str]:
    """Take the comment at the top away from `lines`, line by line, what continues a word as part of its line."""
    while lines and (lines[0].startswith("--") or not lines[0].strip()):
        line = lines.pop(0).rstrip()
        if _WORD.fullmatch(line) or line.startswith(("-- trace ", "-- protect ", f"-- {_PEOPLE_WORD}")):
            while lines and lines[0].startswith(_CONTINUED):
                line += f" {lines.pop(0).removeprefix(_CONTINUED).strip()}"
        yield line


def _names(listed: str) -> tuple[str, ...]:
    return () if listed == "none" else tuple(name.strip() for name in listed.split(","))
