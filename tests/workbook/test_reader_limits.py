"""How much is read of a workbook: every sheet counts, whichever way it is read (F03)."""

import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from district_reports.workbook.problem import Refused
from district_reports.workbook.reading import reader
from district_reports.workbook.reading.sheet_arrow import ArrowColumns

ROWS, COLUMNS = 400, 5


def book(path: Path) -> Path:
    """A small sheet, and one large enough to be read by columns."""
    with xlsxwriter.Workbook(path) as written:
        written.add_worksheet("小").write_row(0, 0, ["甲", "乙"])
        large = written.add_worksheet("大")
        for row in range(ROWS):
            large.write_row(row, 0, ["文字"] * COLUMNS)
    return path


def test_as_many_values_as_are_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_VALUES", ROWS * COLUMNS + 2)
    _, large = reader.read_sheets(book(tmp_path / "x.xlsx"))
    assert isinstance(large.columns, ArrowColumns)


@pytest.mark.parametrize("large", [0, 1 << 30])
def test_one_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    monkeypatch.setattr(reader, "MAX_VALUES", ROWS * COLUMNS + 1)
    monkeypatch.setattr(reader, "_LARGE", large)
    with pytest.raises(Refused) as refused:
        reader.read_sheets(book(tmp_path / "x.xlsx"))
    assert (refused.value.problem.rule, refused.value.problem.variant) == ("F03", "values")


def test_one_more_where_all_tags_have_a_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, prefixed = book(tmp_path / "x.xlsx"), tmp_path / "y.xlsx"
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(prefixed, "w") as target:
        for name in source.namelist():
            xml = source.read(name)
            if name.startswith("xl/worksheets/"):
                xml = re.sub(rb"<(/?)(?=\w)", rb"<\1x:", xml).replace(b"xmlns=", b"xmlns:x=")
            target.writestr(name, xml)
    assert [sheet.columns for sheet in reader.read_sheets(prefixed)] == [
        sheet.columns for sheet in reader.read_sheets(plain)
    ]
    monkeypatch.setattr(reader, "MAX_VALUES", ROWS * COLUMNS + 1)
    with pytest.raises(Refused) as refused:
        reader.read_sheets(prefixed)
    assert (refused.value.problem.rule, refused.value.problem.variant) == ("F03", "values")
