"""``outside.<table>`` and ``outside_now.<table>``: the tables of ``city`` and ``city_now`` as they left the house.

Each has the columns of its city table and ``withheld``, the names of those that the row is null in because they were
withheld. ``current_<table>`` and ``<table>_as_known(moment)`` give what left last, and had left last at a moment, among
what is not revoked.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Connection, text

from district_reports.database.roles import Role
from district_reports.moment.boundaries import Boundaries
from district_reports.publish.city_tables import RELEASE, add_columns, columns_of
from district_reports.publish.summary import Summary

WITHHELD = "withheld"
OUTSIDE: Mapping[str, str] = MappingProxyType({Boundaries.THEN: "outside", Boundaries.NOW: "outside_now"})
"""The schema outside, by that of the city tables."""


def ensure_outside_table(connection: Connection, schema: str, summary: Summary) -> None:
    """Make the table outside of the city table in `schema`, or give it the columns that this one has gained."""
    outside, inside = OUTSIDE[schema], columns_of(connection, schema, summary.table)
    left = columns_of(connection, outside, summary.table)
    if not left:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in inside.items())
        key = ", ".join(f'"{name}"' for name in (RELEASE, *summary.key))
        table = f'{outside}."{summary.table}"'
        connection.execute(text(f"CREATE TABLE {table} ({columns}, {WITHHELD} text[] NOT NULL, PRIMARY KEY ({key}))"))
        connection.execute(text("SELECT outside.close_table(:name)"), {"name": table})
    added = {name: kind for name, kind in inside.items() if left and name not in left}
    add_columns(connection, outside, summary, added)
    if added or not left:
        _make_views(connection, outside, summary.table)


def _make_views(connection: Connection, schema: str, name: str) -> None:
    table, current = f'{schema}."{name}"', f'{schema}."current_{name}"'
    # What is revoked is hidden from the analyst in any case; these are for whoever sees it as well.
    last = (
        f"SELECT {RELEASE} FROM outside.release WHERE {RELEASE} NOT IN (SELECT revoked.{RELEASE} FROM outside.revoked)"
        "{condition} ORDER BY left_at DESC LIMIT 1"
    )
    connection.execute(
        text(
            f"CREATE OR REPLACE VIEW {current} WITH (security_invoker = true)"
            f" AS SELECT * FROM {table} WHERE {RELEASE} = ({last.format(condition='')})"
        )
    )
    connection.execute(text(f'GRANT SELECT ON {current} TO "{Role.ANALYST}"'))
    at = last.format(condition=" AND left_at <= moment")
    connection.exec_driver_sql(
        f'CREATE OR REPLACE FUNCTION {schema}."{name}_as_known"(moment timestamptz) RETURNS SETOF {table}'
        f" LANGUAGE sql STABLE AS $$ SELECT * FROM {table} WHERE {RELEASE} = ({at}) $$"
    )
