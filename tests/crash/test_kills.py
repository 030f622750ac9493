"""kill -9 at every boundary between steps, and at random moments: nothing lost, nothing twice, nothing half done.

``make crash-tests`` runs more of the same.
"""

import re
from pathlib import Path

import pytest

from crash.standard import Standard
from crash.trial import killed_at

# Side by side on the machine's cores; which boundaries there are is only known when a worker has passed them.
SHARDS = range(12)
RANDOM, MORE = 12, 100
USUAL = 3
"""So many moments are for every run; a real one is among them."""


def test_every_boundary_in_the_sources_is_passed(usual: Standard, sources: Path) -> None:
    named = {
        point for path in sources.rglob("*.py") for point in re.findall(r'failpoint\("([^"]+)"\)', path.read_text())
    }

    # Others pass those: test_night_kills.py, test_publish_kills.py, test_withdrawals.py, processing/test_redelivery.py,
    # reconciliation/test_worklist_file.py, outgoing/test_work.py and publish/test_bundle_folder.py.
    elsewhere = ("reconcile:", "tell:", "publish:", "outgoing:", "bundle:", "withdraw:", "answer again:")
    assert {point for point in named if not point.startswith(elsewhere)} == set(usual.points)


def kill(usual: Standard, shard: int, places: list[int]) -> None:
    for place in places[shard :: len(SHARDS)]:
        assert usual.differences(killed_at(place)) == [], f"killed at {usual.points[place]} ({place})"


def first_places(usual: Standard) -> list[int]:
    return [usual.points.index(point) for point in dict.fromkeys(usual.points)]


@pytest.mark.parametrize("shard", SHARDS)
def test_killed_at_a_boundary(usual: Standard, shard: int) -> None:
    kill(usual, shard, first_places(usual))


@pytest.mark.slow
@pytest.mark.parametrize("shard", SHARDS)
def test_killed_at_a_boundary_when_it_comes_again(usual: Standard, shard: int) -> None:
    kill(usual, shard, sorted(set(range(len(usual.points))) - set(first_places(usual))))


@pytest.mark.parametrize(
    ("shard", "numbers"),
    [
        *(pytest.param(shard, range(RANDOM), marks=[pytest.mark.slow] if shard >= USUAL else []) for shard in SHARDS),
        *(pytest.param(shard, range(RANDOM, MORE), marks=pytest.mark.slow) for shard in SHARDS),
    ],
    ids=str,
)
def test_killed_at_a_random_moment(usual: Standard, shard: int, numbers: range) -> None:
    for number in numbers[shard :: len(SHARDS)]:
        after, differences = usual.killed_at_random(f"suite {number}", real=number % 10 == 0)
        assert differences == [], f"number {number}, killed after {after:.3f} s"
