"""What has to be protected: small counts of people and what rests on them; from whom; and what each figure is worth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from district_reports.publish.disclosure.cells import DISTRICT, LEVEL, Districts, Place, Table, numbered
from district_reports.publish.disclosure.knowledge import Knowledge
from district_reports.publish.disclosure.rule import Rule
from district_reports.publish.disclosure.system import Target, Terms


@dataclass(frozen=True)
class Small:
    """``targets`` must stay uncertain; ``withheld`` are the cells that are small, or rest on one that is."""

    targets: tuple[Target, ...]
    withheld: frozenset[int]


def standing_districts(tables: Sequence[Table]) -> list[Districts]:
    """What each district of today speaks for: itself, and those that were merged into it."""
    found: dict[Districts, None] = {}
    for table in tables:
        for _, row, members in numbered(table):
            if row[LEVEL] == DISTRICT:
                found[members] = None
    return [one for one in sorted(found, key=sorted) if not any(one < other for other in found)]


def find_small(
    knowledge: Knowledge, releases: Sequence[Sequence[Table]], rule: Rule, knowers: Sequence[Districts]
) -> Small:
    """By the rule, in all of the releases; `knowers` are the districts that each who knows something speaks for."""
    needs: dict[Terms, tuple[float, float]] = {}
    own_parts: dict[Terms, dict[int, float]] = {}
    withheld: set[int] = set()
    for tables, cells, counted in zip(releases, knowledge.cell_of, knowledge.counted, strict=True):
        own = _OwnParts(tables, cells, counted, knowledge.system.values, knowers)
        for table in tables:
            for small in _small_figures(table, cells, knowledge, rule):
                withheld |= small.hides
                low, high = needs.get(small.terms, (small.low, small.high))
                needs[small.terms] = (min(low, small.low), max(high, small.high))
                parts = own_parts.setdefault(small.terms, {})
                for knower, part in own.of(table, small).items():
                    parts[knower] = max(part, parts.get(knower, part))
    targets = tuple(Target(terms, low, high, own_parts[terms]) for terms, (low, high) in needs.items())
    return Small(targets, frozenset(withheld))


@dataclass(frozen=True)
class _Figure:
    """A sum of cells that is small, or rests on few people; ``hides`` has to be withheld for it."""

    number: int
    columns: tuple[tuple[str, float], ...]
    terms: Terms
    low: float
    high: float
    hides: frozenset[int]


def _small_figures(table: Table, cells: Mapping[Place, int], knowledge: Knowledge, rule: Rule) -> Iterator[_Figure]:
    protection, values = table.protection, knowledge.system.values
    for number, row, _ in numbered(table):
        level = row[LEVEL]
        few = set()
        for column, where in protection.people.items():
            cell = cells.get(table.place(number, column))
            if cell is None or not where.holds(row):
                continue
            highest = rule.threshold(table.name, column, level) - 1
            if 1 <= values[cell] <= highest:
                few.add(column)
                yield _Figure(number, ((column, 1.0),), ((cell, 1.0),), 1.0, float(highest), frozenset({cell}))
        for part, whole in dict.fromkeys(protection.ratios.values()):
            found = _of_people(table, number, (part, whole), cells)
            if found is None:
                continue
            small, large = found
            highest = rule.threshold(table.name, part, level) - 1
            if small != large and 1 <= values[large] - values[small] <= highest:
                terms = tuple(sorted(((large, 1.0), (small, -1.0))))
                columns = ((whole, 1.0), (part, -1.0))
                yield _Figure(number, columns, terms, 1.0, float(highest), frozenset({small}))
        for column, count in protection.rests_on.items():
            cell = cells.get(table.place(number, column))
            if cell is None or count not in few:
                continue
            value = values[cell]
            apart = value * rule.spread(table.name, column, level)
            low, high = max(0.0, value - apart), value + apart
            yield _Figure(number, ((column, 1.0),), ((cell, 1.0),), low, high, frozenset({cell}))


def _of_people(
    table: Table, number: int, columns: tuple[str, str], cells: Mapping[Place, int]
) -> tuple[int, int] | None:
    """The cells of the columns, if both are counts of people in that row."""
    people, row = table.protection.people, table.rows[number]
    found = [
        cells.get(table.place(number, column)) for column in columns if column in people and people[column].holds(row)
    ]
    part, whole = (*found, None, None)[:2]
    return None if part is None or whole is None else (part, whole)


class _OwnParts:
    """How much of a figure each who knows something knows by its own rows."""

    def __init__(
        self,
        tables: Sequence[Table],
        cells: Mapping[Place, int],
        counted: Mapping[int, Districts],
        values: Sequence[float],
        knowers: Sequence[Districts],
    ) -> None:
        self._cells, self._counted, self._values, self._knowers = cells, counted, values, knowers
        self._rows: dict[tuple[str, Any], list[tuple[Table, int]]] = {}
        for table in tables:
            for number, row, _ in numbered(table):
                if row[LEVEL] == DISTRICT:
                    self._rows.setdefault((table.name, table.subject_of(row)), []).append((table, number))

    def of(self, table: Table, figure: _Figure) -> dict[int, float]:
        """By the number of who knows it; of areas that are all its own, or have nothing of it, nothing."""
        members = self._counted[figure.terms[0][0]]
        if len(members) < 2:
            return {}
        found: dict[int, float] = {}
        for of, number in self._rows.get((table.name, table.subject_of(table.rows[figure.number])), ()):
            value = self._value(of, number, figure)
            for knower, districts in enumerate(self._knowers):
                one = of.members[number]
                if value is not None and one <= districts and one & members:
                    found[knower] = max(value, found.get(knower, value))
        return found

    def _value(self, table: Table, number: int, figure: _Figure) -> float | None:
        cells = [self._cells.get(table.place(number, column)) for column, _ in figure.columns]
        if any(cell is None for cell in cells):
            return None
        return sum(
            coefficient * self._values[cell]
            for cell, (_, coefficient) in zip(cells, figure.columns, strict=True)
            if cell is not None
        )


def weights_of(knowledge: Knowledge, tables: Sequence[Table]) -> list[float]:
    """What is lost with each cell: totals cost more than their parts, and the city's own most of all."""
    people = {(table.name, column) for table in tables for column in table.protection.people}
    most = max((len(cell.members) for cell in knowledge.cells), default=1)
    weights = []
    for cell in knowledge.cells:
        area = 1.0 if len(cell.members) == 1 else 5.0 if len(cell.members) < most else 30.0
        total = 4.0 if cell.breakdowns == 0 else 1.0
        last = 50.0 if len(cell.members) == most and cell.breakdowns == 0 and cell.value else 1.0
        weights.append(area * total * last * (1.0 if (cell.table, cell.column) in people else 10.0))
    return weights
