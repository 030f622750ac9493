"""Which figures of a release are withheld outside: those that are small, and those that would tell them."""

from collections.abc import Iterable, Mapping, Sequence, Set

from district_reports.publish.disclosure.cells import PERIOD, Cell, Left, Place, Table
from district_reports.publish.disclosure.choose import NoChoice, choose
from district_reports.publish.disclosure.knowledge import Knowledge, gather
from district_reports.publish.disclosure.rule import Rule
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
    first = (withheld | small.withheld) - published
    try:
        hidden = choose(
            knowledge.system, small.targets, knowers, first, published, weights_of(knowledge, new), _groups(knowledge)
        )
    except NoChoice as refused:
        raise Unprotectable(knowledge.cells[refused.cells[0]]) from None
    places = {place for place, cell in knowledge.cell_of[-1].items() if cell in hidden or cell in small.withheld}
    return closed(places, knowledge.depends[-1])


def _groups(knowledge: Knowledge) -> list[int]:
    """Figures of one table and period hang together most."""
    numbers: dict[tuple[str, str | None], int] = {}
    return [numbers.setdefault((cell.table, dict(cell.subject).get(PERIOD)), len(numbers)) for cell in knowledge.cells]


def told(knowledge: Knowledge, left: Sequence[Left]) -> tuple[frozenset[int], frozenset[int]]:
    """The cells that one of the releases tells, and those that they have and none tells."""
    seen, published = set(), set()
    for release, cells in zip(left, knowledge.cell_of, strict=False):
        seen |= set(cells.values())
        published |= {cell for place, cell in cells.items() if place not in release.withheld}
    return frozenset(published), frozenset(seen - published)


def known_to(knowledge: Knowledge, districts: Set[str]) -> frozenset[int]:
    """The cells that the districts know by their own rows."""
    return frozenset(number for number, cell in enumerate(knowledge.cells) if cell.members <= districts)


def closed(places: Iterable[Place], depends: Mapping[Place, Sequence[Place]]) -> frozenset[Place]:
    """`places`, and those whose figures are worked out from theirs."""
    found = set(places)
    leaning: dict[Place, list[Place]] = {}
    for place, others in depends.items():
        for other in others:
            leaning.setdefault(other, []).append(place)
    waiting = list(found)
    while waiting:
        for place in leaning.get(waiting.pop(), ()):
            if place not in found:
                found.add(place)
                waiting.append(place)
    return frozenset(found)
