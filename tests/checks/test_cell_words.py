"""What is said of a cell: which character is wrong, what the clerk probably meant, whether the cell may stay empty."""

import pytest
from openpyxl import Workbook

from district_reports.checks.convert import Converted, convert
from district_reports.forms import forms
from ledger_book import CASES, case, resident_id

CODES_OF_STATUS = "未劝返、劝返中、已返校、已安置、已核销"
SAID = [
    ("性别", "男性", "请改为“男”；"),
    ("劝返状态", "返校了", f"请改为“已返校”；不是这个意思的，从下拉列表里选：{CODES_OF_STATUS}。"),
    ("劝返状态", "己返校", "只差一个字：第 1 个字符是字符“己”，应为“已”。"),
    ("主要原因", "不想上学", "请改为“厌学”；"),
    ("建档立卡", "没有", "请改为“否”；"),
    ("建档立卡", "√", "请改为“是”；"),
    ("劝返次数", "无", "一个也没有的填 0，"),
    ("劝返次数", "l2", "第 1 个字符是字母“l”，应为数字“1”。"),
    ("发现日期", "2020-O6-03", "第 6 个字符是字母“O”，应为数字“0”。"),
    ("发现日期", "2020\u201106\u201103", "第 5 个字符是连接号“\u2011”，应为“-”"),
    ("发现日期", "1905-07-12", "只填年份（如 2020）或日子（如 5），Excel 会当成 1905 年或 1900 年的某一天。"),
    ("身份证件号", f"{resident_id(7)[:17]}Х", "第 18 个字符是西里尔字母“Х”，应为字母“X”。"),
    ("学籍号", f"G{resident_id(21)[:9]}O{resident_id(21)[10:]}", "第 11 个字符是字母“O”，应为数字“0”。"),
    ("学校标识码", "21O2020002", "第 3 个字符是字母“O”，应为数字“0”，不在学校名册里。"),
    ("发现日期", "2020-06-03", "里的“2020-06-03”是按文本存放的，已按日期读取。"),
    ("劝返次数", "2", "里的“2”是按文本存放的，已按数字读取。"),
    ("学校标识码", 2102020002, "里的“2102020002”是按数字存放的，已按文本读取。"),
    ("姓名", "⼤伟", "（第 1 个字符是字符“⼤”，应为“大”），已按“大伟”读取。"),
    ("性别", "男\ufe00", "里的“男□”有看不见的字符（□）、换行（↵）或多余的空格，已按“男”读取。"),
    ("安置方式", "其他地方", "这一格不是必填，没有内容的可以留空（已安置的必填）。"),
    ("备注", "同上", "这一格不是必填，没有内容的可以留空。"),
    ("返校日期", "六月", "这一格不是必填，没有内容的可以留空（已返校的必填）。"),
]
"""(Header, value, what message or remedy must hold)."""


def test_message_and_remedy_name_what_is_wrong(check):
    rows = [case(2 * number + 1, **{"学籍号": None, header: value}) for number, (header, value, _) in enumerate(SAID)]
    checked = check(cases=rows)
    texts = {found.row: f"{found.message}{found.fix}" for found in checked.findings if found.row}

    assert {row: part for row, (_, _, part) in enumerate(SAID, 4) if part not in texts.get(row, "")} == {}


def test_only_an_optional_cell_may_be_left_empty(check):
    said = {found.cell: found.fix for found in check(cases=[case(1, 姓名="同上", 备注="同上")]).findings}

    assert "留空" in said["R4"]
    assert "留空" not in said["B4"]


def test_no_remark_says_that_a_wrong_cell_needs_no_change(check):
    rows = [case(1, 劝返状态="已返校", 劝返次数=1, 返校日期="/"), case(3, 学校标识码=2102029999), case(5, 姓名="⼤伟")]
    said = {found.cell: found.fix for found in check(cases=rows).findings if found.rule == "T10"}

    assert said["O4"] == said["F5"] == "这一格另有错误，照那一条改正。"
    assert said["B6"].startswith("不用改；")


def test_no_school_and_no_grade_are_asked_of_one_who_never_enrolled(told):
    assert told(cases=[case(1, 辍学类别="失学", 学校标识码="/", 年级="无"), *map(case, range(2, 41))]) == set()


def test_a_word_of_the_columns_own_list_is_a_value():
    """无线网络 has 无 in its list; 足球复检结果 has not, and may be empty."""
    columns = forms()["facilities"].sheet("school_facility").by_name
    wireless, football = columns["wireless"], columns["football_inspection"]

    assert convert("无", wireless, frozenset(wireless.codes)) == Converted("无")
    assert convert("无", football, frozenset(football.codes)) == Converted(normal="")


def as_text(formula: str):
    def change(book: Workbook) -> None:
        cell = book[CASES]["B4"]
        cell.value, cell.data_type, cell.number_format = formula, "s", "@"

    return change


@pytest.mark.parametrize(
    "formula", ["=VLOOKUP(A4,B:C,2,0)", "=B5", "＝名单!A1", "='[上月.xlsx]表'!A4", "=1+1", '="李"&"明"', "= SUM(A1:A3)"]
)
def test_a_formula_that_was_entered_as_text_is_none(told, formula):
    assert told(cases=[case(1)], change=as_text(formula)) == {("T07", CASES, "B4")}


def test_an_equals_sign_makes_no_formula(told):
    assert told(cases=[case(1, 备注="x"), *map(case, range(2, 41))], change=as_text("=张三=")) == set()


def test_a_remedy_that_is_followed_is_the_end_of_it(check):
    wrong = {
        "性别": "男性",
        "劝返状态": "在劝返",
        "主要原因": "因贫困",
        "辍学类别": "疑似",
        "建档立卡": "×",
        "安置方式": "待定",
    }
    row = case(1, **wrong)
    answer = check(cases=[row, *map(case, range(2, 41))])
    for found in answer.findings:
        row[found.column] = None if "可以留空" in found.fix else found.fix.split("“")[1].split("”")[0]

    assert len(answer.findings) == len(wrong)
    assert row["主要原因"] == "因贫"
    row["主要原因"] = "厌学"
    assert check(cases=[row, *map(case, range(2, 41))]).findings == ()
