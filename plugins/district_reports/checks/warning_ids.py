"""The name of a warning: the same as long as what the warning is about keeps its value.

It is a hash over the form and the period, the rule, the table and the column, the key of the row, and the values that
the warning speaks of: the marked cell, what the rule compares, and every column that its message quotes. Row numbers,
the order of columns and the spelling of a cell take no part. A warning about a file or a sheet is named by what it is
about: a school, a child, a column, the rows counted.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from string import Formatter
from typing import Any

import pandas as pd

from district_reports.checks.catalogue import asks_for_explanation
from district_reports.checks.rows import SheetRows
from district_reports.checks.suites import Expectation
from district_reports.model.finding import Finding, Severity
from district_reports.model.form import Form
from district_reports.workbook.names import comparable
from district_reports.workbook.show import number_text, shown

# A letter first: no program takes it for a number.
_PREFIX = "w"
_DIGITS = 19


def is_warning_id(text: str) -> bool:
    """Whether `text` is spelt as a name made here."""
    digits = text.removeprefix(_PREFIX)
    return len(text) == len(digits) + 1 == _DIGITS + 1 and set(digits) <= set("0123456789abcdef")


def spoken_of(expectation: Expectation, frame: pd.DataFrame) -> tuple[str, ...]:
    """The columns of `frame` whose values a finding of `expectation` speaks of."""
    compared = (expectation["kwargs"].get(word) for word in ("column", "column_A", "column_B"))
    quoted = (name for _, name, _, _ in Formatter().parse(expectation["meta"]["message"]))
    return tuple(sorted({*compared, *quoted} & set(frame.columns)))


def of_cell(rule: str, rows: SheetRows, marked: str, position: int, spoken: Mapping[str, object]) -> str:
    """The name, in its form and period, of a warning at column `marked` of the row read at `position`."""
    return _name(rule, rows.sheet.table, marked, _key(rows, position), _cell(rows, marked, position), _plain(spoken))


def of_sheet(rule: str, frame: str, subject: object, spoken: Mapping[str, object]) -> str:
    """The name, in its form and period, of a warning about `subject` in a frame of its own."""
    return _name(rule, frame, _plain(subject), _plain(spoken))


def named(findings: Iterable[Finding], form: Form, period: str, sheets: Sequence[SheetRows]) -> list[Finding]:
    """`findings`, each warning that asks for an explanation with its ``warning_id``; what is said of one period holds
    for that one only."""
    by_title = {rows.sheet.title: rows for rows in sheets}
    positions = {rows.sheet.title: {row: index for index, row in enumerate(rows.rows)} for rows in sheets}

    def name(found: Finding) -> str:
        if found.warning_id is not None:
            return found.warning_id
        position = positions.get(found.sheet or "", {}).get(found.row or 0)
        key = None if position is None else _key(by_title[found.sheet or ""], position)
        about = [found.sheet, found.field or found.column, found.value]
        return _name(found.rule, *map(_plain, about), key, len(found.rows))

    return [
        replace(found, warning_id=_name(form.key, period, name(found)))
        if found.severity is Severity.WARNING and asks_for_explanation(found.rule)
        else found
        for found in findings
    ]


def _key(rows: SheetRows, position: int) -> list[object]:
    return [_cell(rows, name, position) for name in rows.sheet.key]


def _cell(rows: SheetRows, name: str, position: int) -> object:
    """The value as it was read; of a cell that could not be, as it was typed."""
    value = rows.values[name][position]
    unread = value is None and position in rows.broken[name]
    return _plain(shown(rows.raw[name][position]) or None if unread else value)


def _plain(value: Any) -> object:
    """`value` so that equal ones are written alike, whatever type they travel in."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if value is None or pd.isna(value):
        return None
    if isinstance(value, str):
        return comparable(value)
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return number_text(float(value))


def _name(*parts: object) -> str:
    text = json.dumps(parts, ensure_ascii=True, sort_keys=True)
    return _PREFIX + hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
