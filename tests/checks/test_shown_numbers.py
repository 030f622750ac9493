"""Numbers that their format shows as something else (docs/rules.md, T02 and T10), and a date that there is not."""

from decimal import Decimal

import pytest
import xlsxwriter
from openpyxl import Workbook

from district_reports.checks.convert import convert
from district_reports.model.form import Column, Type
from district_reports.workbook.raw import FormattedNumber
from district_reports.workbook.reading.child import read
from district_reports.workbook.reading.reader import read_sheets
from followed import checked, marked, mended, told
from ledger_book import CASES, ENROLMENT, write_book

WAN = '0!.0,"万"'


def put(address: str, value: object, code: str, sheet: str = CASES):
    def change(book: Workbook) -> None:
        book[sheet][address] = value
        book[sheet][address].number_format = code

    return change


@pytest.mark.parametrize(
    ("address", "sheet", "value", "code", "shown"),
    [("M5", CASES, 2, "0%", "200%"), ("G5", CASES, 0.07, "0.00%", "7.00%"), ("B4", ENROLMENT, 12345, WAN, "1.2万")],
)
def test_a_number_in_percent_or_in_a_larger_unit_is_none(tmp_path, register, address, sheet, value, code, shown):
    path = write_book(tmp_path / "book.xlsx", change=put(address, value, code, sheet))
    answer = checked(path, register)
    assert told(answer) == [("T02", sheet, address)]
    [found] = answer.findings
    assert found.value == shown
    assert f"“{shown}”" in found.message
    assert f"{value}。" in found.message
    copy = marked(path, answer)
    assert told(checked(copy, register)) == told(answer)

    def as_told(book: Workbook) -> None:
        put(address, 900 if sheet == ENROLMENT else 7, "General", sheet)(book)

    assert told(checked(mended(copy, as_told), register)) == []


def test_a_school_code_is_read_as_its_format_shows_it(check):
    answer = check(change=put("F5", 20002, '"21020"00000'))
    assert [(one.rule, one.cell) for one in answer.findings] == [("T10", "F5")]
    assert "2102020002" in answer.findings[0].message
    assert answer.rows["dropout_case"].column("school_code")[1].as_py() == "2102020002"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Column(name="no", title="教师编号", type=Type.TEXT, key=True), "00123"),
        (Column(name="subject", title="任教学科", type=Type.TEXT), "123"),
        (Column(name="count", title="人数", type=Type.INTEGER), 123),
        (Column(name="hours", title="学时", type=Type.DECIMAL), Decimal("123.00")),
    ],
)
def test_digits_that_only_the_format_adds_count_in_identifiers(column, value):
    converted = convert(FormattedNumber(123.0, "00123", is_scaled=False), column, frozenset())
    assert converted.value == value
    assert (converted.normal == "00123") == (value == "00123")


def test_zero_in_a_format_of_dates_is_no_time_of_day(check):
    [found] = check(change=put("I5", 0, "yyyy-mm-dd")).findings
    assert (found.rule, found.cell, found.value) == ("T03", "I5", "1900-01-00")
    assert "几点几分" not in found.message


def test_a_large_sheet_is_read_alike_by_columns_and_by_cells(tmp_path):
    path = tmp_path / "large.xlsx"
    with xlsxwriter.Workbook(path) as book:
        formats = [book.add_format({"num_format": code}) for code in ("0%", "00000", WAN, "yyyy-mm-dd")]
        sheet = book.add_worksheet(CASES)
        sheet.write_row(2, 0, ["一", "二", "三", "四", "五"])
        for row in range(3, 2000):
            for column, format_ in enumerate([*formats, None]):
                plain = row % 7 == 0 and column < 3
                sheet.write_number(row, column, row if column else row / 100, None if plain else format_)
    [by_columns], [by_cells] = (read_sheets(path, [CASES], *how) for how in ((), (None,)))
    [sent] = read(path, [CASES]).sheets
    assert by_columns.columns == by_cells.columns == sent.columns
    assert by_columns.cell(4, 1) == FormattedNumber(0.03, "3%", is_scaled=True)
    assert by_columns.cell(4, 2) == FormattedNumber(3.0, "00003", is_scaled=False)
    assert by_columns.cell(8, 1) == 0.07
    assert type(by_columns.columns).__name__ == "ArrowColumns"
