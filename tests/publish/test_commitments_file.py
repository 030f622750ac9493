"""commitments.csv: another target is a row, a wrong row is named, and what a status means."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports.database.engine import engine
from district_reports.errors import SystemFault
from district_reports.publish import publish
from district_reports.settings import settings
from district_reports.warehouse.migrate import migrate
from district_reports.warehouse.reference_tables import keep_version, standing_table
from publish.reading import CITY, figures, rows
from publish.records import kindergarten, school
from submitted import JINPU, XIGANG, ZHONGSHAN, report, submit

Q1, Q2, Q3, Q4 = "2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4"


def facilities(
    loader: Engine, *, period: str = Q2, district: str = ZHONGSHAN, places: int = 0, **cells: object
) -> None:
    """A report of one school, and one kindergarten with so many new places."""
    sheets = {
        "school_facility": [school(f"{district}0001", **cells)],
        "kindergarten_facility": [kindergarten(f"{district}0002", new_public_places=places)],
    }
    submit(loader, f"{district} {period}", report("facilities", sheets, district=district, period=period))


def change(statement: str) -> None:
    """Change what stands in the warehouse, as a file that was loaded would."""
    with engine("migrator").begin() as connection:
        connection.execute(text(statement))
        table = standing_table(connection, "commitments")
        assert table is not None
        keep_version(connection, table)


def status(commitment: str, area: str = CITY, period: str = Q2) -> object:
    (found,) = figures("city_commitments", area, "status", commitment=commitment, period=period)
    return found


# Of the 365 days from 1 January to 31 December 2020, 90 have passed by 31 March and 181 by 30 June: 1479.5 and 2975.3
# of the 6000 places are on the line, and 110.8 and 74.1 of the 147 large classes.
@pytest.mark.parametrize(
    ("period", "places", "word"),
    [
        (Q1, 6000, "已达成"),
        (Q1, 1480, "推进中"),
        (Q1, 1479, "滞后"),
        (Q2, 2976, "推进中"),
        (Q2, 2975, "滞后"),
        (Q4, 5999, "滞后"),
    ],
)
def test_upwards_against_the_straight_line(loader: Engine, period: str, places: int, word: str) -> None:
    facilities(loader, period=period, places=places)
    publish()
    assert status("new_public_places", period=period) == word


@pytest.mark.parametrize(
    ("period", "classes", "word"),
    [(Q1, 0, "已达成"), (Q1, 110, "推进中"), (Q1, 111, "滞后"), (Q2, 74, "推进中"), (Q2, 75, "滞后"), (Q4, 1, "滞后")],
)
def test_downwards_against_the_straight_line(loader: Engine, period: str, classes: int, word: str) -> None:
    facilities(loader, period=period, class_count=200, large_class_count=classes)
    publish()
    assert status("large_classes", period=period) == word


def test_without_a_baseline_there_is_time_until_the_due_date(loader: Engine) -> None:
    for period in (Q3, Q4):
        facilities(loader, period=period, lit_classroom_count=1)
    publish()
    assert (status("classroom_lighting", period=Q3), status("classroom_lighting", period=Q4)) == ("推进中", "滞后")


def test_99_996_percent_is_not_100(loader: Engine) -> None:
    facilities(loader, desk_count=25_000, fit_desk_count=24_999)
    publish()
    assert figures("city_commitments", CITY, "actual status", commitment="fit_desks") == (100, "推进中")


def test_a_target_of_the_city_is_no_districts_and_nought_is_everybodys(loader: Engine) -> None:
    facilities(loader, large_class_count=1, places=10)
    facilities(loader, district=JINPU)
    publish()
    names = "baseline target status"
    assert figures("city_commitments", CITY, names, commitment="new_public_places") == (0, 6000, "滞后")
    assert figures("city_commitments", ZHONGSHAN, names, commitment="new_public_places") == (None, None, None)
    assert figures("city_commitments", CITY, names, commitment="large_classes") == (147, 0, "推进中")
    assert figures("city_commitments", ZHONGSHAN, names, commitment="large_classes") == (None, 0, "推进中")
    assert figures("city_commitments", JINPU, names, commitment="large_classes") == (None, 0, "已达成")


def test_no_report_and_nothing_to_measure_are_both_no_data(loader: Engine) -> None:
    facilities(loader)
    publish()
    assert status("large_classes", XIGANG) == status("special_school_wireless", ZHONGSHAN) == "无数据"
    # Trends: no target to reach, but there may be no data.
    assert (status("township_centres", ZHONGSHAN), status("township_centres", XIGANG)) == (None, "无数据")


def test_every_commitment_is_listed_before_anything_is_reported(loader: Engine) -> None:
    publish()
    found = rows("city_commitments", area_code=CITY)
    assert {row["status"] for row in found} == {"无数据"}
    assert {row["period"] for row in found} == {"2020-06", Q2, "2019-S2"}
    with engine("analyst").begin() as connection:
        assert connection.scalar(text("SELECT count(DISTINCT commitment) FROM city.current_city_commitments")) == len(
            found
        )


def test_a_commitment_of_one_year_says_nothing_of_another(loader: Engine) -> None:
    for period in ("2019-Q4", Q1, "2021-Q1"):
        facilities(loader, period=period)
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
            "football_places,8,足球特色学校占比,%,facilities,city_facilities,,football_school_count,school_count,"
            "up,,,,50,2020-09-30,district;zone;city\n"
        )
    migrate()
    facilities(loader, football_school=True)
    facilities(loader, football_school=False, district=XIGANG)
    facilities(loader, football_school=False, district=JINPU)
    publish()
    names = "actual numerator denominator target status"
    assert figures("city_commitments", "市内五区", names, commitment="football_places") == (50, 1, 2, 50, "已达成")
    assert figures("city_commitments", CITY, names, commitment="football_places") == (33.33, 1, 3, 50, "推进中")


def test_the_city_enters_a_task_that_was_open(loader: Engine) -> None:
    facilities(loader, area_type="乡村", dry_toilet_start=9, dry_toilet_converted=5)
    publish()
    assert status("dry_toilets_converted") is None
    change("UPDATE reference.commitments SET target = 12 WHERE commitment = 'dry_toilets_converted'")
    publish()
    assert status("dry_toilets_converted") == "滞后"


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
        ("direction = 'sideways'", "direction 'sideways'"),
        ("item = '十二'", "item '十二'"),
        ("due = NULL", "no due date"),
        ("target_levels = NULL", "a target and no target_levels"),
        ("baseline_levels = 'town'", "'town'"),
        ("baseline_on = '2021-01-01'", "not after 2021-01-01"),
        ("commitment = 'oversize_classes'", "stands there twice"),
    ],
)
def test_a_wrong_row_is_named(loader: Engine, wrong: str, words: str) -> None:
    change(f"UPDATE reference.commitments SET {wrong} WHERE commitment = 'large_classes'")
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
    change(f"UPDATE reference.commitments SET filter = '{filter}' WHERE commitment = 'law_training'")
    with pytest.raises(SystemFault, match=rf"commitments\.csv, law_training: .*{words}"):
        publish()


def test_a_file_without_a_column_is_named(loader: Engine) -> None:
    change("ALTER TABLE reference.commitments DROP COLUMN due")
    with pytest.raises(SystemFault, match=r"no column 'due': mend commitments\.csv"):
        publish()
