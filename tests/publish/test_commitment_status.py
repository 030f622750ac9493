"""The ten steps by which a commitment gets its status, one by one and at their edges, and whence its line begins."""

import pytest
from sqlalchemy import Engine

from district_reports.publish import publish
from publish.plan import BOTH, Q1, Q2, Q3, Q4, change, facilities, register, told
from publish.reading import CITY, RURAL, rows
from publish.records import hardship, payment
from submitted import JINPU, ZHONGSHAN, case, report, submit

BASELINE = "baseline baseline_kind baseline_period"


def test_1_without_an_accepted_report_it_is_awaited(two_districts: Engine) -> None:
    facilities(two_districts, ZHONGSHAN)
    publish()
    names = ("large_classes", "special_school_wireless", "new_large_classes", "township_centres", "football_schools")
    assert {name: told(name, area=JINPU) for name in names} == dict.fromkeys(names, "待报")


def test_2_with_nothing_to_measure_it_does_not_apply(two_districts: Engine) -> None:
    facilities(two_districts, ZHONGSHAN)
    publish()
    assert told("special_school_wireless", "status actual") == ("不适用", None)
    # For a trend too.
    trend = "target = NULL, target_levels = NULL, baseline_kind = 'none'"
    change("commitments", f"UPDATE reference.commitments SET {trend} WHERE commitment = 'special_school_wireless'")
    publish()
    assert told("special_school_wireless", "status actual") == ("不适用", None)


def test_3_without_the_report_that_it_compares_with_there_is_no_earlier_one(two_districts: Engine) -> None:
    for period in (Q1, Q2):
        facilities(two_districts, *BOTH, period=period)
    publish()
    assert told("new_large_classes", "status actual", period=Q1) == ("无上期", None)
    assert told("new_large_classes", "status actual", period=Q2) == ("正常推进", 0)


def test_4_without_a_target_it_is_a_trend(two_districts: Engine) -> None:
    facilities(two_districts, ZHONGSHAN, places=10)
    publish()
    assert told("township_centres") is None
    # 6000 places are the city's, and no district's.
    assert told("new_public_places", f"status target {BASELINE}", area=ZHONGSHAN) == (None, None, None, "none", None)


INCOMPLETE = [
    (
        {"large_class_count": 0, "fit_desk_count": 400},
        {"large_classes": "数据不全", "fit_desks": "数据不全"},  # would be 已达成
    ),
    (
        {"large_class_count": 74, "oversize_class_count": 1, "fit_desk_count": 399, "places": 6000},
        {
            "large_classes": "数据不全",  # would be 正常推进
            "new_public_places": "数据不全",
            "oversize_classes": "滞后",  # what is missing can't mend it
            "fit_desks": "未达标（无基期）",
        },
    ),
    (
        {"large_class_count": 75, "places": 10},
        {
            "large_classes": "滞后",  # more can only come to it
            "oversize_classes": "数据不全",
            "new_public_places": "数据不全",  # would be 滞后, and what is missing may make it up
            "football_schools": "数据不全",
            "schools_inspected": "滞后",  # a rate: nobody knows which way it would go
        },
    ),
]


@pytest.mark.parametrize(("cells", "words"), INCOMPLETE)
def test_5_with_a_district_missing_only_what_it_can_not_change_is_said(
    two_districts: Engine, cells: dict, words: dict[str, str]
) -> None:
    facilities(two_districts, ZHONGSHAN, class_count=200, **cells)
    publish()
    names = "status districts_accepted districts_expected coverage"
    assert {name: told(name, names) for name in words} == {name: (word, 1, 2, 50) for name, word in words.items()}


def test_5_with_a_school_missing_it_is_as_incomplete(two_districts: Engine) -> None:
    register(f"{ZHONGSHAN}0001")
    register(f"{JINPU}0009", JINPU)
    facilities(two_districts, *BOTH, class_count=200, large_class_count=0, area_type="乡村")
    publish()
    names = "status districts_accepted units_reported units_expected"
    assert told("large_classes", names) == ("数据不全", 2, 1, 2)
    assert told("large_classes", names, area=ZHONGSHAN) == ("已达成", 1, 1, 1)
    # Kindergartens are all there, and the figures of the one table do not wait for the other.
    assert told("new_public_places", names) == ("滞后", 2, 0, 0)


def test_5_units_are_those_of_every_table_that_the_figure_rests_on(two_districts: Engine) -> None:
    register(f"{ZHONGSHAN}0001")
    register(f"{ZHONGSHAN}0002", school_type="幼儿园")
    register(f"{JINPU}0009", JINPU, school_type="幼儿园")
    change("commitments", "UPDATE reference.commitments SET target = 0 WHERE commitment = 'dry_toilets_converted'")
    facilities(two_districts, *BOTH)
    publish()
    names = "status units_reported units_expected"
    assert told("dry_toilets_converted", names) == ("数据不全", 2, 3)
    assert told("oversize_classes", names) == ("正常推进", 1, 1)


# Of the 365 days from 1 January to 31 December, 90 have passed by 31 March and 181 by 30 June: 1479.5 and 2975.3 of the
# 6000 places are on the line, and 110.8 and 74.1 of the 147 large classes. By period: places and classes of each of the
# two districts, and the words for both.
LINES = [
    {
        Q1: (3000, 0, "已达成", "已达成"),
        Q2: (1488, 37, "正常推进", "正常推进"),
        Q4: (3000, 0, "已达成", "已达成"),
    },
    {
        Q1: (740, 55, "正常推进", "正常推进"),
        Q2: (1487, 38, "滞后", "滞后"),
        Q4: (2999, 1, "滞后", "滞后"),
    },
    {Q1: (739, 56, "滞后", "滞后")},
]
PACES = {Q1: (1479.45, 110.75), Q2: (2975.34, 74.10), Q4: (6000, 0)}


@pytest.mark.parametrize("line", LINES)
def test_6_9_10_up_and_down_the_straight_line_from_the_plans_baseline(two_districts: Engine, line: dict) -> None:
    for period, (places, classes, *_) in line.items():
        large = {"class_count": 200, "large_class_count": classes}
        facilities(two_districts, *BOTH, period=period, places=places, **large)
    publish()
    for period, (_, _, upwards, downwards) in line.items():
        up, down = PACES[period]
        assert told("new_public_places", f"status pace {BASELINE}", period=period) == (upwards, up, 0, "plan", None)
        assert told("large_classes", f"status pace {BASELINE}", period=period) == (downwards, down, 147, "plan", None)


def test_7_what_is_to_be_kept_is_reached_only_when_it_is_due(two_districts: Engine) -> None:
    change("commitments", "UPDATE reference.commitments SET target = 2 WHERE commitment LIKE 'football%'")
    for period in (Q1, Q3, Q4):
        facilities(two_districts, *BOTH, period=period, football_school=True, oversize_class_count=1)
    for district, reason in ((ZHONGSHAN, "厌学"), (JINPU, "因贫")):
        sheets = {"dropout_case": [case(1, reason=reason)], "compulsory_enrolment": []}
        submit(two_districts, reason, report("dropout_control", sheets, district=district, period="2020-12"))
    publish()
    for period, kept in ((Q1, "正常推进"), (Q3, "正常推进"), (Q4, "已达成")):
        assert told("football_schools", f"status pace {BASELINE}", period=period) == (kept, 2, None, "none", None)
        assert told("football_kindergartens", period=period) == "滞后"
        assert told("oversize_classes", period=period) == "滞后"
    poverty = {area: told("dropout_for_poverty", area=area, period="2020-12") for area in (*BOTH, CITY)}
    assert poverty == {ZHONGSHAN: "已达成", JINPU: "滞后", CITY: "滞后"}


def test_8_a_first_report_that_is_not_complete_is_no_baseline(two_districts: Engine) -> None:
    register(f"{JINPU}0001", JINPU)
    register(f"{JINPU}0009", JINPU, opened_on="2020-02-01")
    facilities(two_districts, ZHONGSHAN, period=Q1, lit_classroom_count=10)  # a district is missing
    facilities(two_districts, *BOTH, period=Q2, lit_classroom_count=11)  # a school is missing
    change("schools", f"UPDATE reference.schools SET closed_on = '2020-07-01' WHERE school_code = '{JINPU}0009'")
    facilities(two_districts, *BOTH, period=Q3, lit_classroom_count=12)
    facilities(two_districts, *BOTH, period=Q4, lit_classroom_count=12)
    publish()
    stood = [told("classroom_lighting", f"status pace {BASELINE}", period=period) for period in (Q1, Q2, Q3, Q4)]
    without = ("未达标（无基期）", None, None, "none", None)
    assert stood == [without, without, ("正常推进", 60, 60, "first_report", Q3), ("滞后", 100, 60, "first_report", Q3)]
    # 中山区 was complete from the first quarter on.
    of_one = [told("classroom_lighting", f"status {BASELINE}", ZHONGSHAN, period) for period in (Q1, Q2)]
    assert of_one == [("正常推进", 50, "first_report", Q1), ("滞后", 50, "first_report", Q1)]


@pytest.mark.parametrize(("lit", "classes", "word"), [(14, 13, "正常推进"), (13, 14, "滞后"), (20, 0, "已达成")])
def test_6_9_10_a_line_from_a_first_report_begins_on_its_last_day(
    two_districts: Engine, lit: int, classes: int, word: str
) -> None:
    # By 30 June, 91 of the 275 days from 31 March, 66.5 % are on the line from 50 %, and 13.4 large classes are on that
    # from 20. From 1 January on it would be 74.8 % and 10.1.
    for period, rooms, large in ((Q1, 10, 20), (Q2, lit, classes)):
        cells = {"lit_classroom_count": rooms, "class_count": 40, "large_class_count": large}
        facilities(two_districts, *BOTH, period=period, **cells)
    publish()
    assert told("classroom_lighting", f"status pace {BASELINE}") == (word, 66.55, 50, "first_report", Q1)
    # The plan's 147 are the city's; a district or zone has its own first report.
    names = f"status target {BASELINE}"
    of_city = "已达成" if classes == 0 else "正常推进"
    assert told("large_classes", names) == (of_city, 0, 147, "plan", None)
    assert told("large_classes", names, area=ZHONGSHAN) == (word, 0, 20, "first_report", Q1)
    assert told("large_classes", names, area=RURAL) == (word, 0, 20, "first_report", Q1)


def test_10_a_first_report_is_on_its_own_line_however_it_is_rounded(two_districts: Engine) -> None:
    # 66.67 is shown, which two thirds are below.
    facilities(two_districts, *BOTH, period=Q1, desk_count=300, fit_desk_count=200)
    publish()
    stood = told("fit_desks", f"status actual pace {BASELINE}", period=Q1)
    assert stood == ("正常推进", 66.67, 66.67, 66.67, "first_report", Q1)


def test_99_996_percent_are_not_100(two_districts: Engine) -> None:
    facilities(two_districts, *BOTH, desk_count=25_000, fit_desk_count=24_999)
    publish()
    assert told("fit_desks", "actual status") == (99.99, "正常推进")


def test_a_first_report_with_nothing_to_measure_leaves_no_baseline(two_districts: Engine) -> None:
    facilities(two_districts, *BOTH, period=Q1)
    facilities(two_districts, *BOTH, period=Q2, school_type="特殊教育")
    publish()
    stood = [told("special_school_wireless", f"status {BASELINE}", period=period) for period in (Q1, Q2)]
    assert stood == [("不适用", None, "none", None), ("未达标（无基期）", None, "none", None)]


def test_a_semester_that_began_the_year_before_is_no_first_report(two_districts: Engine) -> None:
    for period in ("2019-S2", "2020-S1"):
        sheets = {"hardship_student": [hardship(1), hardship(2)], "aid_payment": [payment(1)]}
        for district in BOTH:
            submit(
                two_districts, f"{district} {period}", report("student_aid", sheets, district=district, period=period)
            )
    publish()
    names = f"status actual {BASELINE} units_expected"
    before, first = (told("compulsory_aid_coverage", names, period=period) for period in ("2019-S2", "2020-S1"))
    assert before == ("未达标（无基期）", 50, None, "none", None, None)
    assert first == ("正常推进", 50, 50, "first_report", "2020-S1", None)


def test_a_first_report_on_the_due_date_needs_no_line(two_districts: Engine) -> None:
    facilities(two_districts, *BOTH, period=Q4, lit_classroom_count=10)
    publish()
    assert told("classroom_lighting", f"status {BASELINE}", period=Q4) == ("滞后", 50, "first_report", Q4)


def test_every_commitment_is_awaited_before_anything_is_reported(loader: Engine) -> None:
    publish()
    found = rows("city_commitments", area_code=CITY)
    assert {row["status"] for row in found} == {"待报"}
    assert {row["period"] for row in found} == {"2020-06", Q2, "2019-S2"}
