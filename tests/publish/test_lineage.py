"""Every figure of every city table is what its declared rows give, and every column has a declaration."""

from sqlalchemy import Connection, Engine, text

from district_reports.publish import publish
from district_reports.publish.city_tables import columns_of
from district_reports.publish.lineage import Formula
from district_reports.publish.summary import Summary, summaries
from district_reports.publish.trace_sql import expression_statement, recomputed_statement
from district_reports.settings import Settings
from district_reports.warehouse.engine import engine
from publish.random_reports import random_reports


def recomputed(connection: Connection, summary: Summary, column: str, release_id: int) -> list:
    """(published, recomputed) of each row of a column that stands on rows or on columns of its row."""
    origin = summary.origins[column]
    if isinstance(origin, tuple):
        statement = recomputed_statement(summary, origin, column, "")
    else:
        assert isinstance(origin, Formula)
        statement = expression_statement(summary, column, origin.expression, "")
    values = {"release_id": release_id, "form": summary.form}
    prepared = text(statement)
    bound = {name: values[name] for name in prepared.compile().params}
    return [(row.published, row.recomputed) for row in connection.execute(prepared, bound)]


def test_every_figure_is_what_its_rows_give(loader: Engine, tmp_settings: Settings) -> None:
    random_reports(seed=20200704).submit(loader)
    release = publish()
    wrong, told = [], set()
    with engine("publisher").connect() as connection:
        for summary in summaries(tmp_settings.summaries):
            for column, origin in summary.origins.items():
                if isinstance(origin, tuple | Formula):
                    found = recomputed(connection, summary, column, release.release_id)
                    assert len(found) == release.rows[summary.table]
                    told |= {(summary.table, column) for published, _ in found if published}
                    wrong += [(summary.table, column, pair) for pair in found if pair[0] != pair[1]][:2]
    assert not wrong, wrong
