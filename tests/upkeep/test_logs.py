"""Old logs go, young ones and other things stay."""

import os
from datetime import timedelta
from pathlib import Path

from district_reports.upkeep.logs import tidy_logs

NOW = 2_000_000_000.0


def _log(path: Path, days_old: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("said")
    for each in (path, path.parent, path.parent.parent):
        os.utime(each, (NOW - days_old * 86_400,) * 2)
    return path


def test_runs_are_kept_as_long_as_their_dag_says(tmp_path: Path) -> None:
    young = _log(tmp_path / "dag_id=receive" / "run_id=1" / "task_id=a" / "attempt=1.log", 1)
    old = _log(tmp_path / "dag_id=receive" / "run_id=2" / "task_id=a" / "attempt=1.log", 3)
    other = _log(tmp_path / "dag_id=ingest" / "run_id=3" / "task_id=a" / "attempt=1.log", 3)
    retried = _log(tmp_path / "dag_id=receive" / "run_id=4" / "task_id=a" / "attempt=1.log", 3)
    _log(retried.with_name("attempt=2.log"), 1)
    os.utime(retried.parent.parent, (NOW - 3 * 86_400,) * 2)
    assert tidy_logs(tmp_path, {"receive": timedelta(days=2)}, timedelta(days=400), NOW) == 1
    assert young.exists()
    assert other.exists()
    assert retried.exists()
    assert not old.parent.parent.exists()


def test_parsing_logs_are_kept_a_week(tmp_path: Path) -> None:
    old = _log(tmp_path / "dag_processor" / "2033-05-01" / "dags-folder" / "a.py.log", 8)
    young = _log(tmp_path / "dag_processor" / "2033-05-17" / "dags-folder" / "a.py.log", 1)
    tidy_logs(tmp_path, {}, timedelta(days=400), NOW)
    assert not old.exists()
    assert young.exists()


def test_a_log_in_use_is_shortened_to_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "processes" / "scheduler.log"
    log.parent.mkdir()
    with log.open("ab", buffering=0) as program:
        program.write(b"".join(b"line %d\n" % number for number in range(2_000_000)))
        tidy_logs(tmp_path, {}, timedelta(days=400))
        program.write(b"after\n")
    lines = log.read_bytes().splitlines()
    assert log.stat().st_size <= 5_000_010
    assert lines[0].startswith(b"line ")
    assert lines[-2:] == [b"line 1999999", b"after"]
