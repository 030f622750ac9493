"""When receiving starts: by a clock and looks that the test gives, and by real folders and a real ledger."""

from itertools import pairwise
from pathlib import Path

import pytest

from district_reports.database.engine import DatabaseFault
from district_reports.receiving.watch import Seen, Watch, look_now
from district_reports.reference.register import Register
from district_reports.storage.folders import DistrictFolder, lay_out

A, B = (Path("a"), 1, 1, 1), (Path("b"), 1, 1, 1)
A_CHANGED = (Path("a"), 2, 2, 1)


def reports(*files) -> Seen:
    return Seen(reports=frozenset(files))


def starts(seen_at: dict[int, Seen], until: int) -> list[int]:
    """The seconds at which a watch that looks every second starts receiving; what it sees holds until it changes."""
    second = 0
    seen = Seen()

    def look(_ledger: bool) -> Seen:
        nonlocal seen
        seen = seen_at.get(second, seen)
        return seen

    watch = Watch(lambda: float(second), look)
    started = []
    for second in range(until):
        if watch.look():
            started.append(second)
    return started


def test_nothing_there_starts_nothing():
    assert starts({}, 1000) == []


def test_a_report_starts_it_once_it_has_rested_and_again_until_it_is_taken():
    assert starts({10: reports(A), 20: Seen()}, 60) == [12]
    assert starts({10: reports(A), 30: Seen()}, 60) == [12, 20, 28]


def test_a_report_that_changes_is_waited_for():
    assert starts({10: reports(A), 12: reports(A_CHANGED), 17: Seen()}, 60) == [14]


def test_another_report_does_not_wait_for_the_first_ones_turn():
    assert starts({10: reports(A), 14: reports(A, B), 18: Seen()}, 60) == [12, 16]


def test_what_is_not_taken_for_two_minutes_starts_it_once_a_minute():
    late = [second for second in starts({0: reports(A)}, 400) if second > 130]
    assert [later - earlier for earlier, later in pairwise(late)] == [60] * (len(late) - 1)
    assert len(late) >= 4


def test_a_precheck_stays_where_it_lies_and_starts_nothing_after_two_minutes():
    started = starts({10: Seen(prechecks=frozenset([A]))}, 400)
    assert started[0] == 12
    assert started[-1] < 10 + 120


def test_a_key_that_is_due_starts_it_without_a_file():
    assert starts({10: Seen(due=True), 12: Seen()}, 60) == [10]


def test_a_share_that_is_away_starts_it_at_once_and_then_seldom():
    assert starts({10: Seen(fault=True), 100: Seen(), 105: Seen(fault=True), 110: Seen()}, 200) == [10, 70, 105]


def test_a_share_that_comes_and_goes_does_not_start_it_each_time():
    flickering = {second: Seen(fault=second % 2 == 0) for second in range(60)}
    assert starts(flickering, 60) == [0, 8, 16, 24, 32, 40, 48, 56]


def test_what_a_call_has_left_starts_the_next_one_soon():
    assert [second for second in starts({0: Seen(prechecks=frozenset([A]), more=True)}, 300) if second > 200] == [
        *range(202, 300, 8)
    ]


@pytest.fixture
def folder(warehouse_url, tmp_settings) -> DistrictFolder:
    return lay_out(tmp_settings.uploads, Register.load(tmp_settings.reference).districts)[0]


def test_a_look_sees_reports_prechecks_and_no_temporary_file(folder):
    (folder.drop.path / "a.xlsx").write_bytes(b"a")
    (folder.drop.path / "~$a.xlsx").write_bytes(b"a")
    (folder.precheck.path / "b.xlsx").write_bytes(b"b")

    seen = look_now(True)
    assert {file[0].name for file in seen.reports} == {"a.xlsx"}
    assert {file[0].name for file in seen.prechecks} == {"b.xlsx"}
    assert (seen.due, seen.fault) == (False, False)


@pytest.mark.parametrize("away", ["share", "ledger"])
def test_what_is_away_is_a_fault_and_raises_nothing(folder, tmp_settings, monkeypatch, away):
    if away == "share":
        tmp_settings.uploads.rename(tmp_settings.uploads.with_name("away"))
    else:
        monkeypatch.setattr("district_reports.receiving.watch.engine", _refused)
    assert look_now(True) == Seen(fault=True)


def _refused(_role):
    raise DatabaseFault("nobody answers")
