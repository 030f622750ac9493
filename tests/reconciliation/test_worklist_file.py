"""待核对.xlsx of a district: what it tells, and when it is made anew."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text

from district_reports.cli import main
from district_reports.errors import SystemFault
from district_reports.feedback.facts import facts_of
from district_reports.ledger.worklist import OpenCount
from district_reports.reconciliation import delivery
from district_reports.reconciliation.delivery import Told
from district_reports.reconciliation.rules import Words, cross_rules
from district_reports.reconciliation.wording import said_of
from district_reports.reference.register import Register
from district_reports.settings import settings
from publish.records import payment, training
from submitted import JINPU, XIGANG, ZHONGSHAN, case, checked, report, resident, submit
from worklist_city import HEADERS, SOUND, WorklistCity

FIRST_DAY = datetime(2020, 7, 4)  # noqa: DTZ001 (as openpyxl reads it)


def test_a_row_tells_the_districts_own_side(paid_twice: WorklistCity) -> None:
    first, *others = paid_twice.rows()
    assert first == {
        "编号": 1,
        "规则": "X01 两个区县资助同一名学生",
        "级别": "警告",
        "问题": "2020年春季学期，本单位给这名学生发放了“地方资助”500 元；同一学期，西岗区也给同一证件号发放了资助。",
        "怎样办": first["怎样办"],
        "报表": "学生资助",
        "报告期": "2020-S1",
        "工作表": "资助发放",
        "行": 4,
        "姓名": "张小1",
        "证件号": resident(1),
        "学校": "2102020001",
        "涉及区县": "中山区、西岗区",
        "首次出现": FIRST_DAY,
        "已挂天数": 0,
        "状态": "待核对",
        "情况说明": None,
    }
    assert "转学" in first["怎样办"]
    assert [row["行"] for row in (first, *others)] == [4, 5, 6]
    assert [row["行"] for row in paid_twice.rows(XIGANG)] == [5, 6, 7]


def test_each_part_names_the_districts_of_the_other_part(city: WorklistCity) -> None:
    """A child is on one district's ledger, and two others paid: neither of these lists it."""
    submit(city.loader, "ledger", checked([case(1, discovered_on=date(2020, 5, 2))]))
    city.aid(XIGANG, 1)
    city.aid(JINPU, 1)
    city.night()

    def problem(code: str) -> str:
        (row,) = (row for row in city.rows(code) if row["规则"].startswith("X02"))
        assert row["涉及区县"] == "中山区、西岗区、金普新区"
        return str(row["问题"])

    assert "此后西岗区、金普新区给同一证件号发放了资助" in problem(ZHONGSHAN)
    assert "而中山区最近一期台账里还有同一证件号" in problem(XIGANG)
    assert "而中山区最近一期台账里还有同一证件号" in problem(JINPU)


def test_the_sheet_has_those_columns_and_no_other(paid_twice: WorklistCity) -> None:
    book = openpyxl.load_workbook(paid_twice.path())
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("待核对", "visible"), ("填写说明", "visible"), ("标识", "hidden"),
    ]  # fmt: skip
    sheet = book["待核对"]
    assert sheet.max_column == len(HEADERS)
    assert not any(dimension.hidden for dimension in sheet.column_dimensions.values())
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:Q4")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    cells = dict(zip(HEADERS, sheet[2], strict=True))
    assert {title for title, cell in cells.items() if not cell.protection.locked} == {"情况说明"}
    assert {title for title, cell in cells.items() if cell.value is not None and cell.data_type == "n"} == {
        "编号",
        "行",
        "已挂天数",
    }
    assert cells["首次出现"].is_date
    assert cells["证件号"].number_format == "@"


def test_no_text_runs(city: WorklistCity) -> None:
    name = "=HYPERLINK(1)"
    city.aid(ZHONGSHAN, payment(1, student_name=name))
    city.aid(XIGANG, 1)
    city.night()
    row = next(row for row in city.rows() if row["规则"].startswith("X01"))
    assert row["姓名"] == name
    for line in openpyxl.load_workbook(city.path())["待核对"].iter_rows():
        assert {cell.data_type for cell in line} <= {"s", "n", "d"}


def test_a_school_goes_by_its_name_in_the_register(city: WorklistCity) -> None:
    school = next(each for each in Register.load(settings().reference).schools if each.district_code == ZHONGSHAN)
    city.aid(ZHONGSHAN, payment(1, school_code=school.code))
    city.aid(XIGANG, 1)
    city.night()
    assert [row["学校"] for row in city.rows()] == [school.name]


def test_a_teacher_without_an_id_goes_by_the_number(city: WorklistCity) -> None:
    rows = [training(1), training(1, teacher_name="李老师", course_name="另一培训")]
    submit(
        city.loader, "t", report("teacher_training", {"training_record": rows}, district=ZHONGSHAN, period="2020-Q2")
    )
    city.night()
    assert [(row["规则"][:3], row["姓名"], row["证件号"], row["涉及区县"]) for row in city.rows()] == [
        ("X09", "王老师1", "教师编号 T1", "中山区"), ("X09", "李老师", "教师编号 T1", "中山区"),
    ]  # fmt: skip


def test_what_waits_for_the_district_stands_first(paid_twice: WorklistCity) -> None:
    paid_twice.send(paid_twice.filled_in({1: SOUND}))
    paid_twice.night("2020-07-05")
    assert [(row["编号"], row["状态"], row["情况说明"], row["已挂天数"]) for row in paid_twice.rows()] == [
        (2, "待核对", None, 1), (3, "待核对", None, 1), (1, "部分已说明", SOUND, 1),
    ]  # fmt: skip
    # The other side has not explained it: there it waits still, without a word of what was said.
    assert [(row["编号"], row["状态"], row["情况说明"]) for row in paid_twice.rows(XIGANG)] == [
        (1, "部分已说明", None), (2, "待核对", None), (3, "待核对", None),
    ]  # fmt: skip
    fills = {
        row[0].value: row[-1].fill.fgColor.rgb
        for row in openpyxl.load_workbook(paid_twice.path())["待核对"].iter_rows(min_row=2)
    }
    assert fills[2] == fills[3] == "FFFFF0B3" != fills[1]


def test_what_is_gone_is_told_once(paid_twice: WorklistCity) -> None:
    paid_twice.aid(ZHONGSHAN, 1, 3)
    paid_twice.night("2020-07-05")
    assert paid_twice.states() == {1: "待核对", 3: "待核对", 2: "已消除"}
    assert list(paid_twice.states())[-1] == 2
    assert paid_twice.states(XIGANG) == paid_twice.states()
    # A night that changes nothing makes no file, also where the one before told of something gone.
    before = paid_twice.path().read_bytes()
    assert paid_twice.night("2020-07-06") == Told(0, 0)
    assert paid_twice.path().read_bytes() == before
    paid_twice.aid(ZHONGSHAN, 1)
    paid_twice.night("2020-07-07")
    assert paid_twice.states() == {1: "待核对", 3: "已消除"}
    paid_twice.aid(ZHONGSHAN, 1, 2)
    paid_twice.night("2020-07-08")
    assert paid_twice.states() == {1: "待核对", 2: "待核对"}
    assert {row["编号"]: row["首次出现"] for row in paid_twice.rows()} == dict.fromkeys((1, 2), FIRST_DAY)


def test_the_earlier_list_goes_into_history_under_its_day(paid_twice: WorklistCity) -> None:
    first = paid_twice.path().read_bytes()
    paid_twice.aid(ZHONGSHAN, 1, 2)
    paid_twice.night()
    second = paid_twice.path().read_bytes()
    paid_twice.aid(ZHONGSHAN, 1)
    paid_twice.night("2020-07-05")
    assert paid_twice.history() == ["待核对_2020-07-04-2.xlsx", "待核对_2020-07-04.xlsx"]
    history = paid_twice.folders[ZHONGSHAN].history.path
    assert [(history / name).read_bytes() for name in paid_twice.history()] == [second, first]
    assert paid_twice.history("210204") == []


def test_only_districts_with_items_get_a_list(paid_twice: WorklistCity) -> None:
    assert {code for code in paid_twice.folders if paid_twice.path(code).exists()} == {ZHONGSHAN, XIGANG}
    paid_twice.aid(ZHONGSHAN, 8)
    paid_twice.night("2020-07-05")
    assert paid_twice.states() == dict.fromkeys((1, 2, 3), "已消除")


def test_the_notes_name_the_number(paid_twice: WorklistCity) -> None:
    def standing(code: str = ZHONGSHAN) -> str:
        return (paid_twice.folders[code].feedback.path / "上报情况.txt").read_text("utf-8-sig")

    assert "待核对：3 项，其中 3 项等本单位核对、说明。见“反馈”文件夹里的“待核对.xlsx”。" in standing()
    assert "待核对：" not in standing("210204")
    paid_twice.send(paid_twice.filled_in({1: SOUND, 2: SOUND}))
    assert "待核对：3 项，其中 1 项等本单位核对、说明。" in standing()
    paid_twice.send(paid_twice.filled_in({3: SOUND}))
    assert "待核对：3 项，本单位都已说明，等其他区县说明。" in standing()
    paid_twice.send(paid_twice.filled_in({2: SOUND, 3: SOUND}, XIGANG), XIGANG)
    paid_twice.night("2020-07-05")
    assert "待核对：1 项" in standing()
    paid_twice.aid(XIGANG, 9)
    paid_twice.night("2020-07-06")
    assert "待核对：" not in standing()
    assert "待核对.xlsx" in (paid_twice.folders[XIGANG].feedback.path / "说明.txt").read_text("utf-8-sig")


def test_the_facts_of_a_report_count_the_districts_own(paid_twice: WorklistCity) -> None:
    with paid_twice.loader.begin() as connection:
        latest = connection.scalar(text("SELECT max(submission_id) FROM ledger.submission"))
        assert latest is not None
        assert facts_of(connection, latest).open_items == OpenCount(3, 3)


def test_by_command_the_districts_are_told_too_and_not_by_a_dry_run(city: WorklistCity, capsys) -> None:
    city.aid(ZHONGSHAN, 1)
    city.aid(XIGANG, 1)
    assert main(["reconcile", "--dry-run"]) == 0
    assert not city.path().exists()
    assert main(["reconcile"]) == 0
    assert "2 districts have a new list of items" in capsys.readouterr().out
    assert city.states() == {1: "待核对"}


def test_an_item_passes_to_the_successor(reference_folder: Path, city: WorklistCity) -> None:
    from publish.test_mergers import merge

    city.aid(JINPU, 1)
    city.aid(XIGANG, 1)
    city.night()
    city.send(city.filled_in({1: SOUND}, XIGANG), XIGANG)
    merge(reference_folder, "2020-08-05")
    city.night("2020-08-05")
    assert not city.path(XIGANG).exists()
    assert city.history(XIGANG) == ["待核对_2020-07-04.xlsx"]
    (row,) = city.rows(ZHONGSHAN)
    assert (row["编号"], row["姓名"], row["涉及区县"], row["状态"], row["情况说明"]) == (
        1, "张小1", "中山区、金普新区", "部分已说明", SOUND,
    )  # fmt: skip


def test_the_words_of_an_item_within_a_merged_district_say_who_the_other_was(
    reference_folder: Path, city: WorklistCity
) -> None:
    from publish.test_mergers import merge

    city.aid(ZHONGSHAN, 1)
    city.aid(XIGANG, 1)
    city.night()
    merge(reference_folder, "2020-08-05")
    city.night("2020-08-05")
    assert [row["涉及区县"] for row in city.rows()] == ["中山区", "中山区"]
    for row in city.rows():
        assert row["问题"].endswith("同一学期，本单位（合并前的另一区县）也给同一证件号发放了资助。")


def test_words_that_nothing_fills_are_a_fault(city: WorklistCity, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = cross_rules()
    unfilled = replace(rules["X01"], words={"payment": Words("{amount} 元", "")})
    monkeypatch.setattr(delivery, "cross_rules", lambda: replace(rules, rules=[unfilled]))
    city.aid(ZHONGSHAN, 1)
    city.aid(XIGANG, 1)
    with pytest.raises(SystemFault, match="district 210203: X01: its words for payment name something"):
        city.night()
    assert not city.path().exists()


def test_an_item_of_a_rule_that_was_given_up_is_listed_once_more(
    paid_twice: WorklistCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = cross_rules()
    without = replace(rules, rules=[rule for rule in rules.rules if rule.code != "X01"])
    monkeypatch.setattr(delivery, "cross_rules", lambda: without)
    monkeypatch.setattr("district_reports.reconciliation.reconcile.cross_rules", lambda: without)
    paid_twice.night()
    rows = paid_twice.rows()
    assert {(row["规则"], row["问题"], row["状态"]) for row in rows} == {
        ("X01", "规则已经调整，这一项不再核对。", "已消除")
    }


def test_a_figure_of_another_district_is_not_told() -> None:
    told = {"actual_enrolment": 312, "pupil_count": None}
    words = said_of(cross_rules(), "X08", "enrolment", told, period="2020-06", others=(), everyone=())
    assert words is not None
    assert "“实际在校人数”是 312 人，同季度“办学条件”的“在校生数”是 （不显示） 人" in words.message
