"""How openpyxl spells what is empty: such a sheet is read as it is stored, for writing it anew takes a large one beyond
the limit of time."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from district_reports.workbook.raw import NoResult
from district_reports.workbook.reading.parts import Parts
from district_reports.workbook.reading.reader import read_sheets

ROWS = 500


def saved(path: Path, formula: str | None) -> Path:
    """A sheet of texts, numbers and formatted empty cells, and one formula without a result."""
    book = Workbook()
    sheet = book.active
    for row in range(1, ROWS + 1):
        sheet.append([f"学生{row}", str(row) if row < 4 else row])
        sheet.cell(row, 3).number_format = "yyyy-mm-dd"
    sheet["D9"] = formula
    book.save(path)
    return path


@pytest.mark.parametrize("formula", [None, "=1+1"])
def test_what_is_empty_is_read_as_it_is_stored(tmp_path, formula):
    path = saved(tmp_path / "a.xlsx", formula)

    parts = Parts(path)
    assert parts.canonical_sheet(0) is parts.sheet_as_stored(0)
    parts.close()
    [sheet] = read_sheets(path)
    assert (sheet.cell(4, 1), sheet.cell(4, 2), sheet.cell(4, 3)) == ("学生4", 4.0, None)
    assert sheet.height == ROWS
    assert sheet.cell(9, 4) == (NoResult(empty=False) if formula else None)


def test_formatted_empty_cells_do_not_keep_a_sheet_from_being_read_by_columns(tmp_path):
    [sheet] = read_sheets(saved(tmp_path / "a.xlsx", None))

    assert type(sheet.columns).__name__ == "ArrowColumns"
