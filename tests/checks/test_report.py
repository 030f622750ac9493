"""The verdict as text, and that no text grows with what the file holds."""

from dataclasses import fields
from datetime import date

import pytest

from district_reports.checks.cover import LABELS
from district_reports.checks.report import SHOWN_OF_A_KIND, as_json, as_text
from district_reports.checks.wording import SHOWN_LENGTH, cut, filled
from district_reports.model.finding import Severity
from ledger_book import CASE_HEADERS, CASES, case

LONG = "长" * 32_767


def test_the_first_of_a_kind_are_shown_and_the_rest_counted_behind_them(check):
    checked = check(cases=[case(number, 姓名=None, 备注="２") for number in range(1, 333)])
    lines = as_text("台账.xlsx", checked).splitlines()
    told = [index for index, line in enumerate(lines) if line.startswith("  [错误 T01]")]
    assert told == list(range(told[0], told[0] + SHOWN_OF_A_KIND + 1)), "one kind stands together"
    assert lines[told[0]] == "  [错误 T01] 疑似辍学台账 B4 “姓名”必须填写，现在是空的。 在 B4 填写“姓名”。"
    assert lines[told[-1]] == "  [错误 T01] 疑似辍学台账 还有 312 条"
    assert "  另有 332 条提示，不用改。" in lines
    assert len(as_json("台账.xlsx", checked).splitlines()) == 1
    assert sum(found.rule == "T01" for found in checked.findings) == 332


def test_twenty_of_a_kind_are_all_shown(check):
    checked = check(cases=[case(number, 姓名=None) for number in range(1, 21)])
    text = as_text("台账.xlsx", checked)
    assert text.count("[错误 T01]") == SHOWN_OF_A_KIND
    assert "还有" not in text


def bounded(checked) -> None:
    for found in checked.findings:
        texts = {each.name: getattr(found, each.name) for each in fields(found)}
        assert {name: len(text) for name, text in texts.items() if isinstance(text, str) and len(text) > 400} == {}
        assert len(found.value or "") <= SHOWN_LENGTH + 1
    assert len(checked.reason) <= 400
    assert all(len(line) < 600 for line in as_text("台账.xlsx", checked).splitlines())


def test_a_cell_as_long_as_excel_allows_makes_no_long_text(check):
    sound = [case(number) for number in range(1, 300)]
    broken = [case(300 + number, **{header: LONG}) for number, header in enumerate(CASE_HEADERS)]
    checked = check(cases=[*sound, *broken])
    assert {found.column for found in checked.findings if found.row and found.row > 302} == set(CASE_HEADERS)
    bounded(checked)


@pytest.mark.parametrize("label", LABELS)
def test_a_long_value_on_the_cover_makes_no_long_text(check, label):
    bounded(check(cover={label: LONG}))


def test_a_long_header_makes_no_long_text(check):
    found = check(case_headers=[*CASE_HEADERS, LONG])
    assert [one.rule for one in found.findings if one.severity is Severity.WARNING] == ["F12"]
    bounded(found)
    bounded(check(case_headers=[*CASE_HEADERS[:3], LONG, *CASE_HEADERS[4:]]))


def test_what_is_not_seen_is_shown(check):
    (found,) = (one for one in check(cases=[case(1, 姓名="张\n三\u200b")]).findings if one.rule == "T10")
    assert (found.sheet, found.cell) == (CASES, "B4")
    assert found.message == "“姓名”里的“张↵三□”有看不见的字符（□）、换行（↵）或多余的空格，已按“张 三”读取。"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("一\r\n二", "一↵二"),
        ("\u202e321", "□321"),
        ("张\ud800三", "张□三"),
        ("长" * 60, "长" * 60),
        ("长" * 61, "长" * 60 + "…"),
        ("", ""),
    ],
)
def test_cut(text, shown):
    assert cut(text) == shown


def test_filled():
    words = {"one": 1234567.5, "two": ("甲", "乙"), "three": date(2020, 5, 6), "four": None, "five": 7}
    assert filled("{one} 元，{two}，{three}，{four}，{five} 个", words) == "1234567.5 元，甲、乙，2020-05-06，，7 个"
    assert filled("{one:+.0f}%", {"one": 42.4}) == "+42%"
    assert (
        filled("{many}", {"many": tuple("一二三四五六七八九十天地人")})
        == "一、二、三、四、五、六、七、八、九、十、天、地等 13 项"
    )
    with pytest.raises(KeyError):
        filled("{unknown}", words)
