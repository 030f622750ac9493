"""The attacker of the tests: what a stranger, and each district, can tell of what was withheld in all that has left.

For each count of people withheld for itself, each difference of a rate's denominator and numerator that is one, and
each amount that rests on one, it computes by linear programmes how low and how high it can be, given everything that
has left (:mod:`.attacked_knowledge`). Nothing of the product's choice or audit is used.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol, TypeAlias

import numpy as np

from disclosure.attacked_knowledge import Figures, Release
from disclosure.explained import explained
from disclosure.linear_ranges import CLOSE, Asked, Ranges, Terms, contradicted
from district_reports.publish.disclosure.cells import Left, Table

STRANGER = ""
Subject: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]
"""A table, a column, and a row's key, its area aside."""
_ENDLESS = 1e6
_NOT_EXACTLY = 10 * CLOSE


class Rule(Protocol):
    """What the attack needs of the product's rule."""

    def threshold(self, table: str, column: str, level: str) -> int: ...

    def spread(self, table: str, column: str, level: str) -> float: ...


@dataclass(frozen=True)
class Breach:
    """``who`` (a district, or the stranger) can tell that ``what`` is in ``range``, and it had to be able to be all of
    ``asked``."""

    who: str
    what: str
    range: tuple[float, float]
    asked: tuple[float, float]
    value: float
    terms: Terms = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Small:
    """A sum of figures of a row that has to be able to be anything from ``low`` to ``high``."""

    table: Table
    number: int
    columns: tuple[tuple[str, float], ...]
    low: float
    high: float

    def to_one_with(self, parts: Mapping[Subject, Sequence[tuple[frozenset[str], float]]]) -> "Small":
        """To a district whose own count is a part of this one it can't be less, and need not be."""
        if len(self.columns) > 1:
            return self
        row, members = self.table.rows[self.number], self.table.members[self.number]
        inside = [
            value
            for districts, value in parts.get((self.table.name, self.columns[0][0], self.table.subject_of(row)), ())
            if districts < members
        ]
        part = min(inside, default=self.low)
        return replace(self, low=min(max(part, self.low), self.high))

    @property
    def what(self) -> str:
        said = "".join(f"{'-' if factor < 0 else '+'}{column}" for column, factor in self.columns)
        return f"{said} of {self.table.schema}.{self.table.name} {self.table.key_of(self.table.rows[self.number])}"


def small_of(table: Table, rule: Rule) -> list[Small]:
    """What is to be withheld for itself in a table."""
    found = []
    protection = table.protection
    for number, row in enumerate(table.rows):
        counts = {
            column: row[column]
            for column, where in protection.people.items()
            if where.holds(row) and row.get(column) is not None
        }
        few = set()
        for column, value in counts.items():
            most = rule.threshold(table.name, column, row["level"]) - 1
            if 1 <= value <= most:
                few.add(column)
                found.append(Small(table, number, ((column, 1.0),), 1, most))
        for part, whole in dict.fromkeys(protection.ratios.values()):
            if part in counts and whole in counts:
                most = rule.threshold(table.name, part, row["level"]) - 1
                if 1 <= counts[whole] - counts[part] <= most:
                    found.append(Small(table, number, ((whole, 1.0), (part, -1.0)), 1, most))
        for column, count in protection.rests_on.items():
            if count in few and row.get(column):
                value = float(row[column])
                # Where no spread is asked for it still must not be told exactly.
                near = max(value * rule.spread(table.name, column, row["level"]), _NOT_EXACTLY)
                found.append(Small(table, number, ((column, 1.0),), value - near, value + near))
    return found


class Attacker:
    """Against releases that left.

    Raises:
        ValueError: what everybody is said to know doesn't hold, so that it would be no attack.
    """

    def __init__(self, releases: Sequence[Left], rule: Rule) -> None:
        self.figures = Figures()
        self._rule = rule
        self._releases = [Release(left, self.figures) for left in releases]
        for release in self._releases:
            release.learn()
        constraints = list(self.figures.constraints)
        wrong = contradicted(constraints, self.figures.values)
        if wrong:
            raise ValueError(f"No knowledge: {wrong[:5]}")
        self._ranges = Ranges(len(self.figures.values), constraints)
        self._asked = self._find_asked(rule)

    @property
    def attacked(self) -> int:
        """How many figures and differences are attacked."""
        return len(self._asked)

    def breaches(self) -> list[Breach]:
        """All that somebody can tell and should not be able to."""
        return [*self.of_stranger(), *self.of_districts()]

    def of_stranger(self) -> list[Breach]:
        return self._attack(STRANGER, self._known(self.figures.published), self._asked)

    def of_districts(self) -> list[Breach]:
        found: list[Breach] = []
        component = self._ranges.components(self._known(self.figures.published))
        for who, own in self._knowers().items():
            # Where a district's rows tell nothing that was withheld it is no wiser than the stranger.
            wiser = {component[figure] for figure in own - self.figures.published}
            parts = self._own_parts(own)
            asked = {
                terms: small.to_one_with(parts)
                for terms, small in self._asked.items()
                if any(component[figure] in wiser for figure, _ in terms)
                and not all(figure in own for figure, _ in terms)
            }
            broken = self._attack(who, self._known(self.figures.published | own), asked)
            found += [
                breach for breach in broken if not any(_anyway(breach, alone) for alone in self._alone(who, breach))
            ]
        return found

    def explain(self, breach: Breach) -> str:
        """The relations that tell what was breached."""
        own = self._knowers().get(breach.who, set())
        return explained(breach.terms, breach.asked[0], self._known(self.figures.published | own), self.figures)

    def _find_asked(self, rule: Rule) -> dict[Terms, Small]:
        asked: dict[Terms, Small] = {}
        for release in self._releases:
            for table in release.left.tables:
                for small in small_of(table, rule):
                    row = table.rows[small.number]
                    terms = []
                    for column, factor in small.columns:
                        figure = release.at(table, row, column)
                        assert figure is not None, "A small figure has a number"
                        terms.append((figure, factor))
                    asked[tuple(sorted(terms))] = small
        return asked

    def _attack(self, who: str, known: np.ndarray, asked: Mapping[Terms, Small]) -> list[Breach]:
        terms = list(asked)
        wanted = [Asked(one, asked[one].low, asked[one].high) for one in terms]
        found = []
        for number, told in self._ranges.too_narrow(wanted, known).items():
            small = asked[terms[number]]
            value = sum(factor * self.figures.values[figure] for figure, factor in terms[number])
            found.append(Breach(who, small.what, told, (small.low, small.high), value, terms[number]))
        return found

    def _own_parts(self, own: set[int]) -> dict[Subject, list[tuple[frozenset[str], float]]]:
        """The district's own figures of a subject, in any of the releases."""
        found: dict[Subject, list[tuple[frozenset[str], float]]] = {}
        for (table, column, subject, members, _), figure in self.figures.by_identity.items():
            if figure in own:
                found.setdefault((table, column, subject), []).append((members, self.figures.values[figure]))
        return found

    def _alone(self, who: str, breach: Breach) -> Iterator[tuple[float, float]]:
        """What a district could tell of the same if nothing had left but its own rows of one release."""
        for release, apart in zip(self._releases, self._apart, strict=True):
            terms = []
            for figure, factor in breach.terms:
                places = [place for place in self.figures.places[figure] if place in release.number_of]
                if places and release.number_of[places[0]] == figure:
                    terms.append((apart._releases[0].number_of[places[0]], factor))
            if len(terms) == len(breach.terms):
                known = apart._known(apart._knowers().get(who, set()))
                asked = [Asked(tuple(terms), -_ENDLESS, _ENDLESS)]
                yield from apart._ranges.too_narrow(asked, known).values()

    @cached_property
    def _apart(self) -> list["Attacker"]:
        """Of each release alone, as if no other were known."""
        return [Attacker([release.left], self._rule) for release in self._releases]

    def _known(self, figures: set[int]) -> np.ndarray:
        known = np.full(len(self.figures.values), np.nan)
        for figure in figures:
            known[figure] = self.figures.values[figure]
        return known

    def _knowers(self) -> dict[str, set[int]]:
        """Each district, and the figures of the rows of its own and of those that were merged into it."""
        speaks: dict[str, set[str]] = {}
        for release in self._releases:
            for table in release.left.tables:
                for row, members in zip(table.rows, table.members, strict=True):
                    if row["level"] == "district":
                        speaks.setdefault(row["area_code"], set()).update(members)
        standing = {
            code: districts
            for code, districts in speaks.items()
            if not any(districts < other for other in speaks.values())
        }
        return {
            code: {figure for figure, members in enumerate(self.figures.members) if members <= districts}
            for code, districts in standing.items()
        }


def _anyway(breach: Breach, alone: tuple[float, float]) -> bool:
    """Whether what was told is no more than the district knows by itself."""
    low, high = max(breach.asked[0], alone[0]), min(breach.asked[1], alone[1])
    return breach.range[0] <= low + _NOT_EXACTLY and breach.range[1] >= high - _NOT_EXACTLY
