"""A worker that is stopped for longer than its lease, and wakes when another has done its work."""

import os
import signal
from collections.abc import Callable

import pytest

from crash.processes import apart, fork
from crash.recorded import recorded
from crash.standard import Standard
from crash.trial import Outcome, go_on, in_a_house, look
from crash.work import BROKE, LOST, until_it_breaks
from district_reports import failpoints
from district_reports.database import engine
from district_reports.upkeep.leftovers import KEPT_SECONDS

# Within a transaction its locks keep the others out until the server ends the session.
IDLE_SECONDS = 1


def stopped_at(point: str, then: Callable[[], object]) -> Callable[[], int]:
    """A worker that stops at the first `point` after it claimed a submission; `then` happens; it wakes. How it ends."""

    def hook(passed: str, claimed: list[str] = []) -> None:  # noqa: B006 (one process, one stop)
        if passed == "validate: claimed" and not claimed:
            claimed.append(passed)
        if claimed and passed == point:
            failpoints.hook = None
            os.kill(os.getpid(), signal.SIGSTOP)

    def work() -> int:
        failpoints.hook = hook
        engine.IDLE_SECONDS = IDLE_SECONDS
        with recorded():
            return until_it_breaks("the stopped one")

    def disturb() -> int:
        worker = fork(work)
        worker.wait_stopped()
        try:
            then()
        finally:
            worker.send(signal.SIGCONT)
        return worker.wait()

    return disturb


def trial(usual: Standard, point: str) -> tuple[int, list[str], list[str]]:
    """How the stopped worker ends, and the differences before it wakes and when all is done."""
    before: list[Outcome] = []
    ended: list[int] = []

    def whole() -> tuple[int, Outcome, Outcome]:
        def meanwhile() -> None:
            go_on()
            before.append(look(kept_seconds=KEPT_SECONDS))

        def disturb() -> None:
            ended.append(stopped_at(point, meanwhile)())

        after = in_a_house(usual.city, disturb)
        return ended[0], before[0], after

    code, asleep, awake = apart(whole)
    return code, asleep.differs_from(usual.rest), awake.differs_from(usual.rest)


@pytest.mark.parametrize(
    "point",
    [
        "validate: claimed",
        pytest.param("reader: ended", marks=pytest.mark.slow),
        "validate: checked",
        pytest.param("snapshot: drafted", marks=pytest.mark.slow),
        "snapshot: named",
        pytest.param("validate: kept", marks=pytest.mark.slow),
        pytest.param("validate: noted", marks=pytest.mark.slow),
        "load: resumed",
        "load: committed",
        pytest.param("answer: resumed", marks=pytest.mark.slow),
        pytest.param("answer: written", marks=pytest.mark.slow),
        pytest.param("answer: page placed", marks=pytest.mark.slow),
        "answer: placed",
    ],
)
def test_it_has_lost_its_lease_and_writes_nothing(usual: Standard, point: str) -> None:
    assert trial(usual, point) == (LOST, [], [])


@pytest.mark.parametrize(
    "point",
    [
        "decide: sheet copied",
        *(
            pytest.param(point, marks=pytest.mark.slow)
            for point in ("decide: held", "decide: before commit", "answer: before commit")
        ),
    ],
)
def test_within_a_transaction_the_server_ends_it(usual: Standard, point: str) -> None:
    assert trial(usual, point) == (BROKE, [], [])
