"""The made-up city: as large as Dalian, told alike by all forms, and half way through its work plan."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import pytest

from district_reports.reference.register import KINDERGARTEN


def total(rows: Iterable[dict], column: str) -> int:
    return sum(row[column] for row in rows)


def distinct(rows: Iterable[dict], column: str) -> int:
    return len({row[column] for row in rows})


def test_the_city_is_as_large_as_dalian(city_of) -> None:
    schools = city_of("facilities", "school_facility", "2020-Q2")
    assert 690_000 < total(schools, "pupil_count") < 710_000
    kindergartens = city_of("facilities", "kindergarten_facility", "2020-Q2")
    assert 180_000 < total(kindergartens, "child_count") < 210_000
    staff = city_of("teacher_training", "teacher_headcount", "2020-Q2")
    assert 13 < total(schools, "pupil_count") / total(staff, "teacher_count") < 15


def test_every_form_says_the_same_of_a_school(rows_of) -> None:
    """X08: enrolment of June and the pupils of the quarter; compulsory education only where there are other grades."""
    enrolment = {
        row["school_code"]: row for row in rows_of("dropout_control", "210211", "2020-06")["compulsory_enrolment"]
    }
    staff = {row["school_code"] for row in rows_of("teacher_training", "210211", "2020-Q2")["teacher_headcount"]}
    facilities = rows_of("facilities", "210211", "2020-Q2")["school_facility"]
    for row in facilities:
        if row["school_type"] in ("小学", "初中", "九年一贯制"):
            assert enrolment[row["school_code"]]["expected_enrolment"] == row["pupil_count"]
            assert abs(enrolment[row["school_code"]]["actual_enrolment"] / row["pupil_count"] - 1) < 0.05
        elif row["school_type"] in ("十二年一贯制", "完全中学"):
            assert enrolment[row["school_code"]]["expected_enrolment"] < row["pupil_count"]
    assert staff == {row["school_code"] for row in facilities}


def test_scale_is_about_people_in_lists_not_about_schools(rows_of) -> None:
    whole, tenth = (rows_of("student_aid", "210213", "2020-S1", scale) for scale in (1.0, 0.1))
    for table in ("hardship_student", "aid_payment"):
        assert len(tenth[table]) == pytest.approx(len(whole[table]) / 10, rel=0.1)
    whole, tenth = (rows_of("teacher_training", "210213", "2020-Q2", scale) for scale in (1.0, 0.1))
    assert len(tenth["training_record"]) == pytest.approx(len(whole["training_record"]) / 10, rel=0.2)
    assert tenth["teacher_headcount"] == whole["teacher_headcount"]
    large = rows_of("dropout_control", "210213", "2020-06", 5.0)
    assert len(large["dropout_case"]) > 3 * len(rows_of("dropout_control", "210213", "2020-06")["dropout_case"])


@pytest.mark.slow
def test_hardship_is_rare_in_town_and_frequent_in_the_country(city_of, rows_of) -> None:
    listed = city_of("student_aid", "hardship_student", "2020-S1")
    assert 0.02 < len([row for row in listed if row["stage"] != "学前"]) / 700_000 < 0.035
    town, country = (
        len(rows_of("student_aid", code, "2020-S1")["hardship_student"])
        / total(rows_of("facilities", code, "2020-Q2")["school_facility"], "pupil_count")
        for code in ("210202", "210283")
    )
    assert country > 4 * town
    assert {row["stage"] for row in listed} == {"学前", "小学", "初中", "普通高中", "中职"}


@pytest.mark.slow
def test_aid_reaches_everybody_in_compulsory_education_and_most_others(city_of) -> None:
    listed = city_of("student_aid", "hardship_student", "2020-S1")
    payments = city_of("student_aid", "aid_payment", "2020-S1")
    paid = {row["resident_id"] for row in payments if row["payment_status"] == "已发放"}
    assert {row["resident_id"] for row in listed if row["stage"] in ("小学", "初中")} <= paid
    assert {row["payment_status"] for row in payments} == {"已发放", "未发放", "已退回"}
    free = {row["resident_id"] for row in payments if row["programme"] == "中职免学费"}
    # Most of the 45,000 pupils of vocational schools, on the list or not.
    assert 35_000 < len(free) < 45_000
    assert len(free - {row["resident_id"] for row in listed}) > 30_000
    boarders = Counter(row["stage"] for row in payments if row["programme"] == "寄宿生生活补助")
    assert boarders["初中"] > boarders["小学"] > 0


def test_teachers_are_trained_and_stay_themselves(city_of) -> None:
    known: dict[str, set[tuple[object, object]]] = defaultdict(set)
    for period in ("2020-Q1", "2020-Q2"):
        records = city_of("teacher_training", "training_record", period)
        teachers = total(city_of("teacher_training", "teacher_headcount", period), "teacher_count")
        assert 0.12 < distinct(records, "teacher_no") / teachers < 0.25
        for row in records:
            known[row["teacher_no"]].add((row["teacher_name"], row["resident_id"]))
    assert {len(names) for names in known.values()} == {1}
    assert len({row["training_category"] for row in records}) == 10


def test_nobody_is_in_two_districts_and_nobody_has_two_names(city_of) -> None:
    names: dict[str, set[str]] = defaultdict(set)
    cases = city_of("dropout_control", "dropout_case", "2020-06")
    listed = city_of("student_aid", "hardship_student", "2020-S1")
    payments = city_of("student_aid", "aid_payment", "2020-S1")
    records = city_of("teacher_training", "training_record", "2020-Q2")
    for row in (*cases, *listed, *payments, *records):
        names[row["resident_id"]].add(row.get("student_name") or row["teacher_name"])
    names.pop(None)  # teachers without an ID
    assert {len(of_id) for of_id in names.values()} == {1}
    assert distinct(cases, "resident_id") == len(cases)
    assert distinct(listed, "resident_id") == len(listed)
    # X02 and X03: no open case is paid aid.
    assert not {row["resident_id"] for row in cases} & {row["resident_id"] for row in payments}
    # X01: nobody is paid by two districts, whose schools these are.
    districts: dict[str, set[str]] = defaultdict(set)
    for row in payments:
        districts[row["resident_id"]].add(row["school_code"])
    assert {len(schools) for schools in districts.values()} == {1}


COMMITMENTS = {
    # the figure: (when 2020 begins, at its middle, at its end), by the work plan and half way
    "large classes": ((147, 147), (60, 100), (0, 10)),
    "oversize classes": ((5, 15), (1, 6), (0, 0)),
    "resource rooms that lack": ((23, 23), (8, 16), (0, 2)),
    "football schools": ((181, 181), (181, 181), (181, 181)),
    "football kindergartens": ((30, 30), (30, 30), (30, 30)),
    "inclusive coverage, per cent": ((77, 82), (80, 85), (85, 92)),
}


@pytest.mark.parametrize(("period", "place"), [("2019-Q4", 0), ("2020-Q2", 1), ("2020-Q4", 2)])
def test_the_work_plan_is_under_way(city_of, period, place) -> None:
    schools = city_of("facilities", "school_facility", period)
    kindergartens = city_of("facilities", "kindergarten_facility", period)
    inclusive = [row for row in kindergartens if row["ownership"] != "其他民办"]
    lacking = [row for row in schools if row["inclusive_pupil_count"] >= 5 and row["resource_room_count"] == 0]
    figures = {
        "large classes": total(schools, "large_class_count"),
        "oversize classes": total(schools, "oversize_class_count"),
        "resource rooms that lack": len(lacking),
        "football schools": sum(row["football_school"] == "是" for row in schools),
        "football kindergartens": sum(row["football_kindergarten"] == "是" for row in kindergartens),
        "inclusive coverage, per cent": 100 * total(inclusive, "child_count") / total(kindergartens, "child_count"),
    }
    for name, figure in figures.items():
        lowest, highest = COMMITMENTS[name][place]
        assert lowest <= figure <= highest, name


def test_kindergartens_open_and_dry_toilets_go(city_of) -> None:
    quarters = ("2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4")
    opened, places, converted = [], [], []
    for period in quarters:
        kindergartens = city_of("facilities", "kindergarten_facility", period)
        public = [row for row in kindergartens if row["ownership"] == "公办" and row["opened_this_year"] == "是"]
        opened.append(len(public))
        places.append(total(kindergartens, "new_public_places"))
        everywhere = [*kindergartens, *city_of("facilities", "school_facility", period)]
        converted.append(total(everywhere, "dry_toilet_converted"))
        assert total(everywhere, "dry_toilet_start") >= converted[-1]
    assert opened == sorted(opened)
    assert opened[1] == 8
    assert 15 <= opened[-1] <= 17
    assert places == sorted(places)
    assert 2000 < places[1] < 4000
    assert 5500 < places[-1] < 7000
    assert converted == sorted(converted)
    assert converted[1] < converted[-1] / 2


def test_classes_are_none_too_large_where_none_is_said_to_be(city_of) -> None:
    for row in city_of("facilities", "school_facility", "2020-Q2"):
        assert row["large_class_count"] > 0 or row["pupil_count"] / row["class_count"] <= 55


def test_dropout_is_rare_and_never_for_poverty(city_register, rows_of) -> None:
    ledgers = [
        rows_of("dropout_control", district.code, "2020-06")["dropout_case"]
        for district in city_register.districts_on(city_register.districts[0].valid_from)
    ]
    assert all(1 <= len(cases) <= 90 for cases in ledgers)
    assert max(map(len, ledgers)) > 35
    cases = [case for cases in ledgers for case in cases]
    assert set(Counter(case["case_status"] for case in cases)) == {"未劝返", "劝返中", "已返校", "已安置", "已核销"}
    assert set(Counter(case["dropout_kind"] for case in cases)) == {"疑似辍学", "辍学", "失学"}
    assert not any(case["reason"] == "因贫" for case in cases)
    assert {case["grade"] for case in cases} == {None, *range(1, 10)}


def test_rows_are_the_schools_open_on_the_last_day(rows_of) -> None:
    # It moved on 16 June.
    moved = "3219060102"
    for form, table, period in (
        ("dropout_control", "compulsory_enrolment", "2020-06"),
        ("facilities", "school_facility", "2020-Q2"),
        ("teacher_training", "teacher_headcount", "2020-Q2"),
    ):
        assert moved not in {row["school_code"] for row in rows_of(form, "210213", period)[table]}
        assert moved in {row["school_code"] for row in rows_of(form, "210214", period)[table]}


@pytest.mark.parametrize("month", ["2019-09", "2020-01", "2020-10"])
def test_any_month_can_be_made(rows_of, month) -> None:
    for case in rows_of("dropout_control", "210213", month)["dropout_case"]:
        assert f"{case['discovered_on']:%Y-%m}" <= month
        if case["returned_on"]:
            assert f"{case['returned_on']:%Y-%m}" == month


def test_every_kindergarten_of_the_register_has_its_row(city_register, city_of) -> None:
    day = max(school.opened_on for school in city_register.schools)
    open_then = [
        school
        for district in city_register.districts_on(day)
        for school in city_register.schools_open(district.code, day, [KINDERGARTEN])
    ]
    assert distinct(city_of("facilities", "kindergarten_facility", "2020-Q4"), "school_code") == len(open_then)
