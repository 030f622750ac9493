"""Seeded reports of every form from 13 districts over two periods each, and the rows that end up in force as frames.

Made so that every city table has something to get wrong: children and teachers whom several districts report, districts
that report nothing, a nil return, a version that is replaced, one that is rejected, rows in quarantine.
"""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random

import pandas as pd
from sqlalchemy import Engine

from district_reports.forms import forms
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.derived import ExpectedSchools
from district_reports.model.finding import Outcome
from publish.records import hardship, headcount, kindergarten, payment, school, training
from submitted import case, receive, report, submit

REFERENCE = Path(__file__).parents[2] / "sql" / "reference"
PERIODS = {
    "dropout_control": ("2020-05", "2020-06"),
    "facilities": ("2020-Q1", "2020-Q2"),
    "student_aid": ("2019-S2", "2020-S1"),
    "teacher_training": ("2020-Q1", "2020-Q2"),
}
NIL_FORMS = ("student_aid", "teacher_training")
STAGES = ("学前", "小学", "初中", "普通高中", "中职")
CODES = {column.name: column.codes for form in forms().values() for sheet in form.sheets for column in sheet.columns}


def reference(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of the repository's register."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def code_of(district: str, number: int, form: str, table: str) -> str:
    """The district's `number`-th unit of the register that owes a row of the sheet; where it has fewer, a new code."""
    (owed,) = (each for each in forms()[form].sheet(table).frames if isinstance(each, ExpectedSchools))
    of_register = _schools_of(district, owed.school_types)
    return of_register[number] if number < len(of_register) else f"{district}{number:04d}"


@cache
def _schools_of(district: str, types: tuple[str, ...]) -> list[str]:
    schools = [row for row in reference("schools") if row["district_code"] == district]
    return [row["school_code"] for row in schools if row["school_type"] in types]


@dataclass
class Reported:
    """What was made: workbooks in the order in which to submit them, and what is then in force.

    ``accepted`` and ``nil`` hold (form, period, district); ``frames`` the rows by table with period and district_code;
    ``first`` the (sound, read) rows of each first submission that is decided, none of one that was sent back as a file.
    ``undecided`` came and waits.
    """

    undecided: tuple[str, str, str] = ("", "", "")
    workbooks: list[CheckedWorkbook] = field(default_factory=list)
    accepted: set[tuple[str, str, str]] = field(default_factory=set)
    nil: set[tuple[str, str, str]] = field(default_factory=set)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    first: dict[tuple[str, str, str], tuple[int, int]] = field(default_factory=dict)

    def submit(self, loader: Engine) -> None:
        for number, workbook in enumerate(self.workbooks):
            submit(loader, f"workbook {number}", workbook)
        form, period, district = self.undecided
        receive(loader, "undecided", form=form, period=period, district=district)


def random_reports(
    seed: int, periods: Mapping[str, Sequence[str]] = PERIODS, complete: Collection[str] = ()
) -> Reported:
    """Reports of every form for its `periods`; each district has one with rows in those that are `complete`."""
    random = Random(seed)
    districts = [row["district_code"] for row in reference("districts")]
    made = Reported()
    rows: dict[str, list[dict]] = {sheet.table: [] for form in forms().values() for sheet in form.sheets}
    for form, of_form in periods.items():
        silent = random.choice(districts)
        for period in of_form:
            missing = {silent, random.choice(districts)}
            made.undecided = (form, period, silent)
            rejected, nil, replaced = random.sample([code for code in districts if code not in missing], 3)
            for district in districts:
                key = {"district": district, "period": period}
                sheets = ROWS[form](random, district, period)
                if district in (rejected, replaced):
                    verdict = Outcome.REJECTED if district == rejected else Outcome.ACCEPTED
                    earlier = ROWS[form](random, district, period)
                    made.workbooks.append(report(form, earlier, verdict=verdict, **key))
                    judged = 0 if district == rejected else sum(map(len, earlier.values()))
                    made.first[form, period, district] = judged, judged
                if period not in complete and (district in missing or district == rejected):
                    continue
                if period not in complete and district == nil and form in NIL_FORMS:
                    made.nil.add((form, period, district))
                    sheets = {}
                bad = {} if not sheets else {next(iter(sheets)): [(900 + n, {}) for n in range(random.randint(0, 2))]}
                verdict = Outcome.ACCEPTED_WITH_ERRORS if any(bad.values()) else Outcome.ACCEPTED
                made.workbooks.append(report(form, sheets, verdict=verdict, quarantined=bad, **key))
                made.accepted.add((form, period, district))
                sound = sum(map(len, sheets.values()))
                made.first.setdefault((form, period, district), (sound, sound + sum(map(len, bad.values()))))
                for table, of_sheet in sheets.items():
                    rows[table] += [{**row, "period": period, "district_code": district} for row in of_sheet]
    made.frames = {table: pd.DataFrame(of_table) for table, of_table in rows.items()}
    return made


def _ledger(random: Random, district: str, period: str) -> dict[str, list[dict]]:
    numbers = random.sample(range(400), random.randint(0, 8))
    cases = [
        case(
            number,
            reason=random.choice(("因贫", *CODES["reason"])),
            status=random.choice(CODES["case_status"]),
            discovered_on=date(2020, random.choice((4, 5, 6)), 15),
        )
        for number in numbers
    ]
    enrolment = [
        {
            "school_code": code_of(district, n, "dropout_control", "compulsory_enrolment"),
            "expected_enrolment": 300,
            "actual_enrolment": random.randint(280, 300),
        }
        for n in range(3)
    ]
    return {"dropout_case": cases, "compulsory_enrolment": enrolment}


def _aid(random: Random, district: str, period: str) -> dict[str, list[dict]]:
    # Few numbers, so that several districts report the same child; sometimes everybody is paid.
    stage_of = {number: STAGES[number % len(STAGES)] for number in range(120)}
    programmes = reference("aid_programmes")
    generous = random.random() < 0.3
    poor = random.sample(sorted(stage_of), 15)
    paid = {(number, "地方资助") for number in poor} if generous else set()
    for number in [*random.sample(poor, 8), *random.sample(sorted(stage_of), 6)]:
        paid.add((number, random.choice([p["programme"] for p in programmes if p["stage"] == stage_of[number]])))
    payments = [
        payment(
            number,
            stage=stage_of[number],
            programme=programme,
            entitled=random.randint(100, 900),
            paid=0 if random.random() < 0.1 and not generous else None,
            status="已发放" if generous else random.choice(("已发放", "已发放", "未发放", "已退回")),
        )
        for number, programme in sorted(paid)
    ]
    students = [hardship(number, stage=stage_of[number]) for number in poor]
    return {"hardship_student": students, "aid_payment": payments}


def _facilities(random: Random, district: str, period: str) -> dict[str, list[dict]]:
    def some(share: float = 0.5) -> bool:
        return random.random() < share

    schools = []
    for number in random.sample(range(14), 11):
        large = random.choice((0, 0, 1, 3))
        start, desks = random.randint(0, 6), random.randint(100, 500)
        schools.append(
            school(
                code_of(district, number, "facilities", "school_facility"),
                school_type=("小学", "初中", "普通高中", "特殊教育", "完全中学", "中职", "教学点")[number % 7],
                sponsor=random.choice(("公办", "民办")),
                area_type=random.choice(("城区", "镇区", "乡村")),
                rural_boarding=some(),
                rural_small=some(),
                retained=some(),
                large_class_count=large,
                oversize_class_count=random.randint(0, large),
                bandwidth_mbps=random.choice((50, Decimal("99.99"), 100, 1000)),
                wireless=random.choice(("全覆盖", "部分覆盖", "无")),
                learning_space=random.choice(("全覆盖", "部分覆盖", "无")),
                dry_toilet_start=start,
                dry_toilet_converted=random.randint(0, start),
                lit_classroom_count=random.randint(15, 20),
                desk_count=desks,
                fit_desk_count=random.choice((desks, desks - 1)),
                inspected_on=date(2020, 3, 3) if some() else None,
                inclusive_pupil_count=random.randint(0, 8),
                resource_room_count=random.randint(0, 1),
                football_school=some(),
                football_inspection=random.choice(("通过", "未通过", "未检", None)),
                counsellor_count=random.randint(0, 2),
            )
        )
    kindergartens = []
    for number in random.sample(range(20, 30), 6):
        start, ownership = random.randint(0, 3), random.choice(("公办", "普惠性民办", "其他民办"))
        kindergartens.append(
            kindergarten(
                code_of(district, number, "facilities", "kindergarten_facility"),
                ownership=ownership,
                area_type=random.choice(("城区", "镇区", "乡村")),
                township_centre=some(),
                opened_this_year=some(),
                new_public_places=random.randint(0, 120) if ownership == "公办" else 0,
                child_count=random.randint(20, 200),
                community_kindergarten=random.choice(("否", "已移交", "未移交")),
                dry_toilet_start=start,
                dry_toilet_converted=random.randint(0, start),
                football_kindergarten=some(),
            )
        )
    return {"school_facility": schools, "kindergarten_facility": kindergartens}


def _training(random: Random, district: str, period: str) -> dict[str, list[dict]]:
    records = {}
    for _ in range(40):
        # Few numbers here too: a teacher may have moved, and many are trained again.
        number, category = random.randint(1, 80), random.choice(CODES["training_category"])
        records[number, category] = training(
            number,
            category=category,
            hours=Decimal(random.randint(1, 80)) / 2,
            result=random.choice(("优秀", "合格", "不合格", "未考核")),
            score=random.choice((None, 60, Decimal("75.5"), 100)),
        )
    schools = [
        headcount(
            code_of(district, number, "teacher_training", "teacher_headcount"),
            teacher_count=random.randint(10, 50),
            ideology_teacher_count=random.randint(0, 3),
            rural_teacher_count=random.randint(0, 8),
            dual_teacher_count=random.randint(0, 4),
            backbone_teacher_count=random.randint(0, 6),
            it_teacher_count=random.randint(0, 4),
            principal_count=random.randint(0, 4),
        )
        for number in range(3)
    ]
    return {"training_record": list(records.values()), "teacher_headcount": schools}


ROWS = {
    "dropout_control": _ledger,
    "facilities": _facilities,
    "student_aid": _aid,
    "teacher_training": _training,
}
