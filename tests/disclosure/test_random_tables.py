"""Random cities over 30 nights of corrections, some of whose releases leave: nobody can tell what was withheld.

The quick test takes a few; the slow one a hundred, or as many as RANDOM_CITIES says. A seed that fails says which
relations tell the figure.
"""

import itertools
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

import pytest

from disclosure.attacked_cities import RULE, Outcome, nights_of, primary, run
from disclosure.attacker import Attacker
from district_reports.publish.disclosure.cells import Left

QUICK = (2, 4, 22, 24)
_SMALL = 100
"""So many rows has the largest of the small cities, over all tables of a release."""


@pytest.mark.parametrize("seed", QUICK)
def test_nobody_can_tell_what_was_withheld(seed: int) -> None:
    outcome = run(seed)
    assert outcome.left
    assert outcome.attacked
    assert not outcome.breaches, "\n".join(outcome.breaches)
    assert not outcome.stayed_for_nothing
    assert not outcome.city_totals


@pytest.mark.parametrize("seed", [2, 4, 16, 24])
def test_what_is_withheld_for_itself_alone_is_told_by_the_rest(seed: int) -> None:
    tables = next(nights_of(seed))
    found = Attacker([Left(tables, primary(tables))], RULE).of_stranger()
    assert len(found) > 0


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
def test_nobody_can_tell_what_was_withheld_of_many_cities(capsys: pytest.CaptureFixture[str]) -> None:
    count = int(os.environ.get("RANDOM_CITIES", "100"))
    # The solver has threads, which a forked process would wait for in vain.
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        outcomes = list(pool.map(run, _seeds(count)))
    with capsys.disabled():
        print(_summary(outcomes))  # noqa: T201
    assert sum(outcome.left for outcome in outcomes) >= count
    assert not [line for outcome in outcomes for line in outcome.breaches]
    assert not [line for outcome in outcomes for line in outcome.stayed_for_nothing]
    assert not [line for outcome in outcomes for line in outcome.city_totals]


def _seeds(count: int) -> list[int]:
    """One in ten cities as they come, the others with few rows: a large one takes minutes."""
    # 1000 and 8 were read by the attacker once.
    any_size = [8, *islice(itertools.count(1000), (count + 9) // 10)]
    small = (
        seed for seed in itertools.count(10_000) if sum(len(each.rows) for each in next(nights_of(seed))) <= _SMALL
    )
    return [*any_size, *islice(small, count - count // 10)]


def _summary(outcomes: Sequence[Outcome]) -> str:
    counts = sum(outcome.counts for outcome in outcomes)
    itself = sum(outcome.withheld_for_itself for outcome in outcomes)
    others = sum(outcome.withheld_for_others for outcome in outcomes)
    return (
        f"\n{len(outcomes)} cities: {sum(outcome.left for outcome in outcomes)} releases left and "
        f"{sum(outcome.stayed for outcome in outcomes)} stayed; {sum(outcome.attacked for outcome in outcomes)} small "
        f"figures attacked; of {counts} counts of people that are not 0 {itself / counts:.1%} were withheld for "
        f"themselves and {others / counts:.1%} for others"
    )
