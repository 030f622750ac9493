"""City tables of before an upgrade, until its first release: their keys grow at once.

Pages and traces choose the rows of former releases by today's keys. Other columns may wait for the release, whose
drafts say what they are; a column of a key is text.
"""

from collections.abc import Callable, Iterator

from sqlalchemy import Connection

from district_reports.database.engine import Role, engine
from district_reports.moment.boundaries import Boundaries
from district_reports.publish.city_tables import add_columns, columns_of, make_views
from district_reports.publish.summary import Summary, summaries
from district_reports.settings import settings


def fit_keys(progress: Callable[[str], None]) -> None:
    """Add to every published table the columns of its key that it lacks; `progress` is told of each.

    Raises:
        SystemFault: a summary is wrong.
        DatabaseFault, sqlalchemy.exc.DBAPIError: the database refused; nothing is changed.
    """
    with engine(Role.MIGRATOR).begin() as connection:
        lacking = list(_lacking(connection))
    if not lacking:
        return
    # Its tables are the publisher's own.
    with engine(Role.PUBLISHER).begin() as connection:
        for schema, summary, names in lacking:
            add_columns(connection, schema, summary, dict.fromkeys(names, "text"))
            make_views(connection, schema, summary.table)
            progress(f"{schema}.{summary.table} is broken down by {', '.join(names)} as well")


def _lacking(connection: Connection) -> Iterator[tuple[str, Summary, list[str]]]:
    for schema in Boundaries:
        for summary in summaries(settings().summaries):
            published = columns_of(connection, schema, summary.table)
            names = [name for name in summary.key if name not in published]
            if published and names:
                yield schema, summary, names
