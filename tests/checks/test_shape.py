"""Formulas without a result and merged cells (docs/rules.md, T07, T12)."""

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from district_reports.checks.run import check_workbook
from district_reports.model.finding import Severity
from district_reports.workbook.raw import MergedRange, NoResult, SheetProperties
from district_reports.workbook.reading.canonical import is_canonical_sheet
from district_reports.workbook.reading.child import read
from district_reports.workbook.reading.normalise import normalise_sheet
from district_reports.workbook.reading.reader import read_sheets
from district_reports.workbook.sheet_xml import sheet_properties, special_cells
from ledger_book import CASES, ENROLMENT, case, write_book


def cell_set(address: str, value: object, sheet: str = CASES):
    def change(book: Workbook) -> None:
        book[sheet][address] = value

    return change


def test_a_formula_without_a_stored_result_in_a_required_cell(told):
    assert told(change=cell_set("M4", "=1+1")) == {("T07", CASES, "M4")}


def test_a_formula_without_a_stored_result_in_an_optional_cell(told):
    assert told(change=cell_set("R4", "=1+1")) == {("T07", CASES, "R4")}


def with_xml(path: Path, pattern: str, replacement: str) -> None:
    """Rewrite the sheet of cases in the package."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = "xl/worksheets/sheet2.xml"
    changed, number = re.subn(pattern, replacement, parts[name].decode())
    assert number == 1
    with zipfile.ZipFile(path, "w") as package:
        for part, content in {**parts, name: changed.encode()}.items():
            package.writestr(part, content)


@pytest.mark.parametrize(("address", "empty"), [("R4", True), ("M4", True)])
def test_an_empty_text_as_the_result_is_told_from_no_result(tmp_path, address, empty):
    path = write_book(tmp_path / "book.xlsx", change=cell_set(address, '=""'))
    with_xml(path, rf'<c r="{address}"([^>]*)><f>""</f><v */></c>', rf'<c r="{address}"\1 t="str"><f>""</f><v></v></c>')
    sheet = next(sheet for sheet in read_sheets(path) if sheet.title == CASES)

    assert sheet.cell(4, "ABCDEFGHIJKLMNOPQR".index(address[0]) + 1) == NoResult(empty)


def test_a_formula_with_an_empty_text_is_an_empty_optional_cell_and_no_required_one(tmp_path, register):
    for address, expected in (("R4", []), ("M4", [("T07", "M4")])):
        path = write_book(tmp_path / "book.xlsx", change=cell_set(address, '=""'))
        with_xml(
            path, rf'<c r="{address}"([^>]*)><f>""</f><v */></c>', rf'<c r="{address}"\1 t="str"><f>""</f><v></v></c>'
        )
        checked = check_workbook(read_sheets(path), register, "210202", date(2020, 7, 4))
        assert [(one.rule, one.cell) for one in checked.findings] == expected


def test_where_a_template_computes_the_cell_an_empty_text_says_that_something_was_not_typed(tmp_path, register):
    path = write_book(tmp_path / "book.xlsx", change=cell_set("D4", '=""'))
    with_xml(path, r'<c r="D4"([^>]*)><f>""</f><v */></c>', r'<c r="D4"\1 t="str"><f>""</f><v></v></c>')
    checked = check_workbook(read_sheets(path), register, "210202", date(2020, 7, 4))
    assert [(one.rule, one.cell) for one in checked.findings] == [("T01", "D4")]


def test_a_row_of_formulas_without_results_is_read_only_if_it_could_be_a_record(told):
    def row_of(*columns: str):
        def change(book: Workbook) -> None:
            for column in columns:
                book[CASES][f"{column}60"] = "=1+1"

        return change

    assert told(change=row_of("D", "F")) == set()
    required = "ABDEFGHIJKLMN"
    assert told(change=row_of(*required)) == {("T07", CASES, f"{column}60") for column in required}


def test_a_formula_with_its_result_is_read(tmp_path, told):
    path = write_book(tmp_path / "book.xlsx", change=cell_set("M4", "=1+1"))
    with_xml(path, r'<c r="M4"([^>]*)><f>1\+1</f><v */></c>', r'<c r="M4"\1><f>1+1</f><v>2</v></c>')
    sheet = next(sheet for sheet in read_sheets(path) if sheet.title == CASES)

    assert sheet.cell(4, 13) == 2.0


def merged(area: str):
    return lambda book: book[CASES].merge_cells(area)


def test_cells_merged_down_spoil_all_their_rows_and_speak_once(check):
    checked = check(change=merged("E4:E6"))

    assert [(one.rule, one.severity, one.cell) for one in checked.findings] == [("T12", Severity.CRITICAL, "E4")]
    assert [row for row, _ in checked.quarantined["dropout_case"]] == [4, 5, 6]
    assert (checked.counts[0].loaded, checked.counts[0].quarantined) == (37, 3)


def test_a_merged_cell_takes_no_part_in_the_rules_of_its_row(told):
    rows = [case(1, 劝返状态="已返校", 返校日期=None), *(case(number) for number in range(2, 41))]

    assert told(cases=rows, change=merged("N4:O4")) == {("T12", CASES, "N4")}


def test_many_merged_rows_reject_the_file(check):
    checked = check(change=merged("E4:E8"))

    assert {one.rule for one in checked.findings} == {"T12", "F16"}
    assert checked.counts[0].quarantined == 5


@pytest.mark.parametrize("area", ["T4:U6", "A60:R60"])
def test_what_is_merged_outside_the_data_does_no_harm(told, area):
    assert told(change=merged(area)) == set()


def test_a_merged_total_row_is_a_total_row(told):
    def change(book: Workbook) -> None:
        book[ENROLMENT]["A6"] = "合计"
        book[ENROLMENT].merge_cells("A6:B6")

    assert told(change=change) == {("T09", ENROLMENT, "A6")}


def test_merged_and_hidden_cells_come_through_the_limited_child(tmp_path):
    def change(book: Workbook) -> None:
        book[CASES].merge_cells("E4:E6")
        book[CASES].row_dimensions[7].hidden = True
        book[CASES].column_dimensions["E"].hidden = True
        book[CASES]["M9"] = "=1+1"

    path = write_book(tmp_path / "book.xlsx", change=change)
    (sheet,) = read(path, [CASES]).sheets

    assert MergedRange(4, 5, 6, 5) in sheet.properties.merged
    assert sheet.properties.hidden_rows == (7,)
    assert sheet.properties.hidden_columns == (5,)
    assert sheet.cell(9, 13) == NoResult(empty=False)


SHEET = (
    b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<x:cols><x:col min="2" max="3" width="0"/></x:cols><x:sheetData>'
    b'<x:row><x:c r="A1" t="e"><x:v>#N/A</x:v></x:c></x:row>'
    b'<x:row hidden="1"><x:c r="B2"><x:f>A1</x:f></x:c><x:c r="C2"><x:v>1</x:v></x:c></x:row></x:sheetData>'
    b"<x:conditionalFormatting><x:cfRule><x:formula>A1</x:formula></x:cfRule></x:conditionalFormatting>"
    b'<x:mergeCells><x:mergeCell ref="$A$4:B5"/></x:mergeCells></x:worksheet>'
)


@pytest.mark.parametrize("xml", [SHEET, SHEET.replace(b"x:", b"").replace(b":x=", b"=")])
def test_the_tags_are_found_with_and_without_a_prefix(xml):
    assert not is_canonical_sheet(xml)
    canonical = normalise_sheet(xml, "表", strings=0)
    assert is_canonical_sheet(canonical)
    assert sheet_properties(canonical) == SheetProperties((MergedRange(4, 1, 5, 2),), (2,), (2, 3))
    assert [(row, column) for row, column, _ in special_cells(canonical)] == [(1, 1), (2, 2)]
