"""The city's register of districts and schools, and its code lists: CSV files under ``sql/reference/`` (forms.md).

Another city replaces the files. Validity is half-open: ``valid_to`` and ``closed_on`` are the first day on which a row
no longer holds, so a district that is renamed or a school that moves has two rows that meet on one day.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from district_reports.errors import ReferenceDataError
from district_reports.model.form import ReferenceCodes

DISTRICTS, SCHOOLS = "districts.csv", "schools.csv"
DISTRICT_COLUMNS = ("district_code", "name", "zone", "valid_from", "valid_to")
SCHOOL_COLUMNS = (
    "school_code",
    "school_name",
    "district_code",
    "school_type",
    "area_type",
    "sponsor",
    "opened_on",
    "closed_on",
)
KINDERGARTEN = "幼儿园"
SCHOOL_TYPES = (
    *("教学点", "小学", "初中", "九年一贯制", "十二年一贯制", "完全中学", "普通高中", "中职", "特殊教育"),
    KINDERGARTEN,
)
AREA_TYPES = ("城区", "镇区", "乡村")
SPONSORS = ("公办", "民办")


@dataclass(frozen=True)
class District:
    """A reporting unit under one name; ``valid_to`` is None while it stands."""

    code: str
    name: str
    zone: str
    valid_from: date
    valid_to: date | None

    def is_valid(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True)
class School:
    """A school or kindergarten in one district; ``closed_on`` is None while it is open there."""

    code: str
    name: str
    district_code: str
    school_type: str
    area_type: str
    sponsor: str
    opened_on: date
    closed_on: date | None

    def is_open(self, on: date) -> bool:
        return self.opened_on <= on and (self.closed_on is None or on < self.closed_on)

    def is_open_between(self, first_day: date, last_day: date) -> bool:
        """Whether it is open on any day from `first_day` to `last_day`, both counted."""
        return self.opened_on <= last_day and (self.closed_on is None or first_day < self.closed_on)


@dataclass(frozen=True, eq=False)
class Register:
    """Every row of the reference folder as it stood when it was loaded.

    ``digest`` is the SHA-256 over all its CSV files, by file name.
    """

    districts: tuple[District, ...]
    schools: tuple[School, ...]
    digest: str
    _files: Mapping[str, bytes] = field(repr=False)
    _districts_by_code: Mapping[str, list[District]] = field(repr=False)
    _schools_by_code: Mapping[str, list[School]] = field(repr=False)
    _schools_by_district: Mapping[str, list[School]] = field(repr=False)
    _codes: dict[ReferenceCodes, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _rows: dict[str, tuple[dict[str, str], ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, folder: Path) -> "Register":
        """Read and check the CSV files of `folder`.

        Raises:
            ReferenceDataError: a file is missing, empty or wrong; the message names file and line.
        """
        try:
            files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}
        except OSError as error:
            raise ReferenceDataError(f"{folder} cannot be read: {error}") from error
        districts = _read(files, DISTRICTS, DISTRICT_COLUMNS, _district)
        schools = _read(files, SCHOOLS, SCHOOL_COLUMNS, _school)
        districts_by_code = _by_code(DISTRICTS, districts, lambda d: (d.code, d.valid_from, d.valid_to))
        schools_by_code = _by_code(SCHOOLS, schools, lambda s: (s.code, s.opened_on, s.closed_on))
        by_district: dict[str, list[School]] = {}
        for line, school in schools:
            _check_district(line, school, districts_by_code)
            by_district.setdefault(school.district_code, []).append(school)
        return cls(
            districts=tuple(district for _, district in districts),
            schools=tuple(school for _, school in schools),
            digest=_digest(files),
            _files=files,
            _districts_by_code=districts_by_code,
            _schools_by_code=schools_by_code,
            _schools_by_district=by_district,
        )

    def district(self, code: str, on: date) -> District | None:
        """The district with `code` as it was on the day `on`."""
        return next((row for row in self._districts_by_code.get(code, ()) if row.is_valid(on)), None)

    def districts_on(self, day: date) -> list[District]:
        """Every district valid on `day`, in the order of the file."""
        return [row for row in self.districts if row.is_valid(day)]

    def schools_of(self, code: str) -> list[School]:
        """The rows of one school code, oldest first: one for each district it has belonged to."""
        return list(self._schools_by_code.get(code, ()))

    def schools_open(self, district_code: str, on: date, types: Collection[str] | None = None) -> list[School]:
        """The schools of a district (of `types`, or all) that are open on the day `on`, in the order of the file."""
        return [
            row
            for row in self._schools_by_district.get(district_code, ())
            if row.is_open(on) and (types is None or row.school_type in types)
        ]

    def codes(self, source: ReferenceCodes) -> tuple[str, ...]:
        """The distinct values of a column of a CSV file in the folder, in the order of the file.

        Raises:
            ReferenceDataError: there is no such file or column, or the column is empty.
        """
        if source not in self._codes:
            self._codes[source] = _distinct(self._files, f"{source.table}.csv", source.column)
        return self._codes[source]

    def rows(self, table: str) -> tuple[dict[str, str], ...]:
        """The rows of any CSV file in the folder, as text by column, in the order of the file.

        Raises:
            ReferenceDataError: there is no such file.
        """
        if table not in self._rows:
            header, rows = _table(self._files, f"{table}.csv")
            self._rows[table] = tuple(dict(zip(header, row, strict=True)) for _, row in rows)
        return self._rows[table]


def _digest(files: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for name, content in files.items():
        # Name and length first, so that no two folders run together into the same bytes.
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _table(files: Mapping[str, bytes], name: str) -> tuple[list[str], Iterable[tuple[int, list[str]]]]:
    """The header of a CSV file and its rows with their line numbers; blank lines are passed over."""
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
    if len(rows) < 2:
        raise ReferenceDataError(f"{name} is empty")
    header = rows[0][1]
    for line, row in rows:
        if len(row) != len(header):
            raise ReferenceDataError(f"{name}, line {line}: {len(row)} values under {len(header)} columns")
    return header, rows[1:]


Row = TypeVar("Row")


def _read(
    files: Mapping[str, bytes], name: str, columns: tuple[str, ...], parse: Callable[[list[str]], Row]
) -> list[tuple[int, Row]]:
    header, rows = _table(files, name)
    if tuple(header) != columns:
        raise ReferenceDataError(f"{name}, line 1: the columns must be {','.join(columns)}")
    parsed = []
    for line, values in rows:
        try:
            parsed.append((line, parse(values)))
        except ValueError as error:
            raise ReferenceDataError(f"{name}, line {line}: {error}") from error
    return parsed


@lru_cache(maxsize=8192)
def _date(text: str, column: str) -> date:
    # fromisoformat takes 20200501 and 2020-W18-5 as well.
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(f"{column} {text!r} is not a date like 2020-05-01")


def _span(first: str, end: str, first_column: str, end_column: str) -> tuple[date, date | None]:
    start = _date(first, first_column)
    stop = _date(end, end_column) if end else None
    if stop is not None and stop <= start:
        raise ValueError(f"{end_column} {end} is not after {first_column} {first}")
    return start, stop


def _code(text: str, column: str, digits: int) -> str:
    if len(text) != digits or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{column} {text!r} is not {digits} digits")
    return text


def _filled(text: str, column: str) -> str:
    if not text or text != text.strip():
        raise ValueError(f"{column} {text!r} is empty or has spaces around it")
    return text


def _one_of(text: str, column: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise ValueError(f"{column} {text!r} is none of {'/'.join(known)}")
    return text


def _district(values: list[str]) -> District:
    code, name, zone, valid_from, valid_to = values
    start, stop = _span(valid_from, valid_to, "valid_from", "valid_to")
    return District(_code(code, "district_code", 6), _filled(name, "name"), _filled(zone, "zone"), start, stop)


def _school(values: list[str]) -> School:
    code, name, district_code, school_type, area_type, sponsor, opened_on, closed_on = values
    start, stop = _span(opened_on, closed_on, "opened_on", "closed_on")
    return School(
        _code(code, "school_code", 10),
        _filled(name, "school_name"),
        district_code,
        _one_of(school_type, "school_type", SCHOOL_TYPES),
        _one_of(area_type, "area_type", AREA_TYPES),
        _one_of(sponsor, "sponsor", SPONSORS),
        start,
        stop,
    )


def _by_code(
    name: str, rows: list[tuple[int, Row]], span: Callable[[Row], tuple[str, date, date | None]]
) -> dict[str, list[Row]]:
    """Rows by code, oldest first; the validity of two rows of one code may meet, never overlap."""
    grouped: dict[str, list[Row]] = {}
    until: dict[str, date | None] = {}
    for line, row in sorted(rows, key=lambda item: (span(item[1])[1], item[0])):
        code, start, stop = span(row)
        if code in until:
            ended = until[code]
            if ended is None or start < ended:
                raise ReferenceDataError(f"{name}, line {line}: {code} is valid already on {start}")
        until[code] = stop
        grouped.setdefault(code, []).append(row)
    return grouped


def _check_district(line: int, school: School, districts: Mapping[str, list[District]]) -> None:
    rows = districts.get(school.district_code)
    if rows is None:
        raise ReferenceDataError(f"{SCHOOLS}, line {line}: {DISTRICTS} has no district {school.district_code!r}")
    # A district that ends must hand its schools on, or they would drop out of every report without a word.
    ends = rows[-1].valid_to
    if ends is not None and (school.closed_on is None or school.closed_on > ends):
        raise ReferenceDataError(
            f"{SCHOOLS}, line {line}: {school.code} stays in district {school.district_code} after its end on {ends}"
        )


def _distinct(files: Mapping[str, bytes], name: str, column: str) -> tuple[str, ...]:
    header, rows = _table(files, name)
    if column not in header:
        raise ReferenceDataError(f"{name}, line 1: there is no column {column!r}")
    place = header.index(column)
    values = tuple(dict.fromkeys(row[place] for _, row in rows if row[place]))
    if not values:
        raise ReferenceDataError(f"{name}: the column {column!r} is empty")
    return values
