"""Which figures of a release are withheld outside: those that are small, and those that would tell them."""

from collections.abc import Iterable, Mapping, Sequence, Set

from district_reports.publish.disclosure.cells import PERIOD, Cell, Left, Place, Table
from district_reports.publish.disclosure.choose import NoChoice, choose
from district_reports.publish.disclosure.knowledge import Knowledge, gather
from district_reports.publish.disclosure.rule import Rule
from district_reports.publish.disclosure.system import components
from district_reports.publish.disclosure.targets import find_small, standing_districts, weights_of


class Unprotectable(Exception):
    """What has left already tells too much of ``figure``."""

    def __init__(self, figure: Cell) -> None:
        super().__init__(f"what has left narrows down a figure of {figure.table}.{figure.column}")
        self.figure = figure


def protect(new: Sequence[Table], left: Sequence[Left], rule: Rule) -> frozenset[Place]:
    """The places of `new` at which the figure is withheld, so that all that has left together tells no small count.

    Raises:
        Unprotectable: what has left already tells too much.
        DoesNotAddUp: a table is not as it declares.
    """
    knowledge = gather([*left, Left(tuple(new), frozenset())])
    published, withheld = told(knowledge, left)
    districts = standing_districts(new)
    small = find_small(knowledge, [*(each.tables for each in left), new], rule, districts)
    knowers = [known_to(knowledge, each) for each in districts]
    leaning = _leaning(knowledge, published)
    first = (withheld | small.withheld) - published
    first = first.union(*(leaning.get(cell, ()) for cell in first))
    try:
        weights, groups = weights_of(knowledge, new), _groups(knowledge, new)
        hidden = choose(knowledge.system, small.targets, knowers, first, published, weights, groups, leaning)
    except NoChoice as refused:
        raise Unprotectable(knowledge.cells[refused.cells[0]]) from None
    places = {place for place, cell in knowledge.cell_of[-1].items() if cell in hidden or cell in small.withheld}
    return closed(places, knowledge.depends[-1])


def _groups(knowledge: Knowledge, tables: Sequence[Table]) -> tuple[list[int], list[int]]:
    """What hangs together by equations within a period, and then by anything: from period to period little does."""
    period = [dict(cell.subject).get(PERIOD) for cell in knowledge.cells]
    columns = {name: number for number, name in enumerate(sorted({(one.table, one.column) for one in knowledge.cells}))}
    equal = [
        [columns[name] for term in bound.terms if (name := (term.table or table.name, term.column)) in columns]
        for table in tables
        for bound in table.protection.bounds
        if bound.equal
    ]
    joined = components(len(columns), [each for each in equal if each])
    numbers: dict[tuple[str | None, int], int] = {}
    by_equations = [
        numbers.setdefault((when, joined[columns[cell.table, cell.column]]), len(numbers))
        for when, cell in zip(period, knowledge.cells, strict=True)
    ]
    sums = ([cell for cell, _ in relation.terms] for relation in knowledge.system.relations)
    within = [cells for cells in sums if len({period[cell] for cell in cells}) == 1]
    return by_equations, components(len(period), within)


def told(knowledge: Knowledge, left: Sequence[Left]) -> tuple[frozenset[int], frozenset[int]]:
    """The cells that one of the releases tells, and those that they have and none tells."""
    seen, published = set(), set()
    for release, cells in zip(left, knowledge.cell_of, strict=False):
        seen |= set(cells.values())
        published |= {cell for place, cell in cells.items() if place not in release.withheld}
    return frozenset(published), frozenset(seen - published)


def known_to(knowledge: Knowledge, districts: Set[str]) -> frozenset[int]:
    """The cells that the districts know by their own rows."""
    return frozenset(cell for release in knowledge.counted for cell, counted in release.items() if counted <= districts)


def _leaning(knowledge: Knowledge, published: Set[int]) -> dict[int, frozenset[int]]:
    """By cell, the others of the latest release that are withheld with it, and are not told by an earlier one."""
    cells, by_place = knowledge.cell_of[-1], _by_support(knowledge.depends[-1])
    found: dict[int, set[int]] = {}
    for place, cell in cells.items():
        others = {cells[other] for other in _closed([place], by_place) if other in cells}
        found.setdefault(cell, set()).update(others - published - {cell})
    return {cell: frozenset(others) for cell, others in found.items() if others}


def closed(places: Iterable[Place], depends: Mapping[Place, Sequence[Place]]) -> frozenset[Place]:
    """`places`, and those whose figures are worked out from theirs."""
    return _closed(places, _by_support(depends))


def _by_support(depends: Mapping[Place, Sequence[Place]]) -> dict[Place, list[Place]]:
    """By place, those that are worked out from it."""
    found: dict[Place, list[Place]] = {}
    for place, others in depends.items():
        for other in others:
            found.setdefault(other, []).append(place)
    return found


def _closed(places: Iterable[Place], by_support: Mapping[Place, Sequence[Place]]) -> frozenset[Place]:
    found = set(places)
    waiting = list(found)
    while waiting:
        for place in by_support.get(waiting.pop(), ()):
            if place not in found:
                found.add(place)
                waiting.append(place)
    return frozenset(found)
