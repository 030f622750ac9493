"""What people do to the headers and sheets of a workbook of :mod:`ledger_book`, and how its findings are looked at."""

from collections.abc import Callable

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from district_reports.model.checked import CheckedWorkbook
from ledger_book import CASE_HEADERS, CASES

Change = Callable[[Workbook], None]
LAST = len(CASE_HEADERS)
GROUPS = [("学生", 1, 8), ("辍学情况", 9, 11), ("劝返情况", 12, 17)]


def shifted(sheet: Worksheet, lines: int) -> None:
    """As when a clerk inserts lines above the headers, or deletes some."""
    for area in [area for area in sheet.merged_cells.ranges if area.min_row > 3 + min(lines, 0) - 1]:
        sheet.unmerge_cells(area.coord)
    sheet.move_range(f"A3:Z{sheet.max_row}", rows=lines)


def moved(lines: int, title: str = CASES) -> Change:
    """:func:`shifted` for one sheet."""
    return lambda book: shifted(book[title], lines)


def copied_headers(book: Workbook, row: int) -> None:
    sheet = book[CASES]
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(area.coord)
    for column, title in enumerate(CASE_HEADERS, 1):
        sheet.cell(row, column, title)


def data_above(book: Workbook) -> None:
    """The first two rows of data come to lie above the headers."""
    sheet = book[CASES]
    shifted(sheet, 2)
    for column in range(1, LAST + 1):
        for row in (6, 7):
            sheet.cell(row - 3, column, sheet.cell(row, column).value)
            sheet.cell(row, column).value = None


def grouped(sheet: Worksheet, top: int, levels: int) -> None:
    """Captions merged over groups of headers, the other headers merged down, in `levels` rows from `top`."""
    for area in [area for area in sheet.merged_cells.ranges if area.max_row >= min(top, 3)]:
        sheet.unmerge_cells(area.coord)
    if top + levels > 4:
        sheet.move_range(f"A4:R{sheet.max_row}", rows=top + levels - 4)
    for row in range(min(top, 3), top + levels):
        for column in range(1, LAST + 1):
            sheet.cell(row, column).value = None
    bottom = top + levels - 1
    in_group = set()
    for number, (caption, first, last) in enumerate(GROUPS[1:]):
        # With three levels the captions stand in the first two, and the second group has one of two rows.
        deep = bottom - 1 if number else top
        sheet.cell(top, first, caption)
        sheet.merge_cells(start_row=top, end_row=deep, start_column=first, end_column=last)
        for column in range(first, last + 1):
            in_group.add(column)
            sheet.cell(deep + 1, column, CASE_HEADERS[column - 1])
            if deep + 1 < bottom:
                sheet.merge_cells(start_row=deep + 1, end_row=bottom, start_column=column, end_column=column)
    for column in set(range(1, LAST + 1)) - in_group:
        sheet.cell(top, column, CASE_HEADERS[column - 1])
        sheet.merge_cells(start_row=top, end_row=bottom, start_column=column, end_column=column)


def second(title: str, like: str) -> Change:
    """Another sheet whose title compares equal."""

    def change(book: Workbook) -> None:
        copy = book.copy_worksheet(book[like])
        copy.title = title

    return change


def places(checked: CheckedWorkbook) -> list[tuple[str, str, str | None]]:
    """Rule, severity and cell of each finding, in order."""
    return [(one.rule, one.severity.value, one.cell) for one in checked.findings]


def row_numbers(checked: CheckedWorkbook, table: str = "dropout_case") -> list[int]:
    """The Excel rows that load."""
    return checked.rows[table]["row_number"].to_pylist()
