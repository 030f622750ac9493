"""How far down and up sums of unknown figures can be, given linear bounds: the arithmetic of the attacker.

Figures are numbered from 0 and never below 0. What hangs together is solved together and nothing more, and one linear
programme pushes many sums at once: what it brings as far as asked is settled, and only the rest is solved one by one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import highspy
import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, eye_array, hstack, vstack
from scipy.sparse.csgraph import connected_components

Terms: TypeAlias = tuple[tuple[int, float], ...]
CLOSE = 1e-5
"""How exactly the solver is taken at its word."""
_MOST = 1e7
"""More than any figure can be."""


@dataclass(frozen=True)
class Constraint:
    """``low`` <= sum of coefficient times figure <= ``high``; ``why`` says so in words."""

    terms: Terms
    low: float
    high: float
    why: str = ""


@dataclass(frozen=True)
class Asked:
    """Whether the sum of ``terms`` can be as low as ``low`` and as high as ``high``."""

    terms: Terms
    low: float
    high: float


class Ranges:
    """What can be told of ``count`` figures from ``constraints``."""

    def __init__(self, count: int, constraints: Sequence[Constraint]) -> None:
        self.count = count
        self._low = np.array([constraint.low for constraint in constraints], dtype=float)
        self._high = np.array([constraint.high for constraint in constraints], dtype=float)
        self._matrix = _matrix([constraint.terms for constraint in constraints], count)

    def too_narrow(self, asked: Sequence[Asked], known: np.ndarray) -> dict[int, tuple[float, float]]:
        """The range of each of `asked` (by its number) that can't be all that was asked, no further than asked.

        `known` are the figures' values, nan where one is unknown.

        Raises:
            ValueError: the figures that are known contradict the constraints.
        """
        unknown = np.isnan(known)
        constant = np.where(unknown, 0.0, known)
        shift = self._matrix @ constant
        matrix = self._matrix[:, unknown]
        used = np.diff(matrix.indptr) > 0
        low, high = self._low - shift, self._high - shift
        if np.any(low[~used] > CLOSE) or np.any(high[~used] < -CLOSE):
            raise ValueError("What is known contradicts itself")
        sums = _matrix([one.terms for one in asked], self.count)
        fixed = sums @ constant
        sums = sums[:, unknown]
        matrix, low, high = matrix[used], low[used], high[used]
        found: dict[int, tuple[float, float]] = {}
        groups: dict[int, list[int]] = {}
        component = _components(matrix, sums)
        for number, one in enumerate(asked):
            columns = sums.indices[sums.indptr[number] : sums.indptr[number + 1]]
            if len(columns):
                groups.setdefault(int(component[columns[0]]), []).append(number)
            elif fixed[number] > one.low + CLOSE or fixed[number] < one.high - CLOSE:
                found[number] = (float(fixed[number]), float(fixed[number]))
        row_component = component[matrix.indices[matrix.indptr[:-1]]] if matrix.shape[0] else np.zeros(0, dtype=int)
        for which, numbers in groups.items():
            columns, rows = np.flatnonzero(component == which), np.flatnonzero(row_component == which)
            lows = np.array([asked[number].low for number in numbers]) - fixed[numbers]
            highs = np.array([asked[number].high for number in numbers]) - fixed[numbers]
            part = _Part(matrix[rows][:, columns], low[rows], high[rows], sums[numbers][:, columns], lows, highs)
            lowest, highest = part.reached()
            for position, number in enumerate(numbers):
                down, up = lowest[position] + fixed[number], highest[position] + fixed[number]
                if down > asked[number].low + CLOSE or up < asked[number].high - CLOSE:
                    found[number] = (float(down), float(up))
        return found

    def components(self, known: np.ndarray) -> np.ndarray:
        """Of each figure, the number of what it hangs together with through figures that are unknown."""
        unknown = np.flatnonzero(np.isnan(known))
        found = -1 - np.arange(self.count)
        found[unknown] = _components(self._matrix[:, unknown])
        return found


class _Part:
    """What hangs together, and the sums that are pushed: one programme whose objective alone changes, so that each
    solution starts from the one before.

    Beside the figures it has a column for each sum that is at most the sum and at most what was asked (to push up), and
    one that is at least both (to push down).
    """

    def __init__(
        self,
        matrix: csr_matrix,
        low: np.ndarray,
        high: np.ndarray,
        sums: csr_matrix,
        lows: np.ndarray,
        highs: np.ndarray,
    ) -> None:
        self._sums, self._lows, self._highs = sums, lows, highs
        self._count, self._figures = sums.shape
        size = self._figures + 2 * self._count
        one, none = eye_array(self._count), csr_matrix((self._count, self._count))
        beside = csr_matrix((matrix.shape[0], 2 * self._count))
        rows = vstack([hstack([matrix, beside]), hstack([sums, -one, none]), hstack([sums, none, -one])], format="csr")
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = size, rows.shape[0]
        model.col_cost_ = np.zeros(size)
        unbounded = np.full(self._count, highspy.kHighsInf)
        model.col_lower_ = np.concatenate([np.zeros(self._figures), -unbounded, lows])
        model.col_upper_ = np.concatenate([np.full(self._figures, _MOST), highs, unbounded])
        nothing = np.zeros(self._count)
        model.row_lower_ = np.concatenate([low, nothing, -unbounded])
        model.row_upper_ = np.concatenate([high, unbounded, nothing])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
        self._solver = highspy.Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._solver.passModel(model)
        self._lowest, self._highest = np.full(self._count, np.inf), np.full(self._count, -np.inf)

    def reached(self) -> tuple[np.ndarray, np.ndarray]:
        """How low and how high each of the sums can be; no further than was asked."""
        for costs, left in ((-1.0, self._not_high), (1.0, self._not_low)):
            self._push(left(), costs)
            for number in left():
                if number in left():
                    self._push(np.array([number]), costs)
        return self._lowest, self._highest

    def _not_high(self) -> np.ndarray:
        return np.flatnonzero(self._highest < self._highs - CLOSE / 10)

    def _not_low(self) -> np.ndarray:
        return np.flatnonzero(self._lowest > self._lows + CLOSE / 10)

    def _push(self, numbers: np.ndarray, cost: float) -> None:
        """All sums at the point at which those of `numbers` are together as near to what was asked as can be."""
        costs = np.zeros(2 * self._count)
        costs[numbers + (self._count if cost > 0 else 0)] = cost
        columns = np.arange(self._figures, self._figures + 2 * self._count, dtype=np.int32)
        self._solver.changeColsCost(len(columns), columns, costs)
        self._solver.run()
        status = self._solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise ValueError(f"What is known contradicts itself: {status}")
        reached = self._sums @ np.array(self._solver.getSolution().col_value)[: self._figures]
        self._lowest, self._highest = np.minimum(self._lowest, reached), np.maximum(self._highest, reached)


def _matrix(terms: Sequence[Terms], columns: int) -> csr_matrix:
    entries = [(row, column, factor) for row, one in enumerate(terms) for column, factor in one]
    rows, inner, values = zip(*entries, strict=True) if entries else ((), (), ())
    matrix = coo_matrix((np.array(values, dtype=float), (rows, inner)), shape=(len(terms), columns)).tocsr()
    matrix.eliminate_zeros()
    return matrix


def _components(*matrices: csr_matrix) -> np.ndarray:
    """The component of each column; the columns of a row belong together."""
    together = vstack(matrices, format="csr")
    rows, columns = together.shape
    graph = coo_matrix(
        (np.ones(together.nnz), (np.repeat(np.arange(rows), np.diff(together.indptr)), rows + together.indices)),
        shape=(rows + columns, rows + columns),
    )
    return connected_components(graph, directed=False)[1][rows:]


def contradicted(constraints: Iterable[Constraint], values: Sequence[float]) -> list[str]:
    """What doesn't hold of these values: knowledge that isn't so is no knowledge."""
    found = []
    for constraint in constraints:
        total = sum(factor * values[figure] for figure, factor in constraint.terms)
        if not constraint.low - CLOSE <= total <= constraint.high + CLOSE:
            found.append(f"{constraint.why}: {constraint.low} <= {total} <= {constraint.high}")
    return found
