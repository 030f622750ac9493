"""Receiving: what is dropped is archived, filed, confirmed and moved, once, whatever happens in between."""

import hashlib
import logging
import os
import re
import time
from pathlib import Path

import openpyxl
import pytest

from district_reports.errors import SystemFault
from district_reports.ledger.receipts import Identity
from district_reports.receiving import finishing, receive
from district_reports.receiving.stability import Stability
from district_reports.receiving.summary import ReceiveSummary
from district_reports.storage import archive
from district_reports.storage.file_state import file_state
from district_reports.storage.folders import DistrictFolder
from district_reports.storage.share import Folder
from district_reports.workbook.guard.guard import guard
from district_reports.workbook.reading import child
from district_reports.workbook.reading.reader import read_sheets
from headers_book import second
from independent.packages import compound
from killed import Killed
from ledger_book import write_book


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_workbook_is_archived_filed_confirmed_and_moved(
    drop, run, ledger, folder: DistrictFolder, deployment
) -> None:
    original = drop().read_bytes()
    assert run() == ReceiveSummary(received=1)

    receipt = ledger.receipts[1]
    assert receipt.identity == Identity(
        form="dropout_control", period="2020-06", filler="王敏", telephone="0411-82000000"
    )
    assert receipt.rejection is None
    assert (receipt.drop.district_code, receipt.drop.folder, receipt.drop.file_name, receipt.drop.channel) == (
        "210202", "210202-中山区", "台账.xlsx", "上报",
    )  # fmt: skip
    assert receipt.drop.sha256 == hashlib.sha256(original).hexdigest()
    assert f"{receipt.drop.received_at:%Y-%m-%d %z}" == "2020-07-04 +0800"
    assert (deployment.archive / receipt.drop.archived_as).read_bytes() == original
    assert ledger.settled == {1}

    assert names(folder.drop.path) == set()
    assert names(folder.received.path) == {"台账.xlsx", "台账_回执1.txt"}
    assert (folder.received.path / "台账.xlsx").read_bytes() == original
    assert receipt.drop.sha256 in (folder.received.path / "台账_回执1.txt").read_text("utf-8-sig")
    [notice] = folder.feedback.path.iterdir()
    assert notice.name == "台账_回执1_已收到.txt"
    assert notice.read_bytes().startswith(b"\xef\xbb\xbf")
    text = notice.read_text("utf-8-sig")
    assert re.search(
        r"已收到：台账.xlsx\n收到时间：2020-07-04 ..:..:..\n回执号：1\n报表：控辍保学台账\n报告期：2020-06\n", text
    )
    assert list((deployment.home / "snapshots").iterdir()) == []
    assert run() == ReceiveSummary()


@pytest.mark.parametrize(
    ("content", "rule"), [(b"%PDF-1.7", "F01"), (compound({"EncryptedPackage": b"x"}), "F02")], ids=["pdf", "encrypted"]
)
def test_a_file_that_is_no_workbook_is_answered_here(
    drop, run, ledger, folder: DistrictFolder, content: bytes, rule: str
) -> None:
    drop(content=content)
    assert run() == ReceiveSummary(received=1, rejected_at_once=1)
    receipt = ledger.receipts[1]
    assert receipt.identity is None
    assert [found.rule for found in receipt.rejection.findings] == [rule]
    assert ledger.answers == {receipt.submission_id}
    assert ledger.settled == {1}
    [path] = folder.feedback.path.glob("*.xlsx")
    assert path.name.startswith("无法受理_")
    assert names(folder.feedback.path) == {path.name, f"{path.stem}.html", "说明.txt"}
    assert openpyxl.load_workbook(path)["问题清单"]["J2"].value == rule


@pytest.mark.parametrize(
    ("cover", "rule"),
    [
        ({"报告期": "(no such label)"}, "F05"),
        ({"报表代码": "something"}, "F06"),
        ({"报告期": "2020-Q2"}, "F09"),
        ({"报告期": "2019-06"}, "F09"),
    ],
)
def test_a_workbook_without_identity_is_answered_here(drop, run, ledger, folder, cover, rule: str) -> None:
    write_book(folder.drop.path / "a.xlsx", cover=cover)
    assert run().rejected_at_once == 1
    assert rule in {found.rule for found in ledger.receipts[1].rejection.findings}
    # What is to be done the answer says: of a period that is locked, not to send it again.
    said = (folder.received.path / "a_回执1.txt").read_text("utf-8-sig")
    assert "已退回" in said
    assert "重新" not in said


def test_a_workbook_with_two_covers_has_no_identity(run, ledger, folder) -> None:
    write_book(folder.drop.path / "a.xlsx", change=second("封 面", "封面"))
    assert run().rejected_at_once == 1
    assert [found.rule for found in ledger.receipts[1].rejection.findings] == ["F05"]


@pytest.mark.parametrize("cover", [{"模板版本": "2019.1"}, {"填报单位代码": "210203"}])
def test_a_wrong_version_or_district_has_an_identity_and_is_decided_later(run, ledger, folder, cover) -> None:
    write_book(folder.drop.path / "a.xlsx", cover=cover)
    assert run() == ReceiveSummary(received=1)
    assert ledger.receipts[1].identity is not None


def test_the_same_name_twice(drop, run, ledger, folder: DistrictFolder) -> None:
    for _ in range(2):
        drop()
        run()
    assert len(ledger.receipts) == 2
    assert len([name for name in names(folder.received.path) if name.endswith(".xlsx")]) == 2
    assert len(names(folder.feedback.path)) == 2


def test_a_file_that_changes_again_waits(drop, run, ledger, folder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop()

    def stable_files(paths) -> Stability:
        looks = tuple(file_state(one) for one in paths)
        path.write_bytes(b"more")
        return Stability(looks, 0)

    assert run(stable_files=stable_files) == ReceiveSummary(unsettled=1)
    assert ledger.receipts == {}
    assert path.exists()


def test_a_missing_share_is_a_fault(deployment, run, folder: DistrictFolder) -> None:
    deployment.uploads.rename(deployment.uploads.with_name("gone"))
    with pytest.raises(SystemFault, match="uploads folder"):
        run()


def test_one_bad_file_stops_no_other_and_no_name_is_logged(
    drop, run, ledger, folder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("a王小明.xlsx", "b.xlsx", "c.xlsx"):
        drop(name)
    real = archive.put
    calls = iter([OSError(28, "No space left on device", "/a王小明.xlsx"), None, RuntimeError("王小明")])

    def put(*arguments):
        if error := next(calls):
            raise error
        return real(*arguments)

    monkeypatch.setattr(archive, "put", put)
    with caplog.at_level(logging.DEBUG), pytest.raises(SystemFault) as raised:
        run()
    assert str(raised.value) == (
        "receiving failed for 2 of 3 files: district 210202: OSError: No space left on device; "
        "district 210202: RuntimeError"
    )
    assert [receipt.drop.file_name for receipt in ledger.receipts.values()] == ["b.xlsx"]
    assert names(folder.drop.path) == {"a王小明.xlsx", "c.xlsx"}
    assert "王小明" not in caplog.text
    assert "b.xlsx" not in caplog.text
    monkeypatch.undo()


def test_two_calls_at_once_do_not_meet(drop, run, deployment) -> None:
    drop()
    with receive._alone(deployment.home / "receive.lock") as alone:
        assert alone
        assert run() == ReceiveSummary()
    assert run() == ReceiveSummary(received=1)


def test_a_file_that_is_saved_again_just_before_its_move_is_received_too(
    drop, run, ledger, folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop()
    first, real = path.read_bytes(), Folder.move

    def move(source: Folder, name: str, target: Folder, as_name: str) -> None:
        path.write_bytes(b"%PDF-1.7")
        monkeypatch.setattr(Folder, "move", real)
        real(source, name, target, as_name)

    monkeypatch.setattr(Folder, "move", move)
    assert run() == ReceiveSummary(received=1)
    assert (names(folder.drop.path), names(folder.received.path)) == ({"台账.xlsx"}, set())
    assert run() == ReceiveSummary(received=1, rejected_at_once=1)
    assert [receipt.drop.sha256 for receipt in ledger.receipts.values()] == [
        hashlib.sha256(content).hexdigest() for content in (first, b"%PDF-1.7")
    ]
    assert ledger.settled == {1, 2}


def test_a_lock_that_is_held_for_too_long_is_a_fault(drop, run, deployment) -> None:
    drop()
    lock = deployment.home / "receive.lock"
    with receive._alone(lock):
        os.utime(lock, (time.time() - 1300, time.time() - 1300))
        with pytest.raises(SystemFault, match="held for 20 minutes"):
            run()
    assert lock.stat().st_mode & 0o077 == 0
    assert run() == ReceiveSummary(received=1)


# Killed at each step; the next call does the rest.

STEPS = {
    "while the snapshot is read": (child, "inspect"),
    "archiving": (archive, "put"),
    "recording": (receive, "file_drop"),
    "writing a notice": (Folder, "write_whole"),
    "answering": (finishing, "answered_at_once"),
    "moving": (Folder, "move"),
    "settling": (finishing, "settle_receipt"),
}


def inspect_here(path: Path) -> child.Inspection:
    """What the child does, without one: these tests make many, and are about what comes after."""
    problems = tuple(guard(path))
    return child.Inspection(problems, () if problems else tuple(read_sheets(path, ["封面"])))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed(drop, run, ledger, folder, deployment, monkeypatch: pytest.MonkeyPatch, step: str, when: str) -> None:
    monkeypatch.setattr(child, "inspect", inspect_here)
    originals = {"台账.xlsx": drop().read_bytes(), "说明.pdf": drop("说明.pdf", b"%PDF-1.7").read_bytes()}
    owner, name = STEPS[step]
    real = getattr(owner, name)

    def killed(*arguments, **options):
        if when == "after":
            real(*arguments, **options)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killed)
        with pytest.raises(Killed):
            run()
    run()

    assert len(ledger.receipts) == 2
    assert ledger.settled == set(ledger.receipts)
    assert names(folder.drop.path) == set()
    for receipt in ledger.receipts.values():
        content = originals[receipt.drop.file_name]
        assert archive.original(deployment.archive, receipt.drop.sha256).read_bytes() == content
        assert (folder.received.path / receipt.drop.file_name).read_bytes() == content
        endings = [Path(one).suffix for one in names(folder.feedback.path) if f"回执{receipt.receipt_id}" in one]
        assert sorted(endings) == ([".html", ".xlsx"] if receipt.rejection else [".txt"])
    assert len([one for one in names(folder.received.path) if not one.endswith(".txt")]) == 2
    assert len(names(folder.received.path)) == 4
    assert not [one for one in names(folder.feedback.path) if one.startswith(".")]
    assert ledger.answers == {receipt.submission_id for receipt in ledger.receipts.values() if receipt.rejection}
    assert run() == ReceiveSummary()


def cut_off_after_recording(ledger, run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "write_whole", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            run()
    assert len(ledger.receipts) == 1


def test_a_file_exchanged_after_the_kill_is_a_drop_of_its_own(drop, run, ledger, folder, monkeypatch) -> None:
    drop()
    cut_off_after_recording(ledger, run, monkeypatch)
    drop(content=b"%PDF-1.7")
    assert run() == ReceiveSummary(received=1, rejected_at_once=1, finished=1)
    assert ledger.settled == {1, 2}


def test_a_file_renamed_after_the_kill_is_the_same_drop(drop, run, ledger, folder, monkeypatch) -> None:
    path = drop()
    cut_off_after_recording(ledger, run, monkeypatch)
    path.rename(path.with_name("改名.xlsx"))
    assert run() == ReceiveSummary(finished=1)
    assert names(folder.drop.path) == set()


def test_what_can_not_be_finished_is_not_received_again(drop, run, ledger, folder, monkeypatch) -> None:
    drop()
    cut_off_after_recording(ledger, run, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "write_whole", lambda *_: (_ for _ in ()).throw(OSError(30, "Read-only file system")))
        with pytest.raises(SystemFault, match="receipt 1: OSError: Read-only file system"):
            run()
    assert len(ledger.receipts) == 1
    assert run() == ReceiveSummary(finished=1)


def test_a_snapshot_left_behind_is_cleared(run, deployment, folder) -> None:
    left = deployment.home / "snapshots" / "a.xlsx"
    left.parent.mkdir(parents=True)
    left.touch()
    run()
    assert not left.exists()
