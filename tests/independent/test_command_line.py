"""`district-reports check --json` as another program would use it, on three workbooks of a district of the city."""

import csv
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from independent.book import CASES, ENROLMENT, Book
from independent.sound_students import dropout_control, student_aid

SCHOOLS = Path(__file__).parents[2] / "sql" / "reference" / "schools.csv"
DISTRICT, LAST_DAY = "210293", date(2020, 6, 30).isoformat()
REPORTING = {"教学点", "小学", "初中", "九年一贯制", "十二年一贯制", "完全中学"}
KEYS = {"file", "outcome", "form", "district", "period", "sheets", "findings", "not_checked"}
FINDING_KEYS = {"rule", "severity", "sheet", "cell", "column", "field", "value", "message", "fix"}


def reporting_schools() -> list[str]:
    """The codes that 在校人数 must name at the end of June, by the city's register."""
    with SCHOOLS.open(encoding="utf-8", newline="") as table:
        return [
            row["school_code"]
            for row in csv.DictReader(table)
            if row["district_code"] == DISTRICT
            and row["school_type"] in REPORTING
            and row["opened_on"] <= LAST_DAY
            and (not row["closed_on"] or row["closed_on"] > LAST_DAY)
        ]


def ledger() -> Book:
    """Sound, but that the child in row 12 is said to be in grade 10."""
    codes = reporting_schools()
    book = dropout_control()
    book.cover.update({"填报单位代码": DISTRICT, "填报单位": "花园口经济区"})
    for case in book.sheets[CASES].rows:
        if case["学校标识码"]:
            case["学校标识码"] = codes[0]
    book.sheets[ENROLMENT].rows = [{"学校标识码": code, "应在校人数": 30, "实际在校人数": 30} for code in codes]
    book.put(CASES, 12, {"年级": 10})
    return book


def nil_return() -> Book:
    book = student_aid()
    book.cover.update({"填报单位代码": DISTRICT, "填报单位": "花园口经济区", "无数据申报": "是"})
    for sheet in book.sheets.values():
        sheet.rows.clear()
    return book


@pytest.mark.slow
def test_three_files_one_object_a_line(tmp_path: Path) -> None:
    files = [ledger().write(tmp_path / "六月.xlsx"), nil_return().write(tmp_path / "资助.xlsx"), tmp_path / "导出.xlsx"]
    files[2].write_text("学校标识码,班级数\n2102930001,12\n", encoding="gb18030")

    program = Path(sys.executable).with_name("district-reports")
    ran = subprocess.run(
        [program, "check", *files, "--json", "--district", DISTRICT, "--received-on", "2020-07-04"],
        capture_output=True,
        encoding="utf-8",
        timeout=280,
        check=False,
    )

    assert ran.returncode == 1, ran.stderr
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [Path(one["file"]).name for one in told] == ["六月.xlsx", "资助.xlsx", "导出.xlsx"]
    assert [one["outcome"] for one in told] == ["accepted_with_errors", "accepted", "rejected"]
    assert all(set(one) >= KEYS for one in told)
    assert all(set(finding) >= FINDING_KEYS for one in told for finding in one["findings"])

    june, aid, export = told
    assert (june["form"], june["district"], june["period"]) == ("dropout_control", DISTRICT, "2020-06")
    assert (aid["form"], aid["district"], aid["period"]) == ("student_aid", DISTRICT, "2020-S1")
    assert (export["form"], export["period"]) == (None, None)
    [grade] = june["findings"]
    assert [grade[key] for key in ("rule", "severity", "sheet", "cell", "column", "field")] == [
        *("D05", "critical", CASES, "G12", "年级", "grade")
    ]
    assert str(grade["value"]) == "10"
    assert grade["message"]
    assert grade["fix"]
    schools = len(reporting_schools())
    assert june["sheets"] == [
        {"sheet": CASES, "rows_read": 40, "loaded": 39, "quarantined": 1, "ignored": 0},
        {"sheet": ENROLMENT, "rows_read": schools, "loaded": schools, "quarantined": 0, "ignored": 0},
    ]
    assert {"C06", "D07"} <= set(june["not_checked"])
    assert aid["findings"] == []
    assert [finding["rule"] for finding in export["findings"]] == ["F01"]
