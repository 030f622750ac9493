"""What has to be said beside a figure: the caveats of its card that hold in its row, and these of any table's.

- *Only 5 of 13 districts*, or of the units of the register: for each figure that rests on their reports, where there
  are any. Units are those of one sheet (``-- units`` in the header), so that they are said of what rests on that sheet.
  Figures say different numbers, and share one footnote.
- *Nothing earlier to compare with*: where a figure that compares with an earlier report is missing, though there is
  a report; or where what it is judged by was measured in this very period.

A caveat that names columns, ``{uncompared_school_count}``, holds for the rows where every one of them is neither empty
nor 0, and says its value; one without holds for every row.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from district_reports.forms import forms
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.column_words import parted
from district_reports.publish.definitions import AREA_KEY, OF_COVERAGE, PLACE, Definitions, chosen_by
from district_reports.publish.lineage import SHEET_COUNT, EarlierFigure, FigureOf
from district_reports.publish.summary import Summary
from district_reports.reference.english import called

Row = Mapping[str, Any]
FindRow = Callable[[str, Mapping[str, str]], Row | None]
"""The row of a city table with this key; None where there is none."""

_SAID = {
    # Without a plural, which one of one would not have.
    "districts": {"zh": "只含 {reported}/{expected} 个区县", "en": "Districts: only {reported} of {expected}"},
    "units": {"zh": "只含 {reported}/{expected} {unit}", "en": "{unit}: only {reported} of {expected}"},
    "partial": {
        "zh": "没有报全：只含已报的区县和单位，各有多少见同一行的数据覆盖",
        "en": "Incomplete: only of the districts and units that reported; how many stands in the coverage of its row",
    },
    "first": {
        "zh": "没有更早的报表可以比较，所以没有数字",
        "en": "There is no earlier report to compare with, so there is no figure",
    },
    "begins": {
        "zh": "本期就是基期值所在的一期，从下一期起才看得出快慢",
        "en": "This period is the baseline itself: how fast it goes shows from the next one on",
    },
}


@dataclass(frozen=True)
class Caveat:
    """``every_row``: it holds for the whole column, whatever stands in the row. ``shared``: what one footnote says for
    all figures of its kind, whose texts differ; empty where the text is the same for all. ``of_reference``: its words
    are those of the reference data, which may be Chinese in either language.
    """

    text: str
    every_row: bool
    shared: str = ""
    of_reference: bool = False

    @property
    def footnote(self) -> str:
        return self.shared or self.text


class PublishedRows:
    """Rows of the city tables of one release, looked up a period at a time.

    `relation` says what is read for a table, as it follows FROM, and is empty where there is none. Without it that is
    ``city``.
    """

    def __init__(self, connection: Connection, release_id: int, relation: Callable[[str], str] | None = None) -> None:
        self._connection = connection
        self._release_id = release_id
        self._relation = relation or self._inside
        self._read: dict[tuple[str, str], list[Row]] = {}

    def find(self, table: str, key: Mapping[str, str]) -> Row | None:
        """The row of `table` with this key, which names its period; None where the release has none."""
        rows = self._of(table, key["period"])
        return next((row for row in rows if all(row.get(name) == value for name, value in key.items())), None)

    def _of(self, table: str, period: str) -> list[Row]:
        if (table, period) not in self._read:
            found: list[Row] = []
            if relation := self._relation(table):
                statement = f"SELECT * FROM {relation} WHERE {RELEASE} = :release_id AND period = :period"
                values = {"release_id": self._release_id, "period": period}
                found = [dict(row) for row in self._connection.execute(text(statement), values).mappings()]
            self._read[table, period] = found
        return self._read[table, period]

    def _inside(self, table: str) -> str:
        return f'city."{table}"' if columns_of(self._connection, "city", table) else ""


class Caveats:
    """The caveats of figures; `find_row` looks up what a commitment is measured by."""

    def __init__(self, definitions: Definitions, find_row: FindRow) -> None:
        self._definitions = definitions
        self._find_row = find_row
        self._sheets_known: dict[tuple[str, str], frozenset[str]] = {}

    def beside(self, table: str, column: str, row: Row) -> tuple[Caveat, ...]:
        """What has to be said of the figure in `column` of a `row` of `table`, each once; nothing of keys, nor of what
        is withheld."""
        summary = self._definitions.tables[table]
        declared = column in summary.origins or column in summary.per_thousand
        if column in OF_COVERAGE or not declared or column in (row.get("withheld") or ()):
            return ()
        if summary.on_city_tables and not row.get("districts_accepted"):
            # 待报 is the word for that nothing was measured.
            return ()
        found = self._of_missing if row.get(column) is None else self._of_figure
        return tuple(dict.fromkeys(found(summary, column, row)))

    def of_row(self, table: str, columns: Collection[str], row: Row) -> list[tuple[tuple[str, ...], str]]:
        """What holds in this `row` and not in every one: (columns that it holds for, what to say).

        No columns are named where it holds for most of the row's figures.
        """
        found: dict[str, list[str]] = {}
        figures = [name for name in columns if row.get(name) is not None and self._sheets(table, name)]
        for column in columns:
            for caveat in self.beside(table, column, row):
                if not caveat.every_row:
                    found.setdefault(caveat.text, []).append(column)
        return [(() if 2 * len(names) > len(figures) else tuple(names), said) for said, names in found.items()]

    def _named(self, summary: Summary, column: str, row: Row) -> list[tuple[Mapping[str, str], str]]:
        values = [row[name] for name in summary.key if name not in AREA_KEY]
        return [each for value in values for each in self._definitions.named(summary.table, column, value)]

    def _of_missing(self, summary: Summary, column: str, row: Row) -> Iterator[Caveat]:
        compares = self._compares(summary.table, column) or any(
            self._compares(each["table_name"], name) for each, name in self._named(summary, column, row)
        )
        if compares and row.get("districts_accepted"):
            yield self._said("first")

    def _of_figure(self, summary: Summary, column: str, row: Row) -> Iterator[Caveat]:
        yield from self._partial(summary, column, row)
        if self._begins(summary.table, column, row):
            yield self._said("begins")
        for caveat in self._definitions.caveats(summary.table, column):
            yield from _filled(caveat, row, every_row=True)
        for each, name in self._named(summary, column, row):
            for caveat in parted(each.get("caveat", "")):
                said = called(caveat, self._definitions.language)
                yield from _filled(said, row, every_row=False, of_reference=True)
            handed_on = list(self._definitions.caveats(each["table_name"], name))
            measured = None
            if any(PLACE.search(caveat) for caveat in handed_on):
                area = {name: str(row[name]) for name in AREA_KEY}
                measured = self._find_row(each["table_name"], {**area, **chosen_by(each)})
            for caveat in handed_on:
                yield from _filled(caveat, measured or {}, every_row=False)

    def _partial(self, summary: Summary, column: str, row: Row) -> Iterator[Caveat]:
        sheets = self._sheets(summary.table, column)
        if not sheets or not row.get("districts_accepted"):
            return
        yield from self._of_expected("districts", row, "districts_accepted", "districts_expected", "")
        if summary.on_city_tables or summary.units in sheets:
            unit = self._definitions.words(summary.table).unit("units_reported", row)
            yield from self._of_expected("units", row, "units_reported", "units_expected", unit)

    def _of_expected(self, what: str, row: Row, reported: str, expected: str, unit: str) -> Iterator[Caveat]:
        some, whole = row.get(reported), row.get(expected)
        if some is not None and whole is not None and some < whole:
            values = {"reported": f"{some:,}", "expected": f"{whole:,}", "unit": unit.capitalize()}
            yield self._said(what, shared=_SAID["partial"][self._definitions.language], **values)

    def _said(self, what: str, shared: str = "", **values: str) -> Caveat:
        return Caveat(_SAID[what][self._definitions.language].format(**values), every_row=False, shared=shared)

    def _sheets(self, table: str, column: str) -> frozenset[str]:
        """The sheets whose rows are in the figure; a figure that is another table's counts as one of some sheet."""
        known = self._sheets_known.get((table, column))
        if known is None:
            known = self._sheets_known[table, column] = frozenset(self._find_sheets(table, column))
        return known

    def _find_sheets(self, table: str, column: str) -> Iterator[str]:
        origin = self._definitions.tables[table].origins.get(column)
        if isinstance(origin, tuple):
            sheets = {SHEET_COUNT, *(sheet.table for form in forms().values() for sheet in form.sheets)}
            used = {source.table for rows in origin for source in (rows.source, rows.partner) if source is not None}
            yield from used & sheets
        elif isinstance(origin, FigureOf):
            yield origin.table
        for name in self._definitions.inputs(table, column):
            yield from self._sheets(table, name)

    def _begins(self, table: str, column: str, row: Row) -> bool:
        origin = self._definitions.tables[table].origins.get(column)
        if isinstance(origin, EarlierFigure):
            return bool(row.get(origin.period_in)) and row[origin.period_in] == row.get("period")
        return any(self._begins(table, name, row) for name in self._definitions.inputs(table, column))

    def _compares(self, table: str, column: str) -> bool:
        origin = self._definitions.tables[table].origins.get(column)
        if isinstance(origin, tuple):
            return any(rows.source.earlier is not None and not rows.source.beside for rows in origin)
        return any(self._compares(table, name) for name in self._definitions.inputs(table, column))


def _filled(caveat: str, row: Row, *, every_row: bool, of_reference: bool = False) -> Iterator[Caveat]:
    """The caveat with the values of the row, if it holds there."""
    names = PLACE.findall(caveat)
    if all(row.get(name) for name in names):
        said = PLACE.sub(lambda place: _printed(row[place[1]]), caveat)
        yield Caveat(said, every_row=every_row and not names, of_reference=of_reference)


def _printed(value: object) -> str:
    return f"{value:,}" if isinstance(value, (int, Decimal)) else str(value)
