"""How the CSV files of ``sql/reference/`` are read, and the values that may stand in them.

Whatever is wrong raises :class:`~district_reports.errors.ReferenceDataError` with the file and the line; the functions
for a single value raise ValueError, and their caller knows the line.
"""

import csv
import hashlib
import io
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from district_reports.errors import ReferenceDataError

MAY_BE_EMPTY = frozenset({"mergers.csv"})
"""Files that may hold their header only; any other without rows is taken for a mistake."""
NumberedRow = tuple[int, list[str]]
"""The line of the file (from 1) and the cells."""


def read_files(folder: Path) -> dict[str, bytes]:
    """Every CSV file of `folder` by its name, in order.

    Raises:
        ReferenceDataError: one can't be read.
    """
    try:
        return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}
    except OSError as error:
        raise ReferenceDataError(f"{folder} cannot be read: {error}") from error


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over names and contents."""
    total = hashlib.sha256()
    for name, content in files.items():
        # Name and length first, so that no two folders run together into the same bytes.
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def read_table(files: Mapping[str, bytes], name: str) -> tuple[list[str], list[NumberedRow]]:
    """The header of a CSV file and its rows with their line numbers; blank lines are passed over.

    Raises:
        ReferenceDataError: the file is missing, empty, not UTF-8 or not CSV, or a row has more or fewer cells than the
            header.
    """
    if name not in files:
        raise ReferenceDataError(f"{name} is missing from the reference folder")
    try:
        # Excel saves "CSV UTF-8" with a mark at the front.
        text = files[name].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReferenceDataError(f"{name} is not UTF-8 (byte {error.start})") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise ReferenceDataError(f"{name}, line {reader.line_num}: {error}") from error
    if len(rows) < (1 if name in MAY_BE_EMPTY else 2):
        raise ReferenceDataError(f"{name} is empty")
    header = rows[0][1]
    for line, row in rows:
        if len(row) != len(header):
            raise ReferenceDataError(f"{name}, line {line}: {len(row)} values under {len(header)} columns")
    return header, rows[1:]


def distinct(files: Mapping[str, bytes], name: str, column: str) -> tuple[str, ...]:
    """The distinct values of a column, in the order of the file; empty cells are passed over.

    Raises:
        ReferenceDataError: there is no such file or column, or the column is empty.
    """
    header, rows = read_table(files, name)
    if column not in header:
        raise ReferenceDataError(f"{name}, line 1: there is no column {column!r}")
    place = header.index(column)
    values = tuple(dict.fromkeys(row[place] for _, row in rows if row[place]))
    if not values:
        raise ReferenceDataError(f"{name}: the column {column!r} is empty")
    return values


@lru_cache(maxsize=8192)
def parse_day(text: str, column: str) -> date:
    """The day that `text` names, as ``2020-05-01`` and in no other way."""
    # fromisoformat takes 20200501 and 2020-W18-5 as well.
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(f"{column} {text!r} is not a date like 2020-05-01")


def parse_span(first: str, end: str, first_column: str, end_column: str) -> tuple[date, date | None]:
    """A first day and the day after the last, None where `end` is empty."""
    start = parse_day(first, first_column)
    stop = parse_day(end, end_column) if end else None
    if stop is not None and stop <= start:
        raise ValueError(f"{end_column} {end} is not after {first_column} {first}")
    return start, stop


def parse_code(text: str, column: str, digits: int) -> str:
    """`text`, if it is so many ASCII digits."""
    if len(text) != digits or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{column} {text!r} is not {digits} digits")
    return text


def filled(text: str, column: str) -> str:
    """`text`, if it is not empty and has no spaces around it."""
    if not text or text != text.strip():
        raise ValueError(f"{column} {text!r} is empty or has spaces around it")
    return text


def one_of(text: str, column: str, known: tuple[str, ...]) -> str:
    """`text`, if it is `known`."""
    if text not in known:
        raise ValueError(f"{column} {text!r} is none of {'/'.join(known)}")
    return text
