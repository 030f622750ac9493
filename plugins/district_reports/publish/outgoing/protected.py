"""The rows of a release without the figures that are withheld.

``to_withhold``, a temporary relation, holds which these are: schema_name, table_name, row_key, columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from district_reports.errors import SystemFault
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.outgoing.outside_tables import WITHHELD
from district_reports.publish.summary import Summary

Withheld = Mapping[tuple[str, str], Mapping[tuple[str, ...], Iterable[str]]]
"""(schema, table) → values of the key, in the order of the summary's → the columns that are withheld of that row."""


def put_to_withhold(connection: Connection, withheld: Withheld, tables: Sequence[Summary]) -> None:
    """Make ``to_withhold`` of what disclosure control found.

    Raises:
        SystemFault: it names a table that there is not.
    """
    keys = {summary.table: summary.key for summary in tables}
    connection.execute(
        text(
            "CREATE TEMP TABLE to_withhold (schema_name text, table_name text, row_key jsonb, columns text[])"
            " ON COMMIT DROP"
        )
    )
    rows: list[dict[str, Any]] = []
    for (schema, table), found in withheld.items():
        if table not in keys:
            raise SystemFault(f"figures of {schema}.{table} are to be withheld, which is no city table")
        for values, columns in found.items():
            if len(values) != len(keys[table]):
                raise SystemFault(f"a row of {schema}.{table} is told apart by {', '.join(keys[table])}")
            rows.append(
                {
                    "schema": schema,
                    "table": table,
                    "values": list(values),
                    "names": list(keys[table]),
                    "columns": sorted(columns),
                }
            )
    if rows:
        connection.execute(
            text(
                "INSERT INTO to_withhold VALUES (:schema, :table,"
                " jsonb_object(CAST(:names AS text[]), CAST(:values AS text[])), :columns)"
            ),
            [row for row in rows if row["columns"]],
        )
    connection.exec_driver_sql("ANALYZE to_withhold")


def take_to_withhold(connection: Connection, prepared_id: int) -> None:
    """Make ``to_withhold`` of what was kept with a prepared release."""
    connection.execute(
        text(
            "CREATE TEMP TABLE to_withhold ON COMMIT DROP AS SELECT schema_name, table_name, row_key, columns"
            " FROM outgoing.withheld WHERE prepared_id = :prepared_id"
        ),
        {"prepared_id": prepared_id},
    )
    connection.exec_driver_sql("ANALYZE to_withhold")


def check_withheld(connection: Connection, present: Sequence[tuple[str, Summary]], release_id: int) -> None:
    """Refuse to leave out what can't be found: it would stand there for everybody to see.

    Raises:
        SystemFault: ``to_withhold`` names a table, row or column that the release does not have.
    """
    named = connection.execute(
        text(
            "SELECT schema_name, table_name, count(*),"
            " array(SELECT DISTINCT unnest(columns) FROM to_withhold AS each"
            " WHERE (each.schema_name, each.table_name) = (t.schema_name, t.table_name))"
            " FROM to_withhold AS t GROUP BY schema_name, table_name"
        )
    ).all()
    known = {(schema, summary.table): summary for schema, summary in present}
    for schema, table, rows, columns in named:
        summary = known.get((schema, table))
        figures = [] if summary is None else summary.figures(columns_of(connection, schema, table))
        if summary is None or set(columns) - set(figures):
            raise SystemFault(f"figures of {schema}.{table} are to be withheld that it does not have")
        found = connection.scalar(
            text(f"SELECT count(*) FROM ({protected(schema, summary, figures)}) AS each WHERE {WITHHELD} <> '{{}}'"),
            {"release_id": release_id},
        )
        if found != rows:
            raise SystemFault(
                f"{rows} rows of {schema}.{table} hold withheld figures, and release {release_id} has {found} of them"
            )


def protected(schema: str, summary: Summary, columns: Iterable[str]) -> str:
    """The SELECT of a release's rows, bound as ``:release_id``, with the key, `columns` as far as they leave, and
    ``withheld``."""
    key = ", ".join(f"'{name}', stored.\"{name}\"" for name in summary.key)
    names = [*(f'stored."{name}"' for name in summary.key)]
    names += [
        f'CASE WHEN \'{name}\' = ANY (to_withhold.columns) THEN NULL ELSE stored."{name}" END AS "{name}"'
        for name in columns
    ]
    return (
        f"SELECT {', '.join(names)}, coalesce(to_withhold.columns, '{{}}') AS {WITHHELD}"
        f" FROM {schema}.\"{summary.table}\" AS stored LEFT JOIN to_withhold ON schema_name = '{schema}'"
        f" AND table_name = '{summary.table}' AND row_key = jsonb_build_object({key}) WHERE {RELEASE} = :release_id"
    )
