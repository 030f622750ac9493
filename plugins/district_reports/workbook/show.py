"""A raw cell as the clerk sees it, as text."""

from datetime import date, datetime

from district_reports.workbook.raw import Cell, CellError, FormattedNumber, NoResult, Picture, TimeOfDay

PICTURE = "（图片）"


def number_text(number: float) -> str:
    """``210202`` for 210202.0, ``2020.1`` for 2020.1: no exponent and no ``.0`` where Excel shows none."""
    if number.is_integer() and abs(number) < 1e21:
        return str(int(number))
    return f"{number:.15g}"


def shown(cell: Cell) -> str:
    """`cell` as text; empty for an empty cell."""
    match cell:
        case None | NoResult():
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return number_text(cell)
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return cell.isoformat()
        case TimeOfDay() | CellError() | FormattedNumber():
            return cell.text
        case Picture():
            return PICTURE
    return cell
