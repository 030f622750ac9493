"""The figures of the page: in total, and by district, form or month."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Row

from district_reports.ledger import quality
from district_reports.ledger.quality import Scope
from district_reports.pages.quality.tries import Tries

Leveled = TypeVar("Leveled", Row[Any], Tries)


@dataclass(frozen=True)
class Figures:
    """``files`` are decided files, of which ``rejected`` were rejected; ``with_findings`` have findings of the one rule
    asked for, and mean nothing where several were. ``quarantined`` are rows with a critical finding, of ``rows_read``.

    ``tries`` are first files of a (form, period, district), of which ``right_at_once`` were accepted without a critical
    finding. Of the rest, ``corrected`` were followed by a file of the district's that was right, after the median and
    90th percentile of hours; ``open`` were not yet, and ``settled`` need not be: the report was withdrawn, or is right
    since a re-check looked at it again.
    """

    files: int = 0
    rejected: int = 0
    rows_read: int = 0
    quarantined: int = 0
    with_findings: int = 0
    findings: int = 0
    explained: int = 0
    tries: int = 0
    right_at_once: int = 0
    corrected: int = 0
    open: int = 0
    settled: int = 0
    median_hours: float | None = None
    late_hours: float | None = None

    @property
    def rejected_share(self) -> float | None:
        return share(self.rejected, self.files)

    @property
    def error_rate(self) -> float | None:
        return share(self.quarantined, self.rows_read)

    @property
    def share_with(self) -> float | None:
        return share(self.with_findings, self.files)

    @property
    def per_thousand(self) -> float | None:
        """Findings per 1,000 rows read."""
        return 1000 * self.findings / self.rows_read if self.rows_read else None

    @property
    def right_share(self) -> float | None:
        return share(self.right_at_once, self.tries)


def share(part: int, whole: int) -> float | None:
    """`part` of `whole` as 0 to 1; None if `whole` is 0."""
    return part / whole if whole else None


def count(connection: Connection, scope: Scope, tries: Sequence[Tries] = ()) -> tuple["Counted", "Counted"]:
    """The figures of the span, and those of the time ``scope.before`` it, which have no tries."""
    files, rules = quality.files(connection, scope), quality.rules(connection, scope)
    now, before = (
        ([row for row in files if row.in_span is in_span], [row for row in rules if row.in_span is in_span])
        for in_span in (True, False)
    )
    return Counted(*now, tries), Counted(*before)


_FILES = ("files", "rejected", "rows_read", "quarantined")
_TRIES = ("tries", "right_at_once", "corrected", "open", "settled", "median_hours", "late_hours")
_KEYS: Mapping[str, tuple[str, ...]] = {
    quality.TOTAL: (),
    quality.MONTH: ("month",),
    quality.FORM: ("form",),
    quality.DISTRICT: ("district_code",),
    quality.FORM_AND_DISTRICT: ("district_code", "form"),
}


class Counted:
    """What the queries answered for one scope, by the level of their rows."""

    def __init__(self, files: Sequence[Row[Any]], rules: Sequence[Row[Any]], tries: Sequence[Tries] = ()) -> None:
        self.files, self.rules, self.tries = _by_level(files), _by_level(rules), _by_level(tries)
        self._findings = _without_rules(self.rules[quality.RULE])

    def total(self) -> Figures:
        return self.by(quality.TOTAL).get((), Figures())

    def by(self, level: str) -> dict[Any, Figures]:
        """By what the level names: the month, the form (None: not recognised), the district, or (district, form)."""
        values: dict[Any, dict[str, Any]] = defaultdict(dict)
        for row in self.files[level]:
            values[_key(level, row)].update((name, getattr(row, name)) for name in _FILES)
        for found in self.rules[quality.MONTH_AND_SEVERITY] if level == quality.MONTH else self._findings:
            each = values[_key(level, found)]
            each["with_findings"] = each.get("with_findings", 0) + found.files
            each["findings"] = each.get("findings", 0) + found.findings
            each["explained"] = each.get("explained", 0) + found.explained
        for tried in self.tries[level]:
            values[_key(level, tried)].update((name, getattr(tried, name)) for name in _TRIES)
        return {key: Figures(**each) for key, each in values.items()}


@dataclass(frozen=True)
class _Findings:
    form: str | None
    district_code: str
    files: int
    findings: int
    explained: int


def _without_rules(rows: Sequence[Row[Any]]) -> list[_Findings]:
    """The sums by form and district, made once: there are thousands of rows, and several levels need them."""
    sums: dict[tuple[str | None, str], tuple[int, int, int]] = {}
    for _, _, form, district_code, _, _, files, findings, explained, _ in map(tuple, rows):
        former = sums.get((form, district_code), (0, 0, 0))
        sums[form, district_code] = (former[0] + files, former[1] + findings, former[2] + explained)
    return [_Findings(*key, *summed) for key, summed in sums.items()]


def _key(level: str, row: Row[Any] | Tries | _Findings) -> Any:
    names = _KEYS[level]
    return getattr(row, names[0]) if len(names) == 1 else tuple(getattr(row, name) for name in names)


def _by_level(rows: Sequence[Leveled]) -> Mapping[str, list[Leveled]]:
    found: Mapping[str, list[Leveled]] = defaultdict(list)
    for row in rows:
        found[row.level].append(row)
    return found
