"""One workbook with one mistake, and the one finding (docs/rules.md, sections C and D). Data start in row 4."""

from datetime import date

from district_reports.workbook.names import column_letter
from ledger_book import CASE_HEADERS, CASES, ENROLMENT, SCHOOLS, case, resident_id, with_check_character

FIRST = 4
COLUMN = {header: column_letter(number) for number, header in enumerate(CASE_HEADERS, 1)}


def cases(**changed: object) -> list[dict[str, object]]:
    """Forty sound rows, the first with `changed` cells."""
    return [case(1, **changed), *(case(number) for number in range(2, 41))]


def test_a_sound_workbook_has_no_findings(check):
    checked = check()

    assert checked.findings == ()
    assert checked.verdict == "accepted"
    assert [(count.sheet, count.rows_read, count.loaded) for count in checked.counts] == [
        (CASES, 40, 40),
        (ENROLMENT, 2, 2),
    ]
    assert checked.not_checked == ("C06", "D07")


def wrong_check_character() -> str:
    right = resident_id(1)
    return right[:17] + ("0" if right[17] != "0" else "1")


MISTAKES = [
    ("C01", "身份证件号", {"身份证件号": wrong_check_character(), "学籍号": None}),
    ("C01", "身份证件号", {"身份证件号": "21020220080506", "学籍号": None}),
    ("C01", "身份证件号", {"身份证件号": with_check_character("20020220080506123"), "学籍号": None, "性别": "女"}),
    ("C01", "身份证件号", {"身份证件号": with_check_character("21020220080230123"), "学籍号": None}),
    ("C02", "学校标识码", {"学校标识码": "2102029999"}),
    ("C02", "学校标识码", {"学校标识码": "2102030001"}),
    ("C02", "学校标识码", {"学校标识码": "2102020004"}),
    ("C02", "学校标识码", {"学校标识码": "2102020005"}),
    ("C02", "学校标识码", {"学校标识码": "2102020007"}),
    ("C02", "学校标识码", {"学校标识码": "21020200"}),
    ("C04", "发现日期", {"发现日期": date(2020, 7, 1)}),
    ("C04", "返校日期", {"劝返状态": "已返校", "返校日期": date(2020, 7, 2)}),
    ("C05", "性别", {"性别": "女"}),
    ("C07", "学籍号", {"学籍号": f"G{resident_id(77)}"}),
    ("C09", "学籍号", {"学籍号": "G123"}),
    ("C09", "学籍号", {"学籍号": f"A{resident_id(1)}"}),
    ("D01", "发现日期", {"身份证件号": resident_id(1, "20150701"), "学籍号": None}),
    ("D01", "发现日期", {"身份证件号": resident_id(1, "20020603"), "学籍号": None}),
    ("D02", "返校日期", {"劝返状态": "已返校"}),
    ("D02", "返校日期", {"劝返状态": "已返校", "返校日期": date(2020, 6, 2)}),
    ("D03", "安置方式", {"劝返状态": "已安置"}),
    ("D04", "核销原因", {"劝返状态": "已核销"}),
    ("D05", "年级", {"年级": 10}),
    ("D05", "年级", {"年级": -1}),
    ("D06", "主要原因", {"主要原因": "因贫"}),
    ("D08", "劝返次数", {"劝返次数": 0}),
]
"""(Rule, marked header, changed cells)."""


def test_one_mistake_one_finding(told):
    """Each in a row of its own: Great Expectations takes as long for one as for all."""
    rows = [case(2 * number + 1, **changed) for number, (_, _, changed) in enumerate(MISTAKES)]
    places = {(rule, CASES, f"{COLUMN[marked]}{FIRST + number}") for number, (rule, marked, _) in enumerate(MISTAKES)}

    assert told(cases=rows) == {*places, ("F16", CASES, None)}


RIGHT = [
    {"身份证件号": with_check_character("81000020080506123"), "学籍号": None},
    {"身份证件号": with_check_character("91120020080506123"), "学籍号": None},
    {"身份证件号": resident_id(1, "20140603"), "学籍号": None},
    {"身份证件号": resident_id(1, "20020604"), "学籍号": None},
    {"学籍号": "J" + "123456789012345678"},
    {"学籍号": "L" + "123456789012345678"},
    {"学校标识码": "2102020006"},
    {"辍学类别": "失学", "学校标识码": None, "年级": None},
    {"劝返状态": "未劝返", "劝返次数": 0},
    {"劝返状态": "已返校", "返校日期": date(2020, 6, 3)},
    {"主要原因": "因贫", "劝返状态": "已核销", "核销原因": "户籍迁出"},
]
"""Changed cells."""


def test_what_is_right_is_not_questioned(told):
    assert told(cases=[case(2 * number + 1, **changed) for number, changed in enumerate(RIGHT, 1)]) == set()


def test_a_key_twice_marks_each_row(told):
    twice = [case(1), *(case(number) for number in range(2, 40)), case(1)]

    assert told(cases=twice) == {("C03", CASES, "A4"), ("C03", CASES, "A43")}


def test_a_key_twice_names_the_other_rows(check):
    twice = [case(1), case(2), case(1), *(case(number) for number in range(3, 40)), case(1)]
    messages = {found.cell: found.message for found in check(cases=twice).findings if found.rule == "C03"}
    number = resident_id(1)
    assert messages["A4"] == f"“身份证件号”填的 {number} 重复：与第 6、44 行的身份证件号相同。"
    assert "第 4、44 行的" in messages["A6"]
    many = check(cases=[case(1)] * 9).findings
    assert "与第 4、5、6、7、8 等 8 行的" in next(found.message for found in many if found.cell == "A12")


def test_a_key_twice_is_seen_whatever_else_is_wrong(told):
    wrong = wrong_check_character()
    twice = [
        case(1, 身份证件号=wrong, 学籍号=None),
        *(case(number) for number in range(2, 40)),
        case(1, 身份证件号=wrong, 学籍号=None),
    ]

    assert told(cases=twice) == {(rule, CASES, cell) for rule in ("C01", "C03") for cell in ("A4", "A43")}


def test_an_id_that_is_wrong_takes_no_part_in_the_rules_of_its_row(told):
    # Neither sex nor age nor student number are compared with an ID that is wrong itself.
    changed = {"身份证件号": with_check_character("20020220180506123"), "性别": "女"}

    assert told(cases=cases(**changed)) == {("C01", CASES, "A4")}


def test_a_broken_cell_takes_no_part_in_the_rules_of_its_row(told):
    changed = {"劝返状态": "已返校", "返校日期": "上个月"}

    assert told(cases=cases(**changed)) == {("T03", CASES, "O4")}


def test_more_present_than_expected(told):
    schools = [SCHOOLS[0], {**SCHOOLS[1], "实际在校人数": 701}]

    assert told(enrolment=schools) == {("D09", ENROLMENT, "C5")}


def test_a_school_without_a_row_is_named(check):
    checked = check(enrolment=SCHOOLS[:1])

    (found,) = checked.findings
    assert (found.rule, found.severity, found.sheet, found.cell) == ("C10", "warning", ENROLMENT, None)
    assert "中山第二初级中学" in found.message
    assert checked.verdict == "accepted"


def test_a_closed_an_unopened_and_a_moved_school_are_not_missed(told):
    # 2102020004 to 2102020007 closed, not yet open, closed in June, moved away in June: none is open here on 30 June.
    assert told() == set()
