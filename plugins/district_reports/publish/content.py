"""What a table of a release holds, as one hash, and a release as the hash over those of its tables.

A hash is the same whatever order the columns stand in, and when columns are added later: of a former row these are
null, or 全部 in a key that has grown.
"""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, text

from district_reports.moment.frame import EVERYTHING
from district_reports.publish.city_tables import RELEASE, columns_of


class Content(NamedTuple):
    """How many rows of a release a table holds, and the SHA-256 over them (hexadecimal)."""

    rows: int
    sha256: str


_KEY = text(
    "SELECT attname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)"
    f" WHERE conrelid = to_regclass(:table) AND contype = 'p' AND attname <> '{RELEASE}' ORDER BY attname"
)


def content_of(connection: Connection, schema: str, table: str, release_id: int) -> Content:
    """What ``<schema>.<table>`` holds of a release.

    Raises:
        sqlalchemy.exc.DBAPIError: there is no such table.
    """
    name = f'{schema}."{table}"'
    columns = columns_of(connection, schema, table)
    key = set(connection.scalars(_KEY, {"table": name}))
    cells = ", ".join(_cell(column, columns[column], column in key) for column in sorted(columns) if column != RELEASE)
    # Rows in the order of their hashes, as bytes: no collation has a say in it. Written as jsonb a row takes five times
    # as long.
    statement = f"""
        SELECT count(*), encode(sha256(coalesce(string_agg(line, ''::bytea ORDER BY line), ''::bytea)), 'hex')
        FROM (
            SELECT sha256(convert_to(array_to_string(ARRAY[{cells}], chr(10)), 'UTF8')) AS line
            FROM {name} AS stored
            WHERE {RELEASE} = :release_id
        ) AS each
    """
    return Content(*connection.execute(text(statement), {"release_id": release_id}).one())


def _cell(column: str, kind: str, of_key: bool) -> str:
    """``name=value`` of a row, as SQL; null where the row has none. Whatever a text holds, it ends at its quote."""
    value = f'stored."{column}"'
    if of_key:
        value = f"nullif({value}::text, '{EVERYTHING}')"
    if of_key or kind == "text":
        return f"'{column}=' || quote_literal({value})"
    # Those that are written alike by every session; of others jsonb is.
    plain = kind in ("smallint", "integer", "bigint", "boolean") or kind.startswith("numeric")
    return f"'{column}=' || {value}::text" if plain else f"'{column}=' || to_jsonb({value})::text"


def content_sha256(contents: Mapping[tuple[str, str], Content]) -> str:
    """The hash over those of all tables of a release, by (schema, table).

    A table without a row adds nothing: it may have been made later.
    """
    lines = [
        f"{schema}.{table} {rows} {sha256}\n" for (schema, table), (rows, sha256) in sorted(contents.items()) if rows
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def record_contents(connection: Connection, release_id: int, contents: Mapping[tuple[str, str], Content]) -> None:
    """Keep them with their release, whose row is there already."""
    connection.execute(
        text(
            f"INSERT INTO city.release_content ({RELEASE}, schema_name, table_name, rows, sha256)"
            " VALUES (:release_id, :schema, :table, :rows, :sha256)"
        ),
        [
            {"release_id": release_id, "schema": schema, "table": table, "rows": rows, "sha256": sha256}
            for (schema, table), (rows, sha256) in sorted(contents.items())
        ],
    )
