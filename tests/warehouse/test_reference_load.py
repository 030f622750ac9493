"""What changed in the reference data, in words; loaded whole or not at all; and what it does to C02 and C10."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from district_reports.checks.run import check_workbook
from district_reports.cli import main
from district_reports.database.engine import engine
from district_reports.errors import ConfigurationError, ReferenceDataError
from district_reports.forms import forms
from district_reports.model.period import Period
from district_reports.reference.register import Register
from district_reports.warehouse.migrate import downgrade, migrate
from district_reports.warehouse.reference_changes import in_words
from district_reports.warehouse.reference_load import load_reference
from district_reports.warehouse.reference_tables import ReferenceTable, validated
from district_reports.workbook.reading.reader import read_sheets
from district_reports.workbook.templates.code_lists import CodeLists
from ledger_book import RECEIVED_ON, SCHOOLS, write_book

TODAY = date(2020, 7, 4)
DISTRICTS_CSV = """district_code,name,zone,valid_from,valid_to
210202,中山区,市内五区,2000-01-01,
210203,西岗区,市内五区,2000-01-01,
"""
SCHOOLS_CSV = """school_code,school_name,district_code,school_type,area_type,sponsor,opened_on,closed_on
2102020001,中山第一小学,210202,小学,城区,公办,1990-09-01,
2102020002,中山第二初级中学,210202,初中,城区,公办,1990-09-01,
2102020003,中山第三小学,210202,小学,城区,公办,1990-09-01,2015-01-01
2102020004,中山第四小学,210202,小学,城区,公办,1990-09-01,2020-08-01
"""
PROGRAMMES_CSV = """programme,stage,ceiling,valid_from,valid_to
寄宿生生活补助,小学,500,2019-01-01,
地方资助,小学,3000,2019-01-01,
"""
FIRST = "2102020001,中山第一小学,210202,小学,城区,公办,1990-09-01,"
NEW = "2102020008,中山第八小学,210202,小学,城区,公办,2020-06-01,\n"
Edit = tuple[str, str]


def write(folder: Path, *edits: Edit, districts: str = DISTRICTS_CSV, programmes: str = PROGRAMMES_CSV) -> Path:
    """The reference folder, with texts of schools.csv replaced; ``("", row)`` adds a row."""
    schools = SCHOOLS_CSV
    for old, new in edits:
        assert old in schools
        schools = schools.replace(old, new) if old else schools + new
    folder.mkdir(exist_ok=True)
    for name, content in {"districts": districts, "schools": schools, "aid_programmes": programmes}.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


def told(tmp_path: Path, *edits: Edit, **others: str) -> list[str]:
    """What is said of the edited files against those that stand."""
    before = {table.name: table for table in validated(write(tmp_path / "before"))[1]}
    after = validated(write(tmp_path / "after", *edits, **others))[1]
    changed = [table for table in after if table.sha256 != before[table.name].sha256]
    return [line for table in changed for line in in_words(before[table.name], table, TODAY)]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("", NEW), ["2102020008 中山第八小学 opens on 2020-06-01 in 210202"]),
        ((FIRST, FIRST + "2020-09-01"), ["2102020001 中山第一小学 closes on 2020-09-01"]),
        (
            (FIRST, f"{FIRST}2020-05-01\n2102020001,西岗划入小学,210203,小学,城区,公办,2020-05-01,"),
            [
                "2102020001 西岗划入小学 is renamed 中山第一小学 → 西岗划入小学 on 2020-05-01",
                "2102020001 西岗划入小学 moves from 210202 to 210203 on 2020-05-01",
            ],
        ),
        (
            (FIRST, f"{FIRST}2020-09-01\n2102020001,中山第一小学,210202,九年一贯制,城区,公办,2020-09-01,"),
            ["2102020001 中山第一小学 changes its school_type from 小学 to 九年一贯制 on 2020-09-01"],
        ),
        (
            ("2015-01-01\n", "2015-01-01\n2102020003,中山第三小学,210202,小学,城区,公办,2020-09-01,\n"),
            ["2102020003 中山第三小学 opens on 2020-09-01 in 210202"],
        ),
        # What was planned and is not to be is no correction of the past.
        ((",2020-08-01", ","), ["2102020004 中山第四小学 no longer closes on 2020-08-01"]),
        (
            (",2015-01-01", ",2016-01-01"),
            [
                "correction of the past: 2102020003 中山第三小学 no longer closes on 2015-01-01",
                "2102020003 中山第三小学 closes on 2016-01-01",
            ],
        ),
        (
            ("中山第一小学", "中山区第一小学"),
            [
                "correction of the past: 2102020001 中山区第一小学: school_name 中山第一小学 → 中山区第一小学"
                " from its beginning"
            ],
        ),
        ((f"{FIRST}\n", ""), ["correction of the past: 2102020001 中山第一小学 is no longer in the file"]),
        (
            (
                "公办,1990-09-01,2015-01-01",
                "公办,1990-09-01,2000-01-01\n2102020003,中山第三小学,210202,小学,城区,民办,2000-01-01,2015-01-01",
            ),
            ["correction of the past: 2102020003 中山第三小学 changes its sponsor from 公办 to 民办 on 2000-01-01"],
        ),
    ],
)
def test_a_school_opens_closes_moves_and_its_past_is_corrected(tmp_path: Path, edit: Edit, words: list[str]) -> None:
    assert told(tmp_path, edit) == [f"schools: {line}" for line in words]


def test_a_district_is_renamed_and_another_merged_into_it(tmp_path: Path) -> None:
    districts = DISTRICTS_CSV.replace("中山区,市内五区,2000-01-01,", "中山区,市内五区,2000-01-01,2020-09-01")
    districts += "210202,新中山区,市内五区,2020-09-01,\n"
    districts = districts.replace("210203,西岗区,市内五区,2000-01-01,", "210203,西岗区,市内五区,2000-01-01,2020-09-01")
    assert told(tmp_path, districts=districts) == [
        "districts: 210202 新中山区 is renamed 中山区 → 新中山区 on 2020-09-01",
        "districts: 210203 西岗区 ends on 2020-09-01",
    ]


def test_rows_of_any_other_table_are_told_by_their_text_columns(tmp_path: Path) -> None:
    programmes = (
        "programme,stage,ceiling,valid_from,valid_to,note\n"
        "寄宿生生活补助,小学,500,2019-01-01,2020-08-01,\n"
        "寄宿生生活补助,小学,600,2020-08-01,,甲\n"
        "地方资助,初中,3000,2019-01-01,,\n"
    )
    assert told(tmp_path, programmes=programmes) == [
        "aid_programmes: columns added: note",
        "aid_programmes: added 地方资助 初中 (ceiling 3000, valid_from 2019-01-01)",
        "aid_programmes: removed 地方资助 小学 (ceiling 3000, valid_from 2019-01-01)",
        "aid_programmes: 寄宿生生活补助 小学: valid_to nothing → 2020-08-01",
        "aid_programmes: added 寄宿生生活补助 小学 (ceiling 600, valid_from 2020-08-01)",
    ]
    assert told(tmp_path, programmes=PROGRAMMES_CSV.replace("3000", "3000.00") + "\n") == [
        "aid_programmes: the same rows, written otherwise"
    ]


def test_of_each_kind_the_first_20_are_told_and_how_many_more(tmp_path: Path) -> None:
    rows = [("", f"31020200{number:02},第{number}小学,210202,小学,城区,公办,2020-09-01,\n") for number in range(23)]
    lines = told(tmp_path, *rows, (FIRST, FIRST + "2020-09-01"))
    assert len(lines) == 22
    assert lines[0] == "schools: 2102020001 中山第一小学 closes on 2020-09-01"
    assert lines[20] == "schools: 3102020019 第19小学 opens on 2020-09-01 in 210202"
    assert lines[21] == "schools: and 3 more (opens)"


def test_a_table_that_was_never_loaded_is_new() -> None:
    table = ReferenceTable("commitments", ("item",), (("8",), ("11",)), "0" * 64)
    assert in_words(None, table, TODAY) == ["commitments: new, 2 rows"]


def rules(folder: Path, tmp_path: Path, **book: object) -> set[tuple[str, str | None]]:
    """(rule, cell) of what C02 and C10 say of 中山区's ledger of June."""
    sheets = read_sheets(write_book(tmp_path / "book.xlsx", **book))
    checked = check_workbook(sheets, Register.load(folder), "210202", RECEIVED_ON)
    return {(found.rule, found.cell) for found in checked.findings if found.rule in ("C02", "C10")}


def test_what_a_school_that_opens_closes_and_moves_does_to_c02_and_c10(tmp_path: Path) -> None:
    folder = tmp_path / "reference"
    pupils = {"应在校人数": 10, "实际在校人数": 9}
    sound = [*SCHOOLS, {"学校标识码": "2102020004", **pupils}]
    missing = {("C10", None)}

    assert rules(write(folder), tmp_path, enrolment=sound) == set()
    # It opens: missed when it has no row, and not in the register before.
    opened = [*sound, {"学校标识码": "2102020008", **pupils}]
    assert rules(write(folder), tmp_path, enrolment=opened) == {("C02", "A7")}
    assert rules(write(folder, ("", NEW)), tmp_path, enrolment=opened) == set()
    assert rules(write(folder, ("", NEW)), tmp_path, enrolment=sound) == missing
    # It closes before the period: no row is expected, and none is taken.
    closed = write(folder, (FIRST, FIRST + "2020-06-01"))
    assert rules(closed, tmp_path, enrolment=sound) == {("C02", "A4")}
    assert rules(closed, tmp_path, enrolment=sound[1:]) == set()
    # It moves within the period: its pupils are still taken, and not asked for on the last day.
    moved = (FIRST, f"{FIRST}2020-06-15\n2102020001,中山第一小学,210203,小学,城区,公办,2020-06-15,")
    assert rules(write(folder, moved), tmp_path, enrolment=sound) == set()
    assert rules(write(folder, moved), tmp_path, enrolment=sound[1:]) == set()
    before = (FIRST, f"{FIRST}2020-06-01\n2102020001,中山第一小学,210203,小学,城区,公办,2020-06-01,")
    assert rules(write(folder, before), tmp_path, enrolment=sound) == {("C02", "A4")}


def test_the_schools_of_a_merged_district_are_its_successors(tmp_path: Path) -> None:
    folder = write(tmp_path / "reference", ("", "2102030001,西岗第一小学,210203,小学,城区,公办,1990-09-01,\n"))
    pupils = {"应在校人数": 10, "实际在校人数": 9}
    ours = [*SCHOOLS, {"学校标识码": "2102020004", **pupils}]
    both = [*ours, {"学校标识码": "2102030001", **pupils}]

    def merged_on(day: str) -> Path:
        text = f"merged_on,district_code,into_code\n{day},210203,210202\n"
        (folder / "mergers.csv").write_text(text, encoding="utf-8")
        return folder

    assert rules(folder, tmp_path, enrolment=both) == {("C02", "A7")}
    assert rules(merged_on("2020-07-01"), tmp_path, enrolment=both) == {("C02", "A7")}
    for day in ("2020-06-30", "2020-06-15", "2020-06-01", "2019-01-01"):
        assert rules(merged_on(day), tmp_path, enrolment=both) == set()
        assert rules(merged_on(day), tmp_path, enrolment=ours) == {("C10", None)}

    register, june = Register.load(merged_on("2020-06-15")), Period.parse("2020-06")
    listed = CodeLists.of(forms()["dropout_control"], register, register.district("210202", june.last_day), june)
    assert "2102030001" in [school.code for school in listed.schools]
    # It reports for the months that ended before, and for none after.
    for period, found in (("2020-05", set()), ("2020-06", {"F08"})):
        cover = {"填报单位代码": "210203", "报告期": period}
        sheets = read_sheets(write_book(tmp_path / "book.xlsx", cover=cover))
        checked = check_workbook(sheets, register, "210203", date(2020, 7, 4))
        assert {finding.rule for finding in checked.findings if finding.rule[0] == "F"} - {"F16", "F19"} == found


def standing() -> dict[str, list[tuple[object, ...]]]:
    with engine("loader").begin() as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM reference.{name} ORDER BY 1, 2, 3"))]
            for name in ("districts", "schools", "loaded_file")
        }


def said(**options: bool) -> list[str]:
    lines: list[str] = []
    load_reference(lines.append, **options)
    return lines


def test_load_tells_and_loads_once(reference_folder: Path) -> None:
    with (reference_folder / "schools.csv").open("a", encoding="utf-8") as file:
        file.write("2219999999,海星小学,210202,小学,城区,公办,2020-09-01,\n")
    rows = len(standing()["schools"])
    assert said() == [
        "schools: 2219999999 海星小学 opens on 2020-09-01 in 210202",
        f"loaded reference.schools: {rows + 1} rows",
    ]
    assert len(standing()["schools"]) == rows + 1
    assert said() == ["reference data: no changes"]


def test_a_dry_run_changes_nothing(reference_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = standing()
    with (reference_folder / "schools.csv").open("a", encoding="utf-8") as file:
        file.write("2219999999,海星小学,210202,小学,城区,公办,2020-09-01,\n")
    assert main(["reference", "load", "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "schools: 2219999999 海星小学 opens on 2020-09-01 in 210202",
        "re-check: nothing to do",
        "dry run: nothing was changed",
    ]
    assert standing() == before


def test_a_broken_file_changes_nothing_and_is_named_with_its_line(
    reference_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = standing()
    with (reference_folder / "districts.csv").open("a", encoding="utf-8") as file:
        file.write("210299,新区,涉农地区,2021-01-01,\n")
    (reference_folder / "more.csv").write_text("name,opened_on\n甲,2020-09-01\n乙,2020年9月\n", encoding="utf-8")
    assert main(["reference", "load"]) == 1
    assert "more.csv, line 3: opened_on '2020年9月' is not a date like 2020-05-01" in capsys.readouterr().err
    assert standing() == before


@pytest.mark.parametrize("number", ["一千", "NaN", "inf", "1,000"])
def test_what_is_no_number(reference_folder: Path, number: str) -> None:
    (reference_folder / "more.csv").write_text(f'name,ceiling\n甲,"{number}"\n', encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=r"more\.csv, line 2: ceiling .* is not a number"):
        load_reference(lambda _: None)


def test_a_file_that_is_gone_leaves_its_table_and_is_told(reference_folder: Path) -> None:
    more = reference_folder / "more.csv"
    more.write_text("name\n甲\n", encoding="utf-8")
    assert said() == ["more: new, 1 rows", "loaded reference.more: 1 rows"]
    more.unlink()
    assert said() == ["more: there is no more.csv any more; the table stays"]


def test_a_warehouse_that_was_not_migrated_is_refused(reference_folder: Path) -> None:
    downgrade()
    with pytest.raises(ConfigurationError, match="run `district-reports migrate`"):
        load_reference(lambda _: None)
    migrate()
    assert said() == ["reference data: no changes"]
