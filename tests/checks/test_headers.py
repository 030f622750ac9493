"""Headers in another row than the third, and what stands above and below them (docs/rules.md, F11, F12, F18, T09)."""

import pytest
from openpyxl import Workbook

from district_reports.model.finding import Severity
from headers_book import LAST, copied_headers, data_above, moved, places, row_numbers, shifted
from ledger_book import CASE_HEADERS, CASES, ENROLMENT, ENROLMENT_HEADERS, RECEIVED_ON, case


@pytest.mark.parametrize("lines", [-2, -1, 1, 2, 20])
def test_headers_are_found_where_a_line_was_inserted_or_deleted(check, lines):
    checked = check(change=moved(lines))

    (said,) = checked.findings
    assert (said.rule, said.severity, said.sheet, said.cell) == ("F18", Severity.INFO, CASES, f"A{3 + lines}")
    assert f"第 {3 + lines} 行" in said.message
    assert row_numbers(checked) == list(range(4 + lines, 44 + lines))
    assert (checked.counts[0].rows_read, checked.counts[0].loaded) == (40, 40)


def test_headers_are_found_on_a_sheet_of_three_columns(check):
    checked = check(change=moved(1, ENROLMENT))

    assert [(one.rule, one.sheet, one.cell) for one in checked.findings] == [("F18", ENROLMENT, "A4")]
    assert row_numbers(checked, "compulsory_enrolment") == [5, 6]


@pytest.mark.parametrize("lines", [-1, 1])
def test_findings_speak_of_the_real_rows(check, lines):
    def change(book: Workbook) -> None:
        sheet = book[CASES]
        sheet["M6"] = "两次"
        sheet["S3"], sheet["T7"] = "班主任", "没有表头"
        sheet["E43"] = sheet["E44"] = None
        sheet["A44"] = "合计"
        shifted(sheet, lines)
        sheet.merge_cells(start_row=10 + lines, end_row=11 + lines, start_column=5, end_column=5)
        sheet.row_dimensions[20 + lines].hidden = True
        sheet.column_dimensions["B"].hidden = True

    checked = check(change=change)

    assert {(one.rule, one.cell) for one in checked.findings} == {
        ("F18", f"A{3 + lines}"),
        ("F12", f"S{3 + lines}"),
        ("F12", f"T{3 + lines}"),
        ("T02", f"M{6 + lines}"),
        ("T12", f"E{10 + lines}"),
        ("T11", f"A{20 + lines}"),
        ("T11", f"B{3 + lines}"),
        ("T01", f"E{43 + lines}"),
        ("T09", f"A{44 + lines}"),
    }
    assert [row for row, _ in checked.quarantined["dropout_case"]] == [row + lines for row in (6, 10, 11, 43)]
    assert (checked.counts[0].rows_read, checked.counts[0].ignored) == (41, 1)


def test_row_3_wins_over_the_same_headers_elsewhere(check):
    checked = check(change=lambda book: copied_headers(book, 1))

    assert places(checked) == []
    assert row_numbers(checked) == list(range(4, 44))


def test_a_row_with_next_to_no_headers_is_none(check):
    def change(book: Workbook) -> None:
        for column in range(1, LAST + 1):
            book[CASES].cell(3, column, f"第{column}列")
        book[CASES]["A5"], book[CASES]["B5"], book[CASES]["R5"] = "身份证件号", "姓名", "备注"

    checked = check(change=change)

    assert [(one.rule, one.column) for one in checked.findings] == [("F11", title) for title in CASE_HEADERS]
    assert all("第 3 行" in one.message for one in checked.findings)


def test_a_header_missing_where_the_headers_are_in_another_row(check):
    def change(book: Workbook) -> None:
        book[CASES]["D3"] = "男女"
        shifted(book[CASES], 2)

    (found,) = check(change=change).findings

    assert (found.rule, found.column) == ("F11", "性别")
    assert "第 5 行" in found.message
    assert "男女" in found.message


def test_headers_repeated_further_down_are_ignored_and_said(check):
    checked = check(change=lambda book: copied_headers(book, 44) or copied_headers(book, 45))

    assert places(checked) == [("T09", "warning", "A44"), ("T09", "warning", "A45")]
    assert checked.verdict == "accepted"
    assert (checked.counts[0].rows_read, checked.counts[0].loaded, checked.counts[0].ignored) == (42, 40, 2)


def test_a_row_with_headers_and_anything_else_is_data(check):
    def change(book: Workbook) -> None:
        copied_headers(book, 44)
        book[CASES]["R44"] = "张三"

    checked = check(change=change)

    assert {one.rule for one in checked.findings} >= {"C01", "T02", "T03", "T04"}
    assert {one.row for one in checked.findings} == {44}
    assert checked.counts[0].quarantined == 1


def test_data_above_the_headers_reject_the_file(check):
    checked = check(change=data_above)

    (found,) = checked.findings
    assert (found.rule, found.severity, found.sheet, found.cell) == ("F11", Severity.CRITICAL, CASES, "A3")
    assert "第 3、4 行（共 2 行）" in found.message
    assert checked.verdict == "rejected"


@pytest.mark.parametrize(
    "line",
    [
        {"A": "填报单位：中山区教育局", "E": "填报日期：", "I": RECEIVED_ON, "R": "单位：人"},
        {"A": "填报单位代码", "B": "210202", "C": "13940000000", "M": 40},
        {letter: number for number, letter in enumerate("ABCDEFGHIJKLMNOPQR", 1)},
        {"A": "合计", "M": 80},
    ],
)
def test_what_is_usual_above_the_headers_is_no_data(check, line):
    def change(book: Workbook) -> None:
        shifted(book[CASES], 1)
        for letter, value in line.items():
            book[CASES][f"{letter}3"] = value

    assert places(check(change=change)) == [("F18", "info", "A4")]


def test_a_row_under_unknown_headers_only_is_not_read_and_its_column_named(check):
    def change(book: Workbook) -> None:
        book[CASES]["V60"] = "只在这里"

    checked = check(change=change)

    assert places(checked) == [("F12", "warning", "V3")]
    assert checked.counts[0].rows_read == 40


def test_when_all_data_lie_under_no_header_both_are_said(check):
    def change(book: Workbook) -> None:
        for title, width in ((CASES, LAST), (ENROLMENT, len(ENROLMENT_HEADERS))):
            book[title].move_range(f"A4:R{book[title].max_row}", cols=width + 1)

    checked = check(change=change)

    assert checked.findings[0].rule == "F14"
    assert {(one.rule, one.sheet) for one in checked.findings[1:]} == {("F12", CASES), ("F12", ENROLMENT)}


def test_a_total_in_a_column_of_row_numbers(check):
    rows = [{**case(number), "序号": number} for number in range(1, 41)]
    total = {"序号": "合 计", "劝返次数": 80}
    checked = check(cases=[*rows, total], case_headers=["序号", *CASE_HEADERS])

    assert places(checked) == [("F12", "warning", "A3"), ("T09", "warning", "A44")]
    assert (checked.counts[0].rows_read, checked.counts[0].loaded, checked.counts[0].ignored) == (41, 40, 1)


def test_a_word_for_a_total_behind_other_cells_makes_no_total(check):
    rows = [{**case(number), "序号": number} for number in range(1, 41)]
    rows[5]["小组"] = "合计"
    checked = check(cases=rows, case_headers=["序号", "小组", *CASE_HEADERS])

    assert places(checked) == [("F12", "warning", "A3"), ("F12", "warning", "B3")]
    assert checked.counts[0].loaded == 40
