"""A worklist that a district has filled in and dropped: by what it is known, and what it says.

It may have been saved by WPS or LibreOffice, sorted, filtered and cut, its columns moved, its rows copied into another
workbook: the sheet's name and the columns 编号 and 情况说明 are all it takes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from district_reports.checks.dates import date_of
from district_reports.checks.explanations import HEADERS_WITHIN, explanation_in
from district_reports.checks.structure import find_sheets
from district_reports.reconciliation.worklist_book import (
    DAY,
    DAYS,
    DISTRICT,
    EXPLANATION,
    FIRST_SEEN,
    MARK,
    NUMBER,
    RUN,
    WORKLIST,
)
from district_reports.workbook.names import comparable, header
from district_reports.workbook.raw import Cell, FormattedNumber, RawSheet
from district_reports.workbook.show import number_text, shown

SHEETS = (WORKLIST, MARK)
"""What is read of such a workbook."""
MOST_ROWS = 1_048_576
"""Of a sheet of Excel."""
_READ = (NUMBER, EXPLANATION, FIRST_SEEN, DAYS)
_NUMBER = re.compile(r"0*[1-9][0-9]{0,17}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,5}")
_SERIAL_DAYS_FROM = date(1899, 12, 30)


@dataclass(frozen=True)
class ReturnedRow:
    """A row of the list. ``position`` is its Excel row, counted on from one sheet 待核对 to the next.

    ``number`` is None where none can be read, ``explanation`` where a formula in its cell has nothing to say.
    ``made_on`` is the day of the file that the row is from, as far as its own columns tell.
    """

    position: int
    number: int | None
    explanation: str | None
    made_on: date | None


@dataclass(frozen=True)
class ReturnedBook:
    """The rows that name an item or say something, and whose list of which run and day it is by the hidden sheet."""

    rows: tuple[ReturnedRow, ...]
    run_id: int | None = None
    made_on: date | None = None
    district_code: str | None = None


def excel_row(position: int) -> int:
    """The row of a sheet that a position is."""
    return (position - 1) % MOST_ROWS + 1


def is_worklist(sheets: Sequence[RawSheet]) -> bool:
    """Whether one of `sheets`, of which the upper left is enough, is a list of items."""
    return any(_headers(sheet) is not None for sheet in find_sheets(sheets, WORKLIST))


def read_worklist(sheets: Sequence[RawSheet]) -> ReturnedBook:
    """What a workbook says that :func:`is_worklist`; `sheets` are those of :data:`SHEETS`, whole."""
    rows = (row for place, sheet in enumerate(find_sheets(sheets, WORKLIST)) for row in _rows(sheet, place * MOST_ROWS))
    marks = {label: value for sheet in find_sheets(sheets, MARK) for label, value in _marks(sheet)}
    district_code = comparable(shown(marks.get(DISTRICT))) or None
    return ReturnedBook(tuple(rows), _number(marks.get(RUN)), _day(marks.get(DAY)), district_code)


def _headers(sheet: RawSheet) -> tuple[int, Mapping[str, int]] | None:
    """The row of the headers, and the first column of each; None where 编号 is none of them."""
    for row in range(1, min(HEADERS_WITHIN, sheet.height) + 1):
        titles = [header(shown(sheet.cell(row, column))) for column in range(1, len(sheet.columns) + 1)]
        if NUMBER in titles:
            return row, {title: column for column, title in reversed(list(enumerate(titles, 1)))}
    return None


def _rows(sheet: RawSheet, before: int) -> Iterator[ReturnedRow]:
    found = _headers(sheet)
    if found is None:
        return
    top, places = found
    for row in range(top + 1, sheet.height + 1):
        cells = {title: sheet.cell(row, places[title]) for title in _READ if title in places}
        number, explanation = _number(cells.get(NUMBER)), explanation_in(cells.get(EXPLANATION))
        # The headers once more, where lists were copied below one another.
        is_header = comparable(shown(cells.get(NUMBER))) == NUMBER
        if not is_header and (number is not None or explanation != ""):
            yield ReturnedRow(before + row, number, explanation, _made_on(cells.get(FIRST_SEEN), cells.get(DAYS)))


def _marks(sheet: RawSheet) -> Iterator[tuple[str, Cell]]:
    for row in range(1, min(HEADERS_WITHIN, sheet.height) + 1):
        yield comparable(shown(sheet.cell(row, 1))), sheet.cell(row, 2)


def _number(cell: Cell) -> int | None:
    """The whole number above 0 that a cell holds, as a number or as text."""
    if isinstance(cell, FormattedNumber):
        cell = cell.number
    written = number_text(cell) if isinstance(cell, float) else comparable(shown(cell))
    # A cell may hold more zeros than int() reads.
    return int(written.lstrip("0").replace(",", "")) if _NUMBER.fullmatch(written) else None


def _made_on(first_seen: Cell, days: Cell) -> date | None:
    day, passed = _day(first_seen), 0 if comparable(shown(days)) == "0" else _number(days)
    if day is None or passed is None or day.year + passed // 365 >= date.max.year:
        return None
    return day + timedelta(days=passed)


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and cell.is_integer() and 0 < cell < 100_000:
        # Pasted as a value, without its format.
        return _SERIAL_DAYS_FROM + timedelta(days=int(cell))
    return date_of(shown(cell))
