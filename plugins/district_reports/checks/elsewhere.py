"""Rows of data on a sheet that is none of the form's: a copy of a data sheet, or the rest of its rows (F10)."""

from collections.abc import Sequence
from dataclasses import replace

from district_reports.checks.catalogue import finding
from district_reports.checks.no_data_rows import sort_out
from district_reports.checks.structure import holds_headers, match_headers, other_sheets
from district_reports.model.finding import Finding
from district_reports.model.form import Form, Sheet
from district_reports.workbook.names import titles_of
from district_reports.workbook.raw import RawSheet


def rows_elsewhere(form: Form, sheets: Sequence[RawSheet]) -> list[Finding]:
    """F10 for each data sheet whose headers and rows another sheet holds too, with all such sheets."""
    others = other_sheets(form, sheets)
    found = []
    for sheet in form.sheets:
        copies = [one for one in others if holds_headers(sheet, one) and _has_rows(sheet, one)]
        if copies:
            variant = "elsewhere_hidden" if any(one.properties.is_hidden for one in copies) else "elsewhere"
            found.append(finding("F10", variant, sheet=sheet.title, titles=titles_of(copies)))
    return found


def _has_rows(sheet: Sheet, raw: RawSheet) -> bool:
    """Whether a row of data stands below the headers; totals and what else is no data is judged as on a data sheet."""
    layout, _, _ = match_headers(sheet, raw)
    columns = tuple(column for column in sheet.columns if column.name in layout.places)
    if any(column.required and column not in columns for column in sheet.columns):
        return False
    return bool(sort_out(replace(sheet, columns=columns), raw, layout.headers, layout.places).data)
