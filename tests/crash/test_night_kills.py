"""kill -9 in a night: its items have their numbers once, and everything is as if nothing had happened."""

import re
from collections import Counter
from pathlib import Path

import pytest

from crash.night import Nights, killed_at, nights
from crash.standard import Standard

SHARDS = range(10)
RANDOM = 50


@pytest.fixture(scope="session")
def two_nights(usual: Standard) -> Nights:
    return nights(usual.city)


def test_the_second_night_tells_something(two_nights: Nights, sources: Path) -> None:
    tables = Counter(line.partition(" ")[0] for line in two_nights.rest.lines)
    expected = {"run": 2, "item": 3, "observation": 4, "explanation": 1, "delivered": 4}
    assert {name: tables[f"reconciliation.{name}"] for name in expected} == expected
    assert sum("历史/待核对" in line for line in two_nights.rest.lines) == 2
    folder = sources / "reconciliation"
    named = {point for path in folder.glob("*.py") for point in re.findall(r'failpoint\("([^"]+)"\)', path.read_text())}
    assert {point for point in named if not point.startswith("record:")} <= set(two_nights.points)


def test_killed_at_every_boundary_one_after_the_other(two_nights: Nights) -> None:
    assert two_nights.killed_at_all() == []


@pytest.mark.slow
@pytest.mark.parametrize("shard", SHARDS)
def test_killed_at_one_boundary(two_nights: Nights, shard: int) -> None:
    for place in range(len(two_nights.points))[shard :: len(SHARDS)]:
        assert two_nights.differences(killed_at(place)) == [], f"killed at {two_nights.points[place]} ({place})"


@pytest.mark.slow
@pytest.mark.parametrize("shard", SHARDS)
def test_killed_at_a_random_moment(two_nights: Nights, shard: int) -> None:
    for number in range(RANDOM)[shard :: len(SHARDS)]:
        after, differences = two_nights.killed_at_random(f"night {number}")
        assert differences == [], f"number {number}, killed after {after:.3f} s"
