"""Marking workbooks that are written in odd ways, or are hostile: marked without harm, or not at all."""

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from district_reports.model.finding import Severity
from district_reports.workbook.guard.guard import guard
from district_reports.workbook.marking import copying, marked
from district_reports.workbook.marking.marked import CannotMark, write_marked
from district_reports.workbook.raw import RawSheet
from district_reports.workbook.reading.child import read
from district_reports.workbook.reading.reader import read_sheets
from guarded_files import rewritten
from marked_book import DATA, answer, faults, finding, parts, rich
from traits import dates, formulas, markup, numbers, packages, places, shapes, texts
from traits.trait import Trait

pytestmark = pytest.mark.filterwarnings("ignore:.*is not supported and will be removed")

MODULES = (dates, formulas, markup, numbers, packages, places, shapes, texts)
EVERY = {one.name: one for module in MODULES for one in module.TRAITS}
FEW = [one for name, one in EVERY.items() if name.startswith("markup") or one in packages.TRAITS[::4]]
FOUND = [
    *(finding(cell) for cell in ("A4", "S4", "M4", "A9", "E2", "R30")),
    finding("B5", Severity.WARNING),
    finding("B3", sheet="封面"),
    finding("Z1", Severity.INFO, sheet="在校人数"),
]


def values(path: Path) -> object:
    """Every value of every sheet but the list, as it is read; None where it can't be read."""
    try:
        sheets = read_sheets(path)
    except Exception:
        return None
    return [(sheet.title, filled(sheet)) for sheet in sheets if sheet.title != "问题清单"]


def filled(sheet: RawSheet) -> dict[tuple[int, int], object]:
    """The cells that hold something, by column and row from 0."""
    cells = ((c, r, cell) for c, column in enumerate(sheet.columns) for r, cell in enumerate(column))
    return {(c, r): cell for c, r, cell in cells if cell is not None}


def marked_or_not(trait: Trait, folder: Path) -> bool:
    """Whether the trait's workbook was marked; where it was, nothing of it reads otherwise, however often."""
    path, copy = trait.write(folder / "book.xlsx"), folder / "marked.xlsx"
    copy.unlink(missing_ok=True)
    if guard(path):
        return False
    try:
        write_marked(path, answer(*FOUND), copy)
    except CannotMark:
        assert not copy.exists()
        return False
    assert guard(copy) == []
    assert values(copy) == values(path)
    write_marked(copy, answer(*FOUND), folder / "twice.xlsx")
    assert (folder / "twice.xlsx").read_bytes() == copy.read_bytes()
    return True


@pytest.mark.slow
def test_every_spelling_of_a_workbook_is_marked_without_harm_or_not_at_all(tmp_path):
    assert sum(marked_or_not(trait, tmp_path) for trait in EVERY.values()) > 0.8 * len(EVERY)


def test_prefixes_and_other_spellings(tmp_path):
    done = {trait.name for trait in FEW if marked_or_not(trait, tmp_path)}
    assert {one for one in done if "prefix" in one}
    assert len(done) > 0.5 * len(FEW)


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ("<sheetData/>", '<sheetData><row r="4"><c r="B4" s="#"/></row></sheetData>'),
        ("<sheetData></sheetData>", '<sheetData><row r="4"><c r="B4" s="#"/></row></sheetData>'),
        ('<sheetData><row r="4"/></sheetData>', '<sheetData><row r="4"><c r="B4" s="#"/></row></sheetData>'),
        (
            '<sheetData><row r="4" spans="1:1"><c r="A4"/><c r="C4"/></row><row/></sheetData>',
            '<sheetData><row r="4"><c r="A4"/><c r="B4" s="#"/><c r="C4"/></row><row/></sheetData>',
        ),
        (
            f"<sheetData><row/><row/><row/><row>{'<c/>' * 3}</row></sheetData>",
            '<sheetData><row/><row/><row/><row><c/><c s="#"/><c/></row></sheetData>',
        ),
        (
            '<sheetData><row r="3"/><row r="5" s="1" customFormat="1"/></sheetData>',
            '<sheetData><row r="3"/><row r="4"><c r="B4" s="#"/></row><row r="5" s="1" customFormat="1"/></sheetData>',
        ),
    ],
)
def test_absent_cells_and_rows_are_made_in_their_place(tmp_path, rows, wanted):
    trait = Trait(name="rows", rewrite=lambda xml: xml[: xml.index("<sheetData>")] + rows + "</worksheet>")
    path = trait.write(tmp_path / "book.xlsx")
    write_marked(path, answer(finding("B4")), tmp_path / "marked.xlsx")
    xml = parts(tmp_path / "marked.xlsx")["xl/worksheets/sheet2.xml"].decode()
    start, end = xml.index("<sheetData"), xml.index("</sheetData>") + len("</sheetData>")
    assert re.sub(r's="(?!1")[0-9]+"', 's="#"', xml[start:end]) == wanted
    assert openpyxl.load_workbook(tmp_path / "marked.xlsx")[DATA]["B4"].fill.fill_type == "solid"


def test_the_child_reads_the_copy_as_the_original(tmp_path):
    write_marked(rich(tmp_path / "book.xlsx"), answer(finding("A4"), finding("D7")), tmp_path / "marked.xlsx")
    titles = ["封面", DATA, "在校人数"]
    before, after = (read(tmp_path / name, titles) for name in ("book.xlsx", "marked.xlsx"))
    assert before.problems == after.problems == ()
    assert [(one.title, [list(column) for column in one.columns]) for one in before.sheets] == [
        (one.title, [list(column) for column in one.columns]) for one in after.sheets
    ]


def with_replaced(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """The workbook with something of a part written otherwise."""

    def change(all_parts: dict[str, bytes]) -> None:
        assert old in all_parts[part]
        all_parts[part] = all_parts[part].replace(old, new, 1)

    return rewritten(path, change)


def test_a_threaded_comment_keeps_its_cell_and_the_cell_is_filled(tmp_path):
    path = with_replaced(rich(tmp_path / "book.xlsx"), "xl/comments1.xml", "老王".encode(), b"tc={8D7C}")
    write_marked(path, answer(finding("B5")), tmp_path / "marked.xlsx")
    after = parts(tmp_path / "marked.xlsx")["xl/comments1.xml"]
    assert after.replace("<author>数据校验</author>".encode(), b"") == parts(path)["xl/comments1.xml"]
    assert openpyxl.load_workbook(tmp_path / "marked.xlsx")[DATA]["B5"].fill.fill_type == "solid"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/styles.xml", b"<xfpb:xfComplement", b'<x:y xmlns:x="urn:newer"/><xfpb:xfComplement'),
        ("xl/worksheets/sheet2.xml", b"<dataValidations", b'<x:y xmlns:x="urn:newer" a="1"/><dataValidations'),
    ],
)
def test_what_a_newer_program_adds_is_passed_over(tmp_path, part, old, new):
    path = with_replaced(rich(tmp_path / "book.xlsx"), part, old, new)
    write_marked(path, answer(finding("A4"), finding("G4"), finding("A3")), tmp_path / "marked.xlsx")
    assert new in parts(tmp_path / "marked.xlsx")[part]
    assert openpyxl.load_workbook(tmp_path / "marked.xlsx")[DATA]["A4"].fill.fill_type == "solid"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet2.xml", b"<v>5</v>", b"<v>6</v>"),
        ("xl/worksheets/sheet2.xml", b'<c r="C7" s="1"><v>', b'<c r="C7" s="1" t="b"><v>'),
        ("xl/worksheets/sheet2.xml", b'<c r="C7" s="1">', b'<c r="C7">'),
        ("xl/worksheets/sheet2.xml", b"<mergeCell ", b'<mergeCell ref="J1:J2"/><mergeCell '),
        ("xl/worksheets/sheet2.xml", b'<c r="C7" s="1"><v>6</v></c>', b""),
        ("xl/styles.xml", b'numFmtId="164"', b'numFmtId="14"'),
        ("xl/workbook.xml", b"<calcPr", b"<calcPr a='1'"),
        ("xl/sharedStrings.xml", "学生3".encode(), "学生4".encode()),
        ("xl/drawings/drawing1.xml", b"<xdr:col>9<", b"<xdr:col>8<"),
    ],
)
def test_the_self_check_sees_whatever_differs(tmp_path, monkeypatch, part, old, new):
    path = rich(tmp_path / "book.xlsx")
    write = copying.write_copy

    def and_tamper(*args):
        dropped = write(*args)
        target = args[2]
        with zipfile.ZipFile(target) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        assert content[part].count(old) >= 1
        content[part] = content[part].replace(old, new, 1)
        target.seek(0)
        target.truncate()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, one in content.items():
                archive.writestr(name, one)
        target.seek(0, 2)
        return dropped

    monkeypatch.setattr(marked, "write_copy", and_tamper)
    with pytest.raises(CannotMark, match="self-check"):
        write_marked(path, answer(finding("A4")), tmp_path / "marked.xlsx")
    assert not (tmp_path / "marked.xlsx").exists()


def test_two_sheets_shown_at_once_are_so_no_longer(tmp_path):
    view, shown = b"<sheetView ", b'<sheetView tabSelected="1" '
    path = with_replaced(rich(tmp_path / "book.xlsx"), "xl/worksheets/sheet3.xml", view, shown)
    write_marked(path, answer(), tmp_path / "marked.xlsx")
    assert sum(content.count(b"tabSelected") for content in parts(tmp_path / "marked.xlsx").values()) == 1


def test_a_list_that_is_not_ours_is_left_alone(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "问题清单"
    book.active["A1"] = "我自己的清单"
    book.save(tmp_path / "book.xlsx")
    with pytest.raises(CannotMark, match="none of ours"):
        write_marked(tmp_path / "book.xlsx", answer(), tmp_path / "marked.xlsx")


def test_a_locked_structure_is_no_hindrance(tmp_path):
    locked = b'<workbookProtection lockStructure="1"/><bookViews>'
    path = with_replaced(rich(tmp_path / "book.xlsx"), "xl/workbook.xml", b"<bookViews>", locked)
    write_marked(path, answer(finding("A4")), tmp_path / "marked.xlsx")
    assert faults(tmp_path / "marked.xlsx") == []


def test_a_signed_workbook_is_not_touched(tmp_path):
    signature = {"_xmlsignatures/sig1.xml": b"<x/>"}
    path = rewritten(rich(tmp_path / "book.xlsx"), lambda all_parts: all_parts.update(signature))
    with pytest.raises(CannotMark, match="signature"):
        write_marked(path, answer(), tmp_path / "marked.xlsx")
