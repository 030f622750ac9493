"""Pictures in place of values and of whole tables (docs/rules.md, T07, F11, F14)."""

import pytest

from followed import checked, marked, mended, told
from ledger_book import CASES, ENROLMENT, case, write_book
from pictured_book import picture_of_excel, picture_of_wps, picture_over

NAME, CHANNEL, REMARK = "B5", "P5", "R5"
OF_WPS = [
    '<c r="{}" t="str"><f>_xlfn.DISPIMG</f><v>=DISPIMG</v></c>',
    '<c r="{}"><f>_xlfn.DISPIMG</f></c>',
    '<c r="{}" t="str"><f>DISPIMG</f><v></v></c>',
    '<c r="{}" t="e"><f>_xlfn.DISPIMG</f><v>#NAME?</v></c>',
    '<c r="{}" t="inlineStr"><is><t>=DISPIMG</t></is></c>',
]


def book(path):
    return write_book(path, cases=[case(number, 备注="x", 安置方式="其他") for number in range(1, 41)])


@pytest.mark.parametrize(
    ("cell", "content"),
    [
        (NAME, OF_WPS[0]),
        (CHANNEL, OF_WPS[3]),
        *(pytest.param(cell, one, marks=pytest.mark.slow) for cell in (NAME, CHANNEL) for one in OF_WPS),
    ],
)
def test_a_picture_in_a_cell_of_wps_is_no_value_and_no_error(tmp_path, register, cell, content):
    path = picture_of_wps(book(tmp_path / "book.xlsx"), 2, cell, content.format(cell))
    answer = checked(path, register)
    assert told(answer) == [("T07", CASES, cell)]
    assert "图片" in answer.findings[0].message
    copy = marked(path, answer)
    assert told(checked(copy, register)) == [("T07", CASES, cell)]
    assert told(checked(mended(copy, lambda book: book[CASES].__setitem__(cell, "其他")), register)) == []


@pytest.mark.parametrize("cell", [NAME, CHANNEL])
def test_a_picture_that_excel_placed_in_a_cell(tmp_path, register, cell):
    path = picture_of_excel(book(tmp_path / "book.xlsx"), 2, cell)
    answer = checked(path, register)
    assert told(answer) == [("T07", CASES, cell)]
    assert told(checked(marked(path, answer), register)) == [("T07", CASES, cell)]


@pytest.mark.parametrize("content", [OF_WPS[0], OF_WPS[4]])
def test_a_picture_in_a_remark_is_an_empty_remark(tmp_path, register, content):
    path = picture_of_wps(book(tmp_path / "book.xlsx"), 2, REMARK, content.format(REMARK))
    answer = checked(path, register)
    assert [(one.rule, one.cell) for one in answer.findings] == [("T10", REMARK)]
    assert answer.counts[0].loaded == 40
    assert marked(path, answer)


def test_an_error_of_several_parts_that_is_no_picture_is_an_error(tmp_path, register):
    path = mended(book(tmp_path / "book.xlsx"), lambda book: book[CASES].__setitem__(NAME, "#VALUE!"))
    assert told(checked(path, register)) == [("T06", CASES, NAME)]


def test_a_signature_that_is_a_picture_is_no_name_of_who_filled_it_in(tmp_path, register):
    path = picture_of_wps(book(tmp_path / "book.xlsx"), 1, "B7", OF_WPS[0].format("B7"))
    answer = checked(path, register)
    assert told(answer) == [("F05", "封面", "B7")]
    assert "图片" in answer.findings[0].message


def test_a_picture_of_the_table_in_place_of_rows_is_said(tmp_path, register):
    path = picture_over(write_book(tmp_path / "book.xlsx", cases=[], enrolment=[]), 2)
    answer = checked(path, register)
    assert told(answer) == [("F14", None, None)]
    assert f"“{CASES}”" in answer.findings[0].message
    assert "图片" in answer.findings[0].message
    assert ENROLMENT not in answer.findings[0].message
    copy = marked(path, answer)
    assert "图片" in checked(copy, register).findings[0].message


def test_a_picture_of_the_table_in_place_of_headers_and_rows_is_said_once(tmp_path, register):
    path = write_book(tmp_path / "book.xlsx", change=lambda book: book[CASES].delete_rows(1, 100))
    answer = checked(picture_over(path, 2), register)
    assert told(answer) == [("F11", CASES, None)]
    assert "图片" in answer.findings[0].message


def test_a_picture_beside_rows_is_nobodys_fault(tmp_path, register):
    assert told(checked(picture_over(book(tmp_path / "book.xlsx"), 2), register)) == []
