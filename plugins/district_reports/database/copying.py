"""COPY through psycopg 3: 5–9 times the speed of INSERT, in the transaction of a SQLAlchemy connection."""

import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection

from district_reports.database.engine import DatabaseFault, describe


def copy_rows(
    connection: Connection, schema: str, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Append `rows` to ``schema.table``.

    Raises:
        DatabaseFault: PostgreSQL refused them; the message holds no values.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(schema, table), _list(columns))
    with _without_values(), _cursor(connection) as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def copy_arrow(connection: Connection, schema: str, table: str, rows: Any) -> None:
    """Append an Arrow table whose columns are named as those of ``schema.table``.

    Arrow writes the CSV: it quotes every text and no null, which is how COPY tells "" from nothing.

    Raises:
        DatabaseFault: PostgreSQL refused them; the message holds no values.
    """
    from pyarrow import csv

    text = io.BytesIO()
    csv.write_csv(rows, text, csv.WriteOptions(include_header=False, quoting_style="needed"))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(schema, table), _list(rows.column_names)
    )
    with _without_values(), _cursor(connection) as cursor, cursor.copy(statement) as copy:
        copy.write(text.getbuffer())


def storable(text: str | None) -> str | None:
    """`text` as PostgreSQL can hold it: no NUL (Excel's ``_x0000_`` is one) and no half of a surrogate pair."""
    if text is None:
        return None
    return text.replace("\0", "␀").encode("utf-8", "replace").decode()


def as_json(cells: object) -> str:
    """A row's cells as JSON that jsonb takes; dates in ISO form, what JSON has no word for as text."""
    return str(storable(json.dumps(_plain(cells), ensure_ascii=False)))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(storable(str(key))): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return storable(value)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return storable(str(value))


def _list(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


@contextmanager
def _cursor(connection: Connection) -> Iterator[psycopg.Cursor[Any]]:
    driver: Any = connection.connection.driver_connection
    # SQLAlchemy begins its transaction with the first statement that goes through it; psycopg's cursor shares it.
    with driver.cursor() as cursor:
        yield cursor


@contextmanager
def _without_values() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise DatabaseFault(describe(error)) from None
