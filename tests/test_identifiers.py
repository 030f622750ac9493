"""Resident IDs by GB 11643-1999. The first two numbers are the standard's own examples (region 110105 and 440524)."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from district_reports.model.identifiers import (
    birth_date,
    check_character,
    make_resident_id,
    resident_id_problem,
    sex,
    student_no_problem,
)

TODAY = date(2020, 7, 4)


@pytest.mark.parametrize("text", ["11010519491231002X", "440524188001010014"])
def test_the_check_character_of_the_standard(text: str) -> None:
    assert check_character(text[:17]) == text[17]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("11010519491231002X", None),
        ("11010519491231002", "应为18位，现为17位"),
        ("", "应为18位，现为0位"),
        ("11010519491231002x", "前17位应为数字，末位应为数字或X"),
        ("1101051949123100２X", "前17位应为数字，末位应为数字或X"),
        ("11O10519491231002X", "第 3 个字符是字母“O”，应为数字“0”"),
        ("11010519491231002Х", "第 18 个字符是西里尔字母“Х”，应为字母“X”"),
        ("16010519491231002X", "前两位不是省级行政区划代码"),
        ("11010519490231002X", "第7至14位不是真实存在的出生日期"),
        ("440524188001010014", "出生日期早于1900年"),
        ("110105194912310021", "末位校验码不符，请对照证件核对全部18位"),
        (make_resident_id("210202", date(2020, 7, 4), 1), None),
        (make_resident_id("210202", date(2020, 7, 5), 1), "出生日期晚于2020-07-04"),
        (make_resident_id("810000", date(2010, 1, 2), 1), None),
        (make_resident_id("911500", date(2010, 1, 2), 1), None),
        (make_resident_id("840000", date(2010, 1, 2), 1), "前两位不是省级行政区划代码"),
    ],
)
def test_what_is_wrong_with_a_resident_id(text: str, problem: str | None) -> None:
    assert resident_id_problem(text, TODAY) == problem


def test_birth_date_and_sex() -> None:
    assert birth_date("11010519491231002X") == date(1949, 12, 31)
    assert sex("11010519491231002X") == "女"
    assert sex(make_resident_id("210202", date(2010, 2, 3), 7)) == "男"


@pytest.mark.parametrize("broken", ["", "110105", "11010519490231002X"])
def test_no_birth_date_without_one(broken: str) -> None:
    with pytest.raises(ValueError, match="birth date"):
        birth_date(broken)


@pytest.mark.parametrize(("region", "sequence"), [("2102", 1), ("210202", 0), ("210202", 1000), ("21020a", 1)])
def test_a_sample_id_needs_a_region_and_a_sequence(region: str, sequence: int) -> None:
    with pytest.raises(ValueError, match=r"region|sequence|digits"):
        make_resident_id(region, date(2010, 1, 1), sequence)


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(1, 999), st.integers(0, 16), st.integers(1, 9))
def test_any_one_wrong_digit_is_noticed(birth: date, sequence: int, place: int, shift: int) -> None:
    text = make_resident_id("210202", birth, sequence)
    wrong = text[:place] + str((int(text[place]) + shift) % 10) + text[place + 1 :]
    assert resident_id_problem(text, TODAY) is None
    assert resident_id_problem(wrong, TODAY) is not None


def test_fifty_thousand_take_a_moment() -> None:
    ids = [make_resident_id("210202", date(2005 + n % 9, 1 + n % 12, 1 + n % 28), 1 + n % 999) for n in range(50_000)]
    started = time.process_time()
    assert not any(resident_id_problem(text, TODAY) for text in ids)
    assert time.process_time() - started < 2  # 0.2 s on a machine that does nothing else


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("G11010519491231002X", None),
        ("J2102832020000000AB", None),
        ("G11010519491231002", "应为19位，现为18位"),
        ("X11010519491231002X", "第1位应为字母G、J或L"),
        ("G110105L9491231002X", "第 8 个字符是字母“L”，应为数字“1”"),
        ("G1101051949123100AX", "第1位以后应为18位号码"),
    ],
)
def test_the_form_of_a_student_number(text: str, problem: str | None) -> None:
    assert student_no_problem(text) == problem
