"""The template: what a clerk opens, what Excel lets her do, and that what she fills in passes."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from district_reports.checks.cover import LABELS
from district_reports.checks.declared import titles_to_read
from district_reports.checks.run import check_workbook
from district_reports.forms import forms
from district_reports.model.condition import When
from district_reports.model.finding import Outcome
from district_reports.model.form import Column, Form, ReferenceCodes, Sheet, Type
from district_reports.model.period import Period, PeriodKind
from district_reports.reference.register import Register
from district_reports.workbook.reading.reader import read_sheets
from district_reports.workbook.templates.template import COVER_LABELS, write_template

REGISTER = Register.load(Path(__file__).parents[2] / "sql" / "reference")
DISTRICT = REGISTER.district("210204", date(2020, 6, 30))
JUNE = Period.parse("2020-06")
LEDGER = forms()["dropout_control"]
MANY = tuple(f"第{number}类困难情形" for number in range(60))
EVERY_TYPE = Form(
    key="every_type",
    title="样表",
    version="2020.1",
    period_kind=PeriodKind.MONTH,
    due_day=5,
    nil_allowed=True,
    sheets=(
        Sheet(
            table="thing",
            title="数据",
            row_is="一个事项",
            columns=(
                Column(name="who", title="身份证件号", type=Type.RESIDENT_ID, required=True, key=True),
                Column(name="number", title="学籍号", type=Type.STUDENT_NO),
                Column(name="name", title="姓名", type=Type.TEXT, required=True),
                Column(name="kind", title="类别", type=Type.CODE, codes=("甲", "乙"), required=True),
                Column(name="many", title="情形", type=Type.CODE, codes=MANY),
                Column(name="zone", title="片区", type=Type.CODE, codes=ReferenceCodes("districts", "zone")),
                Column(
                    name="school",
                    title="学校标识码",
                    type=Type.SCHOOL_CODE,
                    required=True,
                    optional_when=When("kind", ("乙",)),
                ),
                Column(name="grade", title="年级", type=Type.INTEGER, minimum=None),
                Column(
                    name="count",
                    title="大班额班数（56人及以上）",
                    type=Type.INTEGER,
                    required=True,
                    help="含超大班额。",
                ),
                Column(name="amount", title="金额", type=Type.DECIMAL),
                Column(name="day", title="日期", type=Type.DATE),
                Column(name="yes", title="是否", type=Type.YES_NO),
            ),
        ),
    ),
)
THING = {
    "who": "11010519491231002X",
    "name": '=HYPERLINK("http://x")',
    "kind": "甲",
    "school": "2219030001",
    "count": 3,
    "amount": Decimal("312.50"),
    "day": date(2020, 6, 3),
    "yes": "是",
}


def written(path: Path, form: Form = EVERY_TYPE, **options: object) -> Workbook:
    write_template(form, REGISTER, DISTRICT, JUNE, path / "t.xlsx", **options)
    return load_workbook(path / "t.xlsx")


def validation(sheet: Worksheet, cell: str) -> DataValidation:
    (found,) = [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref]
    return found


def test_the_sheets_and_their_order(tmp_path: Path) -> None:
    assert written(tmp_path, LEDGER).sheetnames == ["封面", "疑似辍学台账", "在校人数", "填表说明", "代码表"]


def test_the_cover_says_what_is_known_and_leaves_the_rest(tmp_path: Path) -> None:
    cover = written(tmp_path, LEDGER)["封面"]
    assert [cover.cell(row, 1).value for row in range(1, 12)] == list(COVER_LABELS) == list(LABELS)
    assert [cover.cell(row, 2).value for row in range(1, 12)] == (
        ["dropout_control", "控辍保学台账", "2020.1", "210204", "沙河口区", "2020-06"] + [None] * 3 + ["否", None]
    )
    assert cover["B6"].number_format == "@"
    assert cover["B9"].number_format == "yyyy-mm-dd"
    assert validation(cover, "B10").formula1 == '"是,否"'
    assert [cover.cell(row, 2).protection.locked for row in (1, 4, 6, 7, 9)] == [True, True, False, False, False]


def test_a_cover_without_district_and_period(tmp_path: Path) -> None:
    write_template(
        LEDGER, REGISTER, None, None, tmp_path / "t.xlsx", cover={"填报人": "李霁", "填报日期": "2020-07-02"}
    )
    cover = load_workbook(tmp_path / "t.xlsx")["封面"]
    assert [cover[f"B{row}"].value for row in (4, 5, 6, 7)] == [None, None, None, "李霁"]
    assert cover["B9"].is_date
    assert not cover["B4"].protection.locked


def test_three_rows_above_the_data_and_no_cell_below(tmp_path: Path) -> None:
    for form in [*forms().values(), EVERY_TYPE]:
        book = written(tmp_path, form)
        for sheet in form.sheets:
            page = book[sheet.title]
            titles = [cell.value for cell in page[3]]
            assert [title for title in titles if title not in sheet.names_beside.values()] == [
                column.title for column in sheet.columns
            ]
            assert {page[f"A{row}"].data_type for row in range(4, page.max_row + 1)} <= {"n", "f"}
            last = page.cell(3, len(titles)).column_letter
            assert {str(area) for area in page.merged_cells.ranges} == {f"A1:{last}1", f"A2:{last}2"}
            assert page["A1"].value == f"{form.title} · {sheet.title}"
            assert page.freeze_panes.endswith("4")


def test_headers_are_locked_and_rows_may_be_inserted_deleted_and_sorted(tmp_path: Path) -> None:
    page = written(tmp_path)["数据"]
    assert page.protection.sheet
    assert page.protection.password is None
    # In the file, "0" means that the action is not protected.
    for action in ("insertRows", "deleteRows", "sort", "formatColumns", "autoFilter"):
        assert getattr(page.protection, action) is False
    # What is permitted is only to use a filter that is there.
    assert page.auto_filter.ref == "A3:M2003"
    assert page.protection.insertColumns
    assert page["A3"].protection.locked
    assert page["M3"].protection.locked
    # Every column of a data row is unlocked, to the very last one: else Excel refuses to delete rows.
    assert not any(dimension.protection.locked for dimension in page.column_dimensions.values())
    assert max(dimension.max for dimension in page.column_dimensions.values()) == 16384


def test_required_headers_are_coloured_not_reworded(tmp_path: Path) -> None:
    page = written(tmp_path)["数据"]
    colours = {cell.value: cell.fill.fgColor.rgb for cell in page[3]}
    assert colours["姓名"] != colours["学籍号"] != colours["学校标识码"] != colours["姓名"]


def test_columns_take_what_their_type_takes(tmp_path: Path) -> None:
    page = written(tmp_path)["数据"]
    formats = {cell.value: page.column_dimensions[cell.column_letter].number_format for cell in page[3]}
    assert [formats[title] for title in ("身份证件号", "学籍号", "姓名", "学校标识码")] == ["@"] * 4
    assert (formats["年级"], formats["金额"], formats["日期"]) == ("0", "0.00", "yyyy-mm-dd")
    assert validation(page, "D2003").formula1 == '"甲,乙"'
    assert validation(page, "M4").formula1 == '"是,否"'
    assert validation(page, "L4").type == "date"
    assert validation(page, "L4").formula2 == str((JUNE.last_day - date(1899, 12, 30)).days)
    assert (validation(page, "J4").type, validation(page, "J4").formula1) == ("whole", "0")
    assert validation(page, "I4").formula1 != "0"
    assert validation(page, "J4").prompt == "含超大班额。"
    assert validation(page, "K4").type == "decimal"
    assert (validation(page, "A4").type, validation(page, "A4").formula1) == ("textLength", "18")


def listed(book: Workbook, rule: DataValidation) -> list[object]:
    """The codes in the range of 代码表 that a dropdown names."""
    sheet, area = rule.formula1.lstrip("=").replace("'", "").split("!")
    return [row[0].value for row in book[sheet][area.replace("$", "")]]


def test_long_lists_reference_codes_and_schools_stand_on_the_code_sheet(tmp_path: Path) -> None:
    book = written(tmp_path)
    page = book["数据"]
    assert listed(book, validation(page, "E4")) == list(MANY)
    assert validation(page, "F4").formula1 == '"市内五区,涉农地区"'
    schools = listed(book, validation(page, "G4"))
    assert set(schools) == {
        school.code
        for school in REGISTER.schools
        if school.district_code == "210204" and school.is_open_between(JUNE.first_day, JUNE.last_day)
    }
    # The register may have moved on since the template was handed out: warn, don't forbid.
    assert validation(page, "G4").errorStyle == "warning"


def test_values_are_written_as_what_they_are(tmp_path: Path) -> None:
    page = written(tmp_path, rows={"thing": [THING, {"name": "+1"}]})["数据"]
    assert (page["A4"].value, page["A4"].number_format) == ("11010519491231002X", "@")
    assert (page["C4"].value, page["C4"].data_type) == ('=HYPERLINK("http://x")', "s")
    assert page["C5"].data_type == "s"
    assert page["K4"].value == 312.5
    assert page["L4"].value.date() == date(2020, 6, 3)
    assert page["E4"].value is None
    assert not page["A4"].protection.locked


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"rows": {"nothing": []}}, KeyError),
        ({"rows": {"thing": [{"nobody": 1}]}}, KeyError),
        ({"rows": {"thing": [{"count": True}]}}, TypeError),
        ({"rows": {"thing": [{"count": [1]}]}}, TypeError),
        ({"cover": {"填报": "x"}}, KeyError),
    ],
)
def test_what_does_not_fit_is_an_error(tmp_path: Path, options: Mapping[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        written(tmp_path, **options)


def test_the_instructions_name_every_column_every_rule_and_the_calendar(tmp_path: Path) -> None:
    page = written(tmp_path, LEDGER, rules=[("C01", "错误", "身份证件号不成立。", "对照证件核对。")])["填表说明"]
    texts = {str(cell.value) for row in page for cell in row}
    titles = {column.title for sheet in LEDGER.sheets for column in sheet.columns}
    assert titles | {"C01", "错误", "身份证件号不成立。", "对照证件核对。"} <= texts
    assert any("2020年7月5日24时前" in text and "2020年8月19日24时后" in text for text in texts)


def test_the_same_template_is_the_same_file_and_small(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_template(LEDGER, REGISTER, DISTRICT, JUNE, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert (tmp_path / "a.xlsx").stat().st_size < 40_000


def test_a_blank_template_holds_no_data(tmp_path: Path) -> None:
    filler = {"填报人": "李霁", "联系电话": "0411-00000000", "填报日期": "2020-07-02"}
    written(tmp_path, LEDGER, cover=filler)
    checked = check_workbook(read_sheets(tmp_path / "t.xlsx", titles_to_read()), REGISTER, "210204", date(2020, 7, 4))
    assert [finding.rule for finding in checked.findings] == ["F14"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice (apt: libreoffice-calc-nogui)")
def test_a_filled_template_passes_after_libreoffice_saved_it_again(tmp_path: Path) -> None:
    from district_reports.local.samples.sample import Sample
    from district_reports.local.samples.workbooks import write_sample

    assert DISTRICT is not None
    path = write_sample(LEDGER, Sample(REGISTER, DISTRICT, JUNE, JUNE.last_day), tmp_path)
    again = tmp_path / "again"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(again), str(path)],
        check=True,
        capture_output=True,
        timeout=400,
    )
    checked = [
        check_workbook(read_sheets(file, titles_to_read()), REGISTER, "210204", date(2020, 7, 4))
        for file in (path, again / path.name)
    ]
    assert [result.verdict for result in checked] == [Outcome.ACCEPTED] * 2
    assert checked[0].findings == checked[1].findings == ()
    assert checked[0].rows == checked[1].rows


def test_a_date_that_may_follow_the_period_is_not_bound_by_its_end(tmp_path: Path) -> None:
    form, period = forms()["student_aid"], Period.parse("2020-S1")
    write_template(form, REGISTER, DISTRICT, period, tmp_path / "t.xlsx")
    book = load_workbook(tmp_path / "t.xlsx")
    until = {
        title: next(validation(page, f"{cell.column_letter}4").formula2 for cell in page[3] if cell.value == title)
        for page, title in ((book["困难学生认定"], "认定日期"), (book["资助发放"], "发放日期"))
    }
    assert until == {
        title: str((day - date(1899, 12, 30)).days)
        for title, day in (("认定日期", period.last_day), ("发放日期", date(2099, 12, 31)))
    }


def test_an_amount_that_a_rule_wants_above_zero_is_not_asked_from_zero_on(tmp_path: Path) -> None:
    page = written(tmp_path, forms()["teacher_training"])["培训记录"]
    (hours,) = [cell.column_letter for cell in page[3] if cell.value == "学时"]
    rule = validation(page, f"{hours}4")
    assert (rule.operator, rule.formula1) == ("greaterThan", "0")


def test_the_legend_names_the_colours_that_are_there(tmp_path: Path) -> None:
    book = written(tmp_path, LEDGER)
    assert [("浅橙" in book[title]["A2"].value) for title in ("疑似辍学台账", "在校人数")] == [True, False]


def test_two_schools_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Else the name that is picked would bring the code of the first."""
    assert DISTRICT is not None
    of_district = [school for school in REGISTER.schools if school.district_code == DISTRICT.code]
    first, second = [school for school in of_district if school.school_type == "小学"][:2]
    schools = [replace(each, name=first.name) if each is second else each for each in REGISTER.schools]
    write_template(LEDGER, replace(REGISTER, schools=tuple(schools)), DISTRICT, JUNE, tmp_path / "t.xlsx")
    book = load_workbook(tmp_path / "t.xlsx")
    names = listed(book, validation(book["疑似辍学台账"], "G4"))
    assert len(set(names)) == len(names)
    assert {f"{first.name}（{each.code}）" for each in (first, second)} <= set(names)
