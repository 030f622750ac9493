"""The notice that a clerk drops back: known by its content, believed only with the right number, district and proof."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from district_reports.feedback.withdrawal_note import Note, identified, proof_of, read_note
from district_reports.ledger.receipts import Identity
from district_reports.ledger.withdrawals import reported
from district_reports.model.finding import Finding
from district_reports.model.lock import as_declared
from district_reports.receiving.receive import ReceiveSummary
from district_reports.storage.folders import DistrictFolder, district_folders


@pytest.fixture
def notice(drop, run, folder: DistrictFolder) -> str:
    """The notice of a workbook that was received as number 1."""
    drop()
    run()
    (path,) = folder.feedback.path.glob("*_回执1_已收到.txt")
    return path.read_text("utf-8-sig")


def yes(notice: str) -> str:
    changed = notice.replace("撤回：否", "撤回：是")
    assert changed != notice
    return changed


WAYS: dict[str, Callable[[str], bytes]] = {
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-8": lambda text: text.encode(),
    "ANSI": lambda text: text.encode("gb18030"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 BE": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "CR LF": lambda text: text.replace("\n", "\r\n").encode(),
    "half-width colons": lambda text: text.replace("：", ":").encode(),
    "spaces": lambda text: text.replace("：", " ： ").replace("撤回", "　撤 回").replace("\n", "  \n").encode(),
    "full-width digits": lambda text: text.replace("回执号：1", "回执号：１").encode(),
    "a full stop": lambda text: text.replace("撤回：是", "撤回：是。").encode(),
    "other lines gone": lambda text: "\n".join(
        line for line in text.splitlines() if line.startswith(("回执号", "撤回", "识别码"))
    ).encode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_notice_with_yes_takes_its_report_back(notice, drop, run, ledger, folder, way: str) -> None:
    drop("随便什么.dat", WAYS[way](yes(notice)))
    assert run() == ReceiveSummary(received=1)
    reported = ledger.receipts[1]
    assert ledger.receipts[2].identity == Identity(
        form="dropout_control", period="2020-06", withdraws=reported.submission_id
    )
    assert list(folder.drop.path.iterdir()) == []
    assert (folder.received.path / "随便什么.dat").exists()
    (told,) = folder.feedback.path.glob("*_回执2_已收到.txt")
    text = told.read_text("utf-8-sig")
    assert "系统将处理撤回" in text
    # A withdrawal is not withdrawn.
    assert "识别码" not in text


def refused(run, ledger, folder: DistrictFolder) -> str:
    """The message for the drop that was refused just now, which the answer must hold as well."""
    assert run() == ReceiveSummary(received=1, rejected_at_once=1)
    receipt = ledger.receipts[max(ledger.receipts)]
    (found,) = receipt.rejection.findings
    assert found.rule == "F01"
    assert receipt.rejection.reason == f"撤回没有受理：{found.message}"
    (path,) = folder.feedback.path.glob(f"*_回执{receipt.receipt_id}.xlsx")
    assert openpyxl.load_workbook(path)["问题清单"]["G2"].value == found.message
    return found.message


CHANGES = {
    "unchanged": ("", "", "写的不是“是”"),
    "neither": ("撤回：否", "撤回：不知道", "写的不是“是”"),
    "nothing": ("撤回：否", "撤回：", "写的不是“是”"),
    "no such receipt": ("回执号：1", "回执号：77", "没有这个回执号的报表"),
    "a huge receipt": ("回执号：1", "回执号：" + "9" * 40, "“回执号”缺失或被改动"),
    "no receipt": ("回执号：1", "", "“回执号”缺失或被改动"),
    "no answer": ("撤回：否", "", "“撤回”缺失或被改动"),
    "two answers": ("撤回：否", "撤回：否\n撤回：是", "“撤回”缺失或被改动"),
    "no proof": ("识别码：", "", "“识别码”缺失或被改动"),
    "a wrong proof": ("识别码：", "识别码：0", "“识别码”缺失或被改动"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_other_notice_is_refused_in_words(notice, drop, run, ledger, folder, change: str) -> None:
    old, new, words = CHANGES[change]
    text = notice.replace(old, new) if old else notice
    drop("撤回.txt", text.encode())
    assert words in refused(run, ledger, folder)


@pytest.mark.parametrize(
    ("old", "written"), [("撤回：否", "撤回：王小明"), ("回执号：1", "回执号：210202200903011237")]
)
def test_a_refusal_quotes_the_notice_to_its_district_only(notice, drop, run, ledger, folder, old, written) -> None:
    drop("撤回.txt", notice.replace(old, written).encode())
    quoted = written.partition("：")[2]
    assert quoted not in refused(run, ledger, folder)
    (found,) = ledger.receipts[max(ledger.receipts)].rejection.findings
    assert found.value == quoted


def test_another_districts_notice_is_refused(notice, drop, run, ledger, folder, deployment) -> None:
    other = next(each for each in district_folders(deployment.uploads) if each.code == "210203")
    (other.drop.path / "撤回.txt").write_text(yes(notice), encoding="utf-8")
    assert "本单位没有这个回执号的报表" in refused(run, ledger, other)


def test_a_withdrawal_and_a_file_of_no_form_can_not_be_taken_back(notice, drop, run, ledger, folder) -> None:
    drop("撤回.txt", yes(notice).encode())
    run()
    drop("信.pdf", b"%PDF-1.7")
    run()
    for number in (2, 3):
        proof = proof_of(ledger.receipts[number].drop.sha256)
        drop("撤回.txt", f"回执号：{number}\n撤回：是\n识别码：{proof}\n".encode())
        assert f"回执 {number} 的文件没有入库" in refused(run, ledger, folder)


def test_a_locked_period_is_the_offices_affair(notice, loader, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text(yes(notice), encoding="utf-8")
    note = read_note(path)
    with loader.begin() as connection:
        receipt = reported(connection, 1)
    assert isinstance(identified(note, "210202", receipt, date(2020, 8, 19), as_declared), Identity)
    late = identified(note, "210202", receipt, date(2020, 8, 20), as_declared)
    assert isinstance(late, Finding)
    assert "已在 2020-08-19 24:00 锁定" in late.message
    reopened = identified(note, "210202", receipt, date(2020, 8, 20), lambda *_: date(2020, 8, 31))
    assert isinstance(reopened, Identity)
    checked_only = identified(note, "210202", replace(receipt, channel="预检"), date(2020, 7, 4), as_declared)
    assert isinstance(checked_only, Finding)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        "尊敬的领导：请撤回我们的报表。".encode(),
        "撤回：是".encode(),
        "已收到：a.xlsx\n回执号：1\n".encode(),
        "学校,人数\n一中,3\n".encode("gb18030"),
        ("回执号：1\n撤回：是\n识别码：0\n" + "x" * 70_000).encode(),
    ],
)
def test_other_texts_are_no_notes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert read_note(path) is None


def test_a_workbook_is_no_note(ledger_workbook: Path) -> None:
    assert read_note(ledger_workbook) is None


def test_a_note_cut_off_in_the_middle_is_still_known(notice, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    content = yes(notice).encode("utf-8-sig")
    end = content.index("识别码".encode()) + 4
    path.write_bytes(content[:end])
    assert read_note(path) == Note("1", "是", None)


def test_the_receipt_beside_the_original_works_as_well(notice, drop, run, ledger, folder) -> None:
    text = (folder.received.path / "台账_回执1.txt").read_text("utf-8-sig")
    drop("撤回.txt", yes(text).encode())
    assert run() == ReceiveSummary(received=1)
    assert ledger.receipts[2].identity.withdraws == ledger.receipts[1].submission_id
