"""Whom or which school a row is about, so that a clerk finds it without counting rows. Personal data."""

from collections.abc import Iterable, Mapping

from district_reports.checks.context import Context
from district_reports.checks.rows import SheetRows
from district_reports.checks.wording import cut
from district_reports.model.finding import Finding
from district_reports.model.form import Column, Type
from district_reports.workbook.show import shown

LONGEST = 30
"""Characters of each of its parts."""


def who_of(rows: SheetRows, findings: Iterable[Finding], context: Context) -> Mapping[int, str]:
    """By Excel row, for the rows of the sheet that `findings` are about."""
    columns = [rows.sheet.by_name[name] for name in rows.sheet.who]
    wanted = {found.row for found in findings if found.sheet == rows.sheet.title and found.row is not None}
    told = {}
    for position, row in enumerate(rows.rows if columns and wanted else ()):
        if row in wanted and (
            parts := [part for column in columns if (part := _part(rows, column, position, context))]
        ):
            told[row] = "，".join(dict.fromkeys(parts))
    return told


def _part(rows: SheetRows, column: Column, position: int, context: Context) -> str:
    value = rows.values[column.name][position]
    if column.type is not Type.SCHOOL_CODE:
        return cut(str(value) if value is not None else shown(rows.raw[column.name][position]).strip(), LONGEST)
    # As the register calls it, also where the school is closed or another district's.
    schools = context.register.schools_of(str(value)) if value is not None else ()
    return cut(schools[-1].name, LONGEST) if schools else ""
