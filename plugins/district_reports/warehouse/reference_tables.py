"""The reference CSVs as tables: ``sql/reference/<name>.csv`` becomes ``reference.<name>``, by the header alone.

Types follow the grammar of names: ``…_on``, ``valid_from`` and ``valid_to`` are dates, ``…_amount``, ``ceiling``,
``baseline`` and ``target`` numbers, all else is text. Empty is null. The register's own rules (codes, spans that must
not overlap) are checked by :class:`district_reports.reference.Register` first.
"""

import csv
import hashlib
import io
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sqlalchemy import Connection, text

from district_reports.errors import ReferenceDataError
from district_reports.warehouse.copying import copy_rows

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DATE = re.compile(r".*_on|valid_from|valid_to|due")
_NUMBER = re.compile(r"(.*_)?(amount|ceiling|baseline|target)")


def load_reference(connection: Connection, folder: Path) -> list[str]:
    """Bring ``reference.*`` up to the files of `folder`; what was done, one line each. Unchanged files are left alone.

    Raises:
        ReferenceDataError: a file is wrong; the message names the file and the line.
    """
    known = {
        row.table_name: row.sha256
        for row in connection.execute(text("SELECT table_name, sha256 FROM reference.loaded_file"))
    }
    done = []
    for path in sorted(folder.glob("*.csv")):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if known.get(path.stem) != digest:
            count = _replace(connection, path.name, path.stem, content)
            _note(connection, path.stem, digest, count)
            done.append(f"loaded reference.{path.stem}: {count} rows")
    return done


def _replace(connection: Connection, file: str, table: str, content: bytes) -> int:
    """Make ``reference.<table>`` anew from `content`; the number of rows."""
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = next(reader, [])
        numbered = [(reader.line_num, row) for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ReferenceDataError(f"{file} is not CSV in UTF-8: {error}") from error
    if table == "loaded_file" or not all(map(_NAME.fullmatch, [table, *header])) or len(set(header)) != len(header):
        raise ReferenceDataError(f"{file}, line 1: names must be distinct, lower-case words like valid_from")
    rows = []
    for line, row in numbered:
        if len(row) != len(header):
            raise ReferenceDataError(f"{file}, line {line}: {len(row)} values under {len(header)} columns")
        try:
            rows.append([_value(name, cell) for name, cell in zip(header, row, strict=True)])
        except (ValueError, InvalidOperation) as error:
            raise ReferenceDataError(f"{file}, line {line}: {error}") from error
    if not header:
        raise ReferenceDataError(f"{file} is empty")
    columns = ", ".join(f'"{name}" {_sql_type(name)}' for name in header)
    connection.exec_driver_sql(f'DROP TABLE IF EXISTS reference."{table}"')
    connection.exec_driver_sql(f'CREATE TABLE reference."{table}" ({columns})')
    copy_rows(connection, "reference", table, header, rows)
    return len(rows)


def _note(connection: Connection, table: str, digest: str, count: int) -> None:
    connection.execute(
        text(
            "INSERT INTO reference.loaded_file (table_name, sha256, row_count) VALUES (:table, :digest, :count)"
            " ON CONFLICT (table_name) DO UPDATE"
            " SET sha256 = excluded.sha256, row_count = excluded.row_count, loaded_at = now()"
        ),
        {"table": table, "digest": digest, "count": count},
    )


def _sql_type(name: str) -> str:
    if _DATE.fullmatch(name):
        return "date"
    return "numeric" if _NUMBER.fullmatch(name) else "text"


def _value(name: str, cell: str) -> object:
    kind = _sql_type(name)
    if cell == "":
        return None
    if kind == "date":
        return date.fromisoformat(cell)
    return Decimal(cell) if kind == "numeric" else cell
