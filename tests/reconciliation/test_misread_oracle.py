"""Each plausible misreading of the contract (misreadings.toml), planted in the oracle, errs in a planted case at least.

So the plants decide between the contract and what it could be taken for, whoever computes the items.
"""

import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from reconciliation.conftest import City
from reconciliation.draft import TODAY
from reconciliation.test_planted import differences

pytestmark = pytest.mark.slow
ORACLE = Path(__file__).with_name("oracle.py")
MISREADINGS = tomllib.loads(Path(__file__).with_name("misreadings.toml").read_text(encoding="utf-8"))["misreading"]


@pytest.mark.parametrize("misreading", MISREADINGS, ids=lambda misreading: misreading["wrong"])
def test_a_plant_tells_it_from_the_contract(misreading: dict[str, str], planted_city: City) -> None:
    source = ORACLE.read_text(encoding="utf-8")
    assert source.count(misreading["old"]) == 1, misreading["old"]
    assert differences(planted_city, _found(source.replace(misreading["old"], misreading["new"]), planted_city))


def test_the_oracle_errs_nowhere_as_it_is(planted_city: City) -> None:
    assert differences(planted_city, _found(ORACLE.read_text(encoding="utf-8"), planted_city)) == []


def _found(source: str, city: City) -> list[tuple[str, frozenset]]:
    oracle = ModuleType("reconciliation.oracle")
    exec(compile(source, str(ORACLE), "exec"), oracle.__dict__)
    items = oracle.Oracle(oracle.reports_in_force(city.reports, TODAY), city.register, TODAY).items()
    return [(item.rule, item.sides) for item in items]
