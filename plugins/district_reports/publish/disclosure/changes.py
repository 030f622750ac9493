"""The cheapest change of the cells that keeps all relations and moves a target as far as it has to go.

One model of HiGHS for a component, which is solved again and again for other targets.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TypeAlias

import highspy
import numpy as np

from district_reports.errors import SystemFault
from district_reports.publish.disclosure.system import SLIGHT, Relation, System, Target, Terms

_ALL_BUT_FREE = 1e-3
_NONE = np.zeros(0, dtype=int)
_Terms: TypeAlias = tuple[tuple[int, float], ...]
"""Place of a cell in the model and coefficient, of each."""
_Row: TypeAlias = tuple[_Terms, float, float]
# Options of HiGHS, tried in turn, with their usual values: its own choice, the primal simplex, an interior point.
_WAYS = (("", "", ""), ("simplex_strategy", 4, 1), ("solver", "ipm", "choose"))


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
        self._up = np.full(len(cells), np.inf)
        joint = list({id(target): target for target in targets if len(target.terms) > 1}.values())
        terms = [
            (row, self._at[cell], coefficient)
            for row, target in enumerate(targets)
            for cell, coefficient in target.terms
            if cell in self._at
        ]
        self._terms = tuple(np.array(each) for each in zip(*terms, strict=True)) if terms else (_NONE, _NONE, _NONE)
        self._targets = len(targets)
        rows = self._rows(system, relations)
        self._row_of = {id(target): len(rows) + place for place, target in enumerate(joint)}
        rows += [(self._scaled(target.terms), -np.inf, np.inf) for target in joint]
        self._highs = highspy.Highs()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        self._highs.setOptionValue("presolve", "off")
        self._highs.passModel(self._model(rows))

    def _scaled(self, terms: Terms) -> _Terms:
        """Those of the model's cells, per unit of their scales."""
        own = [(self._at[cell], value) for cell, value in terms if cell in self._at]
        return tuple((place, value * self._scales[place]) for place, value in own)

    def _rows(self, system: System, relations: Sequence[Relation]) -> list[_Row]:
        """What binds several of the cells, each once; what binds one alone is a bound of its own.

        What cells outside of the model add stays as it is.
        """
        found: dict[_Terms, tuple[float, float]] = {}
        for each in relations:
            scaled = self._scaled(each.terms)
            if not scaled:
                continue
            unit = min(abs(value) for _, value in scaled) * (1 if scaled[0][1] > 0 else -1)
            now = system.value_of(each.terms)
            # Rounding of large amounts leaves a trace; a relation that is kept exactly stays so.
            low, high = min(0.0, each.low - now) / unit, max(0.0, each.high - now) / unit
            low, high = min(low, high), max(low, high)
            terms = tuple((place, value / unit) for place, value in scaled)
            if len(terms) == 1:
                place = terms[0][0]
                self._up[place], self._down[place] = min(self._up[place], high), min(self._down[place], -low)
                continue
            least, most = found.get(terms, (low, high))
            found[terms] = max(low, least), min(high, most)
        return [(terms, low, high) for terms, (low, high) in found.items()]

    def _model(self, rows: Sequence[_Row]) -> highspy.HighsLp:
        size = len(self.cells)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = 2 * size, len(rows)
        lp.col_cost_ = np.full(2 * size, _ALL_BUT_FREE)
        lp.col_lower_ = np.zeros(2 * size)
        lp.col_upper_ = np.concatenate([self._up, self._down])
        lp.row_lower_ = np.array([low for _, low, _ in rows])
        lp.row_upper_ = np.array([high for _, _, high in rows])
        lengths = [2 * len(terms) for terms, _, _ in rows]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        lp.a_matrix_.index_ = np.array(
            [place + side for terms, _, _ in rows for side in (0, size) for place, _ in terms], dtype=np.int32
        )
        lp.a_matrix_.value_ = np.array(
            [sign * value for terms, _, _ in rows for sign in (1.0, -1.0) for _, value in terms]
        )
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
        if not self._may_move(target, by):
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

    def _may_move(self, target: Target, by: float) -> bool:
        """Whether what binds the cell of the target alone lets it; those of several are for the solver."""
        if len(target.terms) > 1:
            return any(cell in self._at for cell, _ in target.terms)
        ((cell, coefficient),) = target.terms
        place = self._at.get(cell)
        if place is None:
            return False
        wanted = by / coefficient / self._scales[place]
        return bool(abs(wanted) <= (self._up if wanted > 0 else self._down)[place] + SLIGHT)

    def _sums(self, amounts: np.ndarray) -> np.ndarray:
        rows, places, coefficients = self._terms
        return np.bincount(rows, weights=coefficients * amounts[places], minlength=self._targets)

    def _solve(self) -> highspy.HighsModelStatus:
        """From no change at all; where the solver gets lost on that way, by others."""
        for option, value, usual in _WAYS:
            # A change moves few cells: it is nearer to none than to the one that was found for another target.
            self._highs.clearSolver()
            if option:
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
        most = (self._up if wanted > 0 else self._down)[place]
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
            most = np.concatenate([np.where(may, self._up[places], 0.0), np.where(may, self._down[places], 0.0)])
            both = np.concatenate([places, places + len(self.cells)]).astype(np.int32)
            self._highs.changeColsBounds(len(both), both, np.zeros(len(both)), most)
