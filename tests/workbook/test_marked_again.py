"""A marked copy that comes in again is marked anew: what an earlier marking left is known by its content, and goes."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from district_reports.model.finding import Severity
from district_reports.workbook.guard.guard import guard
from district_reports.workbook.marking.answer import FILL
from district_reports.workbook.marking.comments import HEADING
from district_reports.workbook.marking.marked import write_marked
from marked_book import DATA, answer, faults, finding, parts, rich

pytestmark = pytest.mark.filterwarnings("ignore:.*is not supported and will be removed")

FOUND = (
    finding("A4"),
    finding("B5", Severity.WARNING, warning_id="one"),
    finding("C6", Severity.INFO),
    finding("D50"),
    finding("B3", sheet="在校人数"),
)
GREEN, OURS = "FFCCFFCC", {f"FF{one.removeprefix('#')}" for one in FILL.values()}


def marked(original: Path, path: Path, *findings: object) -> Path:
    write_marked(original, answer(*findings), path)
    return path


def by_libreoffice(path: Path) -> Path:
    again = path.parent / "again" / path.name
    profile = f"-env:UserInstallation=file://{path.parent}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(again.parent), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=400)
    return again


def by_openpyxl(path: Path) -> Path:
    book = openpyxl.load_workbook(path)
    book.save(path.with_name("again.xlsx"))
    return path.with_name("again.xlsx")


NEEDS_LIBREOFFICE = pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
SAVED_AGAIN = pytest.mark.parametrize(
    "saved", [by_openpyxl, pytest.param(by_libreoffice, marks=NEEDS_LIBREOFFICE)], ids=["openpyxl", "LibreOffice"]
)


def test_a_list_with_the_headers_of_before_is_known_as_ours(tmp_path):
    once = marked(rich(tmp_path / "book.xlsx"), tmp_path / "once.xlsx", finding("A4"))
    book = openpyxl.load_workbook(once)
    for cell in (cell for row in book["问题清单"].iter_rows() for cell in row if cell.value in ("栏目", "是谁")):
        cell.value = {"栏目": "指标", "是谁": None}[cell.value]
    book.save(tmp_path / "former.xlsx")
    again = openpyxl.load_workbook(marked(tmp_path / "former.xlsx", tmp_path / "again.xlsx"))
    assert again[DATA]["A4"].fill.start_color.rgb == GREEN


def test_marked_twice_is_the_same_bytes(tmp_path):
    once = marked(rich(tmp_path / "book.xlsx"), tmp_path / "once.xlsx", *FOUND)
    twice = marked(once, tmp_path / "twice.xlsx", *FOUND)
    assert twice.read_bytes() == once.read_bytes()


def looks(path: Path) -> dict[str, str]:
    """How each cell of each sheet but the list looks, what it holds, and what is said of it."""
    book = openpyxl.load_workbook(path)
    cells = (cell for sheet in book if sheet.title != "问题清单" for row in sheet.iter_rows() for cell in row)
    return {
        f"{cell.parent.title}!{cell.coordinate}": repr(
            (cell.value, cell.font, cell.fill, cell.border, cell.number_format, cell.comment and cell.comment.text)
        )
        for cell in cells
        if cell.value is not None or cell.comment or cell.fill.fill_type
    }


def test_what_is_right_now_is_as_it_was(tmp_path):
    original = rich(tmp_path / "book.xlsx")
    mended = marked(marked(original, tmp_path / "once.xlsx", *FOUND), tmp_path / "mended.xlsx")
    assert looks(mended) == looks(original)
    assert faults(mended) == []
    # The parts of comments that were ours alone are gone; the box of the clerk's own stays as high as it had to be.
    before, after = parts(marked(original, tmp_path / "right.xlsx")), parts(mended)
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == {
        *("xl/styles.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"),
        *(f"xl/worksheets/sheet{number}.xml" for number in (2, 3, 4)),
    }


@SAVED_AGAIN
def test_what_another_program_saved_is_known_and_has_its_fills_back(tmp_path, saved: Callable[[Path], Path]):
    again = saved(marked(rich(tmp_path / "book.xlsx"), tmp_path / "once.xlsx", *FOUND))
    book = openpyxl.load_workbook(marked(again, tmp_path / "mended.xlsx", finding("A4")))
    assert guard(tmp_path / "mended.xlsx") == []
    assert book.sheetnames == ["封面", DATA, "在校人数", "问题清单"]
    assert book.active.title == "问题清单"
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if sheet.title != "问题清单"]
    assert [cell.coordinate for cell in cells if cell.fill.fill_type and cell.fill.fgColor.rgb in OURS] == ["A4"]
    sheet = book[DATA]
    assert [sheet[ref].fill.fgColor.rgb for ref in ("B5", "B6")] == [GREEN, GREEN]
    assert not sheet["C6"].fill.fill_type
    said = {cell.coordinate: cell.comment.text for cell in cells if cell.comment}
    assert said.keys() == {"A4", "B5"}
    assert said["B5"].strip() == "自己的批注"
    assert said["A4"].count(HEADING) == 1


def test_a_cell_that_was_marked_gets_another_severity_and_its_own_fill_in_the_end(tmp_path):
    once = marked(rich(tmp_path / "book.xlsx"), tmp_path / "once.xlsx", finding("A4"))
    twice = marked(once, tmp_path / "twice.xlsx", finding("A4", Severity.INFO))
    sheet = openpyxl.load_workbook(twice)[DATA]
    assert sheet["A4"].fill.fgColor.rgb == f"FF{FILL[Severity.INFO][1:]}"
    assert sheet["A4"].comment.text.startswith(f"{HEADING}\n提示")
    third = marked(twice, tmp_path / "third.xlsx", finding("A4", explanation="情况属实"))
    sheet = openpyxl.load_workbook(third)[DATA]
    assert (sheet["A4"].fill.fgColor.rgb, sheet["A4"].comment) == (GREEN, None)


def test_the_lists_own_parts_go_with_it(tmp_path):
    book = openpyxl.load_workbook(marked(rich(tmp_path / "book.xlsx"), tmp_path / "once.xlsx", *FOUND))
    book["问题清单"]["H14"].comment = openpyxl.comments.Comment("这里看不懂", "老王")
    book.move_sheet("问题清单", -2)
    book.save(tmp_path / "again.xlsx")
    twice = marked(tmp_path / "again.xlsx", tmp_path / "twice.xlsx", *FOUND)
    assert openpyxl.load_workbook(twice).sheetnames == ["封面", "问题清单", DATA, "在校人数"]
    assert openpyxl.load_workbook(twice).active.title == "问题清单"
    assert faults(twice) == []
    assert not any("这里看不懂".encode() in content for content in parts(twice).values())
