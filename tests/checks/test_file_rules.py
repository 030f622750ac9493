"""One workbook with one file mistake, and the one finding (docs/rules.md, F05–F19)."""

from datetime import date

import pytest

from ledger_book import CASE_HEADERS, CASES, ENROLMENT, ENROLMENT_HEADERS, SCHOOLS, case

FRONT = "封面"


@pytest.mark.parametrize(
    ("rule", "cell", "cover"),
    [
        ("F05", None, {"填报人": "(no such label)"}),
        ("F05", "B7", {"填报人": None}),
        ("F05", "B7", {"填报人": "／"}),
        ("F05", "B8", {"联系电话": "无"}),
        ("F05", "B9", {"填报日期": "待定"}),
        ("F05", "B10", {"无数据申报": "无"}),
        ("F06", "B1", {"报表代码": "dropout"}),
        ("F07", "B3", {"模板版本": "2019.1"}),
        ("F08", "B4", {"填报单位代码": "210203"}),
        ("F09", "B6", {"报告期": "2020年6月"}),
        ("F09", "B6", {"报告期": "2020-13"}),
        ("F09", "B6", {"报告期": "2020-Q2"}),
        ("F09", "B6", {"报告期": "2020-08"}),
        ("F09", "B6", {"报告期": "2020-03"}),
    ],
)
def test_a_mistake_on_the_cover(check, rule, cell, cover):
    checked = check(cover=cover)

    assert [(one.rule, one.sheet, one.cell) for one in checked.findings] == [(rule, FRONT, cell)]
    assert checked.verdict == "rejected"
    assert not checked.rows


@pytest.mark.parametrize(
    "cover",
    [
        {"报告期": date(2020, 6, 1)},
        {"模板版本": 2020.1},
        {"填报单位代码": 210202},
        {"报表名称": None, "填报单位": None, "情况说明": "无"},
        {"报告期": " 2020-06 "},
        {"备用一项": "别的标签也可以有"},
    ],
)
def test_what_excel_and_clerks_do_to_a_cover_is_understood(told, cover):
    assert told(cover=cover) == set()


@pytest.mark.parametrize(
    ("cover", "part"),
    [
        ({"报告期": "2020-O6"}, "第 6 个字符是字母“O”，应为数字“0”"),
        ({"填报单位代码": "2102O2"}, "第 5 个字符是字母“O”，应为数字“0”"),
    ],
)
def test_a_look_alike_on_the_cover_is_named(check, cover, part):
    (found,) = check(cover=cover).findings

    assert part in found.message


def test_without_a_cover(check):
    checked = check(drop_sheets=(FRONT,))

    assert [one.rule for one in checked.findings] == ["F05"]
    assert (checked.form, checked.period, checked.verdict) == (None, None, "rejected")


def test_an_incomplete_cover_stands_alone(check):
    assert {one.rule for one in check(cover={"填报人": None, "报表代码": "?", "报告期": "?"}).findings} == {"F05"}


def test_a_district_that_does_not_exist(check):
    assert [one.rule for one in check(district=None, cover={"填报单位代码": "999999"}).findings] == ["F08"]


def test_a_sheet_missing(told):
    assert told(drop_sheets=(ENROLMENT,)) == {("F10", ENROLMENT, None)}


def test_a_column_missing(check):
    checked = check(case_headers=[header for header in CASE_HEADERS if header != "性别"])

    assert [(one.rule, one.sheet, one.column) for one in checked.findings] == [("F11", CASES, "性别")]
    assert checked.verdict == "rejected"


def test_a_column_called_something_else_is_missing_and_the_likely_one_named(check):
    (found,) = check(case_headers=["男女" if header == "性别" else header for header in CASE_HEADERS]).findings

    assert found.rule == "F11"
    assert "男女" in found.message


def test_an_unknown_column_is_ignored_and_said(told):
    rows = [{**case(number), "班主任": "张老师"} for number in range(1, 20)]

    assert told(cases=rows, case_headers=[*CASE_HEADERS, "班主任"]) == {("F12", CASES, "S3")}


def test_data_under_no_header_are_not_dropped_in_silence(told):
    rows = [{**case(number), None: "张老师"} for number in range(1, 20)]

    assert told(cases=rows, case_headers=[*CASE_HEADERS, None]) == {("F12", CASES, "S3")}


@pytest.mark.parametrize("name", ["学校名称", "园所名称"])
def test_a_column_of_schools_names_beside_their_codes_is_ignored_without_a_word(told, name):
    at = CASE_HEADERS.index("学校标识码") + 1
    rows = [{**case(number), name: "某某小学"} for number in range(1, 20)]
    assert told(cases=rows, case_headers=[*CASE_HEADERS[:at], name, *CASE_HEADERS[at:]]) == set()


def test_the_same_header_twice(told):
    assert told(case_headers=[*CASE_HEADERS, "性 别(男/女)"]) == {("F13", CASES, "S3")}


def test_headers_are_compared_without_spaces_width_and_units(told):
    headers = [{"劝返次数": "劝返\n次数(次)", "年级": "年 级"}.get(header, header) for header in CASE_HEADERS]
    rows = [{**case(n), "劝返\n次数(次)": 2, "年 级": 7} for n in range(1, 20)]

    assert told(cases=rows, case_headers=headers) == set()


def test_columns_in_another_order(check):
    checked = check(case_headers=CASE_HEADERS[::-1])

    assert [(one.rule, one.severity) for one in checked.findings] == [("F18", "info")]
    assert checked.counts[0].loaded == 40


def test_nothing_filled_in(told):
    assert told(cases=[], enrolment=[]) == {("F14", None, None)}


def test_only_a_total_row_is_nothing(check):
    checked = check(cases=[], enrolment=[{"学校标识码": "合计", "应在校人数": 0, "实际在校人数": 0}])

    assert [one.rule for one in checked.findings] == ["F14"]


def test_no_case_beside_filled_enrolment_is_accepted(check):
    checked = check(cases=[])

    assert checked.findings == ()
    assert checked.verdict == "accepted"


def test_a_ledger_has_no_nil_return(told):
    assert told(cases=[], enrolment=[], cover={"无数据申报": "是"}) == {("F15", FRONT, "B10")}
    assert told(cover={"无数据申报": "是"}) == {("F15", FRONT, "B10")}


@pytest.mark.parametrize(("rows", "rejected"), [(29, True), (30, False), (40, False)])
def test_more_than_a_tenth_of_the_rows_wrong(check, rows, rejected):
    wrong = [case(number, 劝返次数="两次") for number in range(1, 4)]
    checked = check(cases=[*wrong, *(case(number) for number in range(4, rows + 1))])

    assert ("F16" in {one.rule for one in checked.findings}) is rejected
    count = checked.counts[0]
    expected = (rows, 0, 3, rows - 3) if rejected else (rows, rows - 3, 3, 0)
    assert (count.rows_read, count.loaded, count.quarantined, count.ignored) == expected
    assert count.no_data == 0


def test_two_wrong_rows_never_reject(check):
    checked = check(cases=[case(1, 劝返次数="两次"), case(2, 劝返次数="两次"), case(3)])

    assert checked.verdict == "accepted_with_errors"


@pytest.mark.parametrize(
    ("received_on", "rules"), [(date(2020, 7, 5), []), (date(2020, 7, 6), ["F19"]), (date(2020, 8, 19), ["F19"])]
)
def test_late(check, received_on, rules):
    checked = check(received_on=received_on)

    assert [one.rule for one in checked.findings] == rules
    assert checked.verdict == "accepted"


def test_locked(check):
    assert [one.rule for one in check(received_on=date(2020, 8, 20)).findings] == ["F09"]


def test_other_sheets_and_labels_are_ignored(told):
    assert told(enrolment=[*SCHOOLS], enrolment_headers=ENROLMENT_HEADERS) == set()
