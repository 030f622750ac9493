"""``city_draft.<table>`` and ``city.<table>``, shaped by the summary's own columns.

``city.<table>`` holds every release, ``city.current_<table>`` is a view of the latest, and
``city.<table>_as_known(moment)`` gives what was the latest at a moment; a release that was made later to tell of a
former moment is neither. Readers see a release when its transaction commits: its number and all its rows at once.
``city_now`` holds the same tables in the boundaries of the release's day.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, text

from district_reports.database.roles import Role
from district_reports.errors import SystemFault
from district_reports.moment.frame import EVERYTHING
from district_reports.publish.summary import Summary

RELEASE = "release_id"


def write_draft(connection: Connection, summary: Summary, known_at: datetime) -> None:
    """Make ``city_draft.<table>`` anew from the SELECT.

    Raises:
        SystemFault: two rows share a key, a key is empty, or the header names a column that the SELECT lacks.
    """
    connection.execute(text(f'DROP TABLE IF EXISTS city_draft."{summary.table}"'))
    values = {"form": summary.form, "known_at": known_at}
    statement = text(f'CREATE TABLE city_draft."{summary.table}" AS\n{summary.select}')
    connection.execute(statement, {name: values[name] for name in statement.compile().params})
    columns = draft_columns(connection, summary)
    for name in (*summary.key, *summary.protection.columns, *summary.additive):
        if name not in columns:
            raise SystemFault(f"{summary.table}.sql: its header names {name!r}, which it does not select")
    if RELEASE in columns:
        raise SystemFault(f"{summary.table}.sql: {RELEASE} is added to every table and can't be selected")
    key = ", ".join(f'"{name}"' for name in summary.key)
    empty = " OR ".join(f'"{name}" IS NULL' for name in summary.key)
    wrong = connection.scalar(
        text(
            f'SELECT count(*) FROM (SELECT FROM city_draft."{summary.table}"'
            f" GROUP BY {key} HAVING count(*) > 1 OR {empty}) AS wrong"
        )
    )
    if wrong:
        raise SystemFault(f"{summary.table}.sql: {wrong} keys ({', '.join(summary.key)}) are empty or come twice")


def fill_city_table(connection: Connection, schema: str, summary: Summary, release_id: int) -> int:
    """Append the draft to ``<schema>.<table>`` as part of a release; the number of rows.

    A new column is added and is null in former releases; one of the key is 全部 there, since their figures stand on all
    of it. One that is no longer selected stays and is null from now on.

    Raises:
        SystemFault: a column changed its type.
    """
    draft = draft_columns(connection, summary)
    _ensure_city_table(connection, schema, summary, draft)
    names = ", ".join(f'"{name}"' for name in draft)
    return connection.execute(
        text(
            f'INSERT INTO {schema}."{summary.table}" ({RELEASE}, {names})'
            f' SELECT :release_id, {names} FROM city_draft."{summary.table}"'
        ),
        {"release_id": release_id},
    ).rowcount


def _ensure_city_table(connection: Connection, schema: str, summary: Summary, draft: dict[str, str]) -> None:
    """DDL only where something changed: it locks readers out until the release commits."""
    published = columns_of(connection, schema, summary.table)
    if not published:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in draft.items())
        key = ", ".join(f'"{name}"' for name in summary.key)
        # No foreign key: it would need more rights on city.release than to read and append.
        connection.execute(
            text(
                f'CREATE TABLE {schema}."{summary.table}" ({RELEASE} bigint NOT NULL, {columns},'
                f" PRIMARY KEY ({RELEASE}, {key}))"
            )
        )
        connection.execute(text("SELECT city.close_table(:name)"), {"name": f'{schema}."{summary.table}"'})
    changed = [name for name, kind in draft.items() if published.get(name, kind) != kind]
    if changed:
        name = changed[0]
        raise SystemFault(
            f"{summary.table}.{name} is published as {published[name]}, {summary.table}.sql now selects {draft[name]}; "
            "cast it back, or publish it under a new name"
        )
    added = {name: kind for name, kind in draft.items() if published and name not in published}
    add_columns(connection, schema, summary, added)
    as_known = {"name": f'{schema}."{summary.table}_as_known"(timestamptz)'}
    if added or connection.scalar(text("SELECT to_regprocedure(:name)"), as_known) is None:
        make_views(connection, schema, summary.table)


def make_views(connection: Connection, schema: str, name: str) -> None:
    """Make the view and the function of a published table, or make them anew with the columns that it has now."""
    table, as_known = f'{schema}."{name}"', f'{schema}."{name}_as_known"'
    ordinary = f"SELECT max({RELEASE}) FROM city.release WHERE as_of IS NULL"
    connection.execute(
        text(
            f'CREATE OR REPLACE VIEW {schema}."current_{name}" WITH (security_invoker = true)'
            f" AS SELECT * FROM {table} WHERE {RELEASE} = ({ordinary})"
        )
    )
    # It reads as whoever asks: of the pages, what their viewer sees.
    connection.execute(text(f'GRANT SELECT ON {schema}."current_{name}" TO "{Role.PAGES}"'))
    connection.exec_driver_sql(
        f"CREATE OR REPLACE FUNCTION {as_known}(moment timestamptz) RETURNS SETOF {table} LANGUAGE sql STABLE"
        f" AS $$ SELECT * FROM {table} WHERE {RELEASE} = ({ordinary} AND known_at <= moment) $$"
    )


def add_columns(connection: Connection, schema: str, summary: Summary, columns: Mapping[str, str]) -> None:
    """Add `columns` (name → type) to the table of `summary` in `schema`, and let those of its key tell rows apart.

    Former rows may not be altered: what they lack of the key is the column's default as it is added.
    """
    table = f'{schema}."{summary.table}"'
    for name, kind in columns.items():
        former = f" NOT NULL DEFAULT '{EVERYTHING}'" if name in summary.key else ""
        connection.execute(text(f'ALTER TABLE {table} ADD COLUMN "{name}" {kind}{former}'))
    broken_down = [name for name in summary.key if name in columns]
    for name in broken_down:
        connection.execute(text(f'ALTER TABLE {table} ALTER COLUMN "{name}" DROP DEFAULT'))
    if not broken_down:
        return
    constraint = connection.execute(
        text("SELECT quote_ident(conname) FROM pg_constraint WHERE contype = 'p' AND conrelid = to_regclass(:table)"),
        {"table": table},
    ).scalar_one()
    key = ", ".join(f'"{name}"' for name in (RELEASE, *summary.key))
    connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}, ADD PRIMARY KEY ({key})"))


def draft_columns(connection: Connection, summary: Summary) -> dict[str, str]:
    """Names and PostgreSQL types of the draft's columns, in order."""
    return columns_of(connection, "city_draft", summary.table)


def columns_of(connection: Connection, schema: str, table: str) -> dict[str, str]:
    """Names and types, in order; empty where there is no such table."""
    rows = connection.execute(
        text(
            "SELECT attname, format_type(atttypid, atttypmod) AS kind FROM pg_attribute"
            " WHERE attrelid = to_regclass(:table) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        ),
        {"table": f'{schema}."{table}"'},
    )
    return {row.attname: row.kind for row in rows}
