"""One trial: a deployment of its own, a fault, rest, and what the deployment holds then."""

import os
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

from crash import digest
from crash.city import City, build, pull_down
from crash.processes import apart, collect_orphans, fork
from crash.recorded import recorded
from crash.work import SHORT_LEASE, run_to_rest
from district_reports import failpoints
from district_reports.processing import ingest
from district_reports.settings import settings
from district_reports.upkeep.leftovers import remove_leftovers
from district_reports.upkeep.verify import verify


@dataclass(frozen=True)
class Outcome:
    """What a deployment holds at rest, and what ``verify`` says of it; equal to the undisturbed one if all is well."""

    lines: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def digest(self) -> str:
        return digest.digest(list(self.lines))

    def differs_from(self, other: "Outcome") -> list[str]:
        """What is here and not there (``+``), and the other way round (``-``), and the problems."""
        return [
            *(f"+ {line}" for line in _without(self.lines, other.lines)),
            *(f"- {line}" for line in _without(other.lines, self.lines)),
            *(f"! {problem}" for problem in self.problems),
        ]


def _without(some: tuple[str, ...], others: tuple[str, ...]) -> list[str]:
    left = list(some)
    for line in others:
        if line in left:
            left.remove(line)
    return left


def learn(city: City) -> None:
    """Run once to rest in this process, so that what is forked from it has everything imported and recorded."""
    before = dict(os.environ)
    home = city.folder / "learnt"
    database = build(city, home)
    try:
        with recorded():
            run_to_rest("the one who learns")
    finally:
        pull_down(city, home, database)
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()


def trial(city: City, disturb: Callable[[], object]) -> Outcome:
    """Let `disturb` do its worst in a new deployment of `city`, then run to rest and look."""
    return apart(lambda: in_a_house(city, disturb))


def in_a_house(city: City, disturb: Callable[[], object], folder: Path | None = None) -> Outcome:
    """As :func:`trial`, in this process, which is the trial's own; the deployment lies in `folder`."""
    home = Path(tempfile.mkdtemp(dir=folder or city.folder))
    database = build(city, home)
    ingest.LEASE_SECONDS = SHORT_LEASE
    try:
        disturb()
        collect_orphans()
        return at_rest()
    finally:
        pull_down(city, home, database)


def at_rest() -> Outcome:
    """Run to rest in this process's deployment, tidy up as the nightly job does, and look."""
    go_on()
    remove_leftovers(0)
    return look(kept_seconds=0)


def go_on() -> None:
    """Run to rest in this process's deployment."""
    failpoints.hook = None
    with recorded():
        run_to_rest("the one after")


def look(kept_seconds: float) -> Outcome:
    """What this process's deployment holds; temporary files older than `kept_seconds` are a problem."""
    audit = verify(patience=timedelta(0), kept_seconds=kept_seconds)
    return Outcome(tuple(digest.lines()), (*audit.problems, *audit.notes))


def points_of(city: City) -> tuple[str, ...]:
    """Every boundary that a worker passes on its way to rest, in order."""
    passed: list[str] = []

    def whole() -> tuple[str, ...]:
        def note() -> None:
            failpoints.hook = passed.append
            with recorded():
                run_to_rest("the one who tells")

        in_a_house(city, note)
        return tuple(passed)

    return apart(whole)


def killed_at(place: int) -> Callable[[], None]:
    """A worker that is killed at the `place`-th boundary, counted from 0."""

    def disturb() -> None:
        numbers = count()

        def hook(_: str) -> None:
            if next(numbers) == place:
                os.kill(os.getpid(), signal.SIGKILL)

        def work() -> None:
            failpoints.hook = hook
            with recorded():
                run_to_rest("the killed one")

        assert fork(work).wait() == -signal.SIGKILL

    return disturb


def killed_after(seconds: float, said_again: AbstractContextManager[None]) -> Callable[[], None]:
    """A worker that is killed after `seconds`, wherever it is.

    With :func:`recorded` as `said_again` the moments between reading and checking are hit more often.
    """

    def work() -> None:
        with said_again:
            run_to_rest("the killed one")

    def disturb() -> None:
        worker = fork(work)
        time.sleep(seconds)
        worker.send(signal.SIGKILL)
        worker.wait()

    return disturb


def undisturbed(city: City, said_again: AbstractContextManager[None]) -> tuple[Outcome, float]:
    """What a deployment holds that nothing happened to, and how long (seconds) its worker took."""
    took = 0.0

    def work() -> None:
        nonlocal took
        begun = time.monotonic()
        with said_again:
            assert fork(lambda: run_to_rest("the undisturbed one")).wait() == 0
        took = time.monotonic() - begun

    def whole() -> tuple[Outcome, float]:
        return in_a_house(city, work), took

    return apart(whole)
