"""What stands in a template beforehand: what is kept, what is asked again, and what the clerk sees of it."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from district_reports.forms import forms
from district_reports.model.period import Period
from district_reports.model.prefill import Known, LastReport, Row
from district_reports.reference.register import District, Register
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

    def paid(pupil: Row, period: str = "2020-S2") -> list[Row]:
        reported = {"hardship_student": [pupil], "aid_payment": [PAYMENT, PAYMENT | {"programme": "地方资助"}]}
        known = Known([LastReport(Period.parse("2020-S1"), reported)])
        now = (form, REGISTER, district("210202", period), Period.parse(period), known)
        return list(prefilled(*now).rows["aid_payment"])

    kept = {name: value for name, value in PAYMENT.items() if name != "payment_channel"}
    two = [kept, kept | {"programme": "地方资助"}]
    assert paid(PUPIL) == two
    emptied = ("school_code", "stage", "programme")
    assert paid(PUPIL | {"grade": 6}) == [two[0] | dict.fromkeys(emptied)]
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
        "wireless": "全覆盖",
        "learning_space": "部分覆盖",
        "bandwidth_mbps": 200,
    }
    kept = {"rural_boarding", "retained", "football_school", "wireless"}
    in_year = {"dry_toilet_start", "inspected_on", "football_inspection"}

    def facts(period: str, **other: object) -> set[str]:
        found = rows("facilities", "school_facility", period, "2020-Q2", before | other)
        (row,) = (row for row in found if row["school_code"] == school.code)
        assert row["school_name"] == school.name
        return row.keys() & (kept | in_year)

    assert facts("2020-Q3") == kept | in_year
    assert facts("2020-Q3", football_inspection="未检") == kept | in_year - {"football_inspection"}
    assert facts("2021-Q1") == kept
    # In a town there is no 乡村寄宿制, whatever was said.
    assert school.area_type == "城区"
    assert facts("2020-Q3", area_type="乡村") == {"rural_boarding"}


def test_a_kindergarten_that_was_moved_here_is_no_new_one() -> None:
    def opened_this_year(code: str, kindergarten: str) -> object:
        found = rows("facilities", "kindergarten_facility", "2020-Q3", "2020-Q2", code=code)
        return next(row["opened_this_year"] for row in found if row["school_code"] == kindergarten)

    # On the same day one was opened, and one came over from another district.
    assert opened_this_year("210202", "1219010087") == "是"
    assert opened_this_year("210291", "1219040142") == "否"


def cells(sheet: Worksheet, row: int) -> dict[str, str]:
    """The fill of each cell of a row that is there, by its header."""
    return {str(head.value): sheet.cell(row, head.column).fill.fgColor.rgb for head in sheet[3]}


def test_what_is_known_is_grey_and_editable_and_what_is_to_fill_stands_out(tmp_path: Path) -> None:
    form, period = forms()["student_aid"], Period.parse("2020-S2")
    reported = {"hardship_student": [PUPIL | {"resident_id": str(number)} for number in range(3000)], "aid_payment": []}
    known = Known([LastReport(period.previous(), reported)])
    write_prefilled(form, REGISTER, district("210202", period.text), period, tmp_path / "t.xlsx", known)
    sheet = load_workbook(tmp_path / "t.xlsx")["困难学生认定"]

    assert cells(sheet, 4)["姓名"] == cells(sheet, 4)["学校名称"] == "FFE6E6E6"
    assert cells(sheet, 4)["困难等级"] == "00000000"
    assert not sheet["B4"].protection.locked
    assert sheet["B3"].protection.locked
    # Dropdowns and colours go on where the known rows end.
    for cell in ("I4", "I3003", "I5003"):
        (rule,) = [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref]
        assert "特别困难" in rule.formula1
        colours = [
            rule.dxf.fill.bgColor.rgb
            for area, of_area in sheet.conditional_formatting._cf_rules.items()
            for rule in of_area
            if cell in area.sqref and rule.dxf.fill
        ]
        assert colours == ["FFFFF0B3"]
    assert "黄格：这一行还要填" in sheet["A2"].value
    assert "灰格：已填好" in sheet["A2"].value
    # Rows that stand ready are white; once they hold something a name is grey. An answer marks the other cells by their
    # format, which a colour by condition would hide.
    below = {cell.column_letter: cells(sheet, 3004)[str(cell.value)] for cell in sheet[3]}
    assert set(below.values()) == {"00000000"}
    grey = {
        letter
        for area, of_area in sheet.conditional_formatting._cf_rules.items()
        for rule in of_area
        for letter in below
        if f"{letter}3004" in area.sqref and rule.dxf.fill and rule.dxf.fill.bgColor.rgb == "FFE6E6E6"
    }
    assert {str(sheet[f"{letter}3"].value) for letter in grey} == {"学校名称"}


def test_a_stage_follows_from_the_school_where_its_type_has_one(tmp_path: Path) -> None:
    form, period = forms()["student_aid"], Period.parse("2020-S1")
    both = [
        next(each for each in REGISTER.schools_open("210213", period.last_day, (kind,)))
        for kind in ("初中", "九年一贯制")
    ]
    before = [PUPIL | {"resident_id": each.code, "school_code": each.code, "stage": "早先的学段"} for each in both]
    known = Known([LastReport(period.previous(), {"hardship_student": before, "aid_payment": ()})])
    of = (form, REGISTER, district("210213", period.text), period)
    assert [row.get("stage") for row in prefilled(*of, known).results["hardship_student"]] == ["初中", None]
    write_prefilled(*of, tmp_path / "t.xlsx", known)
    sheet = load_workbook(tmp_path / "t.xlsx", data_only=True)["困难学生认定"]
    (stage,) = [cell.column_letter for cell in sheet[3] if cell.value == "学段"]
    assert [sheet[f"{stage}4"].value, sheet[f"{stage}5"].value or None] == ["初中", None]


def test_what_stands_twice_on_a_helper_sheet_is_told(tmp_path: Path) -> None:
    """A formula finds the first."""
    period = Period.parse("2020-07")
    for key, title in (("teacher_training", "培训课程"), ("student_aid", "发放批次")):
        form = forms()[key]
        of = (form, REGISTER, district("210293", period.text), Period.containing(form.period_kind, period.last_day))
        write_prefilled(*of, tmp_path / "t.xlsx", Known())
        sheet = load_workbook(tmp_path / "t.xlsx")[title]
        red = [
            rule.formula[0]
            for area, of_area in sheet.conditional_formatting._cf_rules.items()
            for rule in of_area
            if "A4" in area.sqref and rule.dxf.font and rule.dxf.font.color
        ]
        assert len(red) == 1
        assert "SUMPRODUCT" in red[0]
        assert "红字" in sheet["A2"].value


@pytest.mark.parametrize(("form", "sheet", "code", "name"), [("dropout_control", "在校人数", "A", "B")])
def test_a_schools_name_stands_beside_its_code_and_takes_nothing_typed(
    tmp_path: Path, form: str, sheet: str, code: str, name: str
) -> None:
    period = Period.parse("2020-07")
    write_prefilled(forms()[form], REGISTER, district("210293", period.text), period, tmp_path / "t.xlsx", Known())
    stored, formulas = (load_workbook(tmp_path / "t.xlsx", data_only=each)[sheet] for each in (True, False))
    names = {school.code: school.name for school in REGISTER.schools}
    given = [row for row in range(4, stored.max_row + 1) if stored[f"{code}{row}"].value]
    assert len(given) > 4
    for row in given:
        assert stored[f"{name}{row}"].value == names[stored[f"{code}{row}"].value]
        assert formulas[f"{name}{row}"].data_type == "f"
        (rule,) = [rule for rule in formulas.data_validations.dataValidation if f"{name}{row}" in rule.sqref]
        assert (rule.type, rule.formula1) == ("custom", "FALSE")
        # A locked cell would keep Excel from deleting its row.
        assert not formulas[f"{name}{row}"].protection.locked


def test_below_a_school_is_picked_by_its_name(tmp_path: Path) -> None:
    period = Period.parse("2020-07")
    of = (forms()["dropout_control"], REGISTER, district("210293", period.text), period)
    write_prefilled(*of, tmp_path / "t.xlsx", Known())
    sheet = load_workbook(tmp_path / "t.xlsx")["疑似辍学台账"]
    assert (sheet["F3"].value, sheet["G3"].value) == ("学校标识码", "学校名称")
    (rule,) = [rule for rule in sheet.data_validations.dataValidation if "G4" in rule.sqref]
    assert (rule.type, rule.formula1.startswith("'代码表'!")) == ("list", True)
    assert "$G4" in sheet["F4"].value
    assert sheet["G4"].value is None


def test_a_child_without_a_school_that_goes_on_can_be_given_one_by_its_name(tmp_path: Path) -> None:
    form, period = forms()["dropout_control"], Period.parse("2020-07")
    before = dict.fromkeys(form.sheets[0].by_name) | {
        "resident_id": PUPIL["resident_id"],
        "student_name": PUPIL["student_name"],
        "dropout_kind": "失学",
        "case_status": "劝返中",
        "discovered_on": date(2020, 5, 6),
    }
    known = Known([LastReport(Period.parse("2020-06"), {"dropout_case": [before], "compulsory_enrolment": ()})])
    write_prefilled(form, REGISTER, district("210202", period.text), period, tmp_path / "t.xlsx", known)
    sheet = load_workbook(tmp_path / "t.xlsx")["疑似辍学台账"]
    assert sheet["A4"].value == before["resident_id"]
    assert "$G4" in sheet["F4"].value
    (rule,) = [rule for rule in sheet.data_validations.dataValidation if "G4" in rule.sqref]
    assert rule.type == "list"
