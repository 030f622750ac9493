"""Kill N workers (300 unless told) at random moments: ``python tests/torture/run.py [N [SEED]]``.

Half of them do everything for real; the others hear what the reader and Great Expectations said before, so that kills
fall between the steps more often. Every trial is named by seed and number and drawn from them alone; where a kill
falls is up to the machine as well. Ends with 1 if anything failed.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom

sys.path.insert(0, str(Path(__file__).parents[1]))

from district_reports.warehouse.embedded import EmbeddedServer
from torture.processes import Failed
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
    """The number of failures, told as they come."""
    seed = SystemRandom().randrange(1 << 32) if seed is None else seed
    say = sys.stdout.write
    say(f"seed {seed}\n")
    failures = 0
    with _city() as usual, ThreadPoolExecutor(os.cpu_count() or 1) as pool:

        def one(number: int) -> tuple[int, float, list[str]]:
            try:
                return number, *usual.killed_at_random(f"{seed} {number}", real=number % 2 == 0)
            except Failed as failed:
                return number, 0.0, [str(failed)]

        for number, after, differences in pool.map(one, range(trials)):
            if differences:
                failures += 1
                say(f"trial {number} of seed {seed}, killed after {after:.3f} s:\n")
                say("".join(f"    {line}\n" for line in differences))
            if number % 25 == 24:
                say(f"{number + 1} trials, {failures} failures\n")
            sys.stdout.flush()
    say(f"{trials} trials, {failures} failures\n")
    return failures


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])) > 0)
