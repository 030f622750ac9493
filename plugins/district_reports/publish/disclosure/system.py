"""A linear system: cells with their true values, what everybody knows of them, and what must not be narrowed down.

It knows nothing of tables. Cells are numbered from 0; every cell is at least 0, and everybody knows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Terms: TypeAlias = tuple[tuple[int, float], ...]
"""Number of a cell and coefficient, of each."""
SLIGHT = 1e-6
"""What is no more than this, in units of a cell's scale, is nothing: how exactly the solver works."""


@dataclass(frozen=True)
class Relation:
    """``low`` ≤ sum of coefficient times value ≤ ``high``, for the true values, too."""

    terms: Terms
    low: float
    high: float


@dataclass(frozen=True)
class Target:
    """What has to stay possible: each value of the sum from ``low`` to ``high``.

    ``own_part`` is how much of the sum somebody knows anyway, by the number of who knows it: to them less than that is
    not possible, and need not be.
    """

    terms: Terms
    low: float
    high: float
    own_part: Mapping[int, float] = field(default_factory=dict)

    def needs(self, knower: int) -> tuple[float, float]:
        """The interval that has to be possible to that one; empty where the first is above the second."""
        return max(self.low, self.own_part.get(knower, self.low)), self.high


@dataclass(frozen=True)
class System:
    """``scales`` are the sizes by which changes of a cell are measured, such as yuan a person; 1 where it is empty."""

    values: tuple[float, ...]
    relations: tuple[Relation, ...]
    scales: tuple[float, ...] = field(default=())

    def scale(self, cell: int) -> float:
        return self.scales[cell] if self.scales else 1.0

    def value_of(self, terms: Terms) -> float:
        return sum(coefficient * self.values[cell] for cell, coefficient in terms)


def components(size: int, links: Iterable[Sequence[int]]) -> list[int]:
    """The component of each of `size` cells, by its smallest number; the cells of each of `links` belong together."""
    parent = list(range(size))

    def root(cell: int) -> int:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    for cells in links:
        for cell in cells[1:]:
            one, other = root(cells[0]), root(cell)
            if one != other:
                parent[max(one, other)] = min(one, other)
    return [root(cell) for cell in range(size)]
