"""What an indicator is: its card.

Written down, in ``sql/summaries/<table>.csv`` and for a commitment in ``commitments.csv``, are definition, item of the
work plan and caveats. Numerator, denominator, level, breakdown and source rows follow from the origin that the summary
declares. Caveats are handed on: a rate has those of what it is calculated from, a commitment those of the figures that
it is measured by. What of them holds beside one figure is told in :mod:`.caveats`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from district_reports.publish.column_words import TableWords, parted, words_of
from district_reports.publish.commitments import PERCENT
from district_reports.publish.lineage import COVERAGE, UNITS, FigureOf, Formula, Judged, Origin, named_columns
from district_reports.publish.summary import Summary, summaries
from district_reports.reference.english import called
from district_reports.reference.register import Register

AREA_KEY = ("period", "level", "area_code")
OF_COVERAGE = frozenset({*COVERAGE, *UNITS})
"""Columns that say how much a row rests on."""
COMMITMENTS = "commitments"
PLACE = re.compile(r"\{(\w+)\}")
SHARE = re.compile(r"(?:city\.percent\(|round\()(\w+)(?:, | / nullif\()(\w+)")
"""Numerator and denominator in a formula, be it one of its cases."""
_PARAMETER = re.compile(r"(?<!:):(\w+)")
_OF_ROW = re.compile(r"（\{\w+\}）| \(\{\w+\}\)|(?:：|: )\{\w+\}[^，,]*$")
"""What a caveat says of a row alone: in brackets, or behind a colon at its end."""


class Level(StrEnum):
    """How the figure of a zone or of the city comes about."""

    ADDS_UP = "adds_up"
    COMPUTED = "computed"


@dataclass(frozen=True)
class Measured:
    """A column that another one is calculated from."""

    table: str
    column: str
    title: str


@dataclass(frozen=True)
class Card:
    """The definition of a column, or of a commitment (``column`` is then its name, ``table`` :data:`COMMITMENTS`).

    ``breakdown`` are titles of key columns, ``chosen`` the (title, value) that a commitment's row has in them.
    ``level`` is None where there is nothing to add up. ``caveats`` leave out the numbers that a row has.
    """

    table: str
    column: str
    title: str
    definition: str
    unit: str
    items: tuple[str, ...]
    level: Level | None
    breakdown: tuple[str, ...]
    chosen: tuple[tuple[str, str], ...]
    numerator: Measured | None
    denominator: Measured | None
    caveats: tuple[str, ...]
    origin: Origin | None

    @property
    def anchor(self) -> str:
        """Where it stands on a page of all cards."""
        return f"{self.table}.{self.column}"


class Definitions:
    """The cards of the summaries of `folder` and of the commitments of `register`, in one language.

    Raises:
        SystemFault: a summary's header makes no sense.
        ReferenceDataError: a file of words makes no sense (by any method).
    """

    def __init__(self, folder: Path, register: Register, language: str) -> None:
        self.tables = {summary.table: summary for summary in summaries(folder)}
        self.language = language
        self._folder = folder
        self._register = register
        self._known_words: dict[str, TableWords] = {}

    def words(self, table: str) -> TableWords:
        if table not in self._known_words:
            self._known_words[table] = words_of(self._folder, table, self.language)
        return self._known_words[table]

    def card(self, table: str, column: str) -> Card:
        """The card of a column; one that nobody wrote words for has its name as a title.

        Raises:
            KeyError: there is no such table.
        """
        summary, words = self.tables[table], self.words(table)
        numerator, denominator = self._share(table, column)
        return Card(
            table=table,
            column=column,
            title=words.of(column),
            definition=words.definition(column),
            unit=words.unit(column),
            items=words.items(column),
            level=_level(summary, column),
            breakdown=tuple(words.of(name) for name in summary.key if name in self._broken_down(summary, column)),
            chosen=(),
            numerator=numerator,
            denominator=denominator,
            caveats=self._in_general(self.caveats(table, column)),
            origin=summary.origins.get(column),
        )

    def cards(self, table: str) -> list[Card]:
        """Those of a table: its breakdown, its figures, its coverage."""
        summary = self.tables[table]
        figures = sorted(summary.origins, key=lambda name: name in OF_COVERAGE)
        return [self.card(table, name) for name in dict.fromkeys((*_breakdown(summary), *figures))]

    def relative(self, table: str) -> list[Card]:
        """Those of what the pages tell by another figure of the table."""
        return [self.card(table, name) for name in self.tables[table].per_thousand]

    @cached_property
    def commitments(self) -> Mapping[str, Card]:
        """The cards of the work plan's commitments by name, in the order of the file.

        One that names no city table is left out; a release stops at it.
        """
        rows = self._register.rows(COMMITMENTS)
        return {row["commitment"]: self._commitment(row) for row in rows if row["table_name"] in self.tables}

    def caveats(self, table: str, column: str) -> Iterator[str]:
        """The caveats of the column and of those of its row that it comes from, with their places open."""
        yield from self.words(table).caveats(column)
        for name in self.inputs(table, column):
            yield from self.caveats(table, name)

    def inputs(self, table: str, column: str) -> tuple[str, ...]:
        """The columns of the same row that this one is calculated or judged from."""
        origins, counted = self.tables[table].origins, self.tables[table].per_thousand
        if column in counted:
            return counted[column].inputs
        match origins.get(column):
            case Formula() as formula:
                return named_columns(formula, origins)
            case Judged(columns=columns):
                return columns
        return ()

    def named(self, table: str, column: str, value: object) -> list[tuple[Mapping[str, str], str]]:
        """Where the figure is another table's, or comes from such: the reference rows of `value` that name it, each
        with the column that it names.
        """
        origin = self.tables[table].origins.get(column)
        if isinstance(origin, FigureOf):
            naming = origin.named_in or ""
            rows = (row for row in self._register.rows(origin.table) if row[origin.on] == value)
            return [(row, row[naming]) for row in rows if row.get(naming) and row["table_name"] in self.tables]
        return [each for name in self.inputs(table, column) for each in self.named(table, name, value)]

    def _share(self, table: str, column: str) -> tuple[Measured | None, Measured | None]:
        parts = self.share(table, column)
        if parts is None:
            return None, None
        numerator, denominator = (Measured(table, name, self.words(table).of(name)) for name in parts)
        return numerator, denominator

    def share(self, table: str, column: str) -> tuple[str, str] | None:
        """Numerator and denominator, where the column is one by the other of the same row."""
        summary = self.tables[table]
        if column in summary.per_thousand:
            return summary.per_thousand[column].inputs
        origin = summary.origins.get(column)
        found = SHARE.search(origin.expression) if isinstance(origin, Formula) else None
        return None if found is None else (found[1], found[2])

    def _commitment(self, row: Mapping[str, str]) -> Card:
        table, words = row["table_name"], self.words(row["table_name"])
        measured = [
            Measured(table, row[name], words.of(row[name])) if row[name] else None
            for name in ("numerator_column", "denominator_column")
        ]
        numerator, denominator = measured
        handed_on = [caveat for each in measured if each is not None for caveat in self.caveats(table, each.column)]
        return Card(
            table=COMMITMENTS,
            column=row["commitment"],
            title=self._called(row["wording"]),
            definition=self._called(row.get("definition", "")),
            # English counts by what is counted, schools or classes: 所 and 个 have no word of their own.
            unit=row["unit"]
            if self.language == "zh" or row["unit"] == PERCENT
            else words.unit(row["numerator_column"]),
            items=(row["item"],),
            level=Level.COMPUTED if denominator is not None else _level(self.tables[table], row["numerator_column"]),
            breakdown=(),
            chosen=tuple((words.of(name), words.value(name, value)) for name, value in chosen_by(row).items()),
            numerator=numerator,
            denominator=denominator,
            caveats=self._in_general([*map(self._called, parted(row.get("caveat", ""))), *handed_on]),
            origin=None,
        )

    def _called(self, chinese: str) -> str:
        return called(chinese, self.language)

    def _in_general(self, caveats: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_OF_ROW.sub("", each) for each in caveats))

    def _broken_down(self, summary: Summary, column: str) -> frozenset[str]:
        """The key columns, beside period and area, whose values have figures of their own."""
        others = frozenset(_breakdown(summary))
        match summary.origins.get(column):
            case None:
                return frozenset()
            case tuple() as lines:
                named = {name for rows in lines for name in _PARAMETER.findall(rows.text)}
                return others & {*named, *(name for rows in lines for name in rows.source.by)}
            case Formula() | Judged():
                return frozenset().union(
                    *(self._broken_down(summary, name) for name in self.inputs(summary.table, column))
                )
        return others


def chosen_by(row: Mapping[str, str]) -> dict[str, str]:
    """The key columns, beside period and area, of the row that a row of ``commitments.csv`` measures."""
    return {name: value for name, _, value in (pair.partition("=") for pair in row["filter"].split(";") if pair)}


def _breakdown(summary: Summary) -> list[str]:
    return [name for name in summary.key if name not in AREA_KEY]


def _level(summary: Summary, column: str) -> Level | None:
    if column in (*summary.additive, "districts_accepted", "districts_expected", *UNITS):
        return Level.ADDS_UP
    return Level.COMPUTED if isinstance(summary.origins.get(column), (tuple, Formula, FigureOf)) else None
