"""Deals districts and people out to the planted items, so that they spread over the whole city."""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from random import Random

from district_reports.local.samples.worklist.people import Newcomers
from district_reports.local.samples.worklist.plan import Worklist
from district_reports.reference.register import District, Register


class City:
    """The districts of a city, in an order by the seed, and who comes new into it."""

    def __init__(self, register: Register, seed: int, districts: Sequence[District]) -> None:
        self.worklist = Worklist()
        self.new = Newcomers(register, seed, Random())
        self._seed = seed
        self._districts = Random(f"{seed}/worklist").sample(districts, len(districts))
        self._each = cycle(self._districts)
        self._pairs = cycle(list(_all_pairs(self._districts)))

    def draw(self, what: str) -> None:
        """From here on, random numbers depend on the seed and `what` alone."""
        self.new.random.seed(f"{self._seed}/worklist/{what}")

    def districts(self, count: int) -> list[District]:
        """The next ones, one for each item."""
        return list(islice(self._each, count))

    def pairs(self, count: int) -> list[tuple[District, District]]:
        """The next ones; none where there are no two districts."""
        return list(islice(self._pairs, count))

    def others(self, *districts: District) -> list[District]:
        """Those that are none of `districts`."""
        return [district for district in self._districts if district not in districts]


def _all_pairs(districts: Sequence[District]) -> Iterator[tuple[District, District]]:
    """Every pair once, so that some in a row touch as many districts as may be."""
    count = len(districts)
    for step in range(1, count // 2 + 1):
        places = range(count // 2 if step * 2 == count else count)
        for place in (*places[::2], *places[1::2]):
            yield districts[place], districts[(place + step) % count]
