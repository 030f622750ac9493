"""The answer workbook, as a clerk opens it."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from district_reports.model.finding import Finding, Outcome, Severity
from district_reports.workbook.marking import answer as answers
from district_reports.workbook.marking.answer import Answer
from district_reports.workbook.marking.list_workbook import write_answer

AT = datetime(2020, 7, 4, 9, 15, tzinfo=ZoneInfo("Asia/Shanghai"))


def finding(row: int, severity: Severity = Severity.CRITICAL, **texts: str) -> Finding:
    known = {"rule": "T01", "message": "“姓名”必须填写，现在是空的。", "fix": f"在 B{row} 填写“姓名”。"}
    return Finding(severity=severity, sheet="疑似辍学台账", cell=f"B{row}", column="姓名", row=row, **(known | texts))


def the_list(folder: Path, *findings: Finding) -> Worksheet:
    """The sheet 问题清单 of the answer that tells of `findings`."""
    path = folder / "answer.xlsx"
    write_answer(
        Answer(
            form_title="控辍保学台账",
            period="2020-06",
            district="中山区",
            file_name="台账.xlsx",
            received_at=AT,
            decided_at=AT,
            outcome=Outcome.ACCEPTED_WITH_ERRORS,
            reason="1 行已入库；1 行有错误，没有入库。",
            receipt_no=12,
            counts=(),
            findings=findings,
        ),
        path,
    )
    return load_workbook(path)["问题清单"]


def test_every_finding_is_listed_in_its_order(tmp_path):
    found = [finding(row) for row in range(4, 416)]
    rows = list(the_list(tmp_path, *found).iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[2]) for row in rows] == [(index, one.cell) for index, one in enumerate(found, 1)]


def test_what_a_sheet_cannot_hold_is_counted_and_the_gravest_are_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(answers, "LISTED_AT_MOST", 4)
    remarks = [finding(row, Severity.INFO, rule="T10") for row in (4, 5, 6, 7)]
    rows = list(the_list(tmp_path, *remarks, finding(8)).iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in rows] == ["B8", "B4", "B5", None]
    assert rows[3][1] == "还有 2 条没有列出：一张工作表放不下更多的行。请先改正列出的，再重新上报。"


def test_as_many_as_a_sheet_holds_are_all_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(answers, "LISTED_AT_MOST", 3)
    rows = list(the_list(tmp_path, *map(finding, (4, 5, 6))).iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in rows] == ["B4", "B5", "B6"]


def test_the_limit_is_that_of_a_worksheet():
    assert answers.LISTED_AT_MOST == 2**20 - 1  # and one row for the header


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "http://example.org", "0123"])
def test_texts_stay_texts(tmp_path, text):
    cell = the_list(tmp_path, finding(4, value=text))["F2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_row_is_as_high_as_its_longest_text_and_not_higher_than_excel_shows(tmp_path):
    page = the_list(tmp_path, finding(4), finding(5, message="长" * 60 + "。"), finding(6, fix="长" * 5000))
    assert page.row_dimensions[2].height < page.row_dimensions[3].height
    assert 400 < page.row_dimensions[4].height <= 409


def test_a_warning_has_a_place_for_its_explanation_and_one_that_is_explained_comes_last(tmp_path):
    explained = finding(4, Severity.WARNING, warning_id="w1", explanation="家长外出")
    page = the_list(tmp_path, explained, finding(5, Severity.WARNING, warning_id="w2"), finding(6))
    assert [[cell.value or None for cell in row] for row in page.iter_rows(min_col=9)] == [
        ["级别", "规则", "情况说明", "标识"],
        ["警告", "T01", None, "w2"],
        ["错误", "T01", None, None],
        ["已说明", "T01", "家长外出", "w1"],
    ]
    assert page.column_dimensions["L"].hidden
    assert [cell.coordinate for row in page["A2:K4"] for cell in row if cell.fill.fill_type] == ["C2", "C3"]
    assert page.freeze_panes == "A2"
    assert page["K2"].border.top.style != page["K3"].border.top.style, "where to write is seen"
    verdict = load_workbook(tmp_path / "answer.xlsx")["结论"]
    told = {row[0]: row[1] for row in verdict.iter_rows(max_col=2, values_only=True) if row[0]}
    assert told["问题"] == "错误 1 条、警告 1 条、提示 0 条、已说明 1 条"
    assert told["情况说明"].endswith("先把“问题清单”这张工作表复制到报表的工作簿里。")
