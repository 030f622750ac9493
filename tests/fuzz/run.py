"""Fuzz for MINUTES (5 unless told): random mutations of valid workbooks; what fails is kept under .run/fuzz.

``python tests/fuzz/run.py [MINUTES [SEED]]``; ends with 1 if anything failed.
"""

import sys
import time
from pathlib import Path
from random import Random, SystemRandom

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.example import mutated, random_example
from fuzz.seeds import write_seeds
from fuzz.worker import Worker

KEPT = Path(".run/fuzz").absolute()


def main(minutes: float = 5, seed: int | None = None) -> int:
    """The number of failures, told as they come."""
    seed = SystemRandom().randrange(1 << 32) if seed is None else seed
    say = sys.stdout.write
    say(f"seed {seed}\n")
    random, end = Random(seed), time.monotonic() + 60 * minutes
    seeds = write_seeds(KEPT / "seeds")
    worker = Worker()
    examples = aborts = failures = 0
    try:
        while time.monotonic() < end:
            example = random_example(random, len(seeds))
            path = KEPT / "now"
            path.write_bytes(mutated(example, seeds))
            complaints = worker.ask(example.what, path, check=examples % 10 == 0)
            examples += 1
            aborted = [one for one in complaints if one.startswith("aborted")]
            if aborted and example.what == "file":
                aborts += 1
                kept = path.rename(KEPT / f"{seed}-{examples}-abort.xlsx")
                say(f"{kept}: {aborted[0]}, in the child a finding: {example}\n")
            elif complaints:
                failures += 1
                kept = path.rename(KEPT / f"{seed}-{examples}-{example.what}")
                say(f"{kept}: {example}\n    {complaints}\n")
            sys.stdout.flush()
    finally:
        worker.close()
    say(f"{examples} examples, {aborts} aborts, {failures} failures\n")
    return failures


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(*map(float, arguments[:1]), *map(int, arguments[1:2])) > 0)
