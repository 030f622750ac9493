"""Airflow never deletes a log: each run of a DAG makes a folder, and a busy day hundreds."""

import os
import re
import shutil
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

_LONGEST = 20_000_000
_KEPT = 5_000_000
_PARSED_KEPT = timedelta(days=7)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def tidy_logs(logs: Path, kept: Mapping[str, timedelta], otherwise: timedelta, now: float | None = None) -> int:
    """Delete the logs of old runs and shorten those of the processes, which may be running; how many were deleted.

    `kept` says for how long after the last word by DAG id, `otherwise` for all other DAGs; `now` is a Unix time.
    """
    now = time.time() if now is None else now
    old = [
        run
        for dag in logs.glob("dag_id=*")
        for run in dag.glob("run_id=*")
        if _last_word(run) < now - kept.get(dag.name.removeprefix("dag_id="), otherwise).total_seconds()
    ]
    old += [
        day
        for day in (logs / "dag_processor").glob("*")
        if _DAY.fullmatch(day.name) and _last_word(day) < now - _PARSED_KEPT.total_seconds()
    ]
    for folder in old:
        shutil.rmtree(folder)
    for log in (logs / "processes").glob("*.log"):
        if log.stat().st_size > _LONGEST:
            _shorten(log)
    return len(old)


def _last_word(folder: Path) -> float:
    return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))


def _shorten(log: Path) -> None:
    """Keep the end of `log`. In place: its program holds it open, for appending, and goes on at the new end."""
    with log.open("r+b") as file:
        file.seek(-_KEPT, os.SEEK_END)
        file.readline()  # up to a whole line
        end = file.read()
        file.seek(0)
        file.write(end)
        file.truncate()
