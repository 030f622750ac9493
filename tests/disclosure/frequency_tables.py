"""Frequency tables with hierarchies, as packages for disclosure control know them, and the linear system of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

import numpy as np

from disclosure.linear_ranges import Asked, Constraint, Ranges
from district_reports.publish.disclosure.system import Relation, System, Target

THRESHOLD = 5
TOTAL = "total"
Dimension = Mapping[str, Sequence[str]]
"""By each code that has parts, its parts; the first is the total."""
Codes = tuple[str, ...]


def in_groups(name: str, *sizes: int) -> Dimension:
    """A total over groups of so many; over the members themselves, where it is one group."""
    groups = [[f"{name}{group}_{member}" for member in range(size)] for group, size in enumerate(sizes)]
    if len(groups) == 1:
        return {TOTAL: groups[0]}
    return {TOTAL: [f"{name}{group}" for group in range(len(sizes))]} | {
        f"{name}{group}": members for group, members in enumerate(groups)
    }


@dataclass(frozen=True)
class FrequencyTable:
    """``counts`` are those of the cells that have no parts; others are 0 there."""

    dimensions: Mapping[str, Dimension]
    counts: Mapping[Codes, int]

    @classmethod
    def draw(cls, seed: int, dense: float, **dimensions: Dimension) -> "FrequencyTable":
        """Counts that differ a lot, many of them small: the same of a seed for ever."""
        random = Random(seed)
        leaves = [_leaves(dimension) for dimension in dimensions.values()]
        sizes = [[0.3 + 2 * random.random() ** 2 for _ in each] for each in leaves]
        counts = {}
        for numbers in product(*(range(len(each)) for each in leaves)):
            expected = dense
            for column, number in enumerate(numbers):
                expected *= sizes[column][number]
            codes = tuple(leaves[column][number] for column, number in enumerate(numbers))
            counts[codes] = int(expected * 2 * random.random() + 0.5 * random.random())
        return cls(dimensions, counts)

    @property
    def cells(self) -> list[Codes]:
        """All, the totals among them."""
        return list(product(*(_codes(dimension) for dimension in self.dimensions.values())))

    @property
    def values(self) -> list[int]:
        below = [
            {code: _below(dimension, code) for code in _codes(dimension)} for dimension in self.dimensions.values()
        ]
        return [
            sum(
                self.counts.get(leaf, 0)
                for leaf in product(*(below[column][code] for column, code in enumerate(codes)))
            )
            for codes in self.cells
        ]

    @property
    def small(self) -> frozenset[int]:
        return frozenset(number for number, value in enumerate(self.values) if 1 <= value < THRESHOLD)

    def system(self) -> System:
        numbers = {codes: number for number, codes in enumerate(self.cells)}
        relations = []
        for column, dimension in enumerate(self.dimensions.values()):
            for codes, number in numbers.items():
                parts = dimension.get(codes[column], ())
                inner = [(numbers[(*codes[:column], part, *codes[column + 1 :])], 1.0) for part in parts]
                if inner:
                    relations.append(Relation(((number, -1.0), *inner), 0.0, 0.0))
        return System(tuple(float(value) for value in self.values), tuple(relations))

    def targets(self) -> list[Target]:
        """Each small count has to be able to be anything from 1 to 4."""
        return [Target(((number, 1.0),), 1.0, THRESHOLD - 1.0) for number in sorted(self.small)]

    def too_narrow(self, withheld: frozenset[int]) -> dict[int, tuple[float, float]]:
        """What the attacker can tell of the small counts that it should not."""
        system = self.system()
        constraints = [Constraint(each.terms, each.low, each.high) for each in system.relations]
        known = np.array(system.values)
        known[sorted(withheld)] = np.nan
        asked = [Asked(target.terms, target.low, target.high) for target in self.targets()]
        return Ranges(len(known), constraints).too_narrow(asked, known)


def _codes(dimension: Dimension) -> list[str]:
    return list(dict.fromkeys([TOTAL, *(part for parts in dimension.values() for part in parts)]))


def _leaves(dimension: Dimension) -> list[str]:
    return [code for code in _codes(dimension) if code not in dimension]


def _below(dimension: Dimension, code: str) -> list[str]:
    """The leaves of a code."""
    if code not in dimension:
        return [code]
    return [leaf for part in dimension[code] for leaf in _below(dimension, part)]


TABLES = {
    "4 x 2": FrequencyTable.draw(1, 6, area=in_groups("a", 4), sex=in_groups("s", 2)),
    "6 x 5": FrequencyTable.draw(2, 8, area=in_groups("a", 6), reason=in_groups("r", 5)),
    "8 in 3 zones x 4": FrequencyTable.draw(3, 8, area=in_groups("a", 3, 3, 2), reason=in_groups("r", 4)),
    "13 in 4 zones x 6": FrequencyTable.draw(4, 12, area=in_groups("a", 4, 3, 3, 3), reason=in_groups("r", 6)),
    "6 in 2 zones x 3 x 2": FrequencyTable.draw(
        5, 12, area=in_groups("a", 3, 3), stage=in_groups("g", 3), sex=in_groups("s", 2)
    ),
    "13 in 4 zones x 3 x 2": FrequencyTable.draw(
        6, 20, area=in_groups("a", 4, 3, 3, 3), stage=in_groups("g", 3), sex=in_groups("s", 2)
    ),
    "2 x 2 x 6 in 2 groups": FrequencyTable.draw(
        7, 10, area=in_groups("a", 2), sex=in_groups("s", 2), kind=in_groups("k", 3, 3)
    ),
    "10 x 10": FrequencyTable.draw(8, 10, area=in_groups("a", 10), reason=in_groups("r", 10)),
}
