"""Compute derived columns (:mod:`district_reports.model.derived`): those that look at their own row and the register.

Each function takes the kind, the columns as the row's rules see them, the rows as read, and the context; it gives one
value a row and the type of the values.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from math import inf
from typing import Any

from district_reports.checks import compare
from district_reports.checks.context import Column, Context
from district_reports.checks.rows import SheetRows
from district_reports.errors import ReferenceDataError
from district_reports.model import derived, identifiers
from district_reports.model.form import Type
from district_reports.model.look_alikes import as_digits, odd_one

_WELL_FORMED_G = re.compile(r"G([0-9]{17}[0-9X])", re.ASCII)

Columns = Mapping[str, Column]
Computed = tuple[Column, Type]


def _resident_id_problem(kind: derived.ResidentIdProblem, own: Columns, rows: SheetRows, context: Context) -> Computed:
    return [
        None if value is None else identifiers.resident_id_problem(str(value), context.received_on)
        for value in rows.values[kind.column]
    ], Type.TEXT


def _sex_of_id(kind: derived.SexOfId, own: Columns, rows: SheetRows, context: Context) -> Computed:
    return [value and identifiers.sex(value) for value in own[kind.column]], Type.TEXT


def _age_at(kind: derived.AgeAt, own: Columns, rows: SheetRows, context: Context) -> Computed:
    return [
        None if value is None or on is None else _completed_years(identifiers.birth_date(value), on)
        for value, on in zip(own[kind.column], own[kind.on], strict=True)
    ], Type.INTEGER


def _completed_years(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _id_of_student_no(kind: derived.IdOfStudentNo, own: Columns, rows: SheetRows, context: Context) -> Computed:
    matches = [value and _WELL_FORMED_G.fullmatch(value) for value in own[kind.column]]
    return [match[1] if match else None for match in matches], Type.TEXT


def _student_no_problem(kind: derived.StudentNoProblem, own: Columns, rows: SheetRows, context: Context) -> Computed:
    return [value and identifiers.student_no_problem(value) for value in own[kind.column]], Type.TEXT


def _school_problem(kind: derived.SchoolProblem, own: Columns, rows: SheetRows, context: Context) -> Computed:
    known = {code: _school_code_problem(code, context) for code in set(own[kind.column])}
    return [known[code] for code in own[kind.column]], Type.TEXT


def _school_code_problem(code: str | None, context: Context) -> str | None:
    """Why no school of this code may stand in this report (C02)."""
    if code is None:
        return None
    if not context.register.schools_of(code):
        meant = as_digits(code)
        odd = odd_one(code, meant) if meant.isdecimal() else None
        return f"{odd}，不在学校名册里" if odd else "不在学校名册里"
    open_schools = context.open_schools(code)
    if not open_schools:
        return f"在 {context.period.text} 没有开办（未开办或已撤并）"
    if all(school.district_code != context.district_code for school in open_schools):
        other = open_schools[-1].district_code
        district = context.register.district(other, context.period.last_day)
        return f"属于{district.name if district else ''}（{other}），不属于本单位"
    return None


def _school_attribute(kind: derived.SchoolAttribute, own: Columns, rows: SheetRows, context: Context) -> Computed:
    known: dict[str | None, str | None] = {None: None}
    for code in set(own[kind.column]) - {None}:
        schools = context.open_schools(code)
        known[code] = getattr(schools[-1], kind.attribute) if schools else None
    return [known[code] for code in own[kind.column]], Type.TEXT


def _first_opened(kind: derived.FirstOpened, own: Columns, rows: SheetRows, context: Context) -> Computed:
    return [code and context.register.first_opened_on(code) for code in own[kind.column]], Type.DATE


def _in_year(kind: derived.InYear, own: Columns, rows: SheetRows, context: Context) -> Computed:
    year = context.period.calendar_year
    return [day and ("是" if day.year == year else "否") for day in own[kind.column]], Type.YES_NO


def _reference_rows(kind: derived.ReferenceRows, own: Columns, rows: SheetRows, context: Context) -> Computed:
    return [None if rows is None else len(rows) for rows in _referred(kind, own, context)], Type.INTEGER


def _reference_number(kind: derived.ReferenceNumber, own: Columns, rows: SheetRows, context: Context) -> Computed:
    return [rows[0][kind.column] or None if rows else None for rows in _referred(kind, own, context)], Type.DECIMAL


def _reference_text(kind: derived.ReferenceText, own: Columns, rows: SheetRows, context: Context) -> Computed:
    return [rows[0][kind.column] or None if rows else None for rows in _referred(kind, own, context)], Type.TEXT


def _referred(
    kind: derived.ReferenceRows | derived.ReferenceNumber | derived.ReferenceText, own: Columns, context: Context
) -> list[list[Mapping[str, str]] | None]:
    """For each row the reference rows that match it; None where a cell that they are matched by is missing."""
    first, last = context.period.first_day.isoformat(), context.period.last_day.isoformat()
    by_key: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for row in context.register.rows(kind.table):
        if row.get("valid_from", "") <= last and first < (row.get("valid_to") or "9999"):
            try:
                by_key.setdefault(tuple(row[theirs] for _, theirs in kind.on), []).append(row)
            except KeyError as error:
                raise ReferenceDataError(f"{kind.table}.csv has no column {error}") from error
    keys = zip(*(own[ours] for ours, _ in kind.on), strict=True)
    return [None if None in key else by_key.get(key, []) for key in keys]


def _days_spanned(kind: derived.DaysSpanned, own: Columns, rows: SheetRows, context: Context) -> Computed:
    return [
        None if start is None or end is None or end < start else ((end - start).days + 1) * kind.times
        for start, end in zip(own[kind.start], own[kind.end], strict=True)
    ], Type.INTEGER


def _quotient(kind: derived.Quotient, own: Columns, rows: SheetRows, context: Context) -> Computed:
    def divided(dividend: Any, divisor: Any) -> float | None:
        if dividend is None or divisor is None or (dividend == 0 and divisor == 0):
            return None
        return float(dividend / divisor) if divisor else inf

    return list(map(divided, own[kind.dividend], own[kind.divisor])), Type.DECIMAL


def _percentage(kind: derived.Percentage, own: Columns, rows: SheetRows, context: Context) -> Computed:
    return [None if value is None else value * Decimal(kind.percent) / 100 for value in own[kind.column]], Type.DECIMAL


def _change(kind: derived.Change, own: Columns, rows: SheetRows, context: Context) -> Computed:
    pairs = zip(own[kind.column], own[kind.previous], strict=True)
    return [compare.change(value, previous, kind.at_least) for value, previous in pairs], Type.DECIMAL


DERIVE: dict[type, Callable[..., Computed]] = {
    derived.ResidentIdProblem: _resident_id_problem,
    derived.SexOfId: _sex_of_id,
    derived.AgeAt: _age_at,
    derived.IdOfStudentNo: _id_of_student_no,
    derived.StudentNoProblem: _student_no_problem,
    derived.SchoolProblem: _school_problem,
    derived.SchoolAttribute: _school_attribute,
    derived.FirstOpened: _first_opened,
    derived.InYear: _in_year,
    derived.ReferenceRows: _reference_rows,
    derived.ReferenceNumber: _reference_number,
    derived.ReferenceText: _reference_text,
    derived.DaysSpanned: _days_spanned,
    derived.Quotient: _quotient,
    derived.Percentage: _percentage,
    derived.Change: _change,
    **compare.DERIVE,
}
