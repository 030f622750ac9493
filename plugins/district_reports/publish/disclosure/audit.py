"""Whether what has left narrows down a small count: an exact examination that shares nothing with the choice.

To a stranger, and to each district with its own rows, a figure that must stay uncertain has to be possible at both ends
of its interval: a linear programme over all figures that they do not know finds what else would have to be otherwise,
and what it finds is held against everything that is known. Rates are knowledge here, too, however they came to be told:
a rate of two decimals bounds what it was worked out from.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from math import inf
from typing import TypeAlias

from district_reports.errors import SystemFault
from district_reports.publish.disclosure.cells import Cell, Left, numbered
from district_reports.publish.disclosure.changes import Change, Changes
from district_reports.publish.disclosure.knowledge import Knowledge, gather
from district_reports.publish.disclosure.protect import known_to, told
from district_reports.publish.disclosure.rule import Rule
from district_reports.publish.disclosure.system import SLIGHT, Relation, System, Target, Terms, components
from district_reports.publish.disclosure.targets import find_small, standing_districts

_HALF_A_STEP = 0.005
_NEARLY_ALL = 99.99
_ROUNDING = 1e-5
_Room: TypeAlias = tuple[Terms, float, float]


@dataclass(frozen=True)
class Unsafe:
    """A figure that somebody can narrow down; ``knower`` are the districts whose rows that one knows, none a stranger.

    ``cells`` are the figures whose sum it is, without their values being shown anywhere.
    """

    cells: tuple[Cell, ...]
    knower: frozenset[str]

    def __str__(self) -> str:
        figure = self.cells[0]
        what = " - ".join(dict.fromkeys(f"{cell.table}.{cell.column}" for cell in self.cells))
        where = ", ".join(value for _, value in figure.subject)
        area = f"{len(figure.members)} districts" if len(figure.members) > 1 else next(iter(figure.members), "")
        who = f"district {'+'.join(sorted(self.knower))}" if self.knower else "a stranger"
        return f"{what} ({where}) of {area}, to {who}"


@dataclass(frozen=True)
class Examined:
    """How many figures had to stay uncertain, to a stranger and to each district, and which of them do not."""

    figures: int
    unsafe: tuple[Unsafe, ...]


def audit(releases: Sequence[Left], rule: Rule) -> list[Unsafe]:
    """What the releases together tell too much of, in the order in which they left.

    Raises:
        DoesNotAddUp: a table is not as it declares.
        SystemFault: the solver gave up.
    """
    return list(examine(releases, rule).unsafe)


def examine(releases: Sequence[Left], rule: Rule) -> Examined:
    """:func:`audit`, and how much it looked at. Raises what that raises."""
    knowledge = gather(releases)
    published, _ = told(knowledge, releases)
    districts = standing_districts(releases[-1].tables) if releases else []
    small = find_small(knowledge, [each.tables for each in releases], rule, districts)
    relations = (*knowledge.system.relations, *_rates(releases, knowledge))
    knowers = [known_to(knowledge, each) for each in districts]
    unsafe = (
        Unsafe(
            tuple(knowledge.cells[cell] for cell, _ in target.terms), frozenset() if knower < 0 else districts[knower]
        )
        for target, knower in _narrowed(knowledge.system, relations, small.targets, knowers, published)
    )
    return Examined(len(small.targets), tuple(unsafe))


def _rates(releases: Sequence[Left], knowledge: Knowledge) -> Iterator[Relation]:
    """What a rate that is told says of its numerator and denominator, whoever knows which of them."""
    for release, cells in zip(releases, knowledge.cell_of, strict=True):
        for table in release.tables:
            for rate, (part, whole) in table.protection.ratios.items():
                for number, row, _ in numbered(table):
                    small, large = (cells.get(table.place(number, name)) for name in (part, whole))
                    shown = row.get(rate)
                    if shown is None or table.place(number, rate) in release.withheld:
                        continue
                    if small is not None and large is not None:
                        yield from _of_rate(float(shown), small, large, knowledge.system)


def _of_rate(shown: float, part: int, whole: int, system: System) -> Iterator[Relation]:
    # A rate just below 100 is shown as 99.99.
    above = 100.0 if shown == _NEARLY_ALL else shown + _HALF_A_STEP
    for relation in (
        Relation(((part, 100.0), (whole, -(shown - _HALF_A_STEP))), 0.0, inf),
        Relation(((part, 100.0), (whole, -above)), -inf, 0.0),
    ):
        if relation.low - SLIGHT <= system.value_of(relation.terms) <= relation.high + SLIGHT:
            yield relation


def _narrowed(
    system: System,
    relations: Sequence[Relation],
    targets: Sequence[Target],
    knowers: Sequence[Set[int]],
    told: Set[int],
) -> Iterator[tuple[Target, int]]:
    """The targets that do not have the interval that they need, each with who knows why; -1 is a stranger."""
    sums = [*(each.terms for each in relations), *(each.terms for each in targets)]
    hidden = [[cell for cell, _ in terms if cell not in told] for terms in sums]
    component = components(len(system.values), [each for each in hidden if each])
    cells_of: dict[int, list[int]] = defaultdict(list)
    for cell, of in enumerate(component):
        if cell not in told:
            cells_of[of].append(cell)
    relations_of: dict[int, list[Relation]] = defaultdict(list)
    for relation, cells in zip(relations, hidden, strict=False):
        if cells:
            relations_of[component[cells[0]]].append(relation)
    aims_of: dict[int, list[_Aim]] = defaultdict(list)
    for target, cells in zip(targets, hidden[len(relations) :], strict=True):
        for aim in _aims(system, target, knowers):
            if cells:
                aims_of[component[cells[0]]].append(aim)
            else:
                yield from ((target, knower) for knower in sorted(aim.left))
    for of, aims in sorted(aims_of.items()):
        yield from _examined(_Examination(system, cells_of[of], relations_of[of], aims), knowers)


@dataclass(frozen=True)
class _Aim:
    """That a target can be ``by`` more (or, below 0, less) than it is, for all that those who are ``left`` know."""

    target: Target
    by: float
    left: set[int]


def _aims(system: System, target: Target, knowers: Sequence[Set[int]]) -> list[_Aim]:
    value, cells = system.value_of(target.terms), {cell for cell, _ in target.terms}
    by: dict[float, set[int]] = defaultdict(set)
    for knower in range(-1, len(knowers)):
        low, high = target.needs(knower)
        if low > high or (knower >= 0 and cells <= knowers[knower]):
            continue
        for step in (high - value, low - value):
            if (step > SLIGHT and step == high - value) or (step < -SLIGHT and step == low - value):
                by[step].add(knower)
    return [_Aim(target, step, who) for step, who in by.items()]


class _Examination:
    """The unknown cells of a component, with all that is known of them."""

    def __init__(
        self, system: System, cells: Sequence[int], relations: Sequence[Relation], aims: Sequence[_Aim]
    ) -> None:
        self.aims = aims
        self._system = system
        # The relations of each cell, with the room that each leaves below and above what it is now.
        self._rooms_of: dict[int, list[_Room]] = defaultdict(list)
        for relation in relations:
            room = _room(system, relation)
            for cell, _ in relation.terms:
                self._rooms_of[cell].append(room)
        self._changes = Changes(system, cells, relations, [aim.target for aim in aims])

    def change(self, aim: _Aim, known: Set[int]) -> Change | None:
        """One by which the target gets there and that nothing known speaks against; None if there is none."""
        change = self._changes.least(aim.target, aim.by, known)
        if change is not None and not self._stands(change, known):
            raise SystemFault("a solution of the linear programme does not keep what is known")
        return change

    def _stands(self, change: Change, known: Set[int]) -> bool:
        """Whether it keeps every relation, computed here and not by the solver."""
        moved, values = change.moved, self._system.values
        if known & moved.keys() or any(values[cell] + by < -_ROUNDING for cell, by in moved.items()):
            return False
        rooms = {id(room): room for cell in moved for room in self._rooms_of[cell]}
        for terms, low, high in rooms.values():
            by = sum(coefficient * moved.get(cell, 0.0) for cell, coefficient in terms)
            if by and not low <= by <= high:
                return False
        return True


def _room(system: System, relation: Relation) -> _Room:
    now = system.value_of(relation.terms)
    # Changes up to SLIGHT of a cell's scale are none.
    slack = _ROUNDING + SLIGHT * sum(abs(coefficient) * system.scale(cell) for cell, coefficient in relation.terms)
    return relation.terms, relation.low - slack - now, relation.high + slack - now


def _examined(examination: _Examination, knowers: Sequence[Set[int]]) -> Iterator[tuple[Target, int]]:
    for aim in examination.aims:
        while aim.left:
            knower = min(aim.left)
            aim.left.discard(knower)
            change = examination.change(aim, knowers[knower] if knower >= 0 else frozenset())
            if change is None:
                yield aim.target, knower
                continue
            unaware = {-1, *(one for one, cells in enumerate(knowers) if not cells & change.moved.keys())}
            # It may take other targets there as well, or farther: then a part of it does.
            for other, moved in zip(examination.aims, change.of_targets, strict=True):
                if moved / other.by >= 1 - SLIGHT:
                    other.left.difference_update(unaware)
