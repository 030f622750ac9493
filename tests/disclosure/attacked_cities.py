"""Random cities whose releases are protected one by one, and attacked with all that has left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from disclosure.attacker import Attacker, small_of
from disclosure.random_city import City
from disclosure.random_tables import ALL, tables_of
from district_reports.publish.disclosure.cells import Left, Place, Table
from district_reports.publish.disclosure.protect import Unprotectable, protect
from district_reports.publish.disclosure.rule import Line, Rule

RULE = Rule((Line(("*",), "*", 5, 10),))
NIGHTS = 30
TRIED = 4
"""How many of a release's withheld totals are tried, each by an attack of its own."""


@dataclass
class Outcome:
    """What became of a city's releases."""

    seed: int
    breaches: list[str] = field(default_factory=list)
    attacked: int = 0
    left: int = 0
    stayed: int = 0
    stayed_for_nothing: list[str] = field(default_factory=list)
    counts: int = 0
    withheld_for_itself: int = 0
    withheld_for_others: int = 0
    city_totals: list[str] = field(default_factory=list)


def nights_of(seed: int) -> Iterator[tuple[Table, ...]]:
    """The releases of a city that are to leave."""
    random = Random(seed)
    city = City.draw(random)
    leaving = {0, *random.sample(range(1, NIGHTS), random.choice((1, 2, 3)))}
    for night in range(NIGHTS):
        if night:
            city.night()
        if night in leaving:
            yield tables_of(city, f"2020-07-{night + 1:02d}")


def primary(tables: Sequence[Table]) -> frozenset[Place]:
    """What is small, or rests on what is, and the rates of it: what is withheld for itself alone."""
    found = set()
    for table in tables:
        for small in small_of(table, RULE):
            column = small.columns[-1][0]
            found.add(table.place(small.number, column))
            leaning = {name for name, others in table.protection.follows.items() if column in others}
            found |= {table.place(small.number, name) for name in leaning}
    return frozenset(found)


def everything(tables: Sequence[Table]) -> frozenset[Place]:
    return frozenset(
        table.place(number, column) for table in tables for number, row in enumerate(table.rows) for column in row
    )


def run(seed: int) -> Outcome:
    outcome = Outcome(seed)
    left: list[Left] = []
    for tables in nights_of(seed):
        try:
            withheld = protect(tables, left, RULE)
        except Unprotectable:
            outcome.stayed += 1
            # The strongest that could have been done: the attack still has to succeed.
            if not Attacker([*left, Left(tables, everything(tables))], RULE).breaches():
                outcome.stayed_for_nothing.append(f"seed {seed}, release {len(left)}")
            continue
        left.append(Left(tables, withheld))
        outcome.left += 1
        _count(outcome, tables, withheld)
        if not len(left) > 1:
            outcome.city_totals += _needless(tables, withheld)
    attacker = Attacker(left, RULE)
    outcome.attacked = attacker.attacked
    found = attacker.breaches()
    outcome.breaches = [f"seed {seed}: {breach}" for breach in found]
    if found:
        outcome.breaches.append(attacker.explain(found[0]))
    return outcome


def _count(outcome: Outcome, tables: Sequence[Table], withheld: frozenset[Place]) -> None:
    small = primary(tables)
    for table in tables:
        for number, row in enumerate(table.rows):
            for column in table.protection.people:
                place = table.place(number, column)
                if not row[column]:
                    continue
                outcome.counts += 1
                if place in withheld:
                    outcome.withheld_for_itself += place in small
                    outcome.withheld_for_others += place not in small


def _needless(tables: Sequence[Table], withheld: frozenset[Place]) -> list[str]:
    """Counts of 全市 on 全部 of 5 or more that are withheld for others though, alone published, they would tell nothing
    more. Of a small difference the part is withheld for itself, whatever is withheld beside it."""
    found: list[str] = []
    tried = 0
    for place in sorted(withheld - primary(tables)):
        table = next(each for each in tables if (each.schema, each.name) == place[:2])
        if place[3] not in table.protection.people:
            continue
        key = dict(zip(table.key, place[2], strict=True))
        breakdowns = {value for name, value in key.items() if name.startswith("part_")}
        row = next(each for each in table.rows if table.key_of(each) == place[2])
        if key["level"] != "city" or breakdowns - {ALL} or not row[place[3]] or row[place[3]] < 5:
            continue
        tried += 1
        if tried > TRIED:
            break
        figure = (place[1], tuple(sorted(key.items())), place[3])
        same = {each for each in withheld if each[1:] == place[1:]}
        if not Attacker([Left(tables, withheld - same)], RULE).breaches():
            found.append(f"{figure} is {row[place[3]]}")
    return found
