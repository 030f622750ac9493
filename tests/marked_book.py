"""A workbook with what openpyxl loses, what is said about it, and a strict look at a package: Excel is not here."""

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import xlsxwriter

from district_reports.model.finding import Finding, Outcome, Severity, SheetCount
from district_reports.workbook.marking.answer import Answer

DATA = "疑似辍学台账"
AT = datetime(2020, 7, 4, 9, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ORDER = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection"),
    *("protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells"),
    *("phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins"),
    *("pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors"),
    *("smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls"),
    *("webPublishItems", "tableParts", "extLst"),
)
"""Of the elements of a worksheet (ECMA-376 part 1, 18.3.1.99)."""


def finding(cell: str | None, severity: Severity = Severity.CRITICAL, sheet: str | None = DATA, **more: Any) -> Finding:
    known = {"rule": "T01", "message": "“姓名”必须填写，现在是空的。", "fix": "填写“姓名”。", "column": "姓名"}
    return Finding(severity=severity, sheet=sheet, cell=cell, **(known | more))


def answer(*findings: Finding, counts: Sequence[SheetCount] = ()) -> Answer:
    return Answer(
        form_title="控辍保学台账",
        period="2020-06",
        district="中山区",
        file_name="台账.xlsx",
        received_at=AT,
        decided_at=AT,
        outcome=Outcome.ACCEPTED_WITH_ERRORS,
        reason="26 行已入库；1 行有错误，没有入库。",
        receipt_no=12,
        counts=counts,
        findings=findings,
    )


def picture() -> io.BytesIO:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head, rows = struct.pack(">2I5B", 8, 8, 8, 2, 0, 0, 0), (b"\0" + b"\xff\x80\0" * 8) * 8
    whole = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + whole)


def rich(path: Path) -> Path:
    """A cover, a sheet of data with everything in it, and one with a picture in its header and no comments."""
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("封面").write_row(0, 0, ["报表代码", "x"])
        sheet = book.add_worksheet(DATA)
        text = book.add_format({"num_format": "@"})
        green = book.add_format({"num_format": "@", "bg_color": "#CCFFCC", "border": 1})
        sheet.set_column(0, 4, 14, text)
        sheet.merge_range("A1:H1", DATA, book.add_format({"bold": True}))
        sheet.write_row(2, 0, ["姓名", "学籍号", "人数"])
        for row in range(3, 30):
            sheet.write_row(row, 0, [f"学生{row}", f"G{row}"], green)
            sheet.write_number(row, 2, row)
        sheet.conditional_format("C4:C30", {"type": "data_bar", "data_bar_2010": True})
        sheet.data_validation("E4:E30", {"validate": "list", "source": ["是", "否"]})
        sheet.add_sparkline("F4", {"range": f"{DATA}!C4:C30"})
        sheet.write_comment("B5", "自己的批注", {"author": "老王"})
        # Excel 2024's: a format of its own, and a part that says what it means.
        sheet.insert_checkbox("G4", True)
        sheet.write_url("B8", "internal:'封面'!A1", string="G7")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": f"='{DATA}'!$C$4:$C$30"})
        sheet.insert_chart("J3", chart)
        sheet.insert_image("J20", "picture.png", {"image_data": picture()})
        other = book.add_worksheet("在校人数")
        other.write_row(2, 0, ["学校", "人数"])
        other.set_header("&L&G", {"image_left": "picture.png", "image_data_left": picture()})
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path) -> dict[str, bytes]:
    """The bytes of each part as they are packed."""
    content = path.read_bytes()
    found = {}
    with zipfile.ZipFile(path) as archive:
        for one in archive.infolist():
            name, extra = struct.unpack_from("<2H", content, one.header_offset + 26)
            start = one.header_offset + 30 + name + extra
            found[one.filename] = content[start : start + one.compress_size]
    return found


def faults(path: Path) -> list[str]:
    """What Excel would repair in the workbook at `path`."""
    found: list[str] = []
    all_parts = parts(path)
    types = ElementTree.fromstring(all_parts["[Content_Types].xml"])
    overrides = [one.attrib["PartName"] for one in types if "PartName" in one.attrib]
    defaults = {one.attrib["Extension"].lower() for one in types if "Extension" in one.attrib}
    found += [f"a type for {name}, which is not there" for name in overrides if name[1:] not in all_parts]
    found += [f"two types for {name}" for name in overrides if overrides.count(name) > 1]
    untyped = {name for name in all_parts if f"/{name}" not in overrides and name.rpartition(".")[2] not in defaults}
    found += [f"no type for {name}" for name in untyped - {"[Content_Types].xml"}]
    for name in (name for name in all_parts if name.endswith(".rels")):
        ids = [one.attrib["Id"] for one in ElementTree.fromstring(all_parts[name])]
        found += [f"an id twice in {name}"] if len(set(ids)) < len(ids) else []
        for one in ElementTree.fromstring(all_parts[name]):
            folder = posixpath.dirname(posixpath.dirname(name))
            target = posixpath.normpath(posixpath.join("/", folder, one.attrib["Target"]))[1:]
            if one.get("TargetMode") != "External" and target not in all_parts:
                found.append(f"{name} leads to {target}, which is not there")
    styles = ElementTree.fromstring(all_parts["xl/styles.xml"])
    for table in ("fonts", "fills", "borders", "cellXfs"):
        element = styles.find(MAIN + table)
        found += [f"the count of {table}"] if int(element.attrib["count"]) != len(element) else []
    formats = len(styles.find(MAIN + "cellXfs"))
    shapes: list[bytes] = []
    for name, content in all_parts.items():
        if name.startswith("xl/worksheets/sheet"):
            found += [f"{name}: {fault}" for fault in _sheet_faults(content, formats)]
        elif name.endswith(".vml"):
            blocks = {
                int(one) for text in re.findall(rb'idmap[^>]*data="([0-9,]*)"', content) for one in text.split(b",")
            }
            numbers = re.findall(rb'<v:shape id="_x0000_s([0-9]+)"', content)
            shapes += numbers
            found += [f"{name}: a shape out of its blocks"] if {int(one) // 1024 for one in numbers} - blocks else []
        elif name.startswith("xl/comments"):
            refs = [one.attrib["ref"] for one in ElementTree.fromstring(content).iter(MAIN + "comment")]
            found += [f"{name}: comments out of order"] if refs != sorted(refs, key=_place) else []
            found += [f"{name}: a comment twice"] if len(set(refs)) < len(refs) else []
    return [*found, *(["a shape's number twice"] if len(set(shapes)) < len(shapes) else [])]


def _sheet_faults(content: bytes, formats: int) -> list[str]:
    root = ElementTree.fromstring(content)
    names = [one.tag.removeprefix(MAIN) for one in root]
    found = ["elements out of order"] if [ORDER.index(one) for one in names] != sorted(map(ORDER.index, names)) else []
    found += [f"{one} twice" for one in set(names) - {"conditionalFormatting"} if names.count(one) > 1]
    rows = [int(one.attrib["r"]) for one in root.iter(MAIN + "row")]
    cells = [_place(one.attrib["r"]) for one in root.iter(MAIN + "c")]
    found += ["rows or cells out of order"] if rows != sorted(set(rows)) or cells != sorted(set(cells)) else []
    found += (
        ["a format that is not there"] if any(int(one.get("s", 0)) >= formats for one in root.iter(MAIN + "c")) else []
    )
    for row in root.iter(MAIN + "row"):
        first, _, last = row.get("spans", "1:16384").partition(":")
        if any(not int(first) <= _place(one.attrib["r"])[1] <= int(last) for one in row):
            found.append("a cell outside the spans of its row")
    corner = root.find(MAIN + "dimension").attrib["ref"].rpartition(":")[2]
    if cells and (max(row for row, _ in cells) > _place(corner)[0] or max(c for _, c in cells) > _place(corner)[1]):
        found.append("a cell outside the dimension")
    return found


def _place(ref: str) -> tuple[int, int]:
    letters, row = re.fullmatch(r"([A-Z]+)([0-9]+)", ref).groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(row), column
