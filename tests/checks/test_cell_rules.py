"""One workbook with one odd cell, and the one finding (docs/rules.md, section T). Data start in row 4."""

from datetime import date, datetime, time

from district_reports.model.finding import Severity
from district_reports.workbook.names import column_letter
from ledger_book import CASE_HEADERS, CASES, ENROLMENT, SCHOOLS, case, resident_id

FIRST = 4
COLUMN = {header: column_letter(number) for number, header in enumerate(CASE_HEADERS, 1)}


def cases(**changed: object) -> list[dict[str, object]]:
    return [case(1, **changed), *(case(number) for number in range(2, 41))]


def changed(number: int, header: str, value: object) -> dict[str, object]:
    """The boy of a number with one other cell; no student number says another ID than he then has."""
    return case(2 * number + 1, **{header: value, **({"学籍号": None} if header == "身份证件号" else {})})


BROKEN = [
    ("T01", "姓名", None),
    ("T01", "姓名", "   "),
    ("T01", "姓名", "\u200b\u3000"),
    ("T01", "学校标识码", None),
    ("T01", "姓名", "/"),
    ("T01", "户籍地", "（无）"),
    ("T01", "户籍地", "同 上"),
    ("T01", "建档立卡", "没有"),
    ("T01", "劝返次数", "－"),
    ("T01", "发现日期", "N／A"),
    ("T01", "身份证件号", "null"),
    ("T01", "姓名", "″"),
    ("T01", "备注", "同上"),
    ("T01", "返校日期", "待定"),
    ("T01", "安置方式", "不详。"),
    ("T02", "劝返次数", "两次"),
    ("T02", "劝返次数", "l2"),
    ("T02", "劝返次数", "2次"),
    ("T02", "劝返次数", 1.5),
    ("T02", "劝返次数", True),
    ("T02", "劝返次数", date(2020, 6, 3)),
    ("T03", "发现日期", 43985),
    ("T03", "发现日期", 20200603),
    ("T03", "发现日期", "2020年6月"),
    ("T03", "发现日期", "2020-06-31"),
    ("T03", "发现日期", datetime(2020, 6, 3, 8, 30)),  # noqa: DTZ001
    ("T03", "发现日期", time(8, 30)),
    ("T03", "发现日期", "2020-06-03 08:30:00"),
    ("T03", "发现日期", "0202-03-05"),
    ("T03", "发现日期", "1020年3月5日"),
    ("T03", "发现日期", date(1905, 7, 12)),
    ("T03", "返校日期", date(1900, 1, 5)),
    ("T03", "发现日期", time(0, 0)),
    ("T04", "性别", "男性"),
    ("T04", "建档立卡", True),
    ("T04", "主要原因", "不想上学"),
    ("T05", "身份证件号", 210202200805061234),
    ("T06", "备注", "#REF!"),
    ("T08", "姓名", "甲" * 201),
    ("T08", "备注", "甲" * 1001),
    ("T08", "姓名", "李?"),
    ("T08", "劝返责任人", "王□明"),
    ("T08", "姓名", "王\ue5f1"),
    ("T08", "主要原因", "厌\ufffd"),
    ("T08", "姓名", True),
    ("T08", "户籍地", "true"),
    ("T08", "姓名", 10086),
    ("T08", "姓名", "１００８６"),
    ("T08", "姓名", date(2020, 6, 3)),
    ("T13", "劝返次数", -1),
    ("T13", "劝返次数", 3_000_000_000),
    ("T13", "年级", 3_000_000_000),
]
"""(Rule, header, value)."""


def test_one_broken_cell_one_finding(told):
    """Each in a row of its own: Great Expectations takes as long for one as for all."""
    rows = [changed(number, header, value) for number, (_, header, value) in enumerate(BROKEN)]
    places = {(rule, CASES, f"{COLUMN[header]}{FIRST + number}") for number, (rule, header, _) in enumerate(BROKEN)}

    assert told(cases=rows) == {*places, ("F16", CASES, None)}


UNDERSTOOD = [
    ("劝返次数", "2", 2),
    ("劝返次数", "２", 2),
    ("劝返次数", "1,500", 1500),
    ("劝返次数", " 3 ", 3),
    ("发现日期", "2020年6月3日", date(2020, 6, 3)),
    ("发现日期", "2020.6.3", date(2020, 6, 3)),
    ("发现日期", "2020/6/3", date(2020, 6, 3)),
    ("发现日期", "2020-06-03", date(2020, 6, 3)),
    ("发现日期", "20200603", date(2020, 6, 3)),
    ("学校标识码", 2102020002, "2102020002"),
    ("学校标识码", "２１０２０２０００２", "2102020002"),
    ("身份证件号", f"\u200b{resident_id(77)[:6]} {resident_id(77)[6:]}", resident_id(77)),
    ("性别", "男 ", "男"),
    ("性别", "男\ufe0e", "男"),
    ("姓名", "⼤⻢", "大马"),
    ("劝返责任人", "葛\U000e0100\uf9e1", "葛李"),
    ("发现日期", "2020-06-03 00:00:00", date(2020, 6, 3)),
    ("发现日期", "2020年6月3日0:00", date(2020, 6, 3)),
    ("发现日期", "2020‑6−3", date(2020, 6, 3)),
    ("发现日期", "2020.6.3.", date(2020, 6, 3)),
    ("返校日期", "无", None),
    ("安置方式", "——", None),
    ("学籍号", "／", None),
    ("备注", "暂无", None),
    ("备注", "第一行\n第二行", "第一行 第二行"),
]
"""(Header, value, what is read)."""


def test_what_can_be_understood_is_read_and_said(check):
    checked = check(cases=[changed(number, header, value) for number, (header, value, _) in enumerate(UNDERSTOOD)])

    assert [(one.rule, one.severity, one.cell) for one in checked.findings] == [
        ("T10", Severity.INFO, f"{COLUMN[header]}{FIRST + number}") for number, (header, _, _) in enumerate(UNDERSTOOD)
    ]
    for number, (said, (_, _, read)) in enumerate(zip(checked.findings, UNDERSTOOD, strict=True)):
        assert checked.rows["dropout_case"][said.field][number].as_py() == read


def test_a_lower_case_x_is_understood(check):
    number = next(n for n in range(1, 100, 2) if resident_id(n).endswith("X"))
    rows = [case(number, 身份证件号=resident_id(number).lower()), *(case(n) for n in range(100, 120))]

    assert [(one.rule, one.cell) for one in check(cases=rows).findings] == [("T10", "A4")]


def test_a_date_at_midnight_is_a_date(told):
    assert told(cases=cases(发现日期=datetime(2020, 6, 3))) == set()  # noqa: DTZ001


def test_a_total_row_is_ignored_and_said(check):
    checked = check(enrolment=[*SCHOOLS, {"学校标识码": "合计", "应在校人数": 1600, "实际在校人数": 1597}])

    assert [(one.rule, one.severity, one.sheet, one.cell) for one in checked.findings] == [
        ("T09", Severity.WARNING, ENROLMENT, "A6")
    ]
    count = checked.counts[1]
    assert (count.rows_read, count.loaded, count.quarantined, count.ignored) == (3, 2, 0, 1)


def test_a_child_called_total_is_a_child(told):
    assert told(cases=[{**case(1), "姓名": "合计生"}, *cases()[1:]]) == set()


def test_a_row_with_a_mistake_is_quarantined_and_the_others_load(check):
    checked = check(cases=cases(劝返次数="两次"))

    assert checked.verdict == "accepted_with_errors"
    assert checked.quarantined["dropout_case"][0][0] == 4
    assert checked.quarantined["dropout_case"][0][1]["persuasion_count"] == "两次"
    assert checked.rows["dropout_case"].num_rows == 39
    assert 4 not in checked.rows["dropout_case"]["row_number"].to_pylist()


def test_blank_rows_are_not_read_and_addresses_stay_right(check):
    rows = [case(1), {}, {"备注": " "}, case(2, 劝返次数="两次"), *(case(n) for n in range(3, 30))]
    checked = check(cases=rows)

    assert [one.cell for one in checked.findings] == ["M7"]
    assert checked.counts[0].rows_read == 29
