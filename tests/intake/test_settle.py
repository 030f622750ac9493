"""When a file is taken. Time is the test's own: `sleep` is where the outside world changes files."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from district_reports.intake.settle import settled


@pytest.fixture
def workbook(ledger_workbook: Path, tmp_path: Path) -> Path:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(ledger_workbook.read_bytes())
    return path


def taken(*paths: Path, meanwhile: Callable[[], object] = lambda: None, later: float = 0) -> tuple[list[str], list]:
    """The names taken, and the sleeps; `later` seconds have passed since the files were written."""
    sleeps: list[float] = []

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        meanwhile()

    found = settled(paths, sleep, lambda: time.time() + later)
    assert found.waiting == len(paths) - len(found.taken)
    return [look.path.name for look in found.taken], sleeps


def test_a_fresh_whole_workbook_is_taken_after_five_quiet_seconds(workbook: Path) -> None:
    assert taken(workbook) == (["台账.xlsx"], [5.0])


def test_one_sleep_for_all(workbook: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.csv"
    other.write_text("a,b")
    assert taken(workbook, other) == (["台账.xlsx", "b.csv"], [5.0])


def test_a_file_quiet_for_a_minute_is_not_waited_for(workbook: Path) -> None:
    assert taken(workbook, later=61) == (["台账.xlsx"], [])


def test_nothing_to_take_is_not_waited_for() -> None:
    assert taken() == ([], [])


def test_an_old_mtime_proves_nothing(workbook: Path) -> None:
    # Copying keeps it.
    os.utime(workbook, (0, 0))
    assert taken(workbook) == (["台账.xlsx"], [5.0])


def test_a_growing_file_is_left(workbook: Path) -> None:
    def grow() -> None:
        with workbook.open("ab") as file:
            file.write(b"x")

    assert taken(workbook, meanwhile=grow) == ([], [5.0])


def test_a_file_exchanged_under_its_name_is_left(workbook: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(workbook.read_bytes())
    assert taken(workbook, meanwhile=lambda: other.replace(workbook)) == ([], [5.0])


def test_a_file_that_vanishes_is_left(workbook: Path) -> None:
    assert taken(workbook, meanwhile=workbook.unlink) == ([], [5.0])


@pytest.mark.parametrize("part", ["half a workbook", "nothing", "zeros"])
def test_an_unfinished_file_waits_ten_minutes(workbook: Path, part: str) -> None:
    whole = workbook.read_bytes()
    workbook.write_bytes({"half a workbook": whole[: len(whole) // 2], "nothing": b"", "zeros": bytes(9000)}[part])
    assert taken(workbook) == ([], [5.0])
    assert taken(workbook, later=599) == ([], [])
    assert taken(workbook, later=601) == (["台账.xlsx"], [])


def test_a_clock_that_is_ahead_makes_no_file_old(workbook: Path) -> None:
    assert taken(workbook, later=-3600) == (["台账.xlsx"], [5.0])
