"""Read the only sheet of a workbook cell by cell, each with its own type. Runs inside the limited child only."""

import io
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineWorkbook

from district_reports.workbook.raw import DAY_ZERO, Cell, TimeOfDay


def cells_of(book: io.BytesIO) -> list[list[Cell]]:
    """The columns of the first sheet, from A1 on, equally long.

    Raises:
        CalamineError: the sheet can't be read.
    """
    sheet = CalamineWorkbook.from_filelike(book).get_sheet_by_index(0)
    return [_cells(column) for column in zip(*sheet.to_python(skip_empty_area=False), strict=True)]


def _cells(column: tuple[object, ...]) -> list[Cell]:
    # Columns of texts and numbers are most of a large sheet: they take no call per cell.
    if set(map(type, column)) <= {str, float}:
        return [None if value == "" else value for value in column]  # type: ignore[misc]
    return [_cell(value) for value in column]


def _cell(value: object) -> Cell:
    match value:
        case "":
            return None
        case str() | bool() | float():
            return value
        case int():
            return float(value)
        case datetime():
            # A date cell at midnight is a date, however the reader types it.
            return value.date() if value.time() == time() else value
        case date():
            return value
        case time() | timedelta():
            return TimeOfDay(str(value) if value not in (time(), timedelta()) else DAY_ZERO)
    raise TypeError(f"the reader gave a {type(value).__name__}")
