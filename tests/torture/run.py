"""Kill N workers (300 unless told) at random moments: ``python tests/torture/run.py [N [SEED]]``.

One in four does everything for real; the others hear what the reader and Great Expectations said before, so that kills
fall between the steps more often. Every trial is named by seed and number and drawn from them alone; where a kill
falls is up to the machine as well. Ends with 1 if anything failed.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import SystemRandom

sys.path.insert(0, str(Path(__file__).parents[1]))

from district_reports.warehouse.embedded import EmbeddedServer
from torture.processes import Failed, fork
from torture.standard import Standard, standard


@contextmanager
def _city() -> Iterator[Standard]:
    os.environ["DISTRICT_REPORTS_EMBEDDED_FSYNC"] = "off"
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    server = EmbeddedServer(folder / "postgres")
    server.start()
    try:
        yield standard(folder / "city", server)
    finally:
        server.stop()
        shutil.rmtree(folder)


def main(trials: int = 300, seed: int | None = None) -> int:
    """The number of failures (255 at most), told as they come."""
    seed = SystemRandom().randrange(1 << 32) if seed is None else seed
    cores = os.cpu_count() or 1
    _say(f"seed {seed}")
    with _city() as usual:
        slow, fast = usual.seconds
        _say(f"{len(usual.points)} boundaries; to rest {slow:.1f} s, {fast:.1f} s with what is pure said again")
        shares = [fork(partial(_share, usual, seed, range(first, trials, cores))) for first in range(cores)]
        failures = min(sum(share.wait() for share in shares), 255)
    _say(f"{trials} trials, {failures} failures")
    return failures


def _share(usual: Standard, seed: int, numbers: range) -> int:
    """One core's part; the number of its failures."""
    failures = 0
    for done, number in enumerate(numbers, 1):
        after = 0.0
        try:
            after, differences = usual.killed_at_random(f"{seed} {number}", real=number % 4 == 0)
        except Failed as failed:
            differences = [str(failed)]
        if differences:
            failures += 1
            _say(
                f"trial {number} of seed {seed}, killed after {after:.3f} s:", *(f"    {line}" for line in differences)
            )
        if done % 25 == 0:
            _say(f"one core: {done} trials, {failures} failures")
    return failures


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])) > 0)
