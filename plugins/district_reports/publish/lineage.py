"""Where the figures of a city table come from, as the headers of the summaries declare it.

``-- trace <column>, …: <origin>``; a line that begins with ``--`` and four spaces continues the one above. An origin is

- ``<measure> of <rows> [with|without <rows>] [for <condition>]``: what is measured (``count``,
  ``count(distinct column)``, ``sum(expression)``, ``max(expression)``) of which rows. Several lines for one column add
  up, but for ``max``.
- ``= <expression>`` of columns of the same row.
- ``from <column>, …``: judged by these columns of the same row, by a rule that the SELECT spells out.
- ``reference <table> on <column> [where <condition>]``: a field of that name in the row of a reference table.
- ``figure of <table> on <column> [named in <column>]``: a figure of another city table. The row of the reference table
  says of which one (``table_name``), of which of its rows (``filter``) and, where the name differs, of which column.
- ``figure of <table> on <column> over <column>``: that figure of several, added up: of the city tables which the last
  column lists (``;`` between), or else of ``table_name``, from the rows of 全部. A table without it adds nothing.
- ``<column> in <column>, else reference …``: that figure of the same area and key in the period which the other column
  of the row names; where it names none, the reference field.

``<rows>`` is ``<table> [in <scope>] [against|beside <earlier>] [on <column>] [by <key>, …] [where <condition>]
[having <condition>]``:

- table: a sheet's in ``facts``, with one row a row of Excel; or of the ledger: ``report`` (a row a district: where its
  report stands), ``drop`` (a row a submission), ``first_submission`` (a row a district whose first submission is
  decided, as in ``moment/known.py``), ``sheet_count`` (a row a sheet of a report in force) and ``unit`` (a row
  a ``sheet`` that is reported unit by unit: how many the register has ``expected``, how many are ``reported``). Or of
  the release's own night, and of no period: ``item`` (a row an item of the worklist and district that it touches) and
  ``district`` (a row a district of that day), as in ``publish/worklist.py``.
- scope: ``in_force`` where nothing is said; ``year_to_date`` as in ``moment/frame.py``; ``latest_of_year``, each
  district's latest report of the year to date that is not nil.
- ``against``: each row beside the one with the same ``on`` in a report before, whose columns are null where it has no
  such row: in ``previous`` (the last accepted period before), ``first_of_year`` (the first of the calendar year) or
  ``earlier`` (any before, the latest that has the row). Columns need the table's or that name before them. Reports that
  have none before are left out, and the figure is null where all are. ``beside`` is the same and leaves out none.
- ``by``: these key columns of the city table choose the rows; 全部 chooses all.
- ``having``: of the rows chosen, those of whom this holds together: all with the same distinct column in the area. It
  is a condition over sums of columns, for a ``count(distinct column)`` without a partner.
- ``with``/``without``: whether rows of another table, of any district of the area, have the same ``on``.

Conditions and expressions are SQL over the columns of those rows; ``:name`` is a key column of the city table's row.
After ``for`` they are over the city table's own row: where the condition does not hold, the figure is null.

The columns of area and coverage mean the same everywhere (:data:`COVERAGE`), and need no line.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from district_reports.errors import SystemFault

ROW_OF = ("release_id", "period", "level", "area_code", "area_name")
"""Columns that say which row it is, and no figure."""


class Scope(StrEnum):
    """Which submissions of a district a figure stands on."""

    IN_FORCE = "in_force"
    YEAR_TO_DATE = "year_to_date"
    LATEST_OF_YEAR = "latest_of_year"
    NIGHT = "night"
    """On none: on the districts of the release's own day."""


class Measure(StrEnum):
    """What is done with the rows; DISTINCT and MAX do not add up."""

    COUNT = "count"
    DISTINCT = "count(distinct"
    SUM = "sum"
    MAX = "max"


class Earlier(StrEnum):
    """The reports before its own with which a row is compared."""

    PREVIOUS = "previous"
    FIRST_OF_YEAR = "first_of_year"
    EARLIER = "earlier"


REPORT, DROP, FIRST_SUBMISSION, SHEET_COUNT, UNIT = "report", "drop", "first_submission", "sheet_count", "unit"
ITEM, DISTRICT = "item", "district"
OF_NIGHT = (ITEM, DISTRICT)
"""Of the worklist, on the release's own night."""
LEDGER_TABLES = (REPORT, DROP, FIRST_SUBMISSION, SHEET_COUNT, UNIT, *OF_NIGHT)
OF_DISTRICTS = (REPORT, DROP, FIRST_SUBMISSION, UNIT, *OF_NIGHT)
"""Those of them that tell of a district whether or not a report of it was accepted."""


@dataclass(frozen=True)
class Source:
    """Rows to choose from, and the choice; ``link`` is the column after ``on``.

    ``beside`` says that rows of a report without any before it are among them, too.
    """

    table: str
    scope: Scope
    earlier: Earlier | None
    beside: bool
    link: str | None
    by: tuple[str, ...]
    where: str | None
    having: str | None = None


@dataclass(frozen=True)
class Rows:
    """A measure of rows. ``partner`` rows share the link (``with``) or must not (``without``, ``matching`` False)."""

    text: str
    measure: Measure
    expression: str
    source: Source
    partner: Source | None = None
    matching: bool = True
    applies: str | None = None


@dataclass(frozen=True)
class Formula:
    """An expression of other columns of the row; those it names are found by :func:`named_columns`."""

    text: str
    expression: str


@dataclass(frozen=True)
class Judged:
    """A word that the SELECT gives for other columns of the row."""

    text: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class ReferenceField:
    """A field of the row of a reference table whose ``on`` is the city table row's."""

    text: str
    table: str
    on: str
    where: str | None


@dataclass(frozen=True)
class FigureOf:
    """A figure of another city table, named by the row of a reference table."""

    text: str
    table: str
    on: str
    named_in: str | None


@dataclass(frozen=True)
class FigureOver:
    """A figure added up over the city tables that the row of a reference table lists in ``tables_in``."""

    text: str
    table: str
    on: str
    tables_in: str


@dataclass(frozen=True)
class EarlierFigure:
    """The figure ``column`` in the period that the column ``period_in`` of the row names, else a reference field."""

    text: str
    column: str
    period_in: str
    otherwise: ReferenceField


Followed: TypeAlias = FigureOf | FigureOver | EarlierFigure
"""Taken over from other rows."""
Origin: TypeAlias = tuple[Rows, ...] | Formula | Judged | ReferenceField | Followed
"""Where a column comes from; rows from several tables add up."""

_HEAD = re.compile(r"(?:(count)|count\(distinct (.+?)\)|(sum|max)\((.+?)\)) of (.+)")
_SOURCE = re.compile(
    r"(?P<table>\w+)(?: in (?P<scope>\w+))?(?: (?P<how>against|beside) (?P<earlier>\w+))?(?: on (?P<link>\w+))?"
    r"(?: by (?P<by>\w+(?:, \w+)*))?(?: where (?P<where>.+?))?(?: having (?P<having>.+))?"
)
_REFERENCE = re.compile(r"reference (\w+) on (\w+)(?: where (.+))?")
_FIGURE = re.compile(r"figure of (\w+) on (\w+)(?: named in (\w+))?")
_OVER = re.compile(r"figure of (\w+) on (\w+) over (\w+)")
_EARLIER = re.compile(r"(\w+) in (\w+), else (reference .+)")
_NOT_A_NAME = re.compile(r"'(?:[^']|'')*'")


def declared(lines: Iterable[tuple[str, str]], file: str) -> Mapping[str, Origin]:
    """The origin of each column, from (columns, origin) as the header of `file` gives them.

    Raises:
        SystemFault: an origin is against the grammar, or a column has two that do not add up.
    """
    found: dict[str, Origin] = {}
    for columns, text in lines:
        origin = _origin(text)
        if origin is None:
            raise SystemFault(f"{file}: `-- trace {columns}: {text}` is no origin; see publish/lineage.py")
        for column in re.split(r",\s*", columns):
            before = found.get(column)
            if before is None:
                found[column] = origin
            elif isinstance(before, tuple) and isinstance(origin, tuple) and _add_up(before + origin):
                found[column] = before + origin
            else:
                raise SystemFault(f"{file}: {column} is traced twice, and only rows add up")
    return MappingProxyType(found)


def _add_up(terms: tuple[Rows, ...]) -> bool:
    return all(rows.measure is not Measure.MAX for rows in terms)


def _origin(text: str) -> Origin | None:
    if text.startswith("= "):
        return Formula(text, text[2:])
    if text.startswith("from "):
        return Judged(text, tuple(re.split(r",\s*", text[5:])))
    if match := _REFERENCE.fullmatch(text):
        return ReferenceField(text, *match.groups())
    if match := _FIGURE.fullmatch(text):
        return FigureOf(text, *match.groups())
    if match := _OVER.fullmatch(text):
        return FigureOver(text, *match.groups())
    if (match := _EARLIER.fullmatch(text)) and (field := _REFERENCE.fullmatch(match[3])):
        return EarlierFigure(text, match[1], match[2], ReferenceField(match[3], *field.groups()))
    rows = _rows(text)
    return None if rows is None else (rows,)


def _rows(text: str) -> Rows | None:
    head = _HEAD.fullmatch(text)
    if head is None:
        return None
    rest, _, applies = head[5].partition(" for ")
    main, word, partner = re.fullmatch(r"(.+?)(?: (with|without) (.+))?", rest).groups()  # type: ignore[union-attr]
    source = _source(main)
    other = _source(partner) if partner else None
    if source is None or (partner and (other is None or other.having or None in (source.link, other.link))):
        return None
    if source.earlier and source.link is None:
        return None
    measure = Measure.COUNT if head[1] else Measure.DISTINCT if head[2] else Measure(head[3])
    if source.having and (other is not None or measure is not Measure.DISTINCT):
        return None
    return Rows(text, measure, head[2] or head[4] or "", source, other, word != "without", applies or None)


def _source(text: str) -> Source | None:
    match = _SOURCE.fullmatch(text)
    if match is None or (match["scope"] or Scope.IN_FORCE) not in tuple(Scope):
        return None
    if match["earlier"] is not None and match["earlier"] not in tuple(Earlier):
        return None
    usual = Scope.NIGHT if match["table"] in OF_NIGHT else Scope.IN_FORCE
    return Source(
        table=match["table"],
        scope=Scope(match["scope"] or usual),
        earlier=Earlier(match["earlier"]) if match["earlier"] else None,
        beside=match["how"] == "beside",
        link=match["link"],
        by=tuple(match["by"].split(", ")) if match["by"] else (),
        where=match["where"],
        having=match["having"],
    )


def named_columns(formula: Formula, columns: Iterable[str]) -> tuple[str, ...]:
    """Those of `columns` that the expression names, in its order."""
    words = re.findall(r"\w+", _NOT_A_NAME.sub("", formula.expression))
    return tuple(dict.fromkeys(word for word in words if word in set(columns)))


COVERAGE: Mapping[str, Origin] = declared(
    [
        ("districts_accepted", f"count of {REPORT} where outcome IS NOT NULL"),
        ("districts_expected", f"count of {REPORT}"),
        ("coverage", "= city.percent(districts_accepted, districts_expected)"),
    ],
    "lineage.py",
)
"""Origins that every city table shares; a header may give its own."""

UNITS = ("units_reported", "units_expected")
"""Columns of a table whose header names the sheet that is reported unit by unit (``-- units: <sheet>``)."""


def units_of(sheet: str) -> Mapping[str, Origin]:
    """The origins of :data:`UNITS` for that sheet."""
    lines = [(name, f"sum({name.removeprefix('units_')}) of {UNIT} where sheet = '{sheet}'") for name in UNITS]
    return declared(lines, "lineage.py")
