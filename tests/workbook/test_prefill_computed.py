"""What a template's formulas bring once LibreOffice has computed them, and once helper sheets are filled in."""

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
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
from district_reports.model.finding import Outcome
from district_reports.model.period import Period
from district_reports.reference.register import District, Register
from district_reports.workbook.raw import RawSheet
from district_reports.workbook.reading.reader import read_sheets
from district_reports.workbook.templates.prefill import write_prefilled

REGISTER = Register.load(Path(__file__).parents[2] / "sql" / "reference")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice (apt: libreoffice-calc-nogui)"),
]


def district(period: Period) -> District:
    found = REGISTER.district("210293", period.last_day)
    assert found is not None
    return found


def by_libreoffice(folder: Path, *files: Path) -> list[Path]:
    """`files` as LibreOffice saves them again, with every formula computed that has no stored result."""
    again = folder / "again"
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(again), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=400)
    return [again / file.name for file in files]


def prefilled_file(folder: Path, key: str) -> Path:
    """The template of a form for the period after the sample's, in which a school year may begin."""
    last = Period.containing(forms()[key].period_kind, date(2020, 6, 30))
    sample = Sample(REGISTER, district(last), last, last.last_day, scale=0.2)
    known = known_from_sample(forms()[key], sample)
    write_prefilled(forms()[key], REGISTER, sample.district, last.following(), folder / f"{key}.xlsx", known)
    return folder / f"{key}.xlsx"


def test_every_stored_result_is_what_libreoffice_computes(tmp_path: Path) -> None:
    files = [prefilled_file(tmp_path, form.key) for form in sampled_forms()]
    stored = {file.name: load_workbook(file, data_only=True) for file in files}
    formulas = {}
    for file in files:
        # openpyxl writes a formula without its result.
        formulas[file.name] = load_workbook(file)
        formulas[file.name].save(file)
    compared = 0
    for again in by_libreoffice(tmp_path, *files):
        computed = load_workbook(again, data_only=True)
        for page in formulas[again.name]:
            for row in page:
                for cell in row:
                    if cell.data_type == "f":
                        here = (again.name, page.title, cell.coordinate)
                        before = stored[again.name][page.title][cell.coordinate].value
                        assert (*here, computed[page.title][cell.coordinate].value or None) == (*here, before or None)
                        compared += before is not None
    assert compared > 100


def test_a_check_says_the_same_after_libreoffice_saved_it_again(tmp_path: Path) -> None:
    files = [prefilled_file(tmp_path, form.key) for form in sampled_forms()]
    day = date(2020, 8, 1)
    for file, again in zip(files, by_libreoffice(tmp_path, *files), strict=True):
        first, second = (
            check_workbook(with_day(read_sheets(path, titles_to_read()), day), REGISTER, "210293", day)
            for path in (file, again)
        )
        assert len(first.findings) > 10
        assert {each.rule for each in first.findings} <= {"T01", "F16"}
        assert first.findings == second.findings


def with_day(sheets: Iterable[RawSheet], day: date) -> list[RawSheet]:
    """`sheets` with the day typed into the cover."""
    found = []
    for sheet in sheets:
        columns = [list(cells) for cells in sheet.columns]
        if sheet.title == "封面":
            columns[1][8] = day
        found.append(replace(sheet, columns=columns))
    return found


def titles(page: Worksheet) -> dict[str, str]:
    """The letters of the columns by their headers."""
    return {str(cell.value): cell.column_letter for cell in page[3]}


def test_what_is_typed_once_fills_the_rows_and_is_accepted(tmp_path: Path) -> None:
    file = prefilled_file(tmp_path, "teacher_training")
    book = load_workbook(file)
    book["封面"]["B9"] = date(2020, 8, 1)
    courses, teachers, records, schools = (book[title] for title in ("培训课程", "教师名单", "培训记录", "教师队伍"))
    typed = {"开始日期": date(2020, 7, 6), "结束日期": date(2020, 7, 8), "学时": 12.5, "考核结果": "合格"}
    for title, value in typed.items():
        courses[f"{titles(courses)[title]}4"] = value
    at = titles(records)
    for row in range(4, 10):
        records[f"{at['教师编号']}{row}"] = teachers[f"A{row}"].value
        records[f"{at['培训名称']}{row}"] = courses["A4"].value
    records[f"{at['考核结果']}9"] = "不合格"
    # A question mark stands for itself, and not for any other character.
    known = courses["A4"].value
    records[f"{at['教师编号']}10"] = teachers["A4"].value
    records[f"{at['培训名称']}10"] = f"{known[:-1]}?"
    for row in range(4, schools.max_row + 1):
        for cell in schools[row][2:]:
            if schools[f"A{row}"].data_type == "s" and cell.value is None:
                cell.value = 20
    book.save(file)
    (again,) = by_libreoffice(tmp_path, file)
    checked = check_workbook(read_sheets(again, titles_to_read()), REGISTER, "210293", date(2020, 10, 1))
    asked = ("培训类别", "培训层级", "开始日期", "结束日期", "学时", "考核结果")
    assert [(each.rule, each.cell) for each in checked.findings if each.rule != "E08"] == [
        ("T01", f"{at[title]}10") for title in asked
    ]
    assert checked.verdict is Outcome.ACCEPTED_WITH_ERRORS


def test_a_batch_that_is_paid_fills_its_rows_and_a_name_brings_the_code(tmp_path: Path) -> None:
    last = Period.parse("2019-S2")
    sample = Sample(REGISTER, district(last), last, last.last_day, scale=0.2)
    known = known_from_sample(forms()["student_aid"], sample)
    file = tmp_path / "aid.xlsx"
    write_prefilled(forms()["student_aid"], REGISTER, sample.district, last.following(), file, known)
    book = load_workbook(file)
    book["封面"]["B9"] = date(2020, 7, 2)
    batches, listed, paid = (book[title] for title in ("发放批次", "困难学生认定", "资助发放"))
    for row in range(4, batches.max_row + 1):
        if batches[f"A{row}"].data_type == "s":
            batches[f"{titles(batches)['发放状态']}{row}"] = "已发放"
            batches[f"{titles(batches)['发放日期']}{row}"] = date(2020, 6, 9)
    # A new pupil: her school is picked by its name, and the payment knows her by her ID.
    at, there = titles(listed), titles(paid)
    free, free_paid = (
        next(row for row in range(4, 999) if page[f"{letters['身份证件号']}{row}"].value is None)
        for page, letters in ((listed, at), (paid, there))
    )
    row = next(row for row in range(4, free) if listed[f"{at['学段']}{row}"].value == "小学")
    for title in ("年级", "困难类型", "困难等级"):
        listed[f"{at[title]}{free}"] = listed[f"{at[title]}{row}"].value
    school = listed[f"{at['学校标识码']}{row}"].value
    new = {"学籍号": "G21020220120315002X", "姓名": "李霁", "身份证件号": "21020220120315002X"}
    new |= {"学校名称": next(each.name for each in REGISTER.schools if each.code == school)}
    for title, value in (new | {"认定日期": date(2020, 3, 5)}).items():
        listed[f"{at[title]}{free}"] = value
    paid[f"{there['身份证件号']}{free_paid}"] = new["身份证件号"]
    paid[f"{there['资助项目']}{free_paid}"] = "非寄宿生生活补助"
    paid[f"{there['资助标准']}{free_paid}"] = 250
    book.save(file)
    (again,) = by_libreoffice(tmp_path, file)
    checked = check_workbook(read_sheets(again, titles_to_read()), REGISTER, "210293", date(2020, 8, 1))
    assert checked.findings == ()
    assert load_workbook(again, data_only=True)["资助发放"][f"{there['学校标识码']}{free_paid}"].value == school
