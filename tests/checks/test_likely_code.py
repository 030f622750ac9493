"""Which code a clerk probably meant (docs/rules.md, T04)."""

import pytest

from district_reports.checks.likely_code import likely_code, one_odd_character, synonyms
from district_reports.checks.rows import code_lists
from district_reports.forms import forms
from district_reports.reference.register import Register
from district_reports.settings import load_settings

STATUS = ("未劝返", "劝返中", "已返校", "已安置", "已核销")
PAID = ("已发放", "未发放", "已退回")


@pytest.fixture(scope="module")
def lists() -> set[tuple[str, ...]]:
    """The code lists of all forms, with the city's own programmes."""
    city = Register.load(load_settings({}).reference)
    return {codes for form in forms().values() for sheet in form.sheets for codes in code_lists(sheet, city).values()}


def test_every_synonym_is_of_a_code_and_of_one_in_its_list(lists):
    assert {code for code in synonyms() if not any(code in codes for codes in lists)} == set()
    for codes in lists:
        words = [word for code in codes for word in synonyms().get(code, ())]
        assert {word for word in words if words.count(word) > 1 or word in codes} == set()


def test_every_synonym_is_found(lists):
    for codes in lists:
        for code in codes:
            assert {word: likely_code(word, codes) for word in synonyms().get(code, ())} == dict.fromkeys(
                synonyms().get(code, ()), code
            )


@pytest.mark.parametrize(
    ("text", "codes", "code"),
    [
        ("返校了", STATUS, "已返校"),
        ("已返校（6月）", STATUS, "已返校"),
        ("己返校", STATUS, "已返校"),
        ("巳安置", STATUS, "已安置"),
        ("TRUE", ("是", "否"), "是"),
        ("普惠性民办幼儿园", ("公办", "普惠性民办", "其他民办"), "普惠性民办"),
        # What says the opposite is not near, and what is as near to two codes is neither.
        ("不发放", PAID, None),
        ("已劝返", STATUS, None),
        ("民办", ("公办", "普惠性民办", "其他民办"), None),
        ("甲", STATUS, None),
        ("", STATUS, None),
    ],
)
def test_the_likeliest_code(text, codes, code):
    assert likely_code(text, codes) == code


def test_one_character_is_named_and_more_are_not():
    assert one_odd_character("己返校", "已返校") == "第 1 个字符是字符“己”，应为“已”"
    assert one_odd_character("己反校", "已返校") is None
    assert one_odd_character("返校", "已返校") is None
