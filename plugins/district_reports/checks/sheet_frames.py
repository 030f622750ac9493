"""Frames of their own (:mod:`district_reports.model.derived`): what they find is about a sheet, not about a cell."""

from collections import Counter
from collections.abc import Callable

import pandas as pd

from district_reports.checks.compare import change
from district_reports.checks.context import Context
from district_reports.checks.rows import SheetRows
from district_reports.checks.series import typed
from district_reports.model.derived import CarriedOver, ExpectedSchools, RowCountChange, SheetFrame
from district_reports.model.form import Type


def frame_of(kind: SheetFrame, rows: SheetRows, context: Context) -> pd.DataFrame:
    """The frame of `kind` beside the sheet `rows`; empty where it needs history and none is asked."""
    return _FRAMES[type(kind)](kind, rows, context)


def subject_of(kind: SheetFrame) -> str | None:
    """The column that says whom or what a row of the frame is about."""
    match kind:
        case ExpectedSchools():
            return "school_code"
        case CarriedOver():
            return kind.column
    return None


def _expected_schools(kind: ExpectedSchools, rows: SheetRows, context: Context) -> pd.DataFrame:
    counts = Counter(rows.values[kind.column])
    schools = context.register.schools_open(context.district_code, context.period.last_day, kind.school_types)
    if context.nil_return:
        schools = []  # the cover says it for all of them
    return pd.DataFrame(
        {
            "school_code": typed([school.code for school in schools], Type.TEXT),
            "school_name": typed([school.name for school in schools], Type.TEXT),
            "school_type": typed([school.school_type for school in schools], Type.TEXT),
            "row_count": typed([counts[school.code] for school in schools], Type.INTEGER),
        }
    )


def _row_count_change(kind: RowCountChange, rows: SheetRows, context: Context) -> pd.DataFrame:
    history = context.history
    if history is None or history.period is None:
        return pd.DataFrame()
    now, then = len(rows.rows), len(history.rows.get(rows.sheet.table, ()))
    return pd.DataFrame(
        {
            "row_count": typed([now], Type.INTEGER),
            "previous_row_count": typed([then], Type.INTEGER),
            "change": typed([change(now, then, kind.at_least)], Type.DECIMAL),
        }
    )


def _carried_over(kind: CarriedOver, rows: SheetRows, context: Context) -> pd.DataFrame:
    then = context.history.rows.get(rows.sheet.table, ()) if context.history else ()
    carried = [row for row in then if kind.where.holds(row[kind.where.column])]
    counts = Counter(rows.values[kind.column])
    columns = {
        name: typed([row[name] for row in carried], rows.sheet.by_name[name].type)
        for name in (kind.column, *kind.shown)
    }
    found: list[int] = [counts[row[kind.column]] for row in carried]  # type: ignore[index]
    return pd.DataFrame({**columns, "row_count": typed(found, Type.INTEGER)})


_FRAMES: dict[type, Callable[..., pd.DataFrame]] = {
    ExpectedSchools: _expected_schools,
    RowCountChange: _row_count_change,
    CarriedOver: _carried_over,
}
