"""Which titles of a workbook are declared, and where a finding is, for those who may not see what a workbook says.

Declared are the titles of the forms' sheets and columns, those of our own sheets, and the labels of the cover. Every
other text of a workbook is a clerk's own, a header and the name of a sheet as much as a cell: it may be a child's name.
What is told is always our own spelling, never the text that was found to equal it.
"""

import re
from functools import lru_cache

from district_reports.checks.cover import COVER, LABELS
from district_reports.forms import forms
from district_reports.model.finding import Finding
from district_reports.workbook.names import comparable, header
from district_reports.workbook.problem_list import PROBLEM_LIST

OTHER_SHEET = "其他工作表"
"""Stands for a sheet whose name is not declared."""
_ADDRESS = re.compile(r"([A-Z]{1,3})[0-9]{1,7}", re.ASCII)


def titles_to_read() -> tuple[str, ...]:
    """The sheets that any form may need, and what explains warnings; all others in a workbook are ignored."""
    return (COVER, *dict.fromkeys(sheet.title for form in forms().values() for sheet in form.sheets), PROBLEM_LIST)


def told_sheet(found: Finding) -> str | None:
    """The declared title of the sheet that `found` is about; None where it is about the file."""
    return None if found.sheet is None else _sheets().get(comparable(found.sheet), OTHER_SHEET)


def told_column(found: Finding) -> str | None:
    """The declared title of the column, or the cover's label, that `found` is about; else the letter of the column."""
    if found.column is None:
        return None
    if title := _columns().get(comparable(found.column)):
        return title
    place = _ADDRESS.fullmatch(found.cell or "")
    return f"{place[1]} 列" if place else None


@lru_cache(maxsize=1)
def _sheets() -> dict[str, str]:
    return {comparable(title): title for title in titles_to_read()}


@lru_cache(maxsize=1)
def _columns() -> dict[str, str]:
    of_forms = (column.title for form in forms().values() for sheet in form.sheets for column in sheet.columns)
    titles = [*LABELS, *of_forms]
    # A column that stands twice is named without its unit.
    return {spelt(title): title for spelt in (header, comparable) for title in titles}
