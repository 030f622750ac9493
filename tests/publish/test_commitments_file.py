"""commitments.csv: another target is a row, and a wrong row is named."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports.database.engine import engine
from district_reports.errors import SystemFault
from district_reports.publish import publish
from district_reports.settings import settings
from district_reports.warehouse.migrate import migrate
from district_reports.warehouse.reference_tables import keep_version, standing_table
from publish.plan import BOTH, Q1, Q2, Q3, Q4, change, facilities, shrink_city, told
from publish.reading import CITY, rows
from submitted import JINPU, ZHONGSHAN, report, submit


def test_a_commitment_of_one_year_says_nothing_of_another(loader: Engine) -> None:
    for period in ("2019-Q4", Q1, "2021-Q1"):
        facilities(loader, ZHONGSHAN, period=period)
    publish()
    of_the_plan = rows("city_commitments", area_code=CITY, commitment="new_public_places")
    assert {row["period"] for row in of_the_plan} == {Q1, Q2, Q3, Q4}
    trend = rows("city_commitments", area_code=CITY, commitment="township_centres")
    assert {row["period"] for row in trend} == {"2019-Q4", Q1, Q2, Q3, Q4, "2021-Q1"}


def test_another_target_is_a_row_of_the_file(loader: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(settings().root / "sql", tmp_path / "root" / "sql")
    monkeypatch.setenv("DISTRICT_REPORTS_ROOT", str(tmp_path / "root"))
    settings.cache_clear()
    with (settings().reference / "commitments.csv").open("a", encoding="utf-8") as file:
        file.write(
            "football_places,8,足球特色学校占比,%,facilities,city_facilities,,,football_school_count,school_count,"
            "raise,plan,30,2020-03-31,city,50,2020-09-30,district;zone;city,,\n"
        )
    migrate()
    shrink_city()
    for period in (Q1, Q2):
        facilities(loader, ZHONGSHAN, period=period, football_school=True)
        facilities(loader, JINPU, period=period, football_school=False)
    publish()
    names = "actual numerator denominator target baseline baseline_kind baseline_period status"
    of_zone = told("football_places", names, area="市内五区")
    assert of_zone == (100, 1, 1, 50, 100, "first_report", Q1, "已达成")
    assert told("football_places", names, area=JINPU) == (0, 0, 1, 50, 0, "first_report", Q1, "滞后")
    assert told("football_places", names) == (50, 1, 2, 50, 30, "plan", None, "已达成")


def test_the_city_enters_a_task_that_was_open(two_districts: Engine) -> None:
    facilities(two_districts, *BOTH, area_type="乡村", dry_toilet_start=9, dry_toilet_converted=5)
    publish()
    assert told("dry_toilets_converted", "status baseline") == (None, 0)
    change("commitments", "UPDATE reference.commitments SET target = 24 WHERE commitment = 'dry_toilets_converted'")
    publish()
    assert told("dry_toilets_converted", "status baseline") == ("滞后", 0)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("table_name = 'city_canteens'", "no city table 'city_canteens'"),
        ("table_name = 'city_student_aid'", "no city table 'city_student_aid' of facilities"),
        ("form = 'canteens'", "no form 'canteens'"),
        ("numerator_column = 'large_classes'", "no column of numbers 'large_classes'"),
        ("denominator_column = 'area_name'", "no column of numbers 'area_name'"),
        ("numerator_column = NULL", "numerator_column is empty"),
        ("unit = '%'", "needs a denominator_column"),
        ("filter = 'reason=全部'", "filter must give a value for nothing"),
        ("kind = 'sideways'", "kind 'sideways' is none of raise/lower/keep_at_least/keep_at_most"),
        ("kind = NULL", "kind is empty"),
        ("baseline_kind = 'guess'", "baseline_kind 'guess' is none of plan/first_report/none"),
        ("kind = 'keep_at_most'", "its kind is keep_at_most, which has no baseline"),
        ("baseline = NULL", "its baseline_kind is plan and it has no baseline"),
        ("baseline_kind = 'none'", "it has a baseline, which is a plan's, and its baseline_kind is none"),
        (
            "baseline_kind = 'first_report', baseline = NULL, baseline_on = '2020-02-01'",
            "it has a baseline_on, which is a plan's, and its baseline_kind is first_report",
        ),
        (
            "baseline_kind = 'first_report', baseline = NULL, target = NULL",
            "its baseline_kind is first_report and there is no target",
        ),
        ("units_of = 'city_facilities;city_canteens'", "no city table 'city_canteens' of facilities"),
        ("units_of = 'city_dropout_control'", "no city table 'city_dropout_control' of facilities"),
        ("item = '十二'", "item '十二'"),
        ("due = NULL", "no due date"),
        ("target_levels = NULL", "a target and no target_levels"),
        ("baseline_levels = 'town'", "'town'"),
        ("baseline_on = '2021-01-01'", "not after 2021-01-01"),
        ("commitment = 'oversize_classes'", "stands there twice"),
    ],
)
def test_a_wrong_row_is_named(loader: Engine, wrong: str, words: str) -> None:
    change("commitments", f"UPDATE reference.commitments SET {wrong} WHERE commitment = 'large_classes'")
    name = "oversize_classes" if "commitment" in wrong else "large_classes"
    with pytest.raises(SystemFault, match=rf"commitments\.csv, {name}: .*{words}"):
        publish()


@pytest.mark.parametrize(
    ("filter", "words"),
    [
        ("training_category=法制教育", "no row of city_teacher_training meets its filter"),
        ("", "a value for training_category"),
        ("法治教育", "a value for training_category"),
    ],
)
def test_a_filter_that_meets_no_row_is_named(loader: Engine, filter: str, words: str) -> None:
    submit(loader, "nil", report("teacher_training", {}, district=ZHONGSHAN, period=Q2))
    change("commitments", f"UPDATE reference.commitments SET filter = '{filter}' WHERE commitment = 'law_training'")
    with pytest.raises(SystemFault, match=rf"commitments\.csv, law_training: .*{words}"):
        publish()


def test_a_file_without_a_column_is_named(loader: Engine) -> None:
    change("commitments", "ALTER TABLE reference.commitments DROP COLUMN due")
    with pytest.raises(SystemFault, match=r"no column 'due': mend commitments\.csv"):
        publish()


def test_of_a_moment_with_a_file_for_other_summaries_the_first_fitting_one_is_told(two_districts: Engine) -> None:
    facilities(two_districts, ZHONGSHAN)
    with engine("migrator").begin() as connection:
        fitting = standing_table(connection, "commitments")
        assert fitting is not None
    change("commitments", "UPDATE reference.commitments SET wording = '更早的'")
    change("commitments", "ALTER TABLE reference.commitments DROP COLUMN kind, DROP COLUMN units_of")
    with engine("migrator").begin() as connection:
        moment = connection.scalar(text("SELECT clock_timestamp()"))
    with engine("migrator").begin() as connection:
        keep_version(connection, fitting)
        of_wording = fitting.columns.index("wording")
        again = (
            tuple("更晚的" if place == of_wording else cell for place, cell in enumerate(row)) for row in fitting.rows
        )
        keep_version(connection, replace(fitting, rows=tuple(again)))
    release = publish(as_of=moment)
    with engine("insider").begin() as connection:
        rows_of_release = connection.execute(
            text("SELECT commitment, wording, kind FROM city.city_commitments WHERE release_id = :id"),
            {"id": release.release_id},
        )
        said = {tuple(row) for row in rows_of_release}
    named = [fitting.columns.index(name) for name in ("commitment", "wording", "kind")]
    assert ("large_classes", "lower") in {(commitment, kind) for commitment, _, kind in said}
    assert said <= {tuple(row[place] for place in named) for row in fitting.rows}
