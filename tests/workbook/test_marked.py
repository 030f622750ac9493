"""The marked copy: what is in it, and that all else is as it was."""

import re
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import Cell

from district_reports.model.finding import Severity, SheetCount
from district_reports.workbook.guard.guard import guard
from district_reports.workbook.marking import marks
from district_reports.workbook.marking.answer import FILL
from district_reports.workbook.marking.marked import CannotMark, write_marked
from marked_book import DATA, answer, faults, finding, packed, parts, rich

# Of openpyxl, about what it loses.
pytestmark = pytest.mark.filterwarnings("ignore:.*is not supported and will be removed")

WARNING, INFO = Severity.WARNING, Severity.INFO
FOUND = (
    finding("B3", sheet="在校人数", rule="F11"),
    finding(None, WARNING, "在校人数", rule="C10", warning_id="five", value="=1+1"),
    finding("A4", value="_x0041_ <b>&\x01", rule="T08"),
    finding("A4", WARNING, rule="C07", warning_id="one"),
    finding("B5", WARNING, rule="C08", warning_id="two"),
    finding("C6", INFO, rule="T10"),
    finding("D7", rule="T01"),
    finding("G12", WARNING, rule="T11", warning_id="three"),
    finding("B40", rule="T01"),
    finding("A9", WARNING, rule="C07", warning_id="four", explanation="情况属实"),
    finding("A1", sheet="没有的表"),
    finding(None, sheet=None, rule="F16"),
)
MARKED = {"A4": Severity.CRITICAL, "B5": WARNING, "C6": INFO, "D7": Severity.CRITICAL, "G12": WARNING}
COUNTS = (SheetCount("x", DATA, 27, 26, 1, 0),)


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    return rich(tmp_path_factory.mktemp("original") / "book.xlsx")


@pytest.fixture(scope="module")
def copy(original, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("copy") / "marked.xlsx"
    write_marked(original, answer(*FOUND, counts=COUNTS), path)
    return path


def colour(cell: Cell) -> str | None:
    return f"#{cell.fill.fgColor.rgb[2:]}" if cell.fill.fill_type else None


def test_every_other_part_is_packed_into_the_same_bytes(original, copy):
    before, after = packed(original), packed(copy)
    changed = {name for name, content in before.items() if after[name] != content}
    assert changed == {
        *("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"),
        *(f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3)),
        *("xl/worksheets/_rels/sheet3.xml.rels", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"),
    }
    assert after.keys() - before.keys() == {
        *("xl/worksheets/sheet4.xml", "xl/comments2.xml", "xl/drawings/vmlDrawing3.vml")
    }


def test_excel_would_find_nothing_to_repair_and_the_guard_nothing_against_it(original, copy):
    assert faults(original) == faults(copy) == []
    assert guard(copy) == []


def test_a_sheet_is_spliced_and_not_written_anew(original, copy):
    name = "xl/worksheets/sheet2.xml"
    after = parts(copy)[name].decode()
    for made in (
        r'<c r="(?:D7|G12)" s="[0-9]+"/>',
        r'<row r="40"><c r="B40" s="[0-9]+"/></row>',
        r'<hyperlink ref="A1:H1" location="\'问题清单\'[^>]*/>',
    ):
        after, number = re.subn(made, "", after)
        assert number >= 1
    assert '<dimension ref="A1:H40"/>' in after
    unformatted = [
        re.sub(r' (?:s|spans|ref)="[^"]*"| tabSelected="1"', "", one) for one in (parts(original)[name].decode(), after)
    ]
    assert unformatted[0] == unformatted[1]


def test_a_cell_is_filled_by_its_gravest_finding_and_keeps_the_rest_of_its_format(original, copy):
    before, after = openpyxl.load_workbook(original)[DATA], openpyxl.load_workbook(copy)[DATA]
    for ref, severity in {**MARKED, "B40": Severity.CRITICAL}.items():
        assert colour(after[ref]) == FILL[severity], ref
    for ref in ("A4", "B5", "C6"):
        cells = before[ref], after[ref]
        rest = [repr((one.number_format, one.border, one.font, one.protection, one.value)) for one in cells]
        assert rest[0] == rest[1]
    # Absent cells have the format of their column: identifiers typed there stay text.
    assert after["D7"].number_format == "@"
    assert {ref for ref in ("A9", "A10", "C7") if colour(after[ref]) in FILL.values()} == set()


def test_comments_say_what_is_wrong_and_what_to_do_behind_the_clerks_own(copy):
    sheet = openpyxl.load_workbook(copy)[DATA]
    said = {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}
    assert set(said) == {*MARKED, "B40"}
    one = "“姓名”必须填写，现在是空的。\n怎样改：填写“姓名”。"
    assert said["A4"] == f"【数据校验】\n错误：{one}\n警告：{one}"
    assert said["B5"] == f"自己的批注\n────────\n【数据校验】\n警告：{one}"
    assert sheet["A4"].comment.author == "数据校验"
    assert sheet["B5"].comment.author == "老王"


def test_the_list_is_shown_first_and_says_everything(copy):
    book = openpyxl.load_workbook(copy)
    assert book.sheetnames == ["封面", DATA, "在校人数", "问题清单"]
    assert [one.title for one in book if one.sheet_view.tabSelected] == [book.active.title] == ["问题清单"]
    page = book["问题清单"]
    lines = [[cell.value for cell in row] for row in page.iter_rows()]
    header = next(place for place, line in enumerate(lines) if line[0] == "序号")
    top = {line[0]: line[2] for line in lines[:header]}
    assert lines[0][0] == "部分接收：控辍保学台账"
    assert top["问题"].startswith(
        "错误 6 条、警告 4 条、提示 1 条、已说明 1 条。"
        f"{DATA}：错误 3 条、警告 3 条、提示 1 条、已说明 1 条（读取行数 27，入库 26"
    )
    assert page.freeze_panes == f"A{header + 2}"
    rows = [dict(zip(lines[header], line, strict=True)) for line in lines[header + 1 :]]
    assert [(row["工作表"], row["规则"]) for row in rows] == [
        *(("没有的表", "T01"), (None, "F16")),
        *((DATA, rule) for rule in ("T08", "C07", "C08", "T10", "T01", "T11", "T01")),
        *(("在校人数", "F11"), ("在校人数", "C10")),
        (DATA, "C07"),
    ], "the sheets as the workbook has them, and what is explained last"
    assert {row["单元格"]: colour(page.cell(header + 1 + row["序号"], 3)) for row in rows}.items() >= {
        ("A4", FILL[WARNING]),
        ("C6", FILL[INFO]),
    }
    coloured = {cell.column for line in page.iter_rows(min_row=header + 2) for cell in line if cell.fill.fill_type}
    assert coloured == {3, 11}, "the address, and where an explanation is awaited"
    assert rows[-1]["级别"] == "已说明"
    assert rows[-1]["情况说明"] == "情况属实"
    assert {row["标识"] for row in rows} == {None, "one", "two", "three", "four", "five"}
    assert [page.column_dimensions[letter].hidden for letter in "KLM"] == [False, True, True]
    fillable = {
        row["序号"] for row, cell in zip(rows, page["K"][header + 1 :], strict=True) if not cell.protection.locked
    }
    assert fillable == {row["序号"] for row in rows if row["标识"]}
    assert (page.page_setup.paperSize, page.page_setup.fitToHeight) == (9, 0)
    assert page.print_title_rows == f"${header + 1}:${header + 1}"


def test_links_lead_to_the_cell_and_back(copy):
    book = openpyxl.load_workbook(copy)
    page = book["问题清单"]
    to = {cell.value: cell.hyperlink.location for cell in page["C"] if cell.hyperlink}
    assert to == {**{ref: f"'{DATA}'!{ref}" for ref in (*MARKED, "B40", "A9")}, "B3": "'在校人数'!B3"}
    for title in (DATA, "在校人数"):
        link = book[title]["A1"].hyperlink
        assert link.tooltip
        row = int(link.location.removeprefix("'问题清单'!A"))
        assert page.cell(row, 2).value == title
        assert page.cell(row - 1, 2).value != title
    assert book[DATA]["B8"].hyperlink.location == "'封面'!A1"


def test_texts_stay_texts(copy):
    page = openpyxl.load_workbook(copy)["问题清单"]
    values = {cell.value: cell for cell in page["F"] if cell.value}
    # openpyxl leaves escapes as they are written: decoded once, it is the text of the finding.
    assert values["_x005F_x0041_ <b>&"].data_type == "s"
    assert values["=1+1"].data_type == "s"
    assert b"<f>" not in parts(copy)["xl/worksheets/sheet4.xml"]


def test_beyond_the_most_comments_cells_are_filled_only_and_the_list_says_so(original, tmp_path, monkeypatch):
    monkeypatch.setattr(marks, "MOST_COMMENTS", 2)
    write_marked(original, answer(*FOUND), tmp_path / "marked.xlsx")
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    said = {cell.coordinate for sheet in book for row in sheet.iter_rows() for cell in row if cell.comment}
    assert said == {"A4", "B3", "B5"}  # the gravest, and the clerk's own
    assert colour(book[DATA]["G12"]) == FILL[WARNING]
    assert any("还有 5 格只涂了颜色" in str(cell.value) for cell in book["问题清单"]["C"])


def test_a_right_workbook_gets_a_list_that_says_so(original, tmp_path):
    write_marked(original, answer(), tmp_path / "marked.xlsx")
    before, after = packed(original), packed(tmp_path / "marked.xlsx")
    # The first sheet was the one shown, and no other is touched.
    assert after["xl/worksheets/sheet2.xml"] == before["xl/worksheets/sheet2.xml"]
    page = openpyxl.load_workbook(tmp_path / "marked.xlsx")["问题清单"]
    assert [cell.value for cell in page["B"]][-1] == "没有问题。"


def test_what_is_no_workbook_leaves_nothing_behind(tmp_path):
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04 and nothing of a workbook")
    with pytest.raises(CannotMark, match=r"^Truncated at "):
        write_marked(tmp_path / "book.xlsx", answer(), tmp_path / "marked.xlsx")
    assert [one.name for one in tmp_path.iterdir()] == ["book.xlsx"]


def test_colours_are_explained_only_where_there_are_some(original, tmp_path):
    for findings, said in ((FOUND, True), ([finding(None, WARNING, None, rule="F19")], False), ([], False)):
        write_marked(original, answer(*findings), tmp_path / "marked.xlsx")
        page = openpyxl.load_workbook(tmp_path / "marked.xlsx")["问题清单"]
        assert ("标记" in {cell.value for cell in page["A"]}) is said
