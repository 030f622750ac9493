"""Which cells are withheld beside those that are for themselves, so that no target is narrowed down.

For each target that must reach a value, and each who knows something, a linear programme looks for the cheapest change
of the cells that keeps everything that is known and reaches it (J. P. Kelly, B. L. Golden, A. A. Assad, "Cell
suppression: disclosure protection for sensitive tabular data", Networks 22 (1992)). A change of a withheld cell is all
but free; a published cell that it needs is withheld from then on. At last each of these is published again where the
targets that leant on it can do without.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

import numpy as np

from district_reports.publish.disclosure.changes import Changes
from district_reports.publish.disclosure.system import SLIGHT, Relation, System, Target, components

STRANGER = -1
"""Who knows no cell."""
_THREADS = 2
_STALE = 5
"""How many more cells may be withheld than a model has, before it is made anew."""
_LAST = 1000.0
"""How much more than the least must be lost with a cell that is asked last."""
_LEANING, _LITTLE = 25, 10.0
"""A cell on which more needs lean is seldom done without; below this weight it is not looked at again."""


class NoChoice(Exception):
    """What has left already narrows down targets; ``cells`` are those of one."""

    def __init__(self, cells: Sequence[int]) -> None:
        super().__init__(f"what is known already narrows down cells {list(cells)}")
        self.cells = tuple(cells)


@dataclass(frozen=True)
class _Component:
    """Cells that hang together, what binds them, and what has to be protected among them."""

    cells: tuple[int, ...]
    relations: tuple[Relation, ...]
    targets: tuple[Target, ...]


@dataclass(frozen=True)
class _Need:
    """That a target can be moved by ``by``, to all of ``knowers``."""

    target: Target
    by: float
    knowers: frozenset[int]


@dataclass(frozen=True)
class _Witness:
    """A change that shows a need to be met to some of those who know something; it moves ``cells``."""

    need: int
    knowers: frozenset[int]
    cells: frozenset[int]


def choose(
    system: System,
    targets: Sequence[Target],
    knowers: Sequence[Set[int]],
    withheld: Set[int],
    published: Set[int],
    weights: Sequence[float],
    groups: Sequence[Sequence[int]] = (),
    leaning: Mapping[int, Set[int]] = MappingProxyType({}),
) -> frozenset[int]:
    """The cells to withhold, those of `withheld` among them.

    `published` can't be withheld any more. `knowers` are the cells that somebody knows; to a stranger, who knows none,
    all is protected as well. `weights` (above 0) say how much is lost with each cell. `groups` are ways to divide the
    cells (a number a cell), each less fine than the one before: what can be met within a group is met there. `leaning`
    are the cells that are withheld with each.

    Raises:
        NoChoice: there is no choice.
    """
    found, alone = _components(system, targets, published)
    if any(_needs_of(system, target, knowers) for target in alone):
        raise NoChoice([cell for target in alone for cell, _ in target.terms])
    # HiGHS lets other threads run while it works, and components have nothing to do with one another.
    with ThreadPoolExecutor(_THREADS) as pool:
        protect = partial(_protect, system, knowers, frozenset(withheld), weights, groups, leaning)
        protected = list(pool.map(protect, found))
    return frozenset(withheld).union(*protected)


def _protect(
    system: System,
    knowers: Sequence[Set[int]],
    withheld: frozenset[int],
    weights: Sequence[float],
    groups: Sequence[Sequence[int]],
    leaning: Mapping[int, Set[int]],
    component: _Component,
) -> frozenset[int]:
    left = [need for target in component.targets for need in _needs_of(system, target, knowers)]
    cells = set(component.cells)
    hidden = withheld & cells
    leaning = {cell: leaning[cell] & cells for cell in leaning.keys() & cells}
    every = _Block(system, component.cells, component.relations, left, knowers, hidden, leaning)
    number_of = {(id(need.target), need.by): number for number, need in enumerate(left)}
    whole = [0] * len(system.values)
    # What costs most, such as the city's own figures, is asked last: where nothing else does.
    dear = _LAST * min(weights)
    last = {cell for cell in cells if weights[cell] > dear} - hidden
    for group_of, shut in [*((each, last) for each in (*groups, whole)), (whole, set[int]())]:
        needs_of: dict[int, list[_Need]] = defaultdict(list)
        wider: list[_Need] = []
        for need in left:
            touched = {group_of[cell] for cell, _ in need.target.terms}
            (needs_of[touched.pop()] if len(touched) == 1 else wider).append(need)
        cells_of: dict[int, list[int]] = defaultdict(list)
        for cell in component.cells:
            cells_of[group_of[cell]].append(cell)
        relations_of: dict[int, list[Relation]] = defaultdict(list)
        for relation in component.relations:
            for group in {group_of[cell] for cell, _ in relation.terms}:
                relations_of[group].append(relation)
        for group, needs in sorted(needs_of.items()):
            block = _Block(system, cells_of[group], relations_of[group], needs, knowers, hidden, leaning)
            wider += block.solve(weights, shut)
            hidden |= block.withheld
            every.learn(block, [number_of[id(need.target), need.by] for need in needs])
        left = wider
    if left:
        raise NoChoice([cell for cell, _ in left[0].target.terms])
    # What a group could not do without, all of them together may.
    every.publish_again(weights, {cell for cell in hidden if weights[cell] > _LITTLE})
    return frozenset(every.withheld)


def _components(
    system: System, targets: Sequence[Target], published: Set[int]
) -> tuple[list[_Component], tuple[Target, ...]]:
    """Those with targets, and the targets of published cells alone: such cells are no part of any, and join none."""
    sums = [(each, [cell for cell, _ in each.terms if cell not in published]) for each in system.relations]
    aims = [(each, [cell for cell, _ in each.terms if cell not in published]) for each in targets]
    found = components(len(system.values), [cells for _, cells in (*sums, *aims) if cells])
    cells_of: dict[int, list[int]] = defaultdict(list)
    for cell, component in enumerate(found):
        if cell not in published:
            cells_of[component].append(cell)
    relations_of: dict[int, list[Relation]] = defaultdict(list)
    for relation, cells in sums:
        if cells:
            relations_of[found[cells[0]]].append(relation)
    targets_of: dict[int, list[Target]] = defaultdict(list)
    for target, cells in aims:
        if cells:
            targets_of[found[cells[0]]].append(target)
    joined = [
        _Component(tuple(cells_of[one]), tuple(relations_of[one]), tuple(targets_of[one]))
        # The largest first, so that no thread is left with it alone.
        for one in sorted(targets_of, key=lambda one: (-len(cells_of[one]), one))
    ]
    return joined, tuple(target for target, cells in aims if not cells)


def _needs_of(system: System, target: Target, knowers: Sequence[Set[int]]) -> list[_Need]:
    """Up to its highest value and down to its lowest: how far it has to go, and to whom."""
    value = system.value_of(target.terms)
    cells = {cell for cell, _ in target.terms}
    wanted: dict[float, set[int]] = defaultdict(set)
    for knower in range(STRANGER, len(knowers)):
        if knower != STRANGER and cells <= knowers[knower]:
            continue
        low, high = target.needs(knower)
        if low > high:
            continue
        if high - value > SLIGHT:
            wanted[high - value].add(knower)
        if value - low > SLIGHT:
            wanted[low - value].add(knower)
    return [_Need(target, by, frozenset(who)) for by, who in wanted.items()]


class _Block:
    """The choice among some cells, while all others stay as they are; ``withheld`` are those and others that are."""

    def __init__(
        self,
        system: System,
        cells: Sequence[int],
        relations: Sequence[Relation],
        needs: Sequence[_Need],
        knowers: Sequence[Set[int]],
        withheld: Set[int],
        leaning: Mapping[int, Set[int]],
    ) -> None:
        self._system, self._cells, self._relations = system, cells, relations
        self._needs, self._knowers, self._leaning = needs, knowers, leaning
        self._by = np.array([need.by for need in needs])
        self._first = frozenset(withheld)
        self.withheld = set(self._first)
        self._witnesses: list[_Witness] = []
        self._needed_by: dict[int, tuple[int, int]] = {}

    def learn(self, other: "_Block", numbers: Sequence[int]) -> None:
        """Withhold what a smaller one does; `numbers` are those of its needs here."""
        self.withheld |= other.withheld
        self._witnesses += [replace(each, need=numbers[each.need]) for each in other._witnesses]
        self._needed_by |= {cell: (numbers[need], knower) for cell, (need, knower) in other._needed_by.items()}

    def solve(self, weights: Sequence[float], shut: Set[int]) -> list[_Need]:
        """Meet the needs without withholding any of `shut`; what is left of those that can't be met like that."""
        every = self._changes([cell for cell in self._cells if cell not in shut])
        every.price({cell: weights[cell] for cell in every.cells}, self.withheld)
        # Most needs can be met by what is withheld already, and that model is small.
        few = self._changes(self._hidden())
        left = {number: set(need.knowers) for number, need in enumerate(self._needs)}
        unmet = []
        for number, need in enumerate(self._needs):
            found, met = self._meet(few, number, left, STRANGER)
            self._witnesses += found
            if not met:
                found, met = self._meet(every, number, left, STRANGER)
                self._witnesses += found
            if not met:
                unmet.append(_Need(need.target, need.by, frozenset(left.pop(number))))
            hidden = self._hidden()
            if len(hidden) - len(few.cells) > _STALE:
                few = self._changes(hidden)
        self.publish_again(weights, self.withheld)
        return unmet

    def _hidden(self) -> list[int]:
        """Those of its cells that are withheld."""
        return [cell for cell in self._cells if cell in self.withheld]

    def _changes(self, cells: Sequence[int]) -> Changes:
        return Changes(self._system, cells, self._relations, [need.target for need in self._needs])

    def _meet(
        self, changes: Changes, number: int, left: dict[int, set[int]], before: int
    ) -> tuple[list[_Witness], bool]:
        """Changes by which a need is met to all for whom it is `left`, and others with it; and whether it is.

        What they move is withheld. `before` is asked first, if it is left.
        """
        found: list[_Witness] = []
        knowers = left[number]
        while knowers:
            # The stranger before others, whose change often serves most of them.
            knower = before if before in knowers else min(knowers)
            change = changes.least(self._needs[number].target, self._by[number], self._known(knower))
            if change is None:
                return found, False
            moved = frozenset(change.moved)
            new = moved - self.withheld
            self._needed_by.update(dict.fromkeys(new, (number, knower)))
            new = new.union(*(self._leaning.get(cell, ()) for cell in new))
            changes.set_free(new.intersection(changes.cells))
            self.withheld |= new
            unaware = {one for one in range(STRANGER, len(self._knowers)) if not moved & self._known(one)}
            # It may move other targets as far as they have to go, or farther: then a part of it does.
            for met in map(int, np.flatnonzero(change.of_targets / self._by >= 1 - SLIGHT)):
                served = left.get(met, set()) & unaware
                if served:
                    found.append(_Witness(met, frozenset(served), moved))
                    left[met] -= served
            # However the solver rounds, what meets this need is remembered: it is not taken away again unseen.
            if knower in knowers:
                found.append(_Witness(number, frozenset({knower}), moved))
                knowers.discard(knower)
        return found, True

    def _known(self, knower: int) -> Set[int]:
        return frozenset() if knower == STRANGER else self._knowers[knower]

    def publish_again(self, weights: Sequence[float], cells: Set[int]) -> None:
        """Publish those of `cells` that can be done without, the greatest loss first."""
        added = sorted(cells & self._needed_by.keys() - self._first, key=lambda one: (-weights[one], one))
        if not added:
            return
        changes = self._changes(self._hidden())
        for cell in added:
            alone, together = frozenset({cell}), self._with(cell)
            if not any(
                self._published_again(changes, cell, each, weights) for each in dict.fromkeys((together, alone))
            ):
                continue
            # What leant on the cell, and is withheld for another reason now, may be done without later.
            self._needed_by |= dict.fromkeys(together & self.withheld, self._needed_by[cell])

    def _with(self, cell: int) -> frozenset[int]:
        """The cell, and what is withheld for it alone."""
        others = self.withheld - {cell}
        kept = self._first.union(*(self._leaning.get(other, ()) for other in others))
        return frozenset({cell}) | (frozenset(self._leaning.get(cell, ())) & others - kept)

    def _published_again(self, changes: Changes, first: int, cells: frozenset[int], weights: Sequence[float]) -> bool:
        """Publish `cells`, if all needs can be met without them; that for which `first` was withheld tells soonest."""
        leaning: dict[int, set[int]] = defaultdict(set)
        for witness in self._witnesses:
            if witness.cells & cells:
                leaning[witness.need] |= witness.knowers
        if len(leaning) > _LEANING and weights[first] <= _LITTLE:
            return False
        if any(self._leaning.get(other, frozenset()) & cells for other in self.withheld - cells):
            return False
        own = cells.intersection(changes.cells)
        changes.close(own)
        instead = self._without(changes, leaning, *self._needed_by[first])
        if instead is None:
            changes.open(own)
            return False
        self.withheld -= cells
        self._witnesses = [each for each in self._witnesses if not each.cells & cells] + instead
        return True

    def _without(
        self, changes: Changes, leaning: dict[int, set[int]], first: int, before: int
    ) -> list[_Witness] | None:
        """Other changes for the needs that leant on cells, beginning with `first`; None if there is none for one."""
        found: list[_Witness] = []
        for number in sorted(leaning, key=lambda each: (each != first, each)):
            instead, met = self._meet(changes, number, leaning, before)
            if not met:
                return None
            found += instead
        return found
