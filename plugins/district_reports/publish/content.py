"""What a table of a release holds, as one hash, and a release as the hash over those of its tables.

A hash is the same whatever order the columns stand in, and when columns are added later: of a former row these are
null, or 全部 in a key that has grown.
"""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, text

from district_reports.moment.frame import EVERYTHING
from district_reports.publish.city_tables import RELEASE


class Content(NamedTuple):
    """How many rows of a release a table holds, and the SHA-256 over them (hexadecimal)."""

    rows: int
    sha256: str


_KEY = text(
    "SELECT attname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)"
    f" WHERE conrelid = to_regclass(:table) AND contype = 'p' AND attname <> '{RELEASE}' ORDER BY attname"
)


def content_of(connection: Connection, schema: str, table: str, release_id: int) -> Content:
    """What ``<schema>.<table>`` holds of a release; the table has to be there.

    Raises:
        sqlalchemy.exc.DBAPIError: there is no such table.
    """
    name = f'{schema}."{table}"'
    key = connection.scalars(_KEY, {"table": name}).all()
    whole = ", ".join(f"'{column}', nullif(stored.\"{column}\"::text, '{EVERYTHING}')" for column in key)
    # Rows in the order of their hashes, as bytes: no collation has a say in it.
    statement = f"""
        SELECT count(*), encode(sha256(coalesce(string_agg(line, ''::bytea ORDER BY line), ''::bytea)), 'hex')
        FROM (
            SELECT sha256(convert_to(jsonb_strip_nulls(
                to_jsonb(stored) - '{RELEASE}' || jsonb_build_object({whole})
            )::text, 'UTF8')) AS line
            FROM {name} AS stored
            WHERE {RELEASE} = :release_id
        ) AS each
    """
    return Content(*connection.execute(text(statement), {"release_id": release_id}).one())


def content_sha256(contents: Mapping[tuple[str, str], Content]) -> str:
    """The hash over those of all tables of a release, by (schema, table)."""
    lines = [f"{schema}.{table} {rows} {sha256}\n" for (schema, table), (rows, sha256) in sorted(contents.items())]
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
