"""The cheapest change of the cells that keeps all relations and moves a target as far as it has to go.

One model of HiGHS for a component, which is solved again and again: from one solution the next is a few steps away.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import highspy
import numpy as np

from district_reports.errors import SystemFault
from district_reports.publish.disclosure.system import SLIGHT, Relation, System, Target

_ALL_BUT_FREE = 1e-3
_NONE = np.zeros(0, dtype=int)
# Options of HiGHS, tried in turn, with their usual values: the dual simplex anew, the primal one, an interior point.
_WAYS = (("", "", ""), ("presolve", "off", "off"), ("simplex_strategy", 4, 1), ("solver", "ipm", "choose"))


@dataclass(frozen=True)
class Change:
    """By how much each cell changes that does, and how far each of the targets of the model is moved."""

    moved: Mapping[int, float]
    of_targets: np.ndarray


class Changes:
    """Changes of ``cells``, in units of their scales: each goes up, at a price a unit, or down, to 0 at the lowest."""

    def __init__(
        self, system: System, cells: Sequence[int], relations: Sequence[Relation], targets: Sequence[Target]
    ) -> None:
        self.cells = tuple(cells)
        self._at = {cell: place for place, cell in enumerate(cells)}
        self._scales = np.array([system.scale(cell) for cell in cells])
        self._down = np.array([system.values[cell] for cell in cells]) / self._scales
        self._open = np.ones(len(cells), dtype=bool)
        self._fixed: np.ndarray = np.zeros(0, dtype=np.int32)
        joint = list({id(target): target for target in targets if len(target.terms) > 1}.values())
        terms = [
            (row, self._at[cell], coefficient)
            for row, target in enumerate(targets)
            for cell, coefficient in target.terms
            if cell in self._at
        ]
        self._terms = tuple(np.array(each) for each in zip(*terms, strict=True)) if terms else (_NONE, _NONE, _NONE)
        self._targets = len(targets)
        relations = [each for each in relations if any(cell in self._at for cell, _ in each.terms)]
        self._row_of = {id(target): len(relations) + place for place, target in enumerate(joint)}
        self._highs = highspy.Highs()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        self._highs.setOptionValue("presolve", "off")
        self._highs.passModel(self._model(system, relations, joint))

    def _model(self, system: System, relations: Sequence[Relation], joint: Sequence[Target]) -> highspy.HighsLp:
        size = len(self.cells)
        rows, columns, coefficients, low, high = [], [], [], [], []
        sums = [(each.terms, each.low, each.high) for each in relations]
        sums += [(target.terms, -np.inf, np.inf) for target in joint]
        for row, (terms, least, most) in enumerate(sums):
            # What cells outside of the model add stays as it is.
            own = [(self._at[cell], value) for cell, value in terms if cell in self._at]
            scaled = [(place, value * self._scales[place]) for place, value in own]
            unit = min((abs(value) for _, value in scaled), default=1.0) if row < len(relations) else 1.0
            for place, value in scaled:
                rows += [row, row]
                columns += [place, place + size]
                coefficients += [value / unit, -value / unit]
            now = system.value_of(terms)
            # Rounding of large amounts leaves a trace; a relation that is kept exactly stays so.
            low.append(min(0.0, (least - now) / unit))
            high.append(max(0.0, (most - now) / unit))
        order = np.lexsort((columns, rows)) if rows else np.zeros(0, dtype=int)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = 2 * size, len(sums)
        lp.col_cost_ = np.full(2 * size, _ALL_BUT_FREE)
        lp.col_lower_ = np.zeros(2 * size)
        lp.col_upper_ = np.concatenate([np.full(size, np.inf), self._down])
        lp.row_lower_, lp.row_upper_ = np.array(low), np.array(high)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(sums)))]).astype(np.int32)
        lp.a_matrix_.index_ = np.array(columns, dtype=np.int32)[order]
        lp.a_matrix_.value_ = np.array(coefficients)[order]
        return lp

    def price(self, prices: Mapping[int, float], free: Set[int]) -> None:
        """What a unit of each cell costs; those of `free` all but nothing."""
        costs = np.array([_ALL_BUT_FREE if cell in free else prices[cell] for cell in self.cells])
        every = np.arange(2 * len(self.cells), dtype=np.int32)
        self._highs.changeColsCost(len(every), every, np.concatenate([costs, costs]))

    def set_free(self, cells: Collection[int]) -> None:
        """From now on they cost all but nothing."""
        places = self._both(cells)
        self._highs.changeColsCost(len(places), places, np.full(len(places), _ALL_BUT_FREE))

    def close(self, cells: Iterable[int]) -> None:
        """From now on they can't change."""
        self._open[[self._at[cell] for cell in cells]] = False
        self._bound(cells, ())

    def open(self, cells: Iterable[int]) -> None:
        """They can change again."""
        self._open[[self._at[cell] for cell in cells]] = True
        self._bound((), cells)

    def least(self, target: Target, by: float, known: Set[int]) -> Change | None:
        """The cheapest change that moves `target` by so much and none of `known`; None if there is none.

        Raises:
            SystemFault: the solver gave up.
        """
        if not self.cells:
            return None
        fixed = [cell for cell in self.cells if cell in known]
        self._bound(fixed, ())
        self._aim(target, by)
        try:
            status = self._solve()
            if status == highspy.HighsModelStatus.kInfeasible:
                return None
            if status != highspy.HighsModelStatus.kOptimal:
                raise SystemFault(f"the linear programme of disclosure control ended as {status.name}")
            solution = np.array(self._highs.getSolution().col_value)
        finally:
            self._aim(target, None)
            self._bound((), fixed)
        size = len(self.cells)
        amounts = solution[:size] - solution[size:]
        amounts[np.abs(amounts) <= SLIGHT] = 0.0
        amounts *= self._scales
        return Change({self.cells[place]: amounts[place] for place in np.flatnonzero(amounts)}, self._sums(amounts))

    def _sums(self, amounts: np.ndarray) -> np.ndarray:
        rows, places, coefficients = self._terms
        return np.bincount(rows, weights=coefficients * amounts[places], minlength=self._targets)

    def _solve(self) -> highspy.HighsModelStatus:
        """From the last solution; where the solver gets lost on that way, from the beginning, and by others."""
        for option, value, usual in _WAYS:
            if option:
                self._highs.clearSolver()
                self._highs.setOptionValue(option, value)
            self._highs.run()
            status: highspy.HighsModelStatus = self._highs.getModelStatus()
            if option:
                self._highs.setOptionValue(option, usual)
            if status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible):
                break
        return status

    def _aim(self, target: Target, by: float | None) -> None:
        row = self._row_of.get(id(target))
        if row is not None:
            low, high = (-np.inf, np.inf) if by is None else ((by, np.inf) if by > 0 else (-np.inf, by))
            self._highs.changeRowBounds(row, low, high)
            return
        ((cell, coefficient),) = target.terms
        place = self._at[cell]
        if by is None:
            self._bound((), (cell,))
            return
        wanted = by / coefficient / self._scales[place]
        up, down = (place, place + len(self.cells))
        grows, stays = (up, down) if wanted > 0 else (down, up)
        most = np.inf if wanted > 0 else self._down[place]
        self._highs.changeColBounds(grows, min(abs(wanted), most), most)
        self._highs.changeColBounds(stays, 0.0, 0.0)

    def _both(self, cells: Iterable[int]) -> np.ndarray:
        places = np.array([self._at[cell] for cell in cells], dtype=np.int32)
        return np.concatenate([places, places + len(self.cells)]).astype(np.int32)

    def _bound(self, fixed: Iterable[int], freed: Iterable[int]) -> None:
        for cells, movable in ((list(fixed), False), (list(freed), True)):
            places = np.array([self._at[cell] for cell in cells], dtype=np.int32)
            if not len(places):
                continue
            may = self._open[places] & movable
            most = np.concatenate([np.where(may, np.inf, 0.0), np.where(may, self._down[places], 0.0)])
            both = np.concatenate([places, places + len(self.cells)]).astype(np.int32)
            self._highs.changeColsBounds(len(both), both, np.zeros(len(both)), most)
