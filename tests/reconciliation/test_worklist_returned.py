"""待核对.xlsx dropped back: what is taken in and what not, and how the district is told."""

from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl.workbook import Workbook

from district_reports import failpoints
from district_reports.cli import main
from district_reports.receiving.summary import ReceiveSummary
from district_reports.upkeep.verify import verify
from killed import Killed
from ledger_book import write_book
from submitted import JINPU, XIGANG, ZHONGSHAN
from worklist_city import LIST, NUMBER, OTHER, SOUND, TEXT, WorklistCity, rule_on

UNKNOWN = "本单位没有这个编号"


def problems() -> list[str]:
    """What does not agree, but for the reports of these tests: nobody archived them."""
    found = verify(hashes=False, patience=timedelta(0)).problems
    return [words for words in found if not words.startswith("archived original is missing")]


def test_what_is_taken_in_and_how_it_is_told(paid_twice: WorklistCity) -> None:
    said = paid_twice.send(paid_twice.filled_in({1: SOUND, 2: f"  {OTHER}\u3000"}))
    assert said == (
        "收下：2 项，编号 1、2。\n没有填写“情况说明”的 1 项，以前的说明不变。\n\n"
        "新的说明第二天早上写进“反馈”里的“待核对.xlsx”。\n"
    )
    assert paid_twice.said() == [(1, 1, ZHONGSHAN, SOUND), (2, 1, ZHONGSHAN, OTHER)]
    folder = paid_twice.folders[ZHONGSHAN]
    assert list(folder.drop.path.iterdir()) == []
    assert sorted(path.name for path in folder.received.path.iterdir()) == [LIST, "待核对_回执3.txt"]
    assert problems() == []


def test_it_is_no_report(paid_twice: WorklistCity, capsys: pytest.CaptureFixture[str]) -> None:
    before = paid_twice.ask("SELECT * FROM ledger.submission ORDER BY submission_id")
    paid_twice.send(paid_twice.filled_in({1: SOUND}))
    assert paid_twice.ask("SELECT * FROM ledger.submission ORDER BY submission_id") == before
    [(receipt,)] = paid_twice.ask("SELECT receipt_id FROM reconciliation.returned")
    assert paid_twice.receive() == ReceiveSummary()
    assert main(["status"]) == 0
    assert "无法受理" not in capsys.readouterr().out
    for command in (["show", str(receipt)], ["withdraw", str(receipt), "--reason", "错了"]):
        assert main(command) != 0
    assert "worklist" in capsys.readouterr().err


def test_dropped_twice_it_does_no_harm(paid_twice: WorklistCity) -> None:
    book = paid_twice.drop(paid_twice.filled_in({1: SOUND}))
    kept = book.read_bytes()
    paid_twice.receive()
    book.write_bytes(kept)
    paid_twice.receive()
    assert "与已有的说明相同，没有变化：1 项，编号 1。" in paid_twice.notice()
    assert paid_twice.said() == [(1, 1, ZHONGSHAN, SOUND)]
    # And the new list, which holds what was said, returned as it is.
    paid_twice.night("2020-07-05")
    assert paid_twice.send(paid_twice.path()).startswith("与已有的说明相同，没有变化：1 项，编号 1。\n没有填写")
    assert len(paid_twice.said()) == 1


def test_a_new_text_takes_the_place_of_the_one_before_and_an_empty_cell_of_none(paid_twice: WorklistCity) -> None:
    paid_twice.send(paid_twice.filled_in({1: SOUND}))
    paid_twice.night("2020-07-05")
    paid_twice.send(paid_twice.filled_in({1: OTHER}))
    paid_twice.night("2020-07-06")
    paid_twice.send(paid_twice.filled_in({1: None}))
    paid_twice.night("2020-07-07")
    assert [row["情况说明"] for row in paid_twice.rows() if row["编号"] == 1] == [OTHER]
    assert [text for *_, text in paid_twice.said()] == [SOUND, OTHER]


def test_texts_of_one_item_are_joined(paid_twice: WorklistCity) -> None:
    paid_twice.night()
    book = Workbook()
    sheet = book.active
    sheet.title = "待核对"
    sheet.append(["编号", "情况说明"])
    for line in ((1, SOUND), (2, "无"), (1, OTHER), (2, SOUND), (1, SOUND), (1, None), (2, "/")):
        sheet.append(line)
    assert "收下：2 项，编号 1、2。" in paid_twice.send(book)
    assert paid_twice.said() == [(1, 1, ZHONGSHAN, f"{SOUND}；{OTHER}"), (2, 1, ZHONGSHAN, SOUND)]


def test_both_sides_speak_for_themselves(paid_twice: WorklistCity) -> None:
    paid_twice.send(paid_twice.filled_in({1: SOUND}))
    paid_twice.send(paid_twice.filled_in({1: OTHER}, XIGANG), XIGANG)
    paid_twice.night("2020-07-05")
    (own,) = (row for row in paid_twice.rows() if row["编号"] == 1)
    (other,) = (row for row in paid_twice.rows(XIGANG) if row["编号"] == 1)
    assert (own["状态"], own["情况说明"], other["状态"], other["情况说明"]) == ("已说明", SOUND, "已说明", OTHER)


# What is not taken in, and why.


@pytest.mark.parametrize("text", ["无", "/", "—", "是。", "12", "✓✓"])
def test_a_text_that_explains_nothing(paid_twice: WorklistCity, text: str) -> None:
    said = paid_twice.send(paid_twice.filled_in({1: text}))
    assert said.startswith("没有收下：\n· 编号 1：没有说明原因，请写明原因。")
    assert "第二天早上写进" not in said
    assert paid_twice.said() == []


@pytest.mark.parametrize("number", [4, 77, 10**17])
def test_an_item_of_others_is_as_unknown_as_none(paid_twice: WorklistCity, number: int) -> None:
    paid_twice.aid("210204", 4)
    paid_twice.aid("210211", 4)
    paid_twice.night("2020-07-05")
    assert list(paid_twice.states("210204")) == [4]
    book = paid_twice.filled_in({})
    book["待核对"].cell(2, NUMBER).value = number
    book["待核对"].cell(2, TEXT).value = SOUND
    said = paid_twice.send(book)
    assert said.startswith(f"没有收下：\n· 编号 {number}：本单位没有这个编号，请照“待核对.xlsx”核对编号。\n")
    assert "第二天早上" not in said
    assert paid_twice.said() == []


def test_what_is_gone_or_ruled(paid_twice: WorklistCity) -> None:
    old = paid_twice.filled_in({1: SOUND, 2: SOUND, 3: SOUND})
    paid_twice.aid(ZHONGSHAN, 1, 3)
    rule_on(1)
    paid_twice.night("2020-07-05")
    assert paid_twice.states() == {3: "待核对", 1: "已裁定", 2: "已消除"}
    assert paid_twice.send(old).startswith(
        "收下：1 项，编号 3。\n没有收下：\n· 编号 1：市教育局已有结论，不用再说明。\n"
        "· 编号 2：数据里已经没有这一项，不用再说明。\n"
    )
    assert [number for number, *_ in paid_twice.said()] == [3]


def test_a_long_list_is_read_to_its_end(paid_twice: WorklistCity) -> None:
    book = paid_twice.filled_in({})
    sheet = book["待核对"]
    sheet.delete_rows(3)
    sheet.insert_rows(3, 5000)
    for row in range(3, 5003):
        sheet.cell(row, NUMBER).value, sheet.cell(row, TEXT).value = 100_000 + row, SOUND
    sheet.cell(5003, NUMBER).value, sheet.cell(5003, TEXT).value = 2, OTHER
    said = paid_twice.send(book)
    assert "收下：1 项，编号 2。" in said
    assert "、100202 等 5000 项：本单位没有这个编号" in said
    assert paid_twice.said() == [(2, 1, ZHONGSHAN, OTHER)]


def test_a_formula_an_error_and_a_row_without_number(paid_twice: WorklistCity) -> None:
    book = paid_twice.filled_in({2: "=NOW()", 3: SOUND})
    sheet = book["待核对"]
    sheet.cell(2, TEXT).value = "#REF!"
    sheet.cell(2, TEXT).data_type = "e"
    sheet.append([None] * (TEXT - 1) + [SOUND])
    sheet.append(["三"] + [None] * (TEXT - 2) + [OTHER])
    sheet.append([-2] + [None] * (TEXT - 2) + [OTHER])
    assert paid_twice.send(book).startswith(
        "收下：1 项，编号 3。\n没有收下：\n· 编号 1、2：“情况说明”里是公式或错误值，请直接写文字。\n"
        "· 第 5、6、7 行：看不出编号，请照“待核对.xlsx”补上。\n"
    )
    assert paid_twice.said() == [(3, 1, ZHONGSHAN, SOUND)]


def test_a_text_that_is_too_long_is_cut_and_said_so(paid_twice: WorklistCity) -> None:
    assert "收下，但太长，只记前 1000 字：1 项，编号 1。" in paid_twice.send(paid_twice.filled_in({1: "说" * 1001}))
    assert paid_twice.said() == [(1, 1, ZHONGSHAN, "说" * 1000)]


def test_a_list_with_nothing_in_it(paid_twice: WorklistCity) -> None:
    said = paid_twice.send(paid_twice.path())
    assert said.startswith("“待核对”工作表里没有填写“情况说明”，这次没有收下说明。")


# What it is, and what not.


def test_a_workbook_with_a_cover_is_a_report(paid_twice: WorklistCity) -> None:
    def with_list(book: Workbook) -> None:
        book.create_sheet("待核对").append(["编号", "情况说明"])

    write_book(paid_twice.folders[ZHONGSHAN].drop.path / "台账.xlsx", change=with_list)
    assert paid_twice.receive() == ReceiveSummary(received=1)
    assert paid_twice.ask("SELECT count(*) FROM reconciliation.returned") == [(0,)]
    assert paid_twice.ask("SELECT form, period FROM ledger.submission ORDER BY receipt_id DESC LIMIT 1") == [
        ("dropout_control", "2020-06")
    ]


def test_a_sheet_without_numbers_is_rejected_as_ever(paid_twice: WorklistCity) -> None:
    book = Workbook()
    book.active.title = "待核对"
    book.active.append(["序号", "情况说明"])
    paid_twice.drop(book)
    assert paid_twice.receive().rejected_at_once == 1
    rules = "SELECT rule FROM findings.finding JOIN ledger.submission USING (submission_id) WHERE form IS NULL"
    assert paid_twice.ask(rules) == [("F05",)]


def test_a_dangerous_one_is_rejected_as_ever(paid_twice: WorklistCity) -> None:
    book = paid_twice.filled_in({1: SOUND})
    book["待核对"]["A9"] = "=[1]Sheet1!A1"
    path = paid_twice.drop(book)
    path.write_bytes(path.read_bytes()[:-200])
    assert paid_twice.receive().rejected_at_once == 1
    assert paid_twice.said() == []


def test_a_precheck_tells_what_would_be_and_keeps_nothing(paid_twice: WorklistCity) -> None:
    path = paid_twice.drop(paid_twice.filled_in({1: SOUND, 2: "无"}), precheck=True)
    assert paid_twice.receive() == ReceiveSummary(received=1)
    said = paid_twice.notice()
    assert said.startswith("这份文件放在“预检”里，只检查，没有收下。")
    assert "会收下：1 项，编号 1。\n不会收下：\n· 编号 2：没有说明原因" in said
    assert paid_twice.said() == []
    assert path.exists()
    assert [each.name[:3] for each in paid_twice.folders[ZHONGSHAN].feedback.path.glob("*回执*")] == ["预检_"]
    assert list(paid_twice.folders[ZHONGSHAN].received.path.iterdir()) == []
    assert paid_twice.receive() == ReceiveSummary()
    path.rename(paid_twice.folders[ZHONGSHAN].drop.path / LIST)
    assert paid_twice.receive() == ReceiveSummary(received=1)
    assert paid_twice.said() == [(1, 1, ZHONGSHAN, SOUND)]


# Killed at each boundary.


BOUNDARIES = (
    *("receive: identified", "receive: archived", "record: worklist before commit", "receive: recorded"),
    *("receive: noticed", "receive: note written", "receive: moved", "receive: settled"),
)


@pytest.mark.parametrize("point", BOUNDARIES)
def test_killed_at_any_boundary_it_ends_as_undisturbed(
    paid_twice: WorklistCity, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    reached = []

    def hook(at: str) -> None:
        if at == point:
            reached.append(at)
            monkeypatch.setattr(failpoints, "hook", None)
            raise Killed

    paid_twice.drop(paid_twice.filled_in({1: SOUND, 2: "无"}))
    monkeypatch.setattr(failpoints, "hook", hook)
    with pytest.raises(Killed):
        paid_twice.receive()
    assert reached == [point]
    paid_twice.receive()
    paid_twice.receive()

    folder = paid_twice.folders[ZHONGSHAN]
    assert paid_twice.said() == [(1, 1, ZHONGSHAN, SOUND)]
    assert paid_twice.ask(
        "SELECT count(*), count(settled_at) FROM reconciliation.returned JOIN ledger.receipt USING (receipt_id)"
    ) == [(1, 1)]
    assert paid_twice.notice().startswith("收下：1 项，编号 1。\n没有收下：\n· 编号 2")
    assert list(folder.drop.path.iterdir()) == []
    assert [path.name for path in folder.received.path.glob("*.xlsx")] == [LIST]
    [note] = folder.received.path.glob("*.txt")
    assert "存放为：待核对.xlsx" in note.read_text("utf-8-sig")
    assert problems() == []


def test_a_report_under_the_name_of_a_list_that_was_cut_off(
    paid_twice: WorklistCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clerk exchanges the file between the crash and the next call."""

    def hook(at: str) -> None:
        if at == "receive: recorded":
            monkeypatch.setattr(failpoints, "hook", None)
            raise Killed

    path = paid_twice.drop(paid_twice.filled_in({1: SOUND}))
    monkeypatch.setattr(failpoints, "hook", hook)
    with pytest.raises(Killed):
        paid_twice.receive()
    write_book(path)
    assert paid_twice.receive() == ReceiveSummary(received=1, finished=1)
    assert paid_twice.said() == [(1, 1, ZHONGSHAN, SOUND)]
    assert paid_twice.ask("SELECT form FROM ledger.submission ORDER BY receipt_id DESC LIMIT 1") == [
        ("dropout_control",)
    ]


def test_a_merged_district_and_its_successor_speak_for_the_rows(reference_folder: Path, city: WorklistCity) -> None:
    from publish.test_mergers import merge

    city.aid(JINPU, 1, 2)
    city.aid(XIGANG, 1, 2)
    city.night()
    last = city.filled_in({1: SOUND}, XIGANG)
    merge(reference_folder, "2020-08-05")
    city.night("2020-08-05")
    assert "收下：1 项，编号 1。" in city.send(last, XIGANG)
    assert "收下：1 项，编号 2。" in city.send(city.filled_in({2: OTHER}))
    city.night("2020-08-06")
    assert [(row["编号"], row["情况说明"]) for row in city.rows()] == [(1, SOUND), (2, OTHER)]
