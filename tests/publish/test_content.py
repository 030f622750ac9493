"""The hash of what a release holds: of every figure, and of nothing else."""

import pytest
from sqlalchemy import Engine, text

from altered import altered
from district_reports.database.engine import Role, engine
from district_reports.publish import publish
from district_reports.publish.city_tables import add_columns
from district_reports.publish.content import Content, content_of, content_sha256
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from submitted import case, checked, submit

LEDGER = "city_dropout_control"


@pytest.fixture
def released(two_districts: Engine) -> int:
    submit(two_districts, "a", checked([case(1)]))
    return publish().release_id


def contents(release_id: int) -> dict[tuple[str, str], Content]:
    with engine(Role.READER).connect() as connection:
        return {
            (schema, summary.table): content_of(connection, schema, summary.table, release_id)
            for schema in ("city", "city_now")
            for summary in summaries(settings().summaries)
        }


def recorded(release_id: int) -> tuple[str, dict[tuple[str, str], Content]]:
    with engine(Role.READER).connect() as connection:
        whole = connection.execute(
            text("SELECT content_sha256 FROM city.release WHERE release_id = :id"), {"id": release_id}
        ).scalar_one()
        rows = connection.execute(
            text("SELECT schema_name, table_name, rows, sha256 FROM city.release_content WHERE release_id = :id"),
            {"id": release_id},
        )
        return whole, {(schema, table): Content(*content) for schema, table, *content in rows}


def test_what_was_recorded_is_what_stands_there(released: int) -> None:
    whole, by_table = recorded(released)
    assert by_table == contents(released)
    assert whole == content_sha256(by_table)
    assert by_table["city", LEDGER].rows > 0


def test_the_same_reports_give_the_same_hash_but_for_what_is_of_the_night(released: int) -> None:
    again = publish().release_id
    of_night = {summary.table for summary in summaries(settings().summaries) if summary.nightly}
    first, second = recorded(released)[1], recorded(again)[1]
    assert of_night
    assert {place for place in first if first[place] != second[place]} <= {
        place for place in first if place[1] in of_night
    }


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE city_now.city_dropout_control SET open_count = open_count + 1 WHERE area_code = '210202'",
        "UPDATE city_now.city_dropout_control SET open_count = NULL WHERE area_code = '210202'",
        "UPDATE city_now.city_dropout_control SET area_name = '别区' WHERE area_code = '210202' AND reason = '因贫'",
        "DELETE FROM city_now.city_dropout_control WHERE area_code = '210202' AND reason = '因贫'",
        "UPDATE city_now.city_dropout_control SET reason = '其他的' WHERE area_code = '210202' AND reason = '因贫'",
    ],
    ids=["another figure", "a figure that is gone", "another name", "a row that is gone", "another row"],
)
def test_whatever_is_altered_is_told_by_its_table(released: int, change: str) -> None:
    altered(change)
    known, found = recorded(released)[1], contents(released)
    assert {place for place in known if known[place] != found[place]} == {("city_now", LEDGER)}


def test_columns_that_are_added_later_change_no_hash(released: int) -> None:
    (summary,) = (each for each in summaries(settings().summaries) if each.table == LEDGER)
    known = contents(released)
    grown = type(summary)(**{**vars(summary), "key": (*summary.key, "household")})
    with engine(Role.PUBLISHER).begin() as connection:
        add_columns(connection, "city", grown, {"household": "text", "age_in_days": "numeric"})
    with engine(Role.READER).connect() as connection:
        values = connection.execute(text(f"SELECT DISTINCT household, age_in_days FROM city.{LEDGER}")).all()
    assert [tuple(row) for row in values] == [("全部", None)]
    assert contents(released) == known
