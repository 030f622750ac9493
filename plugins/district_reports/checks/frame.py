"""The frame that Great Expectations sees: a sheet's values, what they rest on, and the derived columns."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from district_reports import identifiers
from district_reports.checks.convert import Value
from district_reports.checks.rows import SheetRows
from district_reports.model import derived
from district_reports.model.form import Type
from district_reports.model.period import Period
from district_reports.reference import Register, School

BROKEN = "{}__broken"
"""Name of the column that says whether a cell has a critical finding and takes no part in its row's rules."""

_WELL_FORMED_G = re.compile(r"G([0-9]{17}[0-9X])", re.ASCII)

Column = Sequence[Any]


@dataclass(frozen=True)
class Context:
    """What content rules may look at beside the sheet itself."""

    register: Register
    district_code: str
    period: Period
    received_on: date


def sheet_frame(rows: SheetRows, context: Context) -> pd.DataFrame:
    """One row a row read, indexed by Excel row number.

    Text is object, integers Int64, decimals float64, dates datetime64; a broken cell and an ID with C01 are missing,
    and ``<column>__broken`` says so. Rules across rows look at every value read (forms.md, "Rules").
    """
    values: dict[str, Column] = {name: list(column) for name, column in rows.values.items()}
    read = dict(values)
    broken = {name: set(rows.broken[name]) for name in values}
    for column in rows.sheet.columns:
        if column.type is Type.RESIDENT_ID:
            problems = [_id_problem(value, context) for value in read[column.name]]
            broken[column.name] |= {index for index, problem in enumerate(problems) if problem}
            values[column.name] = [
                None if problem else value for value, problem in zip(read[column.name], problems, strict=True)
            ]
    frame: dict[str, pd.Series[Any]] = {}
    # A nameless index: GX gives the labels of a named one as dictionaries that hold the failing values as well.
    index = pd.Index(rows.rows)
    for column in rows.sheet.columns:
        frame[column.name] = _series(values[column.name], column.type, index)
        flags = [position in broken[column.name] for position in range(len(rows.rows))]
        frame[BROKEN.format(column.name)] = pd.Series(flags, index=index, dtype=bool)
    for kind in rows.sheet.all_derived:
        if type(kind) not in _DERIVE:
            continue
        frame[kind.name] = _DERIVE[type(kind)](kind, values, read, context).set_axis(index)
    return pd.DataFrame(frame, index=index)


def expected_frame(kind: derived.ExpectedSchools, rows: SheetRows, context: Context) -> pd.DataFrame:
    """The schools that must have a row in the sheet, with how many rows they have."""
    counts = Counter(rows.values[kind.column])
    schools = context.register.schools_open(context.district_code, context.period.last_day, kind.school_types)
    return pd.DataFrame(
        {
            "school_code": pd.Series([school.code for school in schools], dtype=object),
            "school_name": pd.Series([school.name for school in schools], dtype=object),
            "school_type": pd.Series([school.school_type for school in schools], dtype=object),
            "row_count": pd.Series([counts[school.code] for school in schools], dtype="Int64"),
        }
    )


def _series(values: Column, kind: Type, index: "pd.Index[Any]") -> "pd.Series[Any]":
    if kind is Type.INTEGER:
        return pd.Series(pd.array(values, dtype="Int64"), index=index)
    if kind is Type.DECIMAL:
        return pd.Series([None if value is None else float(value) for value in values], index=index, dtype="float64")
    if kind is Type.DATE:
        return _timestamps(values).set_axis(index)
    return pd.Series(values, index=index, dtype=object)


def _timestamps(values: Column) -> pd.Series:
    # Seconds, not nanoseconds: those end in the year 2262, and a clerk may well type 2920.
    return pd.Series(
        [None if value is None else datetime(value.year, value.month, value.day) for value in values],  # noqa: DTZ001
        dtype="datetime64[s]",
    )


def _objects(values: Column) -> pd.Series:
    return pd.Series(values, dtype=object)


def _id_problem(value: Value, context: Context) -> str | None:
    return None if value is None else identifiers.resident_id_problem(str(value), context.received_on)


def _resident_id_problem(
    kind: derived.ResidentIdProblem, values: Mapping[str, Column], read: Mapping[str, Column], context: Context
) -> pd.Series:
    return _objects([_id_problem(value, context) for value in read[kind.column]])


def _sex_of_id(
    kind: derived.SexOfId, values: Mapping[str, Column], read: Mapping[str, Column], context: Context
) -> pd.Series:
    return _objects([value and identifiers.sex(value) for value in values[kind.column]])


def _age_at(
    kind: derived.AgeAt, values: Mapping[str, Column], read: Mapping[str, Column], context: Context
) -> pd.Series:
    ages = [
        None if value is None or on is None else _completed_years(identifiers.birth_date(value), on)
        for value, on in zip(values[kind.column], values[kind.on], strict=True)
    ]
    return pd.Series(pd.array(ages, dtype="Int64"))


def _completed_years(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _id_of_student_no(
    kind: derived.IdOfStudentNo, values: Mapping[str, Column], read: Mapping[str, Column], context: Context
) -> pd.Series:
    matches = [value and _WELL_FORMED_G.fullmatch(value) for value in values[kind.column]]
    return _objects([match[1] if match else None for match in matches])


def _school_problem(
    kind: derived.SchoolProblem, values: Mapping[str, Column], read: Mapping[str, Column], context: Context
) -> pd.Series:
    known = {code: _school_code_problem(code, context) for code in set(values[kind.column])}
    return _objects([known[code] for code in values[kind.column]])


def _school_code_problem(code: str | None, context: Context) -> str | None:
    """Why no school of this code may stand in this report (C02)."""
    if code is None:
        return None
    schools = context.register.schools_of(code)
    if not schools:
        return "不在学校名册里"
    period = context.period
    open_schools = [school for school in schools if _open_in(school, period)]
    if not open_schools:
        return f"在 {period.text} 没有开办(未开办或已撤并)"
    if all(school.district_code != context.district_code for school in open_schools):
        return f"属于 {open_schools[-1].district_code},不属于本单位"
    return None


def _open_in(school: School, period: Period) -> bool:
    """Whether the school is open on any day of the period; ``closed_on`` is the first day it is closed."""
    return school.opened_on <= period.last_day and (school.closed_on is None or school.closed_on > period.first_day)


def _school_attribute(
    kind: derived.SchoolAttribute, values: Mapping[str, Column], read: Mapping[str, Column], context: Context
) -> pd.Series:
    known: dict[str | None, str | None] = {None: None}
    for code in set(values[kind.column]) - {None}:
        schools = [school for school in context.register.schools_of(code) if _open_in(school, context.period)]
        known[code] = getattr(schools[-1], kind.attribute) if schools else None
    return _objects([known[code] for code in values[kind.column]])


def _rows_with_key(
    kind: derived.RowsWithKey, values: Mapping[str, Column], read: Mapping[str, Column], context: Context
) -> pd.Series:
    keys = list(zip(*(read[name] for name in kind.columns), strict=True))
    counts = Counter(keys)
    complete = [None if None in key else counts[key] for key in keys]
    return pd.Series(pd.array(complete, dtype="Int64"))


_DERIVE: dict[type, Callable[..., pd.Series]] = {
    derived.ResidentIdProblem: _resident_id_problem,
    derived.SexOfId: _sex_of_id,
    derived.AgeAt: _age_at,
    derived.IdOfStudentNo: _id_of_student_no,
    derived.SchoolProblem: _school_problem,
    derived.SchoolAttribute: _school_attribute,
    derived.RowsWithKey: _rows_with_key,
}
