"""Over a year with corrections, late reports and changes of the register: what is recorded is what changed."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from district_reports.database.engine import engine
from district_reports.moment.boundaries import Boundaries
from district_reports.moment.frame import AREA_KEY
from district_reports.publish import publish
from district_reports.publish.causes import ChangeCause
from district_reports.publish.city_tables import columns_of
from district_reports.publish.summary import Summary, summaries
from district_reports.settings import settings
from publish.simulated_year import Year

NIGHTS = 12


@pytest.mark.slow
def test_the_changes_make_each_release_of_the_one_before_and_each_has_a_known_cause(
    loader: Engine, reference_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = [publish().release_id for _ in Year(loader, reference_folder, monkeypatch, NIGHTS, seed=2020).play()]
    with engine("reader").connect() as connection:
        for former, latter in pairwise(releases):
            for schema in Boundaries:
                for summary in summaries(settings().summaries):
                    made = applied(connection, schema, summary, former, latter)
                    assert made == cells(connection, schema, summary, latter), f"{schema}.{summary.table} of {latter}"
        told = {row.cause: row.number for row in connection.execute(text(CAUSES))}
        drawn_anew = connection.scalar(text("SELECT count(*) FROM city.release_change WHERE schema_name = 'city_now'"))
    assert ChangeCause.UNKNOWN not in told, unexplained()
    # What happens in that year is told, and nothing else: no report is taken back, no definition changes, and nobody
    # says anything of the worklist.
    expected = {*ChangeCause} - {ChangeCause.UNKNOWN, ChangeCause.WITHDRAWAL, ChangeCause.RESTATEMENT}
    assert set(told) == expected - {ChangeCause.DEFINITION, ChangeCause.EXPLANATION, ChangeCause.RULING}
    assert drawn_anew


CAUSES = "SELECT cause, count(*) AS number FROM city.release_change, unnest(causes) AS cause GROUP BY cause"


def unexplained() -> list:
    statement = (
        "SELECT DISTINCT release_id, schema_name, table_name, period, area_code, column_name FROM city.release_change"
        " WHERE 'unknown' = ANY (causes) LIMIT 20"
    )
    with engine("reader").connect() as connection:
        return list(connection.execute(text(statement)))


def cells(connection: Connection, schema: str, summary: Summary, release_id: int) -> dict:
    """What stands in the table, by key and column, as JSON."""
    found = connection.execute(
        text(f'SELECT to_jsonb(t) AS row FROM {schema}."{summary.table}" AS t WHERE release_id = :id'),
        {"id": release_id},
    )
    columns = [name for name in columns_of(connection, schema, summary.table) if name != "release_id"]
    return {
        (*(row[name] for name in summary.identity), column): row[column]
        for (row,) in found
        for column in columns
        if column not in summary.key and row[column] is not None
    }


def applied(connection: Connection, schema: str, summary: Summary, former: int, latter: int) -> dict:
    """The former release's table with the changes of the latter."""
    made = cells(connection, schema, summary, former)
    for key, column, before, after in recorded(connection, schema, summary, latter):
        assert made.pop((*key, column), None) == before
        if after is not None:
            made[*key, column] = after
    return made


def recorded(connection: Connection, schema: str, summary: Summary, release_id: int) -> Iterator[tuple]:
    # Where boundaries now and then are the same in both releases, what is said of city holds of city_now.
    differ = "SELECT count(*) FROM city.release_source WHERE areas_now IS NOT NULL AND release_id IN (:id, :id - 1)"
    if schema == Boundaries.NOW and not connection.scalar(text(differ), {"id": release_id}):
        schema = Boundaries.THEN
    rows = connection.execute(
        text(
            "SELECT * FROM city.release_change WHERE release_id = :id AND schema_name = :schema AND table_name = :table"
        ),
        {"id": release_id, "schema": schema, "table": summary.table},
    )
    for row in rows:
        area = {name: getattr(row, name) for name in AREA_KEY}
        yield tuple({**area, **row.key}[name] for name in summary.identity), row.column_name, row.before, row.after
