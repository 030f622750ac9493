"""What everybody can know of what has left: every figure, known or not, and all that holds between them.

It is read from the tables and what they declare, and from nothing else of the product's. A figure of the same row, the
same districts and the same true value is one figure wherever it stands, since a figure that isn't in the changes counts
as unchanged: nobody outside could know more than that.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from disclosure.linear_ranges import Constraint, Terms
from district_reports.publish.disclosure.cells import Left, Place, Table
from district_reports.publish.disclosure.declared import AREA, Bound, How, Parts, Term

ALL = "全部"
INFINITE = float("inf")
_LESS, _WHOLE = Decimal("99.99"), Decimal(100)

_RANKS = {"district": 0, "zone": 1, "city": 2}

RowKey = tuple[tuple[str, Any], ...]


@dataclass
class Figures:
    """``values`` are true, ``published`` are the figures that anybody can read, ``places`` where each stands."""

    values: list[float] = field(default_factory=list)
    published: set[int] = field(default_factory=set)
    places: list[list[Place]] = field(default_factory=list)
    members: list[frozenset[str]] = field(default_factory=list)
    constraints: dict[Constraint, None] = field(default_factory=dict)
    by_identity: dict[tuple[Any, ...], int] = field(default_factory=dict)


class Release:
    """One release that left, its rows found by what they are about."""

    def __init__(self, left: Left, figures: Figures) -> None:
        self.left, self.figures = left, figures
        self.tables = {(table.schema, table.name): table for table in left.tables}
        self.number_of: dict[Place, int] = {}
        self._rows: dict[tuple[str, str], dict[tuple[str, ...], int]] = {
            name: {table.key_of(row): number for number, row in enumerate(table.rows)}
            for name, table in self.tables.items()
        }
        self._alike: dict[tuple[str, str], dict[tuple[str, ...], list[Mapping[str, Any]]]] = {}
        for name, table in self.tables.items():
            alike = self._alike.setdefault(name, {})
            for row in table.rows:
                alike.setdefault(tuple(row[each] for each in table.key if each != "period"), []).append(row)
        for table in left.tables:
            for number in range(len(table.rows)):
                for column in _numeric(table):
                    self._number(table, number, column)

    def _number(self, table: Table, number: int, column: str) -> int | None:
        place = table.place(number, column)
        if place in self.number_of:
            return self.number_of[place]
        if (number, column) in table.same_as:
            schema, name, key, other = table.same_as[number, column]
            row = self._rows[schema, name].get(key)
            found = None if row is None else self._number(self.tables[schema, name], row, other)
        else:
            value = table.rows[number].get(column)
            if value is None:
                return None
            members = table.members[number]
            identity = (table.name, column, table.subject_of(table.rows[number]), members, Decimal(value))
            found = self.figures.by_identity.get(identity)
            if found is None:
                found = self.figures.by_identity[identity] = len(self.figures.values)
                self.figures.values.append(float(value))
                self.figures.places.append([])
                self.figures.members.append(members)
        if found is None:
            return None
        self.number_of[place] = found
        self.figures.places[found].append(place)
        if place not in self.left.withheld:
            self.figures.published.add(found)
        return found

    def at(self, table: Table, row: Mapping[str, Any], column: str) -> int | None:
        """The figure of the column in that row, if the row stands and has one."""
        return self.number_of.get((table.schema, table.name, table.key_of(row), column))

    def row(self, table: Table, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
        number = self._rows[table.schema, table.name].get(table.key_of(key))
        return None if number is None else table.rows[number]

    def learn(self) -> None:
        """Everything that is declared of the tables, as constraints."""
        for table in self.left.tables:
            for parts in table.protection.parts:
                for over in parts.over:
                    self._learn_parts(table, parts, over)
            for number, row in enumerate(table.rows):
                factors = table.factors[number] if table.factors else {}
                for bound in table.protection.bounds:
                    self._learn_bound(table, row, bound, factors)
                for columns in table.protection.alike:
                    self._learn_alike(table, row, columns)
                for rate, (part, whole) in table.protection.ratios.items():
                    self._learn_rate(table, row, rate, part, whole)
                for column, (earlier, named_by) in table.protection.earlier.items():
                    self._learn_earlier(table, row, column, earlier, named_by)

    def _add(self, terms: Sequence[tuple[int, float]], low: float, high: float, why: str) -> None:
        together: dict[int, float] = {}
        for figure, factor in terms:
            together[figure] = together.get(figure, 0.0) + factor
        kept: Terms = tuple(sorted((figure, factor) for figure, factor in together.items() if factor))
        if kept:
            self.figures.constraints[Constraint(kept, low, high, why)] = None

    def _learn_parts(self, table: Table, parts: Parts, over: str) -> None:
        for whole, inner in self._areas(table) if over == AREA else self._breakdowns(table, over):
            if not parts.where.holds(whole):
                continue
            for column in parts.columns:
                total = self.at(table, whole, column)
                figures = [figure for row in inner if (figure := self.at(table, row, column)) is not None]
                if total is None or not figures:
                    continue
                why = f"{table.schema}.{table.name}.{column} over {over}"
                summed = [(total, -1.0), *((figure, 1.0) for figure in figures)]
                if parts.how is How.SUM:
                    self._add(summed, 0, 0, why)
                    continue
                if parts.how in (How.DISTINCT, How.AT_MOST):
                    self._add(summed, 0, INFINITE, why)
                if parts.how in (How.DISTINCT, How.AT_LEAST):
                    for figure in figures:
                        self._add([(total, 1.0), (figure, -1.0)], 0, INFINITE, why)

    @staticmethod
    def _areas(table: Table) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
        """A zone or the city with its districts, and the city with its zones."""
        alike: dict[RowKey, list[int]] = {}
        for number, row in enumerate(table.rows):
            rest = tuple((name, row[name]) for name in table.key if name not in ("level", "area_code"))
            alike.setdefault(rest, []).append(number)
        for numbers in alike.values():
            for whole in numbers:
                for lower in range(_RANKS[table.rows[whole]["level"]]):
                    inner = [
                        number
                        for number in numbers
                        if _RANKS[table.rows[number]["level"]] == lower
                        and table.members[number] <= table.members[whole]
                    ]
                    # Zones make up the city where each of its districts is in one.
                    together: frozenset[str] = frozenset().union(*(table.members[number] for number in inner))
                    if lower == 0 or together == table.members[whole]:
                        yield table.rows[whole], [table.rows[number] for number in inner]

    @staticmethod
    def _breakdowns(table: Table, over: str) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
        alike: dict[RowKey, list[Mapping[str, Any]]] = {}
        for row in table.rows:
            rest = tuple((name, row[name]) for name in table.key if name != over)
            alike.setdefault(rest, []).append(row)
        for rows in alike.values():
            inner = [row for row in rows if row[over] != ALL]
            yield from ((row, inner) for row in rows if row[over] == ALL)

    def _learn_bound(self, table: Table, row: Mapping[str, Any], bound: Bound, factors: Mapping[str, Any]) -> None:
        if not bound.where.holds(row):
            return
        terms: list[tuple[int, float]] = []
        for term in bound.terms:
            found = self._term(table, row, term, factors)
            if found is None:
                return
            terms += found
        self._add(terms, 0 if bound.equal else -INFINITE, 0, f"{table.schema}.{table.name}: {bound.text}")

    def _learn_alike(self, table: Table, row: Mapping[str, Any], columns: Sequence[str]) -> None:
        """Where two of the figures are equal, that they are."""
        for one, other in itertools.combinations(columns, 2):
            figures = (self.at(table, row, one), self.at(table, row, other))
            if None not in figures and row[one] == row[other]:
                terms = [
                    (figure, factor) for figure, factor in zip(figures, (1.0, -1.0), strict=True) if figure is not None
                ]
                self._add(terms, 0, 0, f"{table.schema}.{table.name}: {one} is {other}")

    def _term(
        self, table: Table, row: Mapping[str, Any], term: Term, factors: Mapping[str, Any]
    ) -> list[tuple[int, float]] | None:
        factor = float(term.coefficient)
        if term.factor is not None:
            if factors.get(term.factor) is None:
                return None
            factor *= float(factors[term.factor])
        of = table if term.table is None else self.tables[table.schema, term.table]
        keys = {**row, **dict(term.keys)}
        if term.before:
            if row["districts_accepted"] != row["districts_expected"]:
                return None
            earlier = self._before(table, row, term)
            if earlier is None:
                return []
            if earlier["districts_accepted"] != earlier["districts_expected"]:
                return None
            if self._members(table, earlier) != self._members(table, row):
                return None
            keys = {**earlier, **dict(term.keys)}
        if term.each is not None:
            inner = [
                other
                for other in of.rows
                if other[term.each] != ALL and all(other[name] == keys[name] for name in of.key if name != term.each)
            ]
            return [(figure, factor) for other in inner if (figure := self.at(of, other, term.column)) is not None]
        figure = self.at(of, keys, term.column)
        return None if figure is None else [(figure, factor)]

    def _members(self, table: Table, row: Mapping[str, Any]) -> frozenset[str]:
        return table.members[self._rows[table.schema, table.name][table.key_of(row)]]

    def _before(self, table: Table, row: Mapping[str, Any], term: Term) -> Mapping[str, Any] | None:
        """The row of the last period before in the same calendar year that has the figure."""
        rest = tuple(row[name] for name in table.key if name != "period")
        earlier = [
            other
            for other in self._alike[table.schema, table.name].get(rest, ())
            if other["period"] < row["period"]
            and other["period"][:4] == row["period"][:4]
            and self.at(table, {**other, **dict(term.keys)}, term.column) is not None
        ]
        return max(earlier, key=lambda other: other["period"], default=None)

    def _learn_rate(self, table: Table, row: Mapping[str, Any], rate: str, part: str, whole: str) -> None:
        """A published rate with two decimals, half up, that shows less than 100 as 99.99 at most."""
        if row.get(rate) is None or table.place(self._number_in(table, row), rate) in self.left.withheld:
            return
        figures = self.at(table, row, part), self.at(table, row, whole)
        if figures[0] is None or figures[1] is None:
            return
        shown = Decimal(row[rate])
        low, high = (float(shown) - 0.005) / 100, (float(shown) + 0.005) / 100
        why = f"{table.schema}.{table.name}.{rate}"
        self._add([(figures[0], 1.0), (figures[1], -low)], 0, INFINITE, why)
        if shown == _LESS:
            self._add([(figures[1], 1.0), (figures[0], -1.0)], 1, INFINITE, why)
        else:
            self._add([(figures[1], high), (figures[0], -1.0)], 0, INFINITE, why)
        if shown == _WHOLE:
            self._add([(figures[0], 1.0), (figures[1], -1.0)], 0, INFINITE, why)

    def _number_in(self, table: Table, row: Mapping[str, Any]) -> int:
        return self._rows[table.schema, table.name][table.key_of(row)]

    def _learn_earlier(self, table: Table, row: Mapping[str, Any], column: str, earlier: str, named_by: str) -> None:
        if row.get(named_by) is None:
            return
        former = self.row(table, {**row, "period": row[named_by]})
        if former is None:
            return
        pair = self.at(table, row, column), self.at(table, former, earlier)
        if pair[0] is not None and pair[1] is not None and self._members(table, former) == self._members(table, row):
            self._add([(pair[0], 1.0), (pair[1], -1.0)], 0, 0, f"{table.schema}.{table.name}.{column} before")


def _numeric(table: Table) -> list[str]:
    """The columns of which something is declared that can be put into numbers."""
    protection = table.protection
    named = [*protection.people, *protection.rests_on, *protection.rests_on.values(), *protection.earlier]
    named += [column for parts in protection.parts for column in parts.columns]
    named += [term.column for bound in protection.bounds for term in bound.terms if term.table is None]
    named += [column for pair in protection.ratios.values() for column in pair]
    named += [column for column, _ in protection.earlier.values()]
    named += [column for _, column in table.same_as]
    return list(dict.fromkeys(named))
