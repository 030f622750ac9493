"""What ordinary programs leave behind goes through the guard."""

import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from guarded_files import BOOK, CONTENT, SHEET, TYPES, found, rewritten, with_part, with_relationship
from tampering import MAIN, Make, formula, in_sheet, merged, name, part, replaced, strings, without

WHOLE_COLUMNS = "".join(f'<col min="{n}" max="{n}" width="9" style="1"/>' for n in range(1, 16_385))
LONGEST = "长" * 32_767
ESCAPED = "&amp;" * 32_767
HIDDEN = 'hidden="1"'

HARMLESS: dict[str, Make] = {
    "columns formatted up to XFD": replaced(SHEET, "<sheetData>", f"<cols>{WHOLE_COLUMNS}</cols><sheetData>"),
    "empty formatted cells far out": in_sheet(
        '<row r="1048576"><c r="A1048576" s="0"/><c r="XFD1048576" s="0"></c><c r="XFC1" t="s"><v></v></c></row>'
    ),
    "a title merged over its whole row": merged("A1:XFD1"),
    "whole columns merged, without values": merged("C1:F1048576"),
    "everything to the right merged": merged("G1:XFD1048576"),
    "many merges side by side": merged(
        *(f"{column}{row}:{column}{row + 1}" for row in range(20, 9000, 2) for column in "ABCDE")
    ),
    "neighbouring merges": merged("A10:B11", "C10:D11", "A12:D12", "E10:E12"),
    "print area": name('name="_xlnm.Print_Area" localSheetId="0"', "封面!$A$1:$B$9"),
    "print titles": name('name="_xlnm.Print_Titles" localSheetId="0"', "封面!$1:$3"),
    "filter": name(f'name="_xlnm._FilterDatabase" localSheetId="0" {HIDDEN}', "封面!$A$3:$T$90"),
    "new functions in an old Excel": name(f'name="_xlfn.IFERROR" {HIDDEN}', "#NAME?"),
    "broken name": name('name="旧区域"', "#REF!"),
    "name of a column of a table": name('name="a"', "表1[姓名]"),
    "name with a bar in quotes": name('name="a"', "&quot;甲|乙!&quot;"),
    "formula with a bar in quotes": formula("IF(A1=&quot;a|b!c&quot;,&quot;RTD(&quot;,1)"),
    "formula of a table": formula("SUM(表1[[#This Row],[人数]])"),
    "functions named alike": formula("MYRTD(1)+STARTD(2)"),
    "the longest text": strings(f'<sst xmlns="{MAIN}"><si><t>{LONGEST}</t></si></sst>'),
    "the longest text, escaped": strings(f'<sst xmlns="{MAIN}"><si><t xml:space="preserve">{ESCAPED}</t></si></sst>'),
    "long texts in a row": strings(f'<sst xmlns="{MAIN}">{f"<si><t>{LONGEST}</t></si>" * 40}</sst>'),
    "strings with a prefix": strings(f'<x:sst xmlns:x="{MAIN}" uniqueCount="1"><x:si><x:t>a</x:t></x:si></x:sst>'),
    "no document properties": lambda path: [without("docProps/app.xml")(path), without("docProps/core.xml")(path)],
    "no theme": without("xl/theme/theme1.xml"),
    "printer settings": part("xl/printerSettings/printerSettings1.bin", b"H\0P\0\0\0\0\0<\0!\0"),
    "custom xml of an office": part("customXml/item1.xml", '<?xml version="1.0"?><b:Sources xmlns:b="x"/>'),
    "parts of WPS": part(
        "xl/cellimages.xml", '<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>'
    ),
    "properties of WPS": part("docProps/custom.xml", "<Properties><property>2052-11.8.2</property></Properties>"),
    "shared workbook": part("xl/revisions/userNames.xml", "<users/>"),
    "threaded comments": part("xl/threadedComments/threadedComment1.xml", "<ThreadedComments/>"),
    "calculation chain": part("xl/calcChain.xml", "<calcChain/>"),
    "ribbon": part("customUI/customUI.xml", "<customUI/>"),
    "a pivot table of the workbook": part(
        "xl/pivotCache/pivotCacheDefinition1.xml", '<pivotCacheDefinition><cacheSource type="worksheet"/>'
    ),
    "signature line picture": part("xl/media/image1.emf", b"\1\0\0\0"),
    "web link": lambda path: with_relationship(path, "hyperlink", "https://example.org/", 'TargetMode="External"'),
    "a comment before the root": replaced(SHEET, "<worksheet", "<!-- POI --><worksheet"),
    "a sheet in utf-16": lambda path: rewritten(path, to_utf16),
    "a workbook part in utf-16": lambda path: rewritten(path, workbook_to_utf16),
    "an add-in's pane": lambda path: with_relationship(path, "webextensiontaskpanes", "theme/theme1.xml"),
    "a sheet with a prefix": lambda path: rewritten(path, with_prefix),
    "a module of Excel 95": replaced(
        BOOK, "</sheets>", '<sheet name="Module1" sheetId="9" r:id="" xmlns:r="r"/></sheets>'
    ),
    "what a Finder of macOS adds": part("__MACOSX/_rels/._.rels", b"\0\5\x16\7\0\2\0\0Mac OS X" + bytes(99)),
    "a wide header": in_sheet('<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1000"><c r="A1000"><v>1</v></c></row>'),
    "a column far to the right": in_sheet('<row r="30000"><c r="AKE30000"><v>1</v></c></row>'),
    "a long and rather wide sheet": in_sheet('<row r="150000"><c r="AZ150000"><v>1</v></c></row>'),
    "a trash entry": part("[trash]/0000.dat", b"\0"),
    "the workbook elsewhere": lambda path: rewritten(path, elsewhere),
}


def to_utf16(parts: dict[str, bytes]) -> None:
    parts[SHEET] = parts[SHEET].decode().encode("utf-16")


def workbook_to_utf16(parts: dict[str, bytes]) -> None:
    for one in (BOOK, TYPES):
        text = parts[one].decode().removeprefix("<?xml version='1.0' encoding='UTF-8'?>")
        parts[one] = f'<?xml version="1.0" encoding="utf-16"?>{text}'.encode("utf-16")


def with_prefix(parts: dict[str, bytes]) -> None:
    text = parts[SHEET].decode().replace("</", "\0").replace("<", "<x:").replace("\0", "</x:")
    parts[SHEET] = text.replace("xmlns=", "xmlns:x=").replace("<x:?", "<?").encode()


def elsewhere(parts: dict[str, bytes]) -> None:
    """Under /book.xml, as some generators have it."""
    parts["book.xml"] = parts.pop(BOOK)
    parts["_rels/book.xml.rels"] = parts.pop("xl/_rels/workbook.xml.rels").replace(b'Target="/xl/', b'Target="xl/')
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"xl/workbook.xml", b"book.xml")
    parts[TYPES] = parts[TYPES].replace(b"/xl/workbook.xml", b"/book.xml")


@pytest.mark.parametrize("case", HARMLESS)
def test_it_goes_through(workbook: Path, case: str) -> None:
    HARMLESS[case](workbook)
    assert found(workbook) == []


def test_an_ordinary_workbook_of_openpyxl(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["姓名", "人数"])
    sheet.append(["甲|乙!", "=SUM(B3:B9)"])
    sheet.add_table(Table(displayName="t", ref="A1:B2"))
    sheet.merge_cells("A4:C4")
    sheet.auto_filter.ref = "A1:B2"
    sheet.print_area = "A1:B2"
    sheet.column_dimensions["A"].hidden = True
    book.create_chartsheet("图")
    book.save(path)
    assert found(path) == []


def test_data_descriptors_of_64_bits(workbook: Path) -> None:
    """As a streaming writer of Java leaves them: sizes of zero in the local headers, and the true ones behind."""
    with zipfile.ZipFile(workbook) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    with zipfile.ZipFile(workbook, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, content in parts.items():
            with archive.open(one, "w", force_zip64=True) as entry:
                entry.write(content)
    assert found(workbook) == []


def test_a_stylesheet_as_large_as_excel_allows(workbook: Path) -> None:
    formats = f'<styleSheet xmlns="{MAIN}"><cellXfs count="65490">{"<xf/>" * 65_490}</cellXfs></styleSheet>'
    assert found(with_part(workbook, "xl/styles.xml", formats.encode(), f"{CONTENT}.styles+xml")) == []
