"""The reference CSVs as tables: ``sql/reference/<name>.csv`` becomes ``reference.<name>``, by the header alone.

Types follow the grammar of names: ``…_on``, ``valid_from``, ``valid_to`` and ``due`` are dates, ``…_amount``,
``ceiling``, ``baseline`` and ``target`` numbers, all else is text. Empty is null. The register's own rules (codes,
spans that must not overlap) are those of :class:`district_reports.reference.register.Register`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, text

from district_reports.database.copying import copy_rows
from district_reports.database.moments import known_in_turn
from district_reports.errors import ReferenceDataError
from district_reports.forms import forms
from district_reports.model.form import ReferenceCodes
from district_reports.reference.csv_files import parse_day, read_files, read_table
from district_reports.reference.register import Register

Value = str | date | Decimal | None

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DATE = re.compile(r".*_on|valid_from|valid_to|due")
_NUMBER = re.compile(r"(.*_)?(amount|ceiling|baseline|target)")
_BOOK = "loaded_file"
"""The table that says which file each table was loaded from."""
_VERSIONS = "version"
"""The table that keeps every content that each table has had."""


class Kind(StrEnum):
    """A column's type in PostgreSQL."""

    DATE = "date"
    NUMBER = "numeric"
    TEXT = "text"


def kind_of(column: str) -> Kind:
    """The type that a column has by its name."""
    if _DATE.fullmatch(column):
        return Kind.DATE
    return Kind.NUMBER if _NUMBER.fullmatch(column) else Kind.TEXT


@dataclass(frozen=True)
class ReferenceTable:
    """The typed rows of one CSV, or of the table that was loaded from it; ``sha256`` is the file's."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    sha256: str


def validated(folder: Path) -> tuple[Register, list[ReferenceTable]]:
    """The register and every table of `folder`, all from the same bytes.

    Raises:
        ReferenceDataError: a file is wrong, or lacks a code list that a form takes from it; the message names the file
            and the line.
    """
    files = read_files(folder)
    register = Register.of_files(files)
    tables = [_typed(files, name) for name in files]
    for form in forms().values():
        for sheet in form.sheets:
            for column in sheet.columns:
                if isinstance(column.codes, ReferenceCodes):
                    register.codes(column.codes)
    return register, tables


def changed_tables(connection: Connection, tables: Iterable[ReferenceTable]) -> list[ReferenceTable]:
    """Those of `tables` that come from another file than what stands in ``reference``."""
    known = {
        row.table_name: row.sha256
        for row in connection.execute(text(f"SELECT table_name, sha256 FROM reference.{_BOOK}"))
    }
    return [table for table in tables if known.get(table.name) != table.sha256]


def tables_without_file(connection: Connection, tables: Iterable[ReferenceTable]) -> list[str]:
    """The names of what stands in ``reference`` and has no file any more."""
    known = connection.scalars(text(f"SELECT table_name FROM reference.{_BOOK}"))
    return sorted(set(known) - {table.name for table in tables})


def standing_table(connection: Connection, name: str) -> ReferenceTable | None:
    """What stands in ``reference.<name>``; None if it was never loaded."""
    digest = connection.scalar(text(f"SELECT sha256 FROM reference.{_BOOK} WHERE table_name = :name"), {"name": name})
    if digest is None:
        return None
    rows = connection.exec_driver_sql(f'SELECT * FROM reference."{name}"')
    return ReferenceTable(name, tuple(rows.keys()), tuple(tuple(row) for row in rows), digest)


def load_table(connection: Connection, table: ReferenceTable) -> None:
    """Make ``reference.<name>`` anew, and keep what it holds in ``reference.version``.

    A release waits for the transaction, or comes before it: see :mod:`district_reports.database.moments`.
    """
    columns = ", ".join(f'"{name}" {kind_of(name)}' for name in table.columns)
    connection.exec_driver_sql(f'DROP TABLE IF EXISTS reference."{table.name}"')
    connection.exec_driver_sql(f'CREATE TABLE reference."{table.name}" ({columns})')
    copy_rows(connection, "reference", table.name, table.columns, table.rows)
    connection.execute(
        text(
            f"INSERT INTO reference.{_BOOK} (table_name, sha256, row_count) VALUES (:table, :digest, :count)"
            " ON CONFLICT (table_name) DO UPDATE"
            " SET sha256 = excluded.sha256, row_count = excluded.row_count, loaded_at = now()"
        ),
        {"table": table.name, "digest": table.sha256, "count": len(table.rows)},
    )
    keep_version(connection, table)


def keep_unkept(connection: Connection) -> None:
    """Keep what was loaded before there was ``reference.version``; what it replaced is lost, so it counts as of old."""
    names = connection.scalars(
        text(
            f"SELECT table_name FROM reference.{_BOOK} AS book WHERE NOT EXISTS"
            f" (SELECT FROM reference.{_VERSIONS} AS kept WHERE kept.table_name = book.table_name)"
        )
    )
    for name in names.all():
        if table := standing_table(connection, name):
            keep_version(connection, table, "-infinity")


def keep_version(connection: Connection, table: ReferenceTable, known_from: str | None = None) -> None:
    """Append the content of `table` to what is known, from the present moment on unless said (a timestamp as text)."""
    known_in_turn(connection)
    rows = [[None if value is None else str(value) for value in row] for row in table.rows]
    connection.execute(
        text(
            f"INSERT INTO reference.{_VERSIONS} (table_name, sha256, columns, rows, known_from) VALUES (:table,"
            " :digest, :columns, CAST(:rows AS jsonb), coalesce(CAST(:known_from AS timestamptz), clock_timestamp()))"
        ),
        {
            "table": table.name,
            "digest": table.sha256,
            "columns": list(table.columns),
            "rows": json.dumps(rows, ensure_ascii=False),
            "known_from": known_from,
        },
    )


def loaded(table: ReferenceTable) -> str:
    """That `table` was loaded, in a line."""
    return f"loaded reference.{table.name}: {len(table.rows)} rows"


def _typed(files: Mapping[str, bytes], file: str) -> ReferenceTable:
    header, numbered = read_table(files, file)
    name = file.removesuffix(".csv")
    if name in (_BOOK, _VERSIONS) or not all(map(_NAME.fullmatch, [name, *header])) or len(set(header)) != len(header):
        raise ReferenceDataError(f"{file}, line 1: names must be distinct, lower-case words like valid_from")
    rows = []
    for line, row in numbered:
        try:
            rows.append(tuple(_value(column, cell) for column, cell in zip(header, row, strict=True)))
        except ValueError as error:
            raise ReferenceDataError(f"{file}, line {line}: {error}") from error
    return ReferenceTable(name, tuple(header), tuple(rows), hashlib.sha256(files[file]).hexdigest())


def _value(column: str, cell: str) -> Value:
    if cell == "":
        return None
    match kind_of(column):
        case Kind.DATE:
            return parse_day(cell, column)
        case Kind.NUMBER:
            return _number(column, cell)
        case Kind.TEXT:
            return cell


def _number(column: str, cell: str) -> Decimal:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{column} {cell!r} is not a number")
    return number
