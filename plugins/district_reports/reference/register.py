"""The city's register of districts and schools, and its code lists: CSV files in ``sql/reference/`` (docs/contract.md).

Another city replaces the files. Validity is half-open: ``valid_to`` and ``closed_on`` are the first day on which a row
no longer holds, so a district that is renamed or a school that moves has two rows that meet on one day. A district that
is merged into another needs neither: it is a row in ``mergers.csv`` (:mod:`district_reports.reference.mergers`).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from district_reports.errors import ReferenceDataError
from district_reports.model.form import ReferenceCodes
from district_reports.reference.csv_files import (
    digest,
    distinct,
    filled,
    one_of,
    parse_code,
    parse_span,
    read_files,
    read_table,
)
from district_reports.reference.mergers import (
    MERGER_COLUMNS,
    MERGERS,
    Merger,
    check_mergers,
    end_merged,
    hand_on,
    parse_merger,
)

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

    The rows of a merged district, and of its schools, end on the day of the merger; from then on the schools have rows
    in the other district. ``digest`` is the SHA-256 over all its CSV files, by file name.
    """

    districts: tuple[District, ...]
    schools: tuple[School, ...]
    mergers: tuple[Merger, ...]
    digest: str
    _files: Mapping[str, bytes] = field(repr=False)
    _districts_by_code: Mapping[str, list[District]] = field(repr=False)
    _schools_by_code: Mapping[str, list[School]] = field(repr=False)
    _schools_by_district: Mapping[str, list[School]] = field(repr=False)
    _codes: dict[ReferenceCodes, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _rows: dict[str, tuple[dict[str, str], ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, folder: Path) -> "Register":
        """Read and check the CSV files of `folder`; files that are as they were at the last call are not parsed again.

        Raises:
            ReferenceDataError: a file is missing, empty or wrong; the message names file and line.
        """
        files = read_files(folder)
        key = digest(files)
        if key not in _loaded:
            register = cls.of_files(files)
            _loaded.clear()
            _loaded[key] = register
        return _loaded[key]

    @classmethod
    def of_files(cls, files: Mapping[str, bytes]) -> "Register":
        """The register that the CSV files, by name, make. Raises as :meth:`load` does."""
        # A city without mergers may do without the file.
        mergers = _read(files, MERGERS, MERGER_COLUMNS, parse_merger) if MERGERS in files else []
        merger_of = {merger.code: merger for _, merger in mergers}
        districts = list(end_merged(_read(files, DISTRICTS, DISTRICT_COLUMNS, _district), merger_of))
        districts_by_code = _by_code(DISTRICTS, districts, lambda d: (d.code, d.valid_from, d.valid_to))
        check_mergers(mergers, districts_by_code)
        schools = [
            (line, row)
            for line, school in _read(files, SCHOOLS, SCHOOL_COLUMNS, _school)
            for row in hand_on(school, merger_of)
        ]
        schools_by_code = _by_code(SCHOOLS, schools, lambda s: (s.code, s.opened_on, s.closed_on))
        by_district: dict[str, list[School]] = {}
        for line, school in schools:
            _check_district(line, school, districts_by_code)
            by_district.setdefault(school.district_code, []).append(school)
        return cls(
            districts=tuple(district for _, district in districts),
            schools=tuple(school for _, school in schools),
            mergers=tuple(merger for _, merger in mergers),
            digest=digest(files),
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

    def successors(self, code: str) -> list[tuple[str, date]]:
        """The districts that a merged one became part of, one after the other, and since when; none if it stands."""
        found: list[tuple[str, date]] = []
        merger_of = {merger.code: merger for merger in self.mergers}
        while merger := merger_of.get(code):
            code = merger.into_code
            found.append((code, merger.merged_on))
        return found

    def merged_into(self, code: str, on: date) -> list[str]:
        """The districts that had become part of the district `code` by the day `on`, in the order of the file."""
        return [
            merger.code
            for merger in self.mergers
            if any(into == code and since <= on for into, since in self.successors(merger.code))
        ]

    def schools_of(self, code: str) -> list[School]:
        """The rows of one school code, oldest first: one for each district it has belonged to."""
        return list(self._schools_by_code.get(code, ()))

    def school_name(self, code: str, on: date) -> str:
        """The name of a school that is open on the day `on`, or its last one; the code of one that nobody knows."""
        known = self.schools_of(code)
        return next((school for school in known if school.is_open(on)), known[-1]).name if known else code

    def first_opened_on(self, code: str) -> date | None:
        """The first ``opened_on`` of all rows of a school code: a new name, district or merger opens no school anew."""
        return min((row.opened_on for row in self.schools_of(code)), default=None)

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
            self._codes[source] = distinct(self._files, f"{source.table}.csv", source.column)
        return self._codes[source]

    def rows(self, table: str) -> tuple[dict[str, str], ...]:
        """The rows of any CSV file in the folder, as text by column, in the order of the file.

        Raises:
            ReferenceDataError: there is no such file.
        """
        if table not in self._rows:
            header, rows = read_table(self._files, f"{table}.csv")
            self._rows[table] = tuple(dict(zip(header, row, strict=True)) for _, row in rows)
        return self._rows[table]


_loaded: dict[str, Register] = {}
"""The register of the last call of :meth:`Register.load` in this process, by the digest of its files."""

Row = TypeVar("Row")


def _read(
    files: Mapping[str, bytes], name: str, columns: tuple[str, ...], parse: Callable[[list[str]], Row]
) -> list[tuple[int, Row]]:
    header, rows = read_table(files, name)
    if tuple(header) != columns:
        raise ReferenceDataError(f"{name}, line 1: the columns must be {','.join(columns)}")
    parsed = []
    for line, values in rows:
        try:
            parsed.append((line, parse(values)))
        except ValueError as error:
            raise ReferenceDataError(f"{name}, line {line}: {error}") from error
    return parsed


def _district(values: list[str]) -> District:
    code, name, zone, valid_from, valid_to = values
    start, stop = parse_span(valid_from, valid_to, "valid_from", "valid_to")
    return District(parse_code(code, "district_code", 6), filled(name, "name"), filled(zone, "zone"), start, stop)


def _school(values: list[str]) -> School:
    code, name, district_code, school_type, area_type, sponsor, opened_on, closed_on = values
    start, stop = parse_span(opened_on, closed_on, "opened_on", "closed_on")
    return School(
        parse_code(code, "school_code", 10),
        filled(name, "school_name"),
        district_code,
        one_of(school_type, "school_type", SCHOOL_TYPES),
        one_of(area_type, "area_type", AREA_TYPES),
        one_of(sponsor, "sponsor", SPONSORS),
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
