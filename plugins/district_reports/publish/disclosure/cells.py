"""What disclosure control looks at: the figures of the city tables of a release, each in its place.

A figure of a subject (a row of a table, its area aside) and of a set of districts is one *cell*: also where both
boundaries give it, or two releases that give it the same value. What is not told to have changed counts as unchanged,
so a stranger may put releases together like that. Different values of a figure are different cells.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from district_reports.moment.frame import EVERYTHING
from district_reports.publish.disclosure.declared import Protection

Place: TypeAlias = tuple[str, str, tuple[str, ...], str]
"""Schema, table, values of the key in the order of ``Table.key``, column."""
Districts: TypeAlias = frozenset[str]
LEVEL, AREA_CODE, PERIOD = "level", "area_code", "period"
DISTRICT = "district"


class Cell(NamedTuple):
    """``subject`` are the key's columns and values, the area aside; ``members`` the districts of the area."""

    table: str
    column: str
    subject: tuple[tuple[str, str], ...]
    members: Districts
    value: Decimal

    @property
    def breakdowns(self) -> int:
        """By how many columns it is a part of a total."""
        return sum(value != EVERYTHING for name, value in self.subject if name != PERIOD)


@dataclass(frozen=True)
class Table:
    """A city table of a release in the boundaries of ``schema``, with the figures as they are.

    ``members`` stands beside ``rows``: the districts, in the boundaries of the row's period, that make up its area.
    ``factors`` stands beside them, too: the figures of the reference data that a bound multiplies with, such as a
    programme's ceiling in yuan a person. ``same_as`` names the figures that are taken over from another table (by the
    row's number and the column), ``follows`` those that are worked out from figures of other rows. ``nightly`` tables
    have the release's own day as their period: another release's row of the same key is about the same.
    """

    name: str
    schema: str
    key: tuple[str, ...]
    protection: Protection
    rows: tuple[Mapping[str, Any], ...]
    members: tuple[Districts, ...]
    nightly: bool = False
    factors: tuple[Mapping[str, Any], ...] = ()
    same_as: Mapping[tuple[int, str], Place] = field(default_factory=dict)
    follows: Mapping[tuple[int, str], tuple[Place, ...]] = field(default_factory=dict)

    def key_of(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(row[name] for name in self.key)

    def place(self, number: int, column: str) -> Place:
        """Where the column of that row stands."""
        return (self.schema, self.name, self.key_of(self.rows[number]), column)

    def subject_of(self, row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """Which row it is, its area aside."""
        left_out = {LEVEL, AREA_CODE, *((PERIOD,) if self.nightly else ())}
        return tuple((name, row[name]) for name in self.key if name not in left_out)


@dataclass(frozen=True)
class Left:
    """A release that has left the house, or is about to: its figures as they are, and what is withheld of them.

    ``tables`` are those of both boundaries.
    """

    tables: tuple[Table, ...]
    withheld: frozenset[Place]


def numbered(table: Table) -> Iterator[tuple[int, Mapping[str, Any], Districts]]:
    """Number, row and districts of each row."""
    for number, (row, members) in enumerate(zip(table.rows, table.members, strict=True)):
        yield number, row, members


class Found(NamedTuple):
    """A cell at a place, and the districts that it counts in this release.

    A district without an accepted report adds nothing to its area's figures, as everybody can see.
    """

    cell: Cell
    counted: Districts


def cells_of(tables: Sequence[Table]) -> dict[Place, Found]:
    """The cell at each place of a release at which there is a number that something is declared of."""
    by_name = {(table.schema, table.name): table for table in tables}
    named = _columns(tables)
    rows = {name: {table.key_of(row): n for n, row in enumerate(table.rows)} for name, table in by_name.items()}
    counted = _counted(tables, named)

    def at(table: Table, number: int, column: str) -> Found | None:
        if (number, column) in table.same_as:
            schema, name, key, of = table.same_as[number, column]
            other = rows.get((schema, name), {}).get(key)
            return None if other is None else at(by_name[schema, name], other, of)
        row = table.rows[number]
        value = row.get(column)
        if value is None or column not in named[table.name]:
            return None
        subject, members = table.subject_of(row), table.members[number]
        told = members & counted.get((table.name, column, subject), frozenset())
        return Found(Cell(table.name, column, subject, members, Decimal(value)), told or members)

    found = {}
    for table in tables:
        taken_over = {column for _, column in table.same_as}
        for number in range(len(table.rows)):
            for column in sorted(named[table.name] | taken_over):
                cell = at(table, number, column)
                if cell is not None:
                    found[table.place(number, column)] = cell
    return found


def _counted(tables: Sequence[Table], named: Mapping[str, set[str]]) -> dict[tuple[str, str, Any], Districts]:
    """By table, column and subject, the districts that have a figure."""
    found: dict[tuple[str, str, Any], set[str]] = {}
    for table in tables:
        for _, row, members in numbered(table):
            if row[LEVEL] == DISTRICT:
                subject = table.subject_of(row)
                for column in named[table.name]:
                    if row.get(column) is not None:
                        found.setdefault((table.name, column, subject), set()).update(members)
    return {key: frozenset(districts) for key, districts in found.items()}


def _columns(tables: Sequence[Table]) -> dict[str, set[str]]:
    """By table, the columns of which something is declared, by itself or by another table."""
    named: dict[str, set[str]] = {table.name: set() for table in tables}
    for table in tables:
        protection, own = table.protection, named[table.name]
        own |= {*protection.people, *protection.rests_on, *protection.rests_on.values()}
        own.update(column for parts in protection.parts for column in parts.columns)
        for bound in protection.bounds:
            for term in bound.terms:
                named.setdefault(term.table or table.name, set()).add(term.column)
    return named


def dependent(tables: Sequence[Table]) -> dict[Place, tuple[Place, ...]]:
    """By place, the places whose figures its own is worked out from, rests on or repeats: withheld when they are."""
    found: dict[Place, tuple[Place, ...]] = {}
    for table in tables:
        on: dict[str, tuple[str, ...]] = {**table.protection.ratios, **table.protection.follows}
        for column, count in table.protection.rests_on.items():
            on[column] = (*on.get(column, ()), count)
        for number, row, _ in numbered(table):
            for column, others in on.items():
                if column in row:
                    found[table.place(number, column)] = tuple(table.place(number, other) for other in others)
        for elsewhere in (table.follows, {taken: (place,) for taken, place in table.same_as.items()}):
            for (number, column), places in elsewhere.items():
                place = table.place(number, column)
                found[place] = (*found.get(place, ()), *places)
    return found
