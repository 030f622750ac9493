"""400 planted items of eight rules among sound data and near misses: all are found, and nothing else."""

from collections import Counter
from collections.abc import Iterable

from district_reports.database.engine import Role, engine
from district_reports.reconciliation.reconcile import reconcile
from reconciliation.conftest import City
from reconciliation.draft import TODAY, Side
from reconciliation.oracle import RULES, Item, Oracle, reports_in_force
from reconciliation.product import items

PLANTED_A_RULE = 50
Found = tuple[str, frozenset[Side]]


def oracle_of(city: City) -> set[Item]:
    return Oracle(reports_in_force(city.reports, TODAY), city.register, TODAY).items()


def differences(city: City, found: Iterable[Found]) -> list[str]:
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


def test_reconciling_finds_what_was_planted_and_nothing_else(planted_city: City) -> None:
    reconcile()
    found = items(engine(Role.PUBLISHER)).values()
    found_differences = differences(planted_city, [(rule, sides) for rule, _, sides in found])
    assert not found_differences, "\n".join(found_differences)
    assert Counter(found) == Counter((one.rule, one.districts, one.sides) for one in oracle_of(planted_city))
