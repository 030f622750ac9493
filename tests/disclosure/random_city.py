"""A random city whose every figure is counted from events: areas, breakdowns, periods, missing reports, a merger, and
nights on which something is corrected."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

YEAR = 2020
REASONS = ("a", "b", "c")


@dataclass(frozen=True)
class Event:
    """Something that is counted: of a person, in a district, of one value of each breakdown."""

    number: int
    person: int
    district: str
    period: str
    values: tuple[str, ...]
    reason: str
    hardship: bool
    aided: bool
    amount: int


@dataclass(frozen=True)
class Shape:
    """What doesn't change: ``zones`` of each district; ``breakdowns`` a column's values each, ``crossed`` or one at a
    time; ``merged`` the district that is merged into the other of the pair from that period on."""

    districts: tuple[str, ...]
    zones: dict[str, str]
    breakdowns: tuple[tuple[str, ...], ...]
    crossed: bool
    periods: tuple[str, ...]
    ceiling: int
    merged: tuple[str, str, str] | None

    @classmethod
    def draw(cls, random: Random) -> "Shape":
        districts = tuple(f"D{number:02d}" for number in range(random.choice((2, 3, 3, 4, 5, 6, 8, 10, 13))))
        zones = [f"Z{number}" for number in range(random.randint(1, min(4, len(districts))))]
        zone_of = {district: random.choice(zones) for district in districts}
        crossed = random.random() < 0.5
        most = 3 if crossed else 6
        breakdowns = tuple(
            tuple(f"b{column}{value}" for value in range(random.randint(2, most)))
            for column in range(random.choice((0, 1, 1, 2) if len(districts) < 9 else (0, 1, 1)))
        )
        periods = tuple(f"{YEAR}-{month:02d}" for month in range(1, 1 + random.choice((1, 1, 2, 3))))
        merged = None
        if len(districts) > 2 and len(periods) > 1 and random.random() < 0.4:
            old, new = random.sample(districts, 2)
            zone_of[old] = zone_of[new]
            merged = (old, new, random.choice(periods[1:]))
        return cls(districts, zone_of, breakdowns, crossed, periods, random.choice((400, 1000)), merged)

    def standing(self, period: str) -> tuple[str, ...]:
        """The districts of that period."""
        if self.merged is None or period < self.merged[2]:
            return self.districts
        return tuple(district for district in self.districts if district != self.merged[0])

    def parts_of_rows(self) -> Iterator[tuple[str | None, ...]]:
        """What the rows are broken down by: a value of each breakdown, None where it is all of them."""
        if self.crossed:
            rows: list[tuple[str | None, ...]] = [()]
            for values in self.breakdowns:
                rows = [(*row, value) for row in rows for value in (None, *values)]
            yield from rows
            return
        count = len(self.breakdowns)
        yield (None,) * count
        for column, values in enumerate(self.breakdowns):
            yield from (tuple(value if column == at else None for at in range(count)) for value in values)


@dataclass
class City:
    """Its events as they are known in a night, and the reports (district, period) that are missing."""

    shape: Shape
    random: Random
    events: list[Event] = field(default_factory=list)
    missing: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def draw(cls, random: Random) -> "City":
        city = cls(Shape.draw(random), random)
        dense = random.choice((0.4, 1.0, 2.5, 6.0, 12.0))
        for period in city.shape.periods:
            for district in city.shape.standing(period):
                if random.random() < 0.08:
                    city.missing.add((district, period))
                few = dense * random.choice((0.3, 1, 1, 4))
                for values in city._cells():
                    for _ in range(min(int(random.expovariate(1 / few)), 40)):
                        city.events.append(city._event(district, period, values))
        return city

    def night(self) -> None:
        """What a night brings: corrections of reports and reports that were missing."""
        random = self.random
        for _ in range(random.choice((0, 0, 0, 0, 0, 0, 1, 2))):
            kind = random.random()
            if kind < 0.4 and self.events:
                self.events.pop(random.randrange(len(self.events)))
            elif kind < 0.7:
                period = random.choice(self.shape.periods)
                district = random.choice(self.shape.standing(period))
                self.events.append(self._event(district, period, random.choice(list(self._cells()))))
            elif self.events:
                number = random.randrange(len(self.events))
                old = self.events[number]
                self.events[number] = replace(self._event(old.district, old.period, old.values), number=old.number)
        if self.missing and random.random() < 0.1:
            self.missing.discard(random.choice(sorted(self.missing)))

    def _cells(self) -> Iterator[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [()]
        for values in self.shape.breakdowns:
            rows = [(*row, value) for row in rows for value in values]
        yield from rows

    def _event(self, district: str, period: str, values: tuple[str, ...]) -> Event:
        random = self.random
        number = random.randrange(10**9)
        # Some people are counted more than once, also in several districts.
        again = self.events and random.random() < 0.2
        person = random.choice(self.events).person if again else number
        hardship = random.random() < 0.6
        aided = hardship and random.random() < 0.8
        amount = random.randint(1, 20) * self.shape.ceiling // 20 if aided else 0
        return Event(number, person, district, period, values, random.choice(REASONS), hardship, aided, amount)
