"""Runs (c) of the night: the tasks of :mod:`naive_dag`, each a process that imports what it needs."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import DEVNULL, run

from night_measure import Used, counted, part, tell

BODY = str(Path(__file__).with_name("naive_dag.py"))


def task(argument: str) -> None:
    run([sys.executable, BODY, argument], check=True, stdout=DEVNULL)


def main(samples: Path, at_once: int) -> None:
    used = Used()
    with counted(used):
        with part(used.parts, "workbooks"), ThreadPoolExecutor(at_once) as pool:
            list(pool.map(task, sorted(map(str, samples.glob("*/*.xlsx")))))
        with part(used.parts, "publish"):
            task("publish")
    tell(used)


if __name__ == "__main__":
    os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"
    main(Path(sys.argv[1]), int(sys.argv[2]))
