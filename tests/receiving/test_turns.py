"""Nobody waits for a neighbour's many files."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from district_reports.errors import SystemFault
from district_reports.model.channel import PRECHECK_CHANNEL, UPLOAD_CHANNEL
from district_reports.receiving import finishing
from district_reports.receiving.summary import ReceiveSummary
from district_reports.receiving.turns import BUSY_SECONDS, CALL_SECONDS, FILES_A_CALL, LOOKED_AT, Turns, more_waits
from district_reports.receiving.watch import Seen, look_now
from district_reports.storage.file_state import FileState
from district_reports.storage.folders import DistrictFolder, district_folders, lay_out
from district_reports.storage.share import Place

A, B, C = (DistrictFolder(code, Place(Path("/share"), (code,))) for code in ("210202", "210203", "210204"))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Clock:
    return Clock()


@pytest.fixture
def turns(time: Clock) -> Turns:
    return Turns(time)


def files(folder: DistrictFolder, number: int, channel: str = UPLOAD_CHANNEL, saved: int = 0) -> list[FileState]:
    return [FileState(folder.place / channel / f"{one:05}", 1, saved + one, one, 1) for one in range(number)]


def received(turns: Turns, seconds: float = 0, time: Clock | None = None) -> list[str]:
    """District and name of what one call takes, each file for so long."""
    taken = []
    while ahead := turns.ahead():
        looks = [look for looks in turns._waiting.values() for look in looks if look.place in ahead]
        for folder, _, look in turns.in_turn(looks):
            taken.append(f"{folder.code} {int(look.place.name)}")
            if time:
                time.now += seconds
    return taken


def test_every_district_has_one_file_before_any_has_two_each_with_its_oldest_first(turns: Turns) -> None:
    turns.add(A, UPLOAD_CHANNEL, reversed(files(A, 3)))
    turns.add(B, UPLOAD_CHANNEL, files(B, 1, saved=1000))
    turns.add(C, UPLOAD_CHANNEL, files(C, 2, saved=500))
    assert received(turns) == ["210202 0", "210203 0", "210204 0", "210202 1", "210204 1", "210202 2"]
    assert (turns.left, turns.stopped_early) == (0, False)


def test_a_district_s_five_thousand_are_looked_at_and_received_in_parts(turns: Turns) -> None:
    turns.add(A, UPLOAD_CHANNEL, files(A, 5000))
    turns.add(B, UPLOAD_CHANNEL, files(B, 2))
    assert len(turns.ahead()) == LOOKED_AT + 2
    taken = received(turns)
    assert sorted(taken)[:FILES_A_CALL] == sorted(f"210202 {one}" for one in range(FILES_A_CALL))
    assert taken.index("210203 1") == 3
    assert (turns.left, turns.stopped_early) == (5000 - FILES_A_CALL, True)


def test_a_call_ends_when_it_has_worked_for_long_but_nobody_s_first_waits(turns: Turns, time: Clock) -> None:
    for folder in (A, B, C):
        turns.add(folder, UPLOAD_CHANNEL, files(folder, 10))
        turns.add(folder, PRECHECK_CHANNEL, files(folder, 10, PRECHECK_CHANNEL))
    first_of_each = [f"{folder.code} 0" for folder in (A, B, C)]
    assert received(turns, BUSY_SECONDS + 1, time) == [*first_of_each, *first_of_each]
    assert turns.stopped_early


def test_a_call_that_only_waits_ends_too(turns: Turns, time: Clock) -> None:
    turns.add(A, UPLOAD_CHANNEL, files(A, 10))
    assert len(turns.ahead()) == 10
    time.now += CALL_SECONDS + 0.1
    assert turns.ahead() == []
    assert turns.stopped_early


def test_reports_come_before_what_is_only_to_be_checked(turns: Turns) -> None:
    turns.add(A, PRECHECK_CHANNEL, files(A, 1, PRECHECK_CHANNEL))
    turns.add(B, UPLOAD_CHANNEL, files(B, 2, saved=50))
    assert received(turns) == ["210203 0", "210203 1", "210202 0"]


@pytest.fixture
def many(folder: DistrictFolder) -> int:
    """So many letters in 中山区's 上报, all older than anybody's file."""
    for number in range(FILES_A_CALL * 2 + 5):
        path = folder.drop.path / f"{number}.pdf"
        path.write_bytes(b"%PDF-1.7")
        os.utime(path, (1.5e9, 1.5e9 + number))
    return FILES_A_CALL * 2 + 5


def test_a_neighbour_s_file_is_received_by_the_first_call_and_what_waits_is_said(
    many: int, folder: DistrictFolder, deployment, register, ledger, run: Callable[..., ReceiveSummary], monkeypatch
) -> None:
    monkeypatch.setattr("district_reports.receiving.turns.BUSY_SECONDS", 600)
    monkeypatch.setattr("district_reports.receiving.turns.CALL_SECONDS", 600)
    neighbour = lay_out(deployment.uploads, register.districts)[1]
    (neighbour.drop.path / "信.pdf").write_bytes(b"%PDF-1.7 ")
    standing = folder.feedback.path / "上报情况.txt"

    def said() -> str:
        return standing.read_text("utf-8-sig")

    assert run().received == FILES_A_CALL + 1
    assert [receipt.drop.district_code for receipt in ledger.receipts.values()][:2] == ["210202", "210203"]
    assert f"还有 {many - FILES_A_CALL} 个文件等待接收" in said()
    assert look_now(False) == Seen(reports=look_now(False).reports, more=True)
    assert run().received == FILES_A_CALL
    assert "等待接收" not in said()
    assert more_waits(deployment.home).exists()
    assert run().received == 5
    assert not more_waits(deployment.home).exists()
    assert not look_now(False).more


def test_answers_that_can_not_be_placed_cost_the_others_no_time(
    many: int, folder: DistrictFolder, deployment, register, ledger, run: Callable[..., ReceiveSummary], monkeypatch
) -> None:
    real, tried = finishing.put_answer, []

    def put_answer(answer, original, facts, into):
        if into.code == folder.code:
            tried.append(answer.receipt_no)
            raise OSError(28, "No space left on device")
        return real(answer, original, facts, into)

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "put_answer", put_answer)
        for call in range(3):
            tried.clear()
            (lay_out(deployment.uploads, register.districts)[1].drop.path / f"{call}.pdf").write_bytes(b"%PDF-1.7")
            with pytest.raises(SystemFault, match="No space left"):
                run()
            assert len(tried) <= FILES_A_CALL
    districts = Counter(receipt.drop.district_code for receipt in ledger.receipts.values())
    assert districts == {"210202": FILES_A_CALL, "210203": 3}
    while ledger.settled != set(ledger.receipts) or len(ledger.receipts) < many + 3:
        assert run().faults == {}


def test_one_district_s_broken_folder_hides_no_other_s_file_from_the_watch(folder, deployment, register) -> None:
    first, second = district_folders(deployment.uploads)
    first.drop.path.rename(first.place.path / "aside")
    first.drop.path.symlink_to("aside")
    (second.drop.path / "a.xlsx").write_bytes(b"a")
    seen = look_now(False)
    assert seen.fault
    assert {file[0].name for file in seen.reports} == {"a.xlsx"}
