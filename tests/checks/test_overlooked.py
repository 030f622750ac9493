"""Rows and columns that are hidden, filtered out, struck through or unseen (docs/rules.md, T11)."""

from collections.abc import Callable

import pytest
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.colors import Color
from openpyxl.worksheet.filters import FilterColumn, Filters
from openpyxl.worksheet.table import Table

from district_reports.model.finding import Severity
from district_reports.workbook.reading.reader import read_sheets
from followed import Parts, checked, marked, mended, told, with_parts
from ledger_book import CASE_HEADERS, CASES, write_book
from marked_book import parts

SHEET = "xl/worksheets/sheet2.xml"
ACCEPTED = 40


def test_a_hidden_row_that_holds_data_is_read_and_said(check):
    def change(book: Workbook) -> None:
        book[CASES].row_dimensions[7].hidden = True
        book[CASES].row_dimensions[60].hidden = True

    checked = check(change=change)

    assert [(one.rule, one.severity, one.cell) for one in checked.findings] == [("T11", Severity.WARNING, "A7")]
    assert checked.counts[0].loaded == 40


def test_a_hidden_column_that_holds_data_is_read_and_said(check):
    def change(book: Workbook) -> None:
        book[CASES].column_dimensions["E"].hidden = True
        book[CASES].column_dimensions["R"].hidden = True

    checked = check(change=change)

    assert [(one.rule, one.cell, one.column) for one in checked.findings] == [("T11", "E3", "户籍地")]


def in_row(row: int, change: Callable[[Cell], object], columns: slice = slice(None)):
    def changed(book: Workbook) -> None:
        for cell in book[CASES][row][columns]:
            change(cell)

    return changed


def styled(font: Font, fill: PatternFill | None = None) -> Callable[[Cell], None]:
    def change(cell: Cell) -> None:
        cell.font = font
        if fill:
            cell.fill = fill

    return change


STRUCK = styled(Font(strike=True))
WHITE = styled(Font(color="FFFFFFFF"))
RED = PatternFill("solid", fgColor="FFC00000")


def struck_text(cell: Cell) -> None:
    if isinstance(cell.value, str):
        font = InlineFont(strike=True)
        cell.value = CellRichText(TextBlock(font, cell.value[:1]), TextBlock(font, cell.value[1:] or " "))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (STRUCK, "删除线"),
        (struck_text, "删除线"),
        (WHITE, "底色"),
        (lambda cell: styled(Font(color="FFFFFFFF", size=8 + cell.column))(cell), "底色"),
        (styled(Font(color=Color(theme=0))), "底色"),
        (styled(Font(color=Color(indexed=9))), "底色"),
        (styled(Font(color="FFC00000"), RED), "底色"),
        (styled(Font(color=Color(theme=4, tint=0.4)), PatternFill("solid", fgColor=Color(theme=4, tint=0.4))), "底色"),
    ],
)
def test_a_row_that_is_struck_through_or_unseen_is_read_and_said(check, change, word):
    answer = check(change=in_row(7, change))
    assert told(answer) == [("T11", CASES, "A7")]
    assert word in answer.findings[0].message
    assert answer.counts[0].loaded == ACCEPTED


@pytest.mark.parametrize(
    "change",
    [
        styled(Font(strike=False)),
        styled(Font(color="FFFFFFFF"), RED),
        styled(Font(color=Color(theme=0)), PatternFill("solid", fgColor=Color(theme=1))),
        styled(Font(color=Color(theme=0, tint=-0.5))),
        styled(Font(color="FFC00000")),
    ],
)
def test_what_is_seen_is_not_said(check, change):
    assert told(check(change=in_row(7, change))) == []


def test_a_row_is_struck_by_half_of_its_cells_or_by_its_key(check):
    def change(book: Workbook) -> None:
        in_row(6, STRUCK, slice(0, 1))(book)
        in_row(7, STRUCK, slice(1, 8))(book)
        in_row(8, STRUCK, slice(1, 3))(book)

    answer = check(change=change)
    assert told(answer) == [("T11", CASES, "A6"), ("T11", CASES, "A7")]


def test_a_column_that_is_struck_or_unseen_is_said_once(tmp_path, register):
    def change(book: Workbook) -> None:
        in_row(9, STRUCK)(book)
        for row in range(4, 44):
            WHITE(book[CASES].cell(row, 5))

    path = write_book(tmp_path / "book.xlsx", change=change)
    answer = checked(path, register)
    assert [(one.cell, one.column) for one in answer.findings] == [("E3", "户籍地"), ("A9", None)]
    copy = marked(path, answer)
    assert told(checked(copy, register)) == told(answer)

    def seen(book: Workbook) -> None:
        for row in range(4, 44):
            book[CASES].cell(row, 5).font = Font(color="FF000000")
        in_row(9, styled(Font(strike=False)))(book)

    assert told(checked(mended(copy, seen), register)) == []


def test_a_sheet_all_in_white_is_told_by_columns(check):
    def change(book: Workbook) -> None:
        for row in range(4, 44):
            in_row(row, WHITE)(book)

    answer = check(change=change)
    assert {cell for _, _, cell in told(answer)} == {f"{letter}3" for letter in "ABCDEFGHIJKLMN"}


def hide(book: Workbook, *rows: int) -> None:
    for row in rows:
        book[CASES].row_dimensions[row].hidden = True


def filtered(book: Workbook) -> None:
    book[CASES].auto_filter.ref = "A3:R43"
    book[CASES].auto_filter.add_filter_column(3, ["男"])
    hide(book, *range(5, 44, 2))


def in_a_table(book: Workbook) -> None:
    table = Table(displayName="台账", ref="A3:R43")
    table._initialise_columns()
    for column, header in zip(table.tableColumns, CASE_HEADERS, strict=True):
        column.name = header
    table.autoFilter.filterColumn = [FilterColumn(colId=3, filters=Filters(filter=["男"]))]
    book[CASES].add_table(table)
    hide(book, *range(5, 44, 2))


def advanced(parts: Parts) -> None:
    assert b"<sheetPr>" in parts[SHEET]
    parts[SHEET] = parts[SHEET].replace(b"<sheetPr>", b'<sheetPr filterMode="1">')


@pytest.mark.parametrize(
    ("change", "told_in_parts"),
    [(filtered, None), (in_a_table, None), (lambda book: hide(book, *range(5, 44, 2)), advanced)],
)
def test_a_filter_is_said_once_with_how_to_clear_it(tmp_path, register, change, told_in_parts):
    path = write_book(tmp_path / "book.xlsx", change=change)
    if told_in_parts:
        with_parts(path, told_in_parts)
    answer = checked(path, register)
    assert told(answer) == [("T11", CASES, "A3")]
    assert "20 行" in answer.findings[0].message
    assert "清除筛选" in answer.findings[0].fix
    assert "取消隐藏" not in answer.findings[0].fix
    assert answer.counts[0].loaded == ACCEPTED
    copy = marked(path, answer)
    assert parts(copy)[SHEET].count(b'hidden="1"') == parts(path)[SHEET].count(b'hidden="1"')
    assert told(checked(copy, register)) == told(answer)

    def cleared(book: Workbook) -> None:
        book[CASES].sheet_properties.filterMode = None
        book[CASES].auto_filter.filterColumn = []
        for table in book[CASES].tables.values():
            table.autoFilter.filterColumn = []
        for row in range(4, 44):
            book[CASES].row_dimensions[row].hidden = False

    assert told(checked(mended(copy, cleared), register)) == []


def test_what_is_hidden_beside_a_filter_or_under_one_that_is_cleared_is_hidden(check):
    def change(book: Workbook) -> None:
        book[CASES].auto_filter.ref = "A3:R43"
        hide(book, 7)

    assert "取消隐藏" in check(change=change).findings[0].fix

    def beside(book: Workbook) -> None:
        filtered(book)
        book[CASES].auto_filter.ref = "A3:R41"

    answer = check(change=beside)
    assert told(answer) == [("T11", CASES, "A3"), ("T11", CASES, "A43")]


def test_a_sheet_in_another_spelling_and_a_large_one_say_the_same(tmp_path):
    def change(book: Workbook) -> None:
        filtered(book)
        in_row(6, STRUCK)(book)
        in_row(8, WHITE)(book)
        in_row(10, struck_text)(book)

    path = write_book(tmp_path / "book.xlsx", change=change)
    (plain,) = read_sheets(path, [CASES], None)
    assert (plain.properties.filters, len(plain.properties.struck), len(plain.properties.unseen)) == (
        ((3, 1, 43, 18),),
        2,
        1,
    )
    (large,) = read_sheets(path, [CASES], lambda parts, index: None)
    with_parts(
        path, lambda parts: parts.update({SHEET: parts[SHEET].replace(b"<sheetData>", b"<sheetData><!-- x -->")})
    )
    (other,) = read_sheets(path, [CASES])
    assert large.properties == other.properties == plain.properties
