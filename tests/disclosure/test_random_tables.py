"""Random cities over 30 nights of corrections, some of whose releases leave: nobody can tell what was withheld.

The quick test takes a few; the slow one a thousand. A seed that fails says which relations tell the figure.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random

import pytest
from district_reports.publish.disclosure.cells import Left, Place, Table
from district_reports.publish.disclosure.protect import Unprotectable, protect
from district_reports.publish.disclosure.rule import Line, Rule

from disclosure.attacker import Attacker, small_of
from disclosure.random_city import City
from disclosure.random_tables import ALL, tables_of

RULE = Rule((Line(("*",), "*", 5, 10),))
NIGHTS = 30
QUICK = (2, 4, 8, 16, 22, 24)


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


def nights_of(seed: int) -> Iterable[tuple[Table, ...]]:
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
    """Counts of 全市 on 全部 of 5 or more that are withheld though, alone published, they would tell nothing more."""
    found = []
    for place in withheld:
        table = next(each for each in tables if (each.schema, each.name) == place[:2])
        if place[3] not in table.protection.people:
            continue
        key = dict(zip(table.key, place[2], strict=True))
        breakdowns = {value for name, value in key.items() if name.startswith("part_")}
        row = next(each for each in table.rows if table.key_of(each) == place[2])
        if key["level"] != "city" or breakdowns - {ALL} or not row[place[3]] or row[place[3]] < 5:
            continue
        figure = (place[1], tuple(sorted(key.items())), place[3])
        same = {each for each in withheld if each[1:] == place[1:]}
        if not Attacker([Left(tables, withheld - same)], RULE).breaches():
            found.append(f"{figure} is {row[place[3]]}")
    return found


@pytest.mark.parametrize("seed", QUICK)
def test_nobody_can_tell_what_was_withheld(seed: int) -> None:
    outcome = run(seed)
    assert outcome.left and outcome.attacked
    assert not outcome.breaches, "\n".join(outcome.breaches)
    assert not outcome.stayed_for_nothing
    assert not outcome.city_totals


@pytest.mark.parametrize("seed", QUICK)
def test_what_is_withheld_for_itself_alone_is_told_by_the_rest(seed: int) -> None:
    tables = next(iter(nights_of(seed)))
    assert Attacker([Left(tables, primary(tables))], RULE).of_stranger()


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
def test_nobody_can_tell_what_was_withheld_of_a_thousand_cities(capsys: pytest.CaptureFixture[str]) -> None:
    count = int(os.environ.get("RANDOM_CITIES", "1000"))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(run, range(1000, 1000 + count)))
    with capsys.disabled():
        print(_summary(outcomes))  # noqa: T201
    assert sum(outcome.left for outcome in outcomes) >= count
    assert not [line for outcome in outcomes for line in outcome.breaches]
    assert not [line for outcome in outcomes for line in outcome.stayed_for_nothing]
    assert not [line for outcome in outcomes for line in outcome.city_totals]


def _summary(outcomes: Sequence[Outcome]) -> str:
    counts = sum(outcome.counts for outcome in outcomes)
    itself = sum(outcome.withheld_for_itself for outcome in outcomes)
    others = sum(outcome.withheld_for_others for outcome in outcomes)
    return (
        f"\n{len(outcomes)} cities: {sum(outcome.left for outcome in outcomes)} releases left and "
        f"{sum(outcome.stayed for outcome in outcomes)} stayed; {sum(outcome.attacked for outcome in outcomes)} small "
        f"figures attacked; of {counts} counts of people that are not 0 {itself / counts:.1%} were withheld for themselves "
        f"and {others / counts:.1%} for others"
    )
