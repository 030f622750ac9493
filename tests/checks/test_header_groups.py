"""Several rows of headers, with captions of groups merged over them (docs/rules.md, F18)."""

import pytest
from openpyxl import Workbook

from district_reports.checks.headers import find_headers
from district_reports.forms import forms
from district_reports.model.finding import Severity
from district_reports.workbook.raw import MergedRange, RawSheet, SheetProperties
from headers_book import GROUPS, LAST, grouped, places, row_numbers
from ledger_book import CASES, resident_id


@pytest.mark.parametrize(("top", "levels"), [(2, 2), (3, 2), (4, 2), (2, 3), (3, 3), (4, 3), (6, 2)])
def test_captions_of_groups_over_the_headers(check, top, levels):
    checked = check(change=lambda book: grouped(book[CASES], top, levels))

    (said,) = checked.findings
    assert (said.rule, said.severity, said.cell) == ("F18", Severity.INFO, f"A{top}")
    assert f"第 {top} 至 {top + levels - 1} 行" in said.message
    assert row_numbers(checked) == list(range(top + levels, top + levels + 40))
    assert checked.rows["dropout_case"]["resident_id"].to_pylist() == [resident_id(number) for number in range(1, 41)]


def test_two_rows_of_headers_that_nothing_merges(check):
    def change(book: Workbook) -> None:
        sheet = book[CASES]
        sheet.move_range("A4:R43", rows=1)
        for column in range(9, 18):
            sheet.cell(4, column, sheet.cell(3, column).value)
            sheet.cell(3, column).value = "辍学和劝返情况" if column == 9 else None

    checked = check(change=change)

    assert places(checked) == [("F18", "info", "A3")]
    assert row_numbers(checked) == list(range(5, 45))


def test_places_in_a_sheet_with_two_rows_of_headers(check):
    def change(book: Workbook) -> None:
        grouped(book[CASES], 3, 2)
        sheet = book[CASES]
        sheet["S4"], sheet["T9"] = "姓 名", "没有表头"
        sheet["M8"] = "两次"

    assert places(check(change=change)) == [("F13", "critical", "S4")]

    def without_the_second_name(book: Workbook) -> None:
        change(book)
        book[CASES]["S4"] = "班主任"
        book[CASES].column_dimensions["B"].hidden = True
        book[CASES].column_dimensions["M"].hidden = True

    assert sorted(places(check(change=without_the_second_name))) == [
        ("F12", "warning", "S4"),
        ("F12", "warning", "T4"),
        ("F18", "info", "A3"),
        ("T02", "critical", "M8"),
        ("T11", "warning", "B3"),
        ("T11", "warning", "M4"),
    ]


def test_every_header_merged_over_two_rows(check):
    def change(book: Workbook) -> None:
        sheet = book[CASES]
        sheet.move_range("A4:R43", rows=1)
        for column in range(1, LAST + 1):
            sheet.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)

    checked = check(change=change)

    assert places(checked) == [("F18", "info", "A3")]
    assert row_numbers(checked) == list(range(5, 45))


def test_a_header_merged_into_the_data_is_merged_data(check):
    checked = check(change=lambda book: book[CASES].merge_cells("R3:R4"))

    assert places(checked) == [("T12", "critical", "R3")]
    assert [row for row, _ in checked.quarantined["dropout_case"]] == [4]


def test_captions_in_row_2_are_no_headers(check):
    def change(book: Workbook) -> None:
        sheet = book[CASES]
        sheet.unmerge_cells("A2:R2")
        for caption, first, last in GROUPS:
            sheet.cell(2, first, caption)
            sheet.merge_cells(start_row=2, end_row=2, start_column=first, end_column=last)

    assert places(check(change=change)) == []


def test_merges_that_run_down_the_whole_sheet_hide_no_data():
    form = forms()["dropout_control"]
    sheet = form.sheets[1]
    columns = tuple((None, None, column.title, *("1" for _ in range(97))) for column in sheet.columns)
    merged = tuple(MergedRange(3, column, 100, column) for column in range(1, len(columns) + 1))

    assert find_headers(sheet, RawSheet(sheet.title, columns, SheetProperties(merged))).first_data_row == 4
