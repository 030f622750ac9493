"""Marks and remarks in headers, and sheets that are called the same (docs/rules.md, F05, F10, F12, F13)."""

import pytest
from openpyxl import Workbook

from district_reports.checks.file import check_file
from district_reports.checks.wording import cut
from district_reports.model.finding import Severity
from headers_book import places, second, shifted
from ledger_book import CASE_HEADERS, CASES, ENROLMENT, RECEIVED_ON, case, write_book


@pytest.mark.parametrize(
    "header",
    [
        "*年级",
        "年级*",
        "＊年　级（一至九）",
        "年级*（必填）",
        "年级（必填）*",
        "年\n级\n[1-9]",
        "年级【数字】",
        "\u200b年\u202d级\u202c",
        "\ufeff年级\u2060 ",
        "\u061c年级\u200f",
        "年级（ ）",
    ],
)
def test_marks_and_remarks_in_a_header(check, header):
    headers = [header if title == "年级" else title for title in CASE_HEADERS]
    checked = check(cases=[{**case(number), header: 7} for number in range(1, 41)], case_headers=headers)

    assert places(checked) == []
    assert checked.rows["dropout_case"]["grade"].to_pylist() == [7] * 40


def test_an_asterisk_makes_no_other_header(check):
    checked = check(case_headers=[*CASE_HEADERS, "*姓名"])

    assert places(checked) == [("F13", "critical", "S3")]


def test_headers_of_nothing_but_a_remark_stay_apart(check):
    checked = check(case_headers=[*CASE_HEADERS, "*", "（注）", "(备用)"])

    assert places(checked) == [("F12", "warning", cell) for cell in ("S3", "T3", "U3")]


@pytest.mark.parametrize(
    ("title", "like", "rule"),
    [("在校 人数", ENROLMENT, "F10"), ("在校\u200b人数", ENROLMENT, "F10"), ("封 面", "封面", "F05")],
)
def test_two_sheets_of_one_name(check, title, like, rule):
    (found,) = check(change=second(title, like)).findings

    assert (found.rule, found.severity, found.sheet) == (rule, Severity.CRITICAL, like)
    assert f"“{like}”、“{cut(title)}”" in found.message


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_are_read(tmp_path, register, state):
    def change(book: Workbook) -> None:
        book[CASES].sheet_state = book[ENROLMENT].sheet_state = state
        shifted(book[CASES], 1)

    checked = check_file(write_book(tmp_path / "book.xlsx", change=change), register, "210202", RECEIVED_ON)

    assert places(checked) == [("F18", "info", "A4")]
    assert [count.loaded for count in checked.counts] == [40, 2]
