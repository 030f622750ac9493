"""Two districts become one: every table in the boundaries then and in the boundaries now, and the year goes on."""

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from conftest import TODAY
from district_reports.database.engine import engine
from district_reports.publish import publish
from district_reports.publish.commitments import AREA_KEY
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from district_reports.warehouse.reference_load import load_reference
from publish.random_reports import random_reports
from publish.reading import ALL, CITY, EVERY_CASE, FIVE, figures, rows
from publish.records import hardship, headcount, kindergarten, payment, school, training
from submitted import JINPU, MAY, XIGANG, ZHONGSHAN, case, checked, report, submit

Q1, Q2, Q3 = "2020-Q1", "2020-Q2", "2020-Q3"
THEN, NOW = "city", "city_now"


def merge(reference_folder: Path, day: str, code: str = XIGANG, into: str = ZHONGSHAN) -> None:
    """西岗区 becomes part of 中山区 on `day`."""
    (reference_folder / "mergers.csv").write_text(
        f"merged_on,district_code,into_code\n{day},{code},{into}\n", encoding="utf-8"
    )
    load_reference(lambda _: None)


@pytest.fixture
def merged(reference_folder: Path) -> None:
    merge(reference_folder, "2020-05-15")


def send(loader: Engine, form: str, sheets: dict, district: str, period: str) -> None:
    submit(loader, f"{form} {district} {period}", report(form, sheets, district=district, period=period))


def both(table: str, area: str, names: str, **where: object) -> tuple[tuple, tuple]:
    return figures(table, area, names, schema=THEN, **where), figures(table, area, names, schema=NOW, **where)


def areas(table: str, schema: str, period: str) -> set[str]:
    return {row["area_code"] for row in rows(table, schema=schema, period=period, level="district")}


@pytest.mark.usefixtures("merged")
def test_facilities_before_and_after(loader: Engine) -> None:
    for district, large in ((ZHONGSHAN, 2), (XIGANG, 5)):
        schools = [school(f"{district}0001", large_class_count=large)]
        kindergartens = [kindergarten(f"{district}0002", child_count=large)]
        send(loader, "facilities", {"school_facility": schools, "kindergarten_facility": kindergartens}, district, Q1)
    grown = [school(f"{ZHONGSHAN}0001", large_class_count=3), school(f"{XIGANG}0001", large_class_count=7)]
    send(loader, "facilities", {"school_facility": grown, "kindergarten_facility": []}, ZHONGSHAN, Q2)
    send(loader, "facilities", {"school_facility": grown, "kindergarten_facility": []}, ZHONGSHAN, Q3)
    publish()

    names = "school_count large_class_count new_large_class_count districts_accepted districts_expected"
    assert both("city_facilities", ZHONGSHAN, names, period=Q1) == ((1, 2, None, 1, 1), (2, 7, None, 2, 2))
    assert figures("city_facilities", XIGANG, names, period=Q1) == (1, 5, None, 1, 1)
    assert XIGANG not in areas("city_facilities", NOW, Q1) | areas("city_facilities", THEN, Q2)
    # Each school against its own last report, which another district sent.
    assert both("city_facilities", ZHONGSHAN, names, period=Q2) == ((2, 10, 3, 1, 1),) * 2
    assert both("city_facilities", ZHONGSHAN, names, period=Q3) == ((2, 10, 0, 1, 1),) * 2
    assert both("city_facilities", ZHONGSHAN, "new_large_class_year_count", period=Q3) == ((3,), (3,))
    assert both("city_facilities", FIVE, names, period=Q1) == ((2, 7, None, 2, 5),) * 2
    assert figures("city_facilities", FIVE, "districts_expected", period=Q2) == (4,)
    assert both("city_kindergartens", ZHONGSHAN, "child_count", period=Q1) == ((2,), (7,))
    names = "numerator actual"
    assert both("city_commitments", ZHONGSHAN, names, commitment="large_classes", period=Q1) == ((2, 2), (7, 7))


@pytest.mark.usefixtures("merged")
def test_teachers_of_the_year_stay_trained_and_the_headcount_is_of_both_until_one_names_them(loader: Engine) -> None:
    for district, teachers in ((ZHONGSHAN, (1, 2)), (XIGANG, (2, 3))):
        sheets = {
            "training_record": [training(number) for number in teachers],
            "teacher_headcount": [headcount(f"{district}0001", teacher_count=10)],
        }
        send(loader, "teacher_training", sheets, district, Q1)
    send(loader, "teacher_training", {}, ZHONGSHAN, Q2)
    names = "trained_count trained_year_count headcount headcount_year"
    where = {"training_category": "师德师风"}
    publish()
    # Their numbers are the districts' own, also when these have become one: 2 is somebody else in each.
    assert both("city_teacher_training", ZHONGSHAN, names, period=Q1, **where) == ((2, 2, 10, 10), (4, 4, 20, 20))
    assert both("city_teacher_training", ZHONGSHAN, names, period=Q2, **where) == ((0, 4, 0, 20),) * 2

    sheets = {
        "training_record": [training(4)],
        "teacher_headcount": [headcount(f"{code}0001", teacher_count=9) for code in (ZHONGSHAN, XIGANG)],
    }
    send(loader, "teacher_training", sheets, ZHONGSHAN, Q3)
    publish()
    assert both("city_teacher_training", ZHONGSHAN, names, period=Q3, **where) == ((1, 5, 18, 18),) * 2


@pytest.mark.usefixtures("merged")
def test_a_child_of_both_districts_is_one_child_now(loader: Engine) -> None:
    for district in (ZHONGSHAN, XIGANG):
        sheets = {"hardship_student": [hardship(1)], "aid_payment": [payment(1)]}
        send(loader, "student_aid", sheets, district, "2019-S2")
    publish()
    where = {"stage": ALL, "programme": ALL, "period": "2019-S2"}
    names = "hardship_student_count aided_student_count entitled_amount"
    assert both("city_student_aid", ZHONGSHAN, names, **where) == ((1, 1, 500), (1, 1, 1000))
    assert figures("city_student_aid", XIGANG, names, **where) == (1, 1, 500)


@pytest.mark.usefixtures("merged")
def test_the_ledger_and_what_came_in(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)], period="2020-04", enrolment=(1000, 990)))
    submit(loader, "b", checked([case(2), case(3)], period="2020-04", district=XIGANG, enrolment=(1000, 980)))
    submit(loader, "c", checked([case(1)], period=MAY))
    # Its month ended without it: who it became part of reports for it.
    submit(loader, "d", checked([case(2)], period=MAY, district=XIGANG))
    publish()
    names = "open_count enrolment_rate districts_expected"
    where = {**EVERY_CASE, "period": "2020-04"}
    assert both("city_dropout_control", ZHONGSHAN, names, **where) == ((1, 99, 1), (3, 98.5, 2))
    assert both("city_dropout_control", CITY, "open_count", **EVERY_CASE, period=MAY) == ((1,), (1,))
    names = "expected received accepted missing"
    where = {"form": "dropout_control", "period": "2020-04"}
    assert both("city_submissions", ZHONGSHAN, names, **where) == ((1, 1, 1, 0), (2, 2, 2, 0))
    assert figures("city_submissions", CITY, names, form="dropout_control", period=MAY) == (12, 1, 1, 11)


def test_names_and_zones_of_the_day_of_the_release(loader: Engine, reference_folder: Path) -> None:
    path = reference_folder / "districts.csv"
    row = f"{JINPU},金普新区,涉农地区,2016-01-01,"
    written = path.read_text(encoding="utf-8")
    assert row in written
    renamed = f"{row}2020-06-01\n{JINPU},金州区,市内五区,2020-06-01,"
    path.write_text(written.replace(row, renamed), encoding="utf-8")
    load_reference(lambda _: None)
    submit(loader, "a", checked([case(1)], district=JINPU))
    publish()
    where = {**EVERY_CASE, "period": MAY}
    assert both("city_dropout_control", JINPU, "area_name", **where) == (("金普新区",), ("金州区",))
    assert both("city_dropout_control", FIVE, "open_count districts_expected", **where) == ((None, 5), (1, 6))


def test_what_was_entered_late_was_not_known_before(loader: Engine, reference_folder: Path) -> None:
    submit(loader, "a", checked([case(1)], district=XIGANG))
    before = publish()
    merge(reference_folder, "2020-05-15")
    publish()
    assert XIGANG not in areas("city_dropout_control", THEN, MAY)
    again = publish(as_of=before.known_at)
    with engine("insider").begin() as connection:
        found = connection.scalar(
            text(
                "SELECT open_count FROM city.city_dropout_control"
                " WHERE release_id = :id AND area_code = :area AND reason = '全部' AND dropout_kind = '全部'"
                " AND registered_poor = '全部' AND period = :period"
            ),
            {"id": again.release_id, "area": XIGANG, "period": MAY},
        )
    assert found == 1
    assert XIGANG not in areas("city_dropout_control", THEN, MAY)


def test_every_table_adds_up_in_the_boundaries_now(loader: Engine, reference_folder: Path) -> None:
    # After the periods that are told and before the day of the release.
    merge(reference_folder, "2020-07-02")
    random_reports(seed=20200704).submit(loader)
    publish()
    for summary in summaries(settings().summaries):
        levels: dict[tuple, Counter] = defaultdict(Counter)
        sums: dict[tuple, dict] = defaultdict(dict)
        then = {key_of(summary.key, row): row for row in rows(summary.table, level="city")}
        for row in rows(summary.table, schema=NOW):
            breakdown = tuple(row[name] for name in summary.key if name not in AREA_KEY)
            # The semester runs to the end of July; what is told of the night is told of its own districts.
            last_day_of = row["period"] != "2020-S1" and not summary.nightly
            levels[row["period"], *breakdown][row["level"]] += 1
            assert row["area_code"] != XIGANG, summary.table
            assert row["districts_expected"] == (
                {CITY: 13, FIVE: 5, "涉农地区": 8, ZHONGSHAN: 2}.get(row["area_code"], 1)
                if last_day_of
                else {CITY: 12, FIVE: 4, "涉农地区": 8}.get(row["area_code"], 1)
            ), (summary.table, row["period"], row["area_code"])
            for name in summary.additive:
                if row[name] is not None:
                    of_level = sums[row["period"], *breakdown, name]
                    of_level[row["level"]] = of_level.get(row["level"], 0) + row[name]
            if row["level"] == "city":
                theirs = then[key_of(summary.key, row)]
                assert {**row, "release_id": 0} == {**theirs, "release_id": 0}, summary.table
        assert all(found == {"district": 12, "zone": 2, "city": 1} for found in levels.values()), summary.table
        for key, of_level in sums.items():
            assert of_level["district"] == of_level["zone"] == of_level["city"], (summary.table, key)


def key_of(names: tuple[str, ...], row: dict) -> tuple:
    return tuple(row[name] for name in names)


def test_the_day_of_the_merger_is_the_first_of_the_new_boundaries(loader: Engine, reference_folder: Path) -> None:
    submit(loader, "a", checked([case(1)], district=XIGANG))
    for day, codes in ((date(2020, 5, 31), set()), (date(2020, 6, 1), {XIGANG})):
        merge(reference_folder, day.isoformat())
        publish()
        assert areas("city_dropout_control", THEN, MAY) & {XIGANG} == codes
        assert areas("city_dropout_control", NOW, MAY) & {XIGANG} == set()


def test_the_day_of_the_merger_is_the_first_of_what_is_told_today(loader: Engine, reference_folder: Path) -> None:
    submit(loader, "a", checked([case(1)], district=XIGANG))
    for day, codes in (("2020-07-05", {XIGANG}), (TODAY, set())):
        merge(reference_folder, day)
        publish()
        assert areas("city_dropout_control", NOW, MAY) & {XIGANG} == codes
