"""A plain workbook for the tests of the guard."""

from pathlib import Path

import openpyxl
import pytest


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A plain workbook, saved by openpyxl."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "封面"
    sheet["A1"], sheet["B1"] = "报表代码", "dropout_control"
    path = tmp_path / "plain.xlsx"
    book.save(path)
    return path
