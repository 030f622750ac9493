"""What binds the cells of a release to one another, from the declarations of its tables."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from math import inf
from typing import Any, NamedTuple

from district_reports.moment.frame import EVERYTHING
from district_reports.publish.disclosure.cells import LEVEL, PERIOD, Districts, Place, Table, numbered
from district_reports.publish.disclosure.declared import AREA, Bound, How, Parts, Term
from district_reports.publish.disclosure.system import Relation, Terms

_EXACT = 1e-6


class _Area(NamedTuple):
    """An area that has a figure. ``members`` are the districts that it counts; ``holds``: it can be a whole."""

    schema: str
    level: str
    members: Districts
    cell: int
    holds: bool


class DoesNotAddUp(Exception):
    """A declared sum is not the sum of its parts; the message names table and column, and no value."""


class Binding:
    """The relations between the cells at the places ``found`` of a release.

    ``counted`` are the districts that each cell counts, ``values`` those of the cells of all releases.
    """

    def __init__(
        self,
        tables: Sequence[Table],
        found: Mapping[Place, int],
        counted: Mapping[int, Districts],
        values: Sequence[float],
    ) -> None:
        self._found, self._counted, self._values = found, counted, values
        self._tables = {(table.schema, table.name): table for table in tables}
        self._rows = {
            name: {table.key_of(row): number for number, row in enumerate(table.rows)}
            for name, table in self._tables.items()
        }
        self._former = {name: _former_rows(table) for name, table in self._tables.items()}

    def relations(self) -> Iterator[Relation]:
        """All that is declared; a bound that the figures themselves do not keep is no knowledge, and left out.

        Raises:
            DoesNotAddUp: a sum is not that of its parts.
        """
        both: dict[str, list[Table]] = defaultdict(list)
        for table in self._tables.values():
            both[table.name].append(table)
        for same in both.values():
            for parts in same[0].protection.parts:
                for over in parts.over:
                    for column in parts.columns:
                        yield from self._parts(same, parts, over, column)
        for table in self._tables.values():
            for bound in table.protection.bounds:
                yield from self._bounds(table, bound)
            for columns in table.protection.alike:
                yield from self._alike(table, columns)

    def _parts(self, same: Sequence[Table], parts: Parts, over: str, column: str) -> Iterator[Relation]:
        what = f"{same[0].name}.{column} by {over}"
        if over == AREA:
            for areas in self._by_subject(same, parts, column).values():
                yield from self._of_areas(parts.how, areas, what)
            return
        for table in same:
            for whole, cells in self._breakdowns(table, parts, over, column):
                yield from self._of_parts(parts.how, whole, cells, what)

    def _by_subject(self, same: Sequence[Table], parts: Parts, column: str) -> dict[Any, list["_Area"]]:
        """By subject, each area that has a figure, in both boundaries."""
        found: dict[Any, list[_Area]] = defaultdict(list)
        for table in same:
            for number, row, _ in numbered(table):
                cell = self._found.get(table.place(number, column))
                if cell is not None:
                    area = _Area(table.schema, row[LEVEL], self._counted[cell], cell, parts.where.holds(row))
                    found[table.subject_of(row)].append(area)
        return found

    def _of_areas(self, how: How, areas: Sequence["_Area"], what: str) -> Iterator[Relation]:
        for schema in dict.fromkeys(area.schema for area in areas):
            # An area is divided by its own boundaries; where these have no such area, by the others.
            cells = {area.members: area.cell for area in sorted(areas, key=lambda area: area.schema == schema)}
            divisions: dict[str, set[Districts]] = defaultdict(set)
            for area in areas:
                divisions[f"{area.schema} {area.level}"].add(area.members)
            divisions["single"] = {members for members in cells if len(members) == 1}
            for whole in areas:
                if whole.schema == schema:
                    yield from self._of_area(how, whole, cells, divisions, what)

    def _of_area(
        self,
        how: How,
        whole: "_Area",
        cells: Mapping[Districts, int],
        divisions: Mapping[str, set[Districts]],
        what: str,
    ) -> Iterator[Relation]:
        # Where one district alone has a report, its figure is that of its zone.
        if cells[whole.members] != whole.cell:
            yield from self._true(_added([(whole.cell, 1.0), (cells[whole.members], -1.0)]), 0.0, 0.0)
        if len(whole.members) == 1 or not whole.holds:
            return
        below = {members for members in cells if members < whole.members}
        single = divisions["single"] & below
        # How it is divided into districts says all about a sum; of distinct people each division says more.
        if how is How.SUM:
            yield from self._of_parts(how, whole.cell, [cells[one] for one in sorted(single, key=sorted)], what)
        if how in (How.DISTINCT, How.AT_LEAST):
            nearest = [one for one in below if not any(one < other for other in below)]
            yield from self._of_parts(How.AT_LEAST, whole.cell, sorted(cells[one] for one in nearest), what)
        if how in (How.DISTINCT, How.AT_MOST):
            for division in divisions.values():
                inner = division & below
                covered = frozenset[str]().union(*inner)
                if all(one <= covered for one in single):
                    yield from self._of_parts(How.AT_MOST, whole.cell, sorted(cells[one] for one in inner), what)

    def _breakdowns(self, table: Table, of: Parts, over: str, column: str) -> Iterator[tuple[int, list[int]]]:
        wholes: dict[tuple[str, ...], int] = {}
        parts: dict[tuple[str, ...], list[int]] = defaultdict(list)
        place = table.key.index(over)
        for number, row, _ in numbered(table):
            cell = self._found.get(table.place(number, column))
            key = table.key_of(row)
            others = (*key[:place], *key[place + 1 :])
            if cell is not None and row[over] == EVERYTHING and of.where.holds(row):
                wholes[others] = cell
            elif cell is not None and row[over] != EVERYTHING:
                parts[others].append(cell)
        for others, whole in wholes.items():
            if parts[others]:
                yield whole, parts[others]

    def _of_parts(self, how: How, whole: int, parts: Sequence[int], what: str) -> Iterator[Relation]:
        if not parts:
            return
        if how in (How.DISTINCT, How.AT_LEAST):
            for part in parts:
                yield from self._true(((whole, 1.0), (part, -1.0)), 0.0, inf)
        if how in (How.DISTINCT, How.AT_MOST):
            yield from self._true(_added([(whole, 1.0), *((part, -1.0) for part in parts)]), -inf, 0.0)
        if how is How.SUM:
            relation = Relation(_added([(whole, 1.0), *((part, -1.0) for part in parts)]), 0.0, 0.0)
            if abs(self._sum(relation.terms)) > _EXACT:
                raise DoesNotAddUp(f"{what} is not the sum of its parts")
            yield relation

    def _bounds(self, table: Table, bound: Bound) -> Iterator[Relation]:
        for number, row, _ in numbered(table):
            if not bound.where.holds(row):
                continue
            terms: list[tuple[int, float]] = []
            for term in bound.terms:
                found = self._terms(table, number, term)
                if found is None:
                    break
                terms += found
            else:
                yield from self._true(_added(terms), 0.0 if bound.equal else -inf, 0.0)

    def _alike(self, table: Table, columns: Sequence[str]) -> Iterator[Relation]:
        for number, _, _ in numbered(table):
            cells = [self._found.get(table.place(number, column)) for column in columns]
            for one, other in combinations([cell for cell in cells if cell is not None], 2):
                yield from self._true(_added([(one, 1.0), (other, -1.0)]), 0.0, 0.0)

    def _terms(self, table: Table, number: int, term: Term) -> list[tuple[int, float]] | None:
        """The cells that a term stands for, with their coefficients; None where it says nothing."""
        factor = table.factors[number].get(term.factor) if term.factor and table.factors else 1
        of = self._tables.get((table.schema, term.table or table.name))
        if of is None or factor is None:
            return None
        if term.before:
            rows = self._former_row(table, number, term.column)
        else:
            rows = self._rows_of(of, table.rows[number], term)
        if rows is None:
            return None
        cells = [self._found.get(of.place(row, term.column)) for row in rows]
        if term.each is None and None in cells:
            return None
        return [(cell, float(term.coefficient * factor)) for cell in cells if cell is not None]

    def _rows_of(self, of: Table, row: Mapping[str, Any], term: Term) -> list[int] | None:
        rows = self._rows[of.schema, of.name]
        wanted = {**row, **dict(term.keys)}
        if term.each is not None:
            values = {key[of.key.index(term.each)] for key in rows} - {EVERYTHING}
            keys = [tuple({**wanted, term.each: value}[name] for name in of.key) for value in sorted(values)]
            return [rows[key] for key in keys if key in rows] or None
        found = rows.get(tuple(wanted[name] for name in of.key))
        return None if found is None else [found]

    def _former_row(self, table: Table, number: int, column: str) -> list[int] | None:
        """None where areas or reports are not the same as then; no row where nothing was counted before."""
        if not _complete(table.rows[number]):
            return None
        before, former = self._former[table.schema, table.name], number
        while (former := before.get(former, -1)) >= 0:
            if self._found.get(table.place(former, column)) is None:
                continue
            same = table.members[former] == table.members[number]
            return [former] if same and _complete(table.rows[former]) else None
        return []

    def _true(self, terms: Terms, low: float, high: float) -> Iterator[Relation]:
        if terms and low - _EXACT <= self._sum(terms) <= high + _EXACT:
            yield Relation(terms, low, high)

    def _sum(self, terms: Terms) -> float:
        return sum(coefficient * self._values[cell] for cell, coefficient in terms)


def _added(terms: Iterable[tuple[int, float]]) -> Terms:
    """A cell that comes twice, once; one that falls out, not at all."""
    sums: dict[int, float] = {}
    for cell, coefficient in terms:
        sums[cell] = sums.get(cell, 0.0) + coefficient
    return tuple((cell, coefficient) for cell, coefficient in sorted(sums.items()) if coefficient)


def _complete(row: Mapping[str, Any]) -> bool:
    """Whether every district of the area has an accepted report, as far as the table tells."""
    return bool(row.get("districts_accepted") == row.get("districts_expected"))


def _former_rows(table: Table) -> dict[int, int]:
    """By the number of a row that of the last period of the same calendar year before it, of the same area and key."""
    if PERIOD not in table.key:
        return {}
    place = table.key.index(PERIOD)
    by_rest: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for number, row, _ in numbered(table):
        key = table.key_of(row)
        by_rest[(*key[:place], *key[place + 1 :])].append((key[place], number))
    found = {}
    for rows in by_rest.values():
        rows.sort()
        for (before, former), (period, number) in pairwise(rows):
            if before[:4] == period[:4]:
                found[number] = former
    return found
