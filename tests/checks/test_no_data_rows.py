"""Rows that hold no data, and rows that look so and do (docs/rules.md, T09, T01 and F14)."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from district_reports.checks.run import check_workbook
from district_reports.model.finding import Severity
from district_reports.workbook.reading.reader import read_sheets
from independent.book import RECORD, Book
from independent.sound_schools import teacher_training
from ledger_book import CASE_HEADERS, CASES, ENROLMENT, SCHOOLS, case

SOUND = [case(number) for number in range(1, 41)]
BELOW = 44
ID, LAST = CASE_HEADERS[0], CASE_HEADERS[-1]

NO_DATA = [
    {ID: "合计"},
    {ID: "本页合计", "劝返次数": 80},
    {"姓名": "合 计（人）："},
    {LAST: "共计"},
    {"姓名": "李老师 汇总", "劝返次数": 9},
    {"劝返次数": 80, LAST: "累计"},
    dict(zip(CASE_HEADERS, CASE_HEADERS, strict=True)),
    {ID: "填表人：孙丽  审核人：周平"},
    {"姓名": "制表人 孙丽", "性别": "填报日期：2020年7月3日"},
    {ID: "（以下空白）"},
    {ID: "注：1.本表按学籍系统填写。"},
    {ID: "2.已返校的次月不再填报。"},
]
DATA = [
    case(51, 姓名="合计"),
    case(52, 备注="见汇总"),
    case(53, 备注="说明：家长已签字"),
    case(54, 学籍号=None, 学校标识码="2102020002", 身份证件号="合计"),
]


def test_what_holds_no_data_is_ignored_and_said(check):
    checked = check(cases=[*SOUND, *NO_DATA])

    warned = [found.row for found in checked.findings if found.rule == "T09"]
    assert warned == list(range(BELOW, BELOW + len(NO_DATA)))
    assert checked.verdict == "accepted"
    assert (checked.counts[0].rows_read, checked.counts[0].ignored) == (40 + len(NO_DATA), len(NO_DATA))


def test_a_row_with_an_identifier_is_data(told):
    assert {rule for rule, _, _ in told(cases=[*SOUND, *DATA])} == {"C01"}


def test_merged_footers_spoil_nothing(told):
    def merge(book: Workbook) -> None:
        book[CASES].merge_cells(f"A{BELOW}:R{BELOW}")

    assert told(cases=[*SOUND, {ID: "填表人：孙丽"}], change=merge) == {("T09", CASES, f"A{BELOW}")}


def test_a_footer_beyond_the_table_is_no_unknown_column(told):
    def sign(book: Workbook) -> None:
        book[ENROLMENT]["A7"], book[ENROLMENT]["F7"] = "填表人：孙丽", "审核人：周平"

    assert told(change=sign) == {("T09", ENROLMENT, "A7")}


def test_a_total_in_a_column_of_numbers_beside_the_table(told):
    def number(book: Workbook) -> None:
        book[ENROLMENT]["F3"], book[ENROLMENT]["F7"], book[ENROLMENT]["B7"] = "序号", "合计", 1600

    assert ("T09", ENROLMENT, "B7") in told(change=number)


@pytest.mark.parametrize(
    "numbers",
    [
        [1, 2, 3],
        ["1", "2", "3"],
        ["（1）", "（2）", "（3）"],
        ["①", "②", "③"],
        ["甲", 1, 2],
        ["甲", "乙", "丙"],
        ["栏次", 1, 2],
        [1, 2, "3=1+2"],
    ],
)
def test_column_numbers_below_the_headers(told, numbers):
    row = dict(zip(("学校标识码", "应在校人数", "实际在校人数"), numbers, strict=True))

    assert told(enrolment=[row, *SCHOOLS]) == {("T09", ENROLMENT, "A4")}


def test_column_numbers_from_the_second_column_on(told):
    row = {title: place for place, title in enumerate(CASE_HEADERS, 1) if place > 1}

    assert told(cases=[row, *SOUND]) == {("T09", CASES, "B4")}


def test_a_title_and_notes_pasted_with_their_headers(told):
    pasted = [{ID: "庄河市疑似辍学台账"}, {ID: "标 * 的列必填"}, dict(zip(CASE_HEADERS, CASE_HEADERS, strict=True))]

    def merge(book: Workbook) -> None:
        for row in (BELOW, BELOW + 1):
            book[CASES].merge_cells(f"A{row}:R{row}")

    rows = [*SOUND, *pasted, case(51)]
    assert told(cases=rows, change=merge) == {("T09", CASES, f"A{BELOW + place}") for place in range(3)}
    assert ("C01", CASES, f"A{BELOW}") in told(cases=[*SOUND, pasted[0], case(51), pasted[2]])


def test_numbers_further_below_are_a_row_with_a_mistake(told):
    row = {"学校标识码": 1, "应在校人数": 2, "实际在校人数": 3}

    assert {rule for rule, _, _ in told(enrolment=[*SCHOOLS, row])} == {"C02", "D09"}


@pytest.mark.parametrize("word", ["无", "無", "无数据", "本月无", "没有", "／", "本月无疑似辍学学生。", "零报告"])
def test_a_ledger_whose_only_row_says_none_is_empty(check, word):
    checked = check(cases=[{ID: word}])

    assert [(found.rule, found.severity, found.cell) for found in checked.findings] == [("T10", Severity.INFO, "A4")]
    assert (checked.verdict, checked.counts[0].rows_read) == ("accepted", 0)


def test_only_none_everywhere_is_no_report(told):
    assert told(cases=[{ID: "无"}], enrolment=[{"学校标识码": "无数据"}]) == {("F14", None, None)}


def test_a_name_alone_in_its_row_is_not_none(told):
    assert ("T01", CASES, "A44") in told(cases=[*SOUND, {"姓名": "无名"}])


def test_what_was_dragged_down_is_told_once(check):
    checked = check(cases=[*SOUND, *[{"建档立卡": "否"}] * 1500])

    told_once = [found for found in checked.findings if found.rule == "T01"]
    assert [(found.cell, len(found.rows)) for found in told_once] == [("H44", 1500)]
    assert told_once[0].message.startswith("第 44 至 1543 行（共 1500 行）只有“建档立卡”的“否”，")
    assert {found.rule for found in checked.findings} == {"T01", "F16"}
    assert checked.counts[0].quarantined == 1500
    assert check(cases=SOUND).findings == ()  # the rows deleted, as it says


def test_a_sound_row_between_is_not_to_be_deleted(check):
    dragged = [{"建档立卡": "否"}] * 3
    checked = check(cases=[*SOUND, *dragged, case(41), *dragged])

    assert [found.rows for found in checked.findings if found.rule == "T01"] == [(44, 45, 46), (48, 49, 50)]


def test_none_said_in_many_rows_is_told_once(check):
    said = [found for found in check(cases=[*SOUND, *[{ID: "无"}] * 9]).findings if found.rule == "T10"]

    assert [found.cell for found in said] == ["A44"]
    assert "共 9 行" in said[0].message


def test_what_was_dragged_down_below_a_footer_is_no_footer(check):
    checked = check(cases=[*SOUND, {ID: "填表人：孙丽"}, *[{"建档立卡": "否"}] * 30])

    assert [found.row for found in checked.findings if found.rule == "T09"] == [44]
    assert [len(found.rows) for found in checked.findings if found.rule == "T01"] == [30]


def test_two_such_rows_are_told_cell_by_cell(check):
    rules = [found.rule for found in check(cases=[*SOUND, *[{"建档立卡": "否"}] * 2]).findings]

    assert len(rules) > 2
    assert set(rules) == {"T01"}


def test_a_teacher_with_a_whole_key_is_a_row_whatever_the_course_is_called(tmp_path, register):
    """The number of a teacher has no form of its own; a subtotal has no course and no day."""

    def rules_at(*cells: tuple[str, object]) -> set[str]:
        book: Book = teacher_training()
        book.cover["填报单位代码"] = "210202"
        last = book.row(RECORD, 43)
        last.update(cells)
        path = book.write(Path(tmp_path / "book.xlsx"))
        checked = check_workbook(read_sheets(path), register, "210202", date(2020, 7, 4))
        return {found.rule for found in checked.findings if found.row == 43 and found.sheet == RECORD}

    nameless = {"身份证件号": None, "学校标识码": None}
    assert "T09" not in rules_at(*nameless.items(), ("培训名称", "师德学习汇总"))
    assert rules_at(*nameless.items(), ("培训名称", None), ("姓名", "张三 汇总")) == {"T09"}
