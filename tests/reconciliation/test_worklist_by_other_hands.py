"""待核对.xlsx dropped back as clerks and their programs leave it: old, copied together, sorted, cut, saved again."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from publish.records import payment
from submitted import XIGANG, ZHONGSHAN
from worklist_city import LIST, NUMBER, OTHER, SOUND, TEXT, WorklistCity


def changed(city: WorklistCity, day: str) -> Workbook:
    """A filled-in list from before an amount of item 1 changed."""
    old = city.filled_in({1: SOUND, 2: SOUND})
    city.aid(ZHONGSHAN, payment(1, entitled=600), 2, 3)
    city.night(day)
    return old


@pytest.mark.parametrize("day", ["2020-07-04", "2020-07-06"])
def test_an_old_list_does_not_explain_what_has_changed_since(paid_twice: WorklistCity, day: str) -> None:
    said = paid_twice.send(changed(paid_twice, day), name="改名 (2).xlsx")
    assert said.startswith("收下：1 项，编号 2。\n没有收下：\n· 编号 1：做这份文件以后，报表里的数据又变了")
    assert paid_twice.said() == [(2, 1, ZHONGSHAN, SOUND)]


def test_an_old_list_without_its_hidden_sheet_is_dated_by_its_rows(paid_twice: WorklistCity) -> None:
    old = changed(paid_twice, "2020-07-06")
    del old["标识"]
    assert "编号 1：做这份文件以后" in paid_twice.send(old)


def test_old_rows_copied_into_a_new_list_are_old(paid_twice: WorklistCity) -> None:
    old = changed(paid_twice, "2020-07-06")
    new = paid_twice.filled_in({})
    for row in range(2, new["待核对"].max_row + 1):
        for column in range(1, TEXT + 1):
            new["待核对"].cell(row, column).value = old["待核对"].cell(row, column).value
    assert "编号 1：做这份文件以后" in paid_twice.send(new)


def test_new_rows_copied_into_an_old_list_are_new(paid_twice: WorklistCity) -> None:
    old = changed(paid_twice, "2020-07-06")
    new = paid_twice.filled_in({1: OTHER})
    for row in range(2, old["待核对"].max_row + 1):
        for column in range(1, TEXT + 1):
            old["待核对"].cell(row, column).value = new["待核对"].cell(row, column).value
    assert "收下：1 项，编号 1。" in paid_twice.send(old)
    assert paid_twice.said() == [(1, 2, ZHONGSHAN, OTHER)]


def test_rows_that_tell_no_day_are_taken_as_of_today(paid_twice: WorklistCity) -> None:
    old = changed(paid_twice, "2020-07-06")
    del old["标识"]
    for title in ("首次出现", "已挂天数"):
        column = next(cell.column for cell in old["待核对"][1] if cell.value == title)
        old["待核对"].delete_cols(column)
    assert "收下：2 项，编号 1、2。" in paid_twice.send(old)


def sorted_downwards(book: Workbook) -> None:
    sheet = book["待核对"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for place, row in enumerate(reversed(rows), 2):
        for column, value in enumerate(row, 1):
            sheet.cell(place, column).value = value


def filtered(book: Workbook) -> None:
    sheet = book["待核对"]
    sheet.auto_filter.add_filter_column(0, ["3"])
    for row in (2, 3):
        sheet.row_dimensions[row].hidden = True


def columns_moved_and_deleted(book: Workbook) -> None:
    sheet = book["待核对"]
    texts, numbers = ([cell.value for cell in column] for column in (sheet[chr(64 + TEXT)], sheet["A"]))
    sheet.delete_cols(1, TEXT)
    for row, (text, number) in enumerate(zip(texts, numbers, strict=True), 1):
        for column, value in enumerate((text, "我的备注" if row == 1 else None, number), 1):
            sheet.cell(row, column).value = value


def below_a_title(book: Workbook) -> None:
    sheet = book["待核对"]
    sheet.insert_rows(1, 3)
    sheet["A1"] = "中山区待核对情况"


def numbers_as_text(book: Workbook) -> None:
    for row, text in ((2, " 1 "), (3, "２"), (4, "0003")):
        book["待核对"].cell(row, NUMBER).value = text


def numbers_in_a_format(book: Workbook) -> None:
    for row in (2, 3, 4):
        book["待核对"].cell(row, NUMBER).number_format = "00000"


def sheet_renamed_in_width(book: Workbook) -> None:
    book["待核对"].title = "待 核 对"


def headers_decorated(book: Workbook) -> None:
    sheet = book["待核对"]
    sheet.cell(1, NUMBER).value, sheet.cell(1, TEXT).value = "编 号", "情况说明（必填）*"


def copied_without_the_rest(book: Workbook) -> None:
    del book["标识"], book["填写说明"]
    book.create_sheet("本单位备查").append(["随便什么"])


def list_twice_below_itself(book: Workbook) -> None:
    sheet = book["待核对"]
    for row in [[cell.value for cell in row] for row in sheet.iter_rows()]:
        sheet.append(row)


@pytest.mark.parametrize(
    "change",
    [
        sorted_downwards,
        filtered,
        columns_moved_and_deleted,
        below_a_title,
        numbers_as_text,
        numbers_in_a_format,
        sheet_renamed_in_width,
        headers_decorated,
        copied_without_the_rest,
        list_twice_below_itself,
    ],
)
def test_whatever_was_done_to_the_list(paid_twice: WorklistCity, change: Callable[[Workbook], None]) -> None:
    book = paid_twice.filled_in({1: SOUND, 2: OTHER, 3: f"{SOUND}。\r\n{OTHER}"})
    change(book)
    said = paid_twice.send(book, name="给市局的.xlsx")
    assert said.startswith("收下：3 项，编号")
    assert "没有收下" not in said
    assert sorted(paid_twice.said()) == [
        (1, 1, ZHONGSHAN, SOUND), (2, 1, ZHONGSHAN, OTHER), (3, 1, ZHONGSHAN, f"{SOUND}。 {OTHER}"),
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice (apt: libreoffice-calc-nogui)")
def test_saved_again_by_libreoffice(paid_twice: WorklistCity, tmp_path: Path) -> None:
    old = changed(paid_twice, "2020-07-06")
    old["待核对"].cell(4, TEXT).value = OTHER
    path, again = tmp_path / LIST, tmp_path / "again" / LIST
    old.save(path)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(again.parent), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=400)
    assert openpyxl.load_workbook(again)["标识"].sheet_state == "hidden"
    assert "收下：2 项，编号 2、3。\n没有收下：\n· 编号 1：做这份文件以后" in paid_twice.send(again)


def test_another_districts_list_says_nothing_for_this_one(paid_twice: WorklistCity) -> None:
    theirs = paid_twice.filled_in({1: SOUND, 2: ""}, XIGANG)
    said = paid_twice.send(theirs)
    assert said.startswith("没有收下：\n· 编号 1：这份清单是别的区县的，请填写本单位“反馈”里的“待核对.xlsx”。\n")
    assert paid_twice.said() == []
