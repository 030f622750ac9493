"""kill -9 at every boundary between steps, and at random moments: nothing lost, nothing twice, nothing half done.

``make torture`` runs more of the same.
"""

import re
from pathlib import Path

import pytest

from torture.standard import Standard
from torture.trial import killed_at

# Side by side on the machine's cores; which boundaries there are is only known when a worker has passed them.
SHARDS = range(12)
RANDOM = 100


def test_every_boundary_in_the_sources_is_passed(usual: Standard, sources: Path) -> None:
    named = {point for path in sources.rglob("*.py") for point in re.findall(r'reached\("([^"]+)"\)', path.read_text())}

    # Others pass those: test_withdrawals.py, and nobody yet those of a release.
    assert {point for point in named if not point.startswith(("publish:", "withdraw:"))} == set(usual.points)


@pytest.mark.parametrize("shard", SHARDS)
def test_killed_at_a_boundary(usual: Standard, shard: int) -> None:
    for place in range(shard, len(usual.points), len(SHARDS)):
        assert usual.differences(killed_at(place)) == [], f"killed at {usual.points[place]} ({place})"


@pytest.mark.parametrize("shard", SHARDS)
def test_killed_at_a_random_moment(usual: Standard, shard: int) -> None:
    for number in range(shard, RANDOM, len(SHARDS)):
        after, differences = usual.killed_at_random(f"suite {number}", real=number % 4 == 0)
        assert differences == [], f"number {number}, killed after {after:.3f} s"
