"""Kill a worker at every boundary, and N (300 unless told) at random moments; and in the same way nights, N / 6.

``python tests/crash/run.py [N [SEED [ONLY]]]``. One in four random trials of a worker does everything for real; the
others hear what the reader and Great Expectations said before, so that kills fall between the steps more often. A
random trial is drawn from seed and number alone, and ONLY runs that number of a worker again; where its kill falls is
up to the machine as well.
Ends with 1 if anything failed.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import SystemRandom

sys.path.insert(0, str(Path(__file__).parents[1]))

from crash import night
from crash.processes import Failed, fork
from crash.standard import Standard, standard
from crash.trial import killed_at
from district_reports.database.embedded.server import EmbeddedServer

Trial = Callable[[int], tuple[str, list[str]]]
"""What was done, and the differences from the undisturbed deployment."""


@contextmanager
def _city() -> Iterator[Standard]:
    os.environ["DISTRICT_REPORTS_EMBEDDED_FSYNC"] = "off"
    folder = Path(tempfile.mkdtemp(prefix="crash-tests-"))
    server = EmbeddedServer(folder / "postgres", warehouses="all")
    server.start()
    try:
        yield standard(folder / "city", server)
    finally:
        server.stop()
        shutil.rmtree(folder)


def main(trials: int = 300, seed: int | None = None, only: int | None = None) -> int:
    """The number of failures (255 at most), told as they come."""
    seed = SystemRandom().randrange(1 << 32) if seed is None else seed
    with _city() as usual:
        slow, fast = usual.seconds
        _say(f"seed {seed}; to rest {slow:.1f} s, {fast:.1f} s with what is pure said again")
        if only is None:
            failures = _shared("at a boundary", partial(_at_boundary, usual), range(len(usual.points)))
            failures += _shared("at random", partial(_at_random, usual, seed), range(trials))
            nights = night.nights(usual.city)
            failures += _shared("at a boundary of a night", partial(_night, nights), range(len(nights.points)))
            failures += _shared("in a night at random", partial(_night_at_random, nights, seed), range(trials // 6))
        else:
            failures = _shared("at random", partial(_at_random, usual, seed), range(only, only + 1))
    return min(failures, 255)


def _at_boundary(usual: Standard, place: int) -> tuple[str, list[str]]:
    return f"killed at {usual.points[place]} ({place})", usual.differences(killed_at(place))


def _at_random(usual: Standard, seed: int, number: int) -> tuple[str, list[str]]:
    after, differences = usual.killed_at_random(f"{seed} {number}", real=number % 4 == 0)
    return f"trial {number} of seed {seed}, killed after {after:.3f} s", differences


def _night(nights: night.Nights, place: int) -> tuple[str, list[str]]:
    return f"a night killed at {nights.points[place]} ({place})", nights.differences(night.killed_at(place))


def _night_at_random(nights: night.Nights, seed: int, number: int) -> tuple[str, list[str]]:
    after, differences = nights.killed_at_random(f"{seed} night {number}")
    return f"night {number} of seed {seed}, killed after {after:.3f} s", differences


def _shared(what: str, trial: Trial, numbers: range) -> int:
    """Run the trials of these numbers, one process a core; the number of failures."""
    cores = os.cpu_count() or 1
    shares = [fork(partial(_share, trial, numbers[first::cores])) for first in range(cores)]
    failures = sum(share.wait() for share in shares)
    _say(f"killed {what}: {len(numbers)} trials, {failures} failures")
    return failures


def _share(trial: Trial, numbers: range) -> int:
    failures = 0
    for number in numbers:
        try:
            words, differences = trial(number)
        except Failed as failed:
            words, differences = f"number {number}", [str(failed)]
        if differences:
            failures += 1
            _say(f"{words}:", *(f"    {line}" for line in differences))
    return min(failures, 255)


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    # The server is stopped then as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main(*map(int, sys.argv[1:4])) > 0)
