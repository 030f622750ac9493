"""Receiving what has an odd name, comes in a folder, or comes together with others."""

import os
import secrets
import time
import unicodedata
from pathlib import Path

import openpyxl
import pytest

from district_reports.errors import SystemFault
from district_reports.receiving import first_seen
from district_reports.receiving.summary import ReceiveSummary
from district_reports.storage.folders import DistrictFolder
from district_reports.storage.share import Folder
from district_reports.workbook.guard.guard import guard
from district_reports.workbook.reading import child
from district_reports.workbook.reading.reader import read_sheets
from ledger_book import write_book


@pytest.fixture(autouse=True)
def inspect_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the child does, without one: these tests take in many files."""

    def inspect(path: Path) -> child.Inspection:
        problems = tuple(guard(path))
        return child.Inspection(problems, () if problems else tuple(read_sheets(path, ["封面"])))

    monkeypatch.setattr(child, "inspect", inspect)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


NAMES = {
    "newline": "a\n结论：通过.xlsx",
    "right to left": "a\u202excod.xlsx",
    "zero width": "台\u200b账.xlsx",
    "255 bytes": "台" * 83 + ".xlsx"[:5] + "x",
    "four bytes a character": "𠮷" * 60 + ".xlsx",
    "no extension": "台账",
    "spaces": "  .. 台账 . ",
    "device": "con.xlsx",
    "GBK": os.fsdecode("台账.xlsx".encode("gb18030")),
    "GBK of 255 bytes": os.fsdecode(("台" * 125).encode("gb18030") + b".xlsx"),
    "neither": os.fsdecode(b"\xff\xfe\x81.xlsx"),
    "quote": "a'; DROP TABLE receipt; --.xlsx",
    "percent": "100%d {} $HOME.xlsx",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_any_name_is_received_and_nothing_is_lost(drop, run, ledger, folder: DistrictFolder, name: str) -> None:
    content = drop(name).read_bytes()
    assert run() == ReceiveSummary(received=1)
    assert ledger.settled == {1}
    ledger.receipts[1].drop.file_name.encode()
    assert names(folder.drop.path) == set()
    [original] = [path for path in folder.received.path.iterdir() if path.suffix != ".txt"]
    assert original.read_bytes() == content
    [notice] = folder.feedback.path.iterdir()
    # One line says the name, whatever is in it.
    lines = notice.read_text("utf-8-sig").splitlines()
    labels = ["已收到", "收到时间", "回执号", "报表", "报告期", "下一步", "", "撤回", "识别码"]
    assert [line.partition("：")[0] for line in lines[:-1]] == labels
    assert lines[-1].startswith("报错了文件")
    for path in (original, notice):
        path.name.encode()
        assert path.name.isprintable()
        assert len(path.name.encode()) <= 255


def test_an_odd_name_of_no_workbook_is_answered(drop, run, folder: DistrictFolder) -> None:
    drop("a\n结论：通过\u202e.pdf", b"%PDF-1.7")
    assert run() == ReceiveSummary(received=1, rejected_at_once=1)
    [answer] = folder.feedback.path.glob("*.xlsx")
    assert answer.name.isprintable()


TWINS = {
    "NFC and NFD": [unicodedata.normalize(form, "é台账.xlsx") for form in ("NFC", "NFD")],
    "case": ["A台账.xlsx", "a台账.xlsx"],
    "shown alike": ["台\u200b账.xlsx", "台\u2060账.xlsx", "台_账.xlsx"],
    "GBK": ["台账.xlsx", os.fsdecode("台账.xlsx".encode("gb18030"))],
}


@pytest.mark.parametrize("twins", TWINS.values(), ids=TWINS)
def test_files_whose_names_look_the_same_are_all_kept(run, ledger, folder: DistrictFolder, twins: list[str]) -> None:
    contents = set()
    for number, name in enumerate(twins):
        path = write_book(folder.drop.path / name, cover={"填报人": f"第{number}人"})
        contents.add(path.read_bytes())
    assert len(contents) == len(twins)
    for _ in twins:
        run()
    assert len(ledger.receipts) == len(twins)
    assert ledger.settled == set(ledger.receipts)
    assert names(folder.drop.path) == set()
    assert {path.read_bytes() for path in folder.received.path.iterdir() if path.suffix != ".txt"} == contents
    assert len(names(folder.feedback.path)) == len(twins)


def test_a_twin_of_what_can_not_be_finished_waits(drop, run, ledger, folder: DistrictFolder, monkeypatch) -> None:
    first, second = TWINS["GBK"]
    drop(first)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "write_whole", lambda *_: (_ for _ in ()).throw(OSError(16, "Device or resource busy")))
        assert run() == ReceiveSummary(received=1, unsettled=1)
        drop(second)
        assert run().received == 0
    assert set(ledger.receipts) - ledger.settled == {1}
    assert run() == ReceiveSummary(received=1, finished=1)
    assert ledger.settled == {1, 2}


def test_of_two_for_one_period_the_one_saved_last_comes_last(drop, run, ledger) -> None:
    for name, saved in (("a.xlsx", 1_590_000_300), ("b.xlsx", 1_590_000_100), ("c.xlsx", 1_590_000_200)):
        os.utime(drop(name), (saved, saved))
    for name in ("e.xlsx", "d.xlsx"):
        os.utime(drop(name), (1_590_000_400, 1_590_000_400))
    run()
    assert [ledger.receipts[number].drop.file_name[0] for number in range(1, 6)] == ["b", "c", "a", "d", "e"]


def test_a_folder_dropped_whole(drop, run, ledger, folder: DistrictFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("六月/控辍/台账.xlsx", "六月/台账.xlsx", "台账.xlsx"):
        (folder.drop.path / name).parent.mkdir(parents=True, exist_ok=True)
        drop(name)
    (folder.drop.path / "六月" / "Thumbs.db").write_bytes(b"x")
    assert run() == ReceiveSummary(received=3)
    assert [receipt.drop.file_name for receipt in ledger.receipts.values()] == [
        "六月/控辍/台账.xlsx", "六月/台账.xlsx", "台账.xlsx",
    ]  # fmt: skip
    assert ledger.settled == {1, 2, 3}
    assert {name for name in names(folder.received.path) if name.endswith(".xlsx")} == {
        "六月_控辍_台账.xlsx", "六月_台账.xlsx", "台账.xlsx",
    }  # fmt: skip
    assert "六月_台账_回执2_已收到.txt" in names(folder.feedback.path)
    assert names(folder.drop.path) == {"六月"}
    now = first_seen.since_boot()
    for later in (61, 122):
        monkeypatch.setattr(time, "clock_gettime", lambda _, later=later: now + later)
        assert run() == ReceiveSummary()
    assert names(folder.drop.path) == set()


def test_a_shortcut_is_told(drop, run, ledger, folder: DistrictFolder) -> None:
    drop("台账.xlsx - 快捷方式.lnk", b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(100))
    drop("台账.url", b"[InternetShortcut]\r\nURL=file:///C:/a.xlsx\r\n")
    assert run() == ReceiveSummary(received=2, rejected_at_once=2)
    told = [openpyxl.load_workbook(path)["问题清单"] for path in folder.feedback.path.glob("*.xlsx")]
    assert len(told) == 2
    assert all("快捷方式" in "".join(str(cell.value) for cell in sheet[2]) for sheet in told)


def test_a_file_saved_again_after_it_was_moved_is_a_new_drop(drop, run, ledger, folder: DistrictFolder) -> None:
    drop()
    run()
    drop()
    assert run() == ReceiveSummary(received=1)
    assert len([name for name in names(folder.received.path) if name.endswith(".xlsx")]) == 2


def test_a_link_under_the_name_we_write_with_is_not_written_through(
    drop, run, folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "precious").write_text("x")
    names = iter(["first", "second", "third"])
    monkeypatch.setattr(secrets, "token_hex", lambda _: next(names))
    (folder.feedback.path / ".first.tmp").symlink_to(tmp_path / "precious")
    drop()
    with pytest.raises(SystemFault, match="FileExistsError"):
        run()
    assert run() == ReceiveSummary(finished=1)
    assert (tmp_path / "precious").read_text() == "x"
