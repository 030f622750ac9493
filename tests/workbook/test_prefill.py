"""What stands in a template beforehand: what is kept, what is asked again, and what the clerk sees of it."""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from district_reports.checks.declared import titles_to_read
from district_reports.checks.run import check_workbook
from district_reports.forms import forms
from district_reports.local.samples.forms import sampled_forms
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.typing_saved import known_from_sample
from district_reports.model.period import Period
from district_reports.model.prefill import Known, LastReport, Row
from district_reports.reference.register import District, Register
from district_reports.workbook.reading.reader import read_sheets
from district_reports.workbook.templates.prefill import prefilled, write_prefilled

REGISTER = Register.load(Path(__file__).parents[2] / "sql" / "reference")
MOVED, MOVED_FROM, MOVED_TO = "3219060102", "210213", "210214"
PRIMARY = REGISTER.schools_open("210202", date(2020, 9, 30), ("小学",))[0]
PUPIL = {
    "student_no": None,
    "student_name": "李霁",
    "resident_id": "21020220100100002X",
    "school_code": PRIMARY.code,
    "stage": "小学",
    "grade": 5,
    "hardship_type": "孤儿",
    "hardship_level": "特别困难",
    "identified_on": date(2019, 10, 8),
}
PAYMENT = {
    **{name: PUPIL[name] for name in ("student_no", "student_name", "resident_id", "school_code", "stage")},
    "programme": "寄宿生生活补助",
    "payment_channel": "银行卡",
}


def district(code: str, period: str) -> District:
    found = REGISTER.district(code, Period.parse(period).last_day)
    assert found is not None
    return found


def rows(form: str, table: str, period: str, last: str, *before: Row, code: str = "210202") -> list[Row]:
    """The rows that `code` finds in its template of `period` after it reported `before` for `last`."""
    reported = {sheet.table: before if sheet.table == table else () for sheet in forms()[form].sheets}
    known = Known([LastReport(Period.parse(last), reported)])
    return list(prefilled(forms()[form], REGISTER, district(code, period), Period.parse(period), known).rows[table])


def listed(period: str, last: str, **other: object) -> list[Row]:
    return rows("student_aid", "hardship_student", period, last, PUPIL | other)


def test_within_a_school_year_who_is_in_need_stays_so() -> None:
    assert listed("2020-S1", "2019-S2") == [PUPIL]


def test_a_new_school_year_brings_the_next_grade_and_asks_again_who_is_in_need() -> None:
    asked_again = {"hardship_level", "identified_on"}
    expected = {name: value for name, value in PUPIL.items() if name not in asked_again} | {"grade": 6}
    assert listed("2020-S2", "2020-S1") == [expected]
    assert listed("2021-S2", "2020-S1", grade=3) == [expected | {"grade": 5}]


def test_who_was_in_the_last_grade_is_asked_for_stage_and_school() -> None:
    for grade, period in ((6, "2020-S2"), (5, "2021-S2")):
        ((left,)) = [listed(period, "2020-S1", grade=grade)]
        assert [left[0][name] for name in ("school_code", "stage", "grade")] == [None] * 3
        assert left[0]["hardship_type"] == "孤儿"


def test_payments_go_on_until_the_pupil_leaves_the_stage_and_are_one_row_then() -> None:
    form = forms()["student_aid"]
    two = [PAYMENT, PAYMENT | {"programme": "地方资助"}]

    def paid(pupil: Row, period: str = "2020-S2") -> list[Row]:
        known = Known([LastReport(Period.parse("2020-S1"), {"hardship_student": [pupil], "aid_payment": two})])
        now = (form, REGISTER, district("210202", period), Period.parse(period), known)
        return list(prefilled(*now).rows["aid_payment"])

    assert paid(PUPIL) == two
    emptied = ("school_code", "stage", "programme", "payment_channel")
    assert paid(PUPIL | {"grade": 6}) == [PAYMENT | dict.fromkeys(emptied)]
    # Whom the list does not name is kept: it may be a pupil who is only exempt from fees.
    assert paid(PUPIL | {"grade": 6, "resident_id": "another"}) == two


def test_a_code_that_is_gone_and_a_school_that_has_moved_away_are_asked_again() -> None:
    assert "hardship_type" not in listed("2020-S1", "2019-S2", hardship_type="早先的类型")[0]
    before = PUPIL | {"school_code": MOVED}
    for code, kept in ((MOVED_FROM, False), (MOVED_TO, True)):
        (row,) = rows("student_aid", "hardship_student", "2020-S2", "2020-S1", before, code=code)
        assert ("school_code" in row) is kept


def test_a_schools_facts_hold_on_unless_it_became_another_school() -> None:
    school = PRIMARY
    before = {
        "school_code": school.code,
        "school_name": "写法不同",
        "school_type": school.school_type,
        "sponsor": school.sponsor,
        "area_type": school.area_type,
        "rural_boarding": "否",
        "retained": "是",
        "football_school": "是",
        "dry_toilet_start": 3,
        "inspected_on": date(2020, 5, 6),
        "football_inspection": "通过",
    }
    kept = {"rural_boarding", "retained", "football_school"}
    in_year = {"dry_toilet_start", "inspected_on", "football_inspection"}

    def facts(period: str, **other: object) -> set[str]:
        found = rows("facilities", "school_facility", period, "2020-Q2", before | other)
        (row,) = (row for row in found if row["school_code"] == school.code)
        assert row["school_name"] == school.name
        return row.keys() & (kept | in_year)

    assert facts("2020-Q3") == kept | in_year
    assert facts("2020-Q3", football_inspection="未检") == kept | in_year - {"football_inspection"}
    assert facts("2021-Q1") == kept
    assert facts("2020-Q3", area_type="乡村" if school.area_type != "乡村" else "城区") == set()


def cells(sheet: Worksheet, row: int) -> dict[str, str]:
    """The fill of each cell of a row that is there, by its header."""
    return {str(head.value): sheet.cell(row, head.column).fill.fgColor.rgb for head in sheet[3]}


def test_what_is_known_is_grey_and_editable_and_what_is_to_fill_stands_out(tmp_path: Path) -> None:
    form, period = forms()["student_aid"], Period.parse("2020-S2")
    reported = {"hardship_student": [PUPIL | {"resident_id": str(number)} for number in range(3000)], "aid_payment": []}
    known = Known([LastReport(period.previous(), reported)])
    write_prefilled(form, REGISTER, district("210202", period.text), period, tmp_path / "t.xlsx", known)
    sheet = load_workbook(tmp_path / "t.xlsx")["困难学生认定"]

    assert cells(sheet, 4)["姓名"] == "FFECEFF3"
    assert cells(sheet, 4)["困难等级"] == "00000000"
    assert not sheet["B4"].protection.locked
    assert sheet["B3"].protection.locked
    # Dropdowns and colours go on where the known rows end.
    for cell in ("H4", "H3003", "H5003"):
        (rule,) = [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref]
        assert "特别困难" in rule.formula1
        colours = [
            rule.dxf.fill.bgColor.rgb
            for area, of_area in sheet.conditional_formatting._cf_rules.items()
            for rule in of_area
            if cell in area.sqref and rule.dxf.fill
        ]
        assert colours == ["FFFFF0B3"]
    assert "黄底的要填" in sheet["A2"].value


def test_schools_without_a_name_column_have_it_as_a_comment(tmp_path: Path) -> None:
    period = Period.parse("2020-07")
    form = forms()["dropout_control"]
    write_prefilled(form, REGISTER, district("210293", period.text), period, tmp_path / "t.xlsx", Known())
    sheet = load_workbook(tmp_path / "t.xlsx")["在校人数"]
    names = {school.code: school.name for school in REGISTER.schools}
    assert sheet.max_row > 4
    for row in range(4, sheet.max_row + 1):
        assert sheet.cell(row, 1).comment.text == names[sheet.cell(row, 1).value]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice (apt: libreoffice-calc-nogui)")
def test_a_check_says_the_same_after_libreoffice_saved_it_again(tmp_path: Path) -> None:
    files, again = [], tmp_path / "again"
    for form in sampled_forms():
        last = Period.containing(form.period_kind, date(2020, 6, 30))
        sample = Sample(REGISTER, district("210293", last.text), last, last.last_day, scale=0.2)
        files.append(tmp_path / f"{form.key}.xlsx")
        known = known_from_sample(form, sample)
        write_prefilled(form, REGISTER, sample.district, last.following(), files[-1], known)
        book = load_workbook(files[-1])
        book["封面"]["B9"] = date(2020, 8, 1)
        book.save(files[-1])
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(again), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=400)
    for file in files:
        first, second = (
            check_workbook(read_sheets(path, titles_to_read()), REGISTER, "210293", date(2020, 8, 1))
            for path in (file, again / file.name)
        )
        assert len(first.findings) > 10
        assert first.findings == second.findings
