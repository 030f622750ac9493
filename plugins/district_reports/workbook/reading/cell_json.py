"""A cell as JSON, for the few that travel so: those of the cover, and of a sheet's head."""

from datetime import date, datetime
from typing import Any

from district_reports.workbook.raw import Cell, CellError, FormattedNumber, NoResult, Picture, TimeOfDay


def cell_to_json(cell: Cell) -> list[Any] | None:
    """None for an empty cell, else what it is and its content."""
    match cell:
        case None:
            return None
        case datetime():
            return ["datetime", cell.isoformat()]
        case date():
            return ["date", cell.isoformat()]
        case CellError():
            return ["error", cell.text]
        case TimeOfDay():
            return ["time", cell.text]
        case NoResult():
            return ["no_result", cell.empty]
        case Picture():
            return ["picture", None]
        case FormattedNumber():
            return ["formatted", [cell.number, cell.text, cell.is_scaled]]
        case _:
            return ["plain", cell]


def cell_from_json(content: list[Any] | None) -> Cell:
    """The inverse of :func:`cell_to_json`.

    Raises:
        ValueError, TypeError: `content` is something else.
    """
    if content is None:
        return None
    kind, value = content
    match kind:
        case "datetime":
            return datetime.fromisoformat(value)
        case "date":
            return date.fromisoformat(value)
        case "error":
            return CellError(str(value))
        case "time":
            return TimeOfDay(str(value))
        case "no_result":
            return NoResult(bool(value))
        case "picture":
            return Picture()
        case "formatted":
            number, text, is_scaled = value
            return FormattedNumber(float(number), str(text), bool(is_scaled))
        case "plain" if isinstance(value, str | float | bool):
            return value
    raise ValueError("a cell of no kind")
