"""What the reader makes of number formats, serials and errors: one workbook holds them all, one to a row."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from district_reports.workbook.raw import Cell, CellError, FormattedNumber
from district_reports.workbook.reading.reader import read_sheets
from traits.dates import DATE_FORMATS, NUMBER_FORMATS
from traits.formulas import ERRORS
from traits.raw_book import number, parts, save, worksheet
from traits.trait import DAY, SERIAL

FORMATS = (14, *DATE_FORMATS, *NUMBER_FORMATS)
# Excel's 1900 is a leap year: 60 is a day that never was.
SERIALS = {
    "1": date(1900, 1, 1),
    "59": date(1900, 2, 28),
    "61": date(1900, 3, 1),
    "43985.000000001": DAY,
    "43984.9999999999": DAY,
    "2958465": date(9999, 12, 31),
}
NO_DATES = ("0", "0.5", "-1", "-0.5", "43985.5", "2958466", "1E+17", "1e300", "NaN", "INF")


def column_of(cells: list[str], folder: Path) -> Callable[[int], Cell]:
    """The cells, one a row, read again: by index."""
    rows = "".join(f'<row r="{row}">{cell}</row>' for row, cell in enumerate(cells, 1))
    (sheet,) = read_sheets(save(folder / "book.xlsx", parts({"值": worksheet(rows)}, FORMATS)))
    return lambda index: sheet.cell(index + 1, 1)


@pytest.fixture(scope="module")
def formatted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Cell]:
    cells = [number(f"A{style + 1}", SERIAL, style) for style in range(len(FORMATS))]
    return column_of(cells, tmp_path_factory.mktemp("formats"))


@pytest.mark.parametrize("one", DATE_FORMATS)
def test_a_format_of_a_date(formatted, one):
    assert formatted(1 + DATE_FORMATS.index(one)) == DAY


@pytest.mark.parametrize("one", NUMBER_FORMATS)
def test_a_format_of_a_number(formatted, one):
    cell = formatted(1 + len(DATE_FORMATS) + NUMBER_FORMATS.index(one))

    value = cell.number if isinstance(cell, FormattedNumber) else cell
    assert isinstance(value, float)
    assert value == SERIAL


@pytest.mark.parametrize("serial", SERIALS)
def test_a_serial_of_a_date(tmp_path, serial):
    cell = column_of([number("A1", serial)], tmp_path)(0)

    assert type(cell) is date
    assert cell == SERIALS[serial]


@pytest.mark.parametrize("serial", NO_DATES)
def test_a_serial_of_no_date(tmp_path, serial):
    cell = column_of([number("A1", serial)], tmp_path)(0)

    assert cell is not None
    assert type(cell) is not date


@pytest.mark.parametrize("text", ERRORS)
def test_an_error(tmp_path, text):
    assert column_of([f'<c r="A1" t="e"><v>{text}</v></c>'], tmp_path)(0) == CellError(text)


@pytest.mark.parametrize("text", ["2020-06-03T00:00:00Z", "2020-06-03T08:30:00+08:00", "20200603", "10000-01-01"])
def test_an_iso_date_that_is_no_plain_one_is_handed_on_as_something_else_or_rightly(tmp_path, text):
    cell = column_of([f'<c r="A1" t="d"><v>{text}</v></c>'], tmp_path)(0)

    assert cell is not None
    assert type(cell) is not date or cell == DAY
