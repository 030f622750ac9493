"""The independent look for cells against a workbook looked through by hand, and against openpyxl in one of its own."""

from pathlib import Path

from openpyxl import load_workbook

from independent.held_cells import SheetCells, held_cells
from ledger_book import write_book
from traits.raw_book import parts, save, worksheet

ROWS = """
<row r="2"><c r="B2"><v>1</v></c><c r="C2"/><c r="D2"><v></v></c><c r="e2" t="s"><v>0</v></c></row>
<row><c><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c><c r="F3" t="b"><v>0</v></c><c t="e"><v>#N/A</v></c></row>
<row r="7"><c r="A7"><f>1+1</f></c><c r="B7" t="str"><f>A1</f><v></v></c><c r="B7"><v>2</v></c>
 <c r="C7" t="inlineStr"><is><t> </t></is></c><c r="D7" t="inlineStr"><is><r><t>甲</t></r></is></c>
 <c r="E7" t="inlineStr"><is><t/><rPh sb="0" eb="1"><t>jia</t></rPh></is></c><c r="F7" t="s"><v>9</v></c></row>
"""
TEXTS = ["<si><t>甲</t></si>", "<si><rPh sb='0' eb='1'><t>yi</t></rPh></si>", "<si><r><t>乙</t></r></si>"]


def test_cells_counted_by_hand(tmp_path):
    sheets = {"一": worksheet(ROWS), "二": worksheet("")}

    assert held_cells(save(tmp_path / "book.xlsx", parts(sheets, shared=TEXTS))) == [
        SheetCells("一", ("B2", "E2", "A3", "C3", "F3", "G3", "A7", "B7", "B7", "D7", "F7")),
        SheetCells("二", ()),
    ]


def test_as_many_as_openpyxl_finds(tmp_path: Path):
    path = write_book(tmp_path / "book.xlsx")
    found = {
        sheet.title: {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.value is not None}
        for sheet in load_workbook(path)
    }

    assert {sheet.title: set(sheet.addresses) for sheet in held_cells(path)} == found
    assert sum(map(len, found.values())) > 600
