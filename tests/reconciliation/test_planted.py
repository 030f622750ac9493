"""400 planted items of eight rules among sound data and near misses: all are found, and nothing else."""

from collections import Counter
from collections.abc import Iterable

import pytest

from reconciliation.conftest import City
from reconciliation.draft import TODAY, Side
from reconciliation.oracle import RULES, Item, Oracle, reports_in_force

PLANTED_A_RULE = 50


def oracle_of(city: City) -> set[Item]:
    return Oracle(reports_in_force(city.reports, TODAY), city.register, TODAY).items()


def differences(city: City, found: Iterable[tuple[str, frozenset[Side]]]) -> list[str]:
    """What was planted and isn't found, and what is found and wasn't planted."""
    planted, them = city.planter.expected_sides(), set(found)
    missing = [f"{rule} not found: {planted[rule, sides]} {sorted(sides)}" for rule, sides in planted.keys() - them]
    return sorted(missing) + sorted(f"{rule} false: {sorted(sides)}" for rule, sides in them - planted.keys())


def test_enough_is_planted(planted_city: City) -> None:
    counts = Counter(one.rule for one in planted_city.planter.expected)
    assert counts.keys() == set(RULES)
    assert min(counts.values()) >= PLANTED_A_RULE, counts


def test_the_oracle_finds_what_was_planted_and_nothing_else(planted_city: City) -> None:
    found = [(item.rule, item.sides) for item in oracle_of(planted_city)]
    assert len(found) == len(set(found))
    assert differences(planted_city, found) == []


def test_a_night_finds_what_was_planted_and_nothing_else(planted_city: City) -> None:
    _all_and_nothing_else(planted_city)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_night_after_the_real_path_finds_the_same(played_planted_city: City) -> None:
    _all_and_nothing_else(played_planted_city)


def _all_and_nothing_else(city: City) -> None:
    differ = differences(city, [(rule, sides) for rule, _, sides in city.found.values()])
    assert not differ, "\n".join(differ)
    # Districts, too; and as many items: none is there twice under two numbers.
    assert Counter(city.found.values()) == Counter((one.rule, one.districts, one.sides) for one in oracle_of(city))
