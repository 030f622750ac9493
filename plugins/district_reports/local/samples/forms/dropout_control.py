"""Sample rows of the dropout-control ledger.

Every case has a history of its own (found, talked to, closed), so the ledgers of successive months follow from one
another: a case stays until the month in which it is closed. 因贫 never occurs, as item 31 of the work plan wants it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from district_reports.forms._common import COMPULSORY
from district_reports.local.samples.grades import birth_date, compulsory, schools_with
from district_reports.local.samples.sample import Person, Sample, person_name, random_day, school_year, weighted
from district_reports.model.period import Period, PeriodKind
from district_reports.reference.register import School

_PRIMARY = schools_with("小学")
_JUNIOR = schools_with("初中")
_COMPULSORY = frozenset(COMPULSORY)
_MONTHS_KEPT = 18
_LONGEST_CASE = timedelta(days=500)
_PUPILS_PER_NEW_CASE = 7500
_REASONS = {"厌学": 40.0, "长期患病": 16.0, "身体残疾": 10.0, "随迁转出": 12.0, "出国出境": 5.0, "其他": 9.0}
_REASONS_OF_OLDER = {"外出务工": 8.0, "早婚早育": 2.0}
_REMARKS = ("", "", "", "", "已与家长面谈", "电话联系家长", "已联系社区协助", "学校、村委会联合家访")


@dataclass(frozen=True)
class _Case:
    """One child from discovery to closing; ``school`` and ``grade`` are None for 失学."""

    person: Person
    school: School | None
    grade: int | None
    discovered_on: date
    kind: str
    reason: str
    officer: str
    student_no: str | None
    attempts: tuple[date, ...]
    closed_on: date
    status: str
    placement: str | None
    write_off_reason: str | None
    poor: str
    remark: str


def rows(sample: Sample) -> dict[str, list[dict[str, Any]]]:
    """The ledger as it stands on the sample's last day, and the enrolment of every compulsory school."""
    cases = [_ledger_row(sample, case) for case in _cases(sample) if case.closed_on >= sample.period.first_day]
    missing: dict[str, int] = {}
    for row in cases:
        if row["case_status"] in ("未劝返", "劝返中") and row["school_code"]:
            missing[row["school_code"]] = missing.get(row["school_code"], 0) + 1
    schools = sample.register.schools_open(sample.district.code, sample.period.last_day, _COMPULSORY)
    enrolment = []
    for school in schools:
        expected = compulsory(school, sample.pupils(school, sample.last_day))
        enrolment.append(
            {
                "school_code": school.code,
                "expected_enrolment": expected,
                "actual_enrolment": max(0, expected - missing.get(school.code, 0)),
            }
        )
    return {"dropout_case": cases, "compulsory_enrolment": enrolment}


def _cases(sample: Sample) -> list[_Case]:
    """Every case discovered in the last months, oldest first, each ID once."""
    months = [Period.containing(PeriodKind.MONTH, sample.last_day)]
    while len(months) < _MONTHS_KEPT:
        months.append(months[-1].previous())
    found: dict[str, _Case] = {}
    for month in reversed(months):
        for case in _found_in(sample, month):
            if case.discovered_on <= sample.last_day:
                found.setdefault(case.person.resident_id, case)
    return list(found.values())


def _found_in(sample: Sample, month: Period) -> list[_Case]:
    random = sample.random("dropout", month.text)
    schools = sample.register.schools_open(sample.district.code, month.first_day, _COMPULSORY)
    sizes = [sample.pupils(school, month.first_day) for school in schools]
    expected = max(0.7, sum(sizes) / _PUPILS_PER_NEW_CASE) * sample.scale
    count = int(expected * random.uniform(0.7, 1.3) + random.random())
    return sorted((_case(sample, random, month, schools, sizes) for _ in range(count)), key=lambda c: c.discovered_on)


def _case(sample: Sample, random: Random, month: Period, schools: list[School], sizes: list[int]) -> _Case:
    day = random_day(random, month.first_day, month.last_day)
    kind = weighted(random, {"疑似辍学": 46, "辍学": 42, "失学": 12})
    school: School | None = None
    grade: int | None = None
    if kind == "失学" or not schools:
        kind = "失学"
        birth = day - timedelta(days=random.randint(2250, 5600))
    else:
        school = random.choices(schools, sizes)[0]
        grade = _grade(random, school)
        birth = birth_date(random, grade, school_year(day))
    person = sample.person(random, random.choice(("男", "女")), birth)
    older = grade is not None and grade >= 8
    reason = weighted(random, _REASONS | (_REASONS_OF_OLDER if older else {}))
    attempts = tuple(_attempts(random, day))
    closed_on = min(max(day + timedelta(days=10 + int(random.expovariate(1 / 80))), attempts[0]), day + _LONGEST_CASE)
    status = _final_status(random, reason)
    letter = None if school is None or random.random() < 0.03 else random.choices("GL", (96, 4))[0]
    return _Case(
        person=person,
        school=school,
        grade=grade,
        discovered_on=day,
        kind=kind,
        reason=reason,
        officer=person_name(random),
        student_no=f"{letter}{person.resident_id}" if letter else None,
        attempts=tuple(attempt for attempt in attempts if attempt <= closed_on),
        closed_on=closed_on,
        status=status,
        placement=_placement(random, reason, older) if status == "已安置" else None,
        write_off_reason=_write_off_reason(reason, grade) if status == "已核销" else None,
        poor="是" if random.random() < 0.03 else "否",
        remark=random.choice(_REMARKS),
    )


def _grade(random: Random, school: School) -> int:
    grades: list[int] = [*range(1, 7)] if school.school_type in _PRIMARY else []
    if school.school_type == "教学点":
        grades = [1, 2, 3, 4]
    # Pupils of the junior years leave school four times as often.
    grades += [7, 7, 8, 8, 8, 8, 8, 9, 9, 9, 9] if school.school_type in _JUNIOR else []
    return random.choice(grades)


def _attempts(random: Random, day: date) -> Iterator[date]:
    for _ in range(random.randint(2, 14)):
        day += timedelta(days=random.randint(3, 24))
        yield day


def _final_status(random: Random, reason: str) -> str:
    if reason in ("出国出境", "随迁转出"):
        return weighted(random, {"已返校": 20, "已核销": 80})
    if reason in ("身体残疾", "长期患病"):
        return weighted(random, {"已返校": 40, "已安置": 60})
    return weighted(random, {"已返校": 78, "已安置": 15, "已核销": 7})


def _placement(random: Random, reason: str, older: bool) -> str:
    if reason in ("身体残疾", "长期患病"):
        return weighted(random, {"随班就读": 30, "特殊教育学校": 20, "送教上门": 50})
    return weighted(random, {"普通班复学": 60, "职业教育": 35 if older else 0, "其他": 5})


def _write_off_reason(reason: str, grade: int | None) -> str:
    if reason == "出国出境":
        return "出国出境"
    if reason == "随迁转出":
        return "户籍迁出"
    return "已完成义务教育" if grade == 9 else "学籍信息错误"


def _ledger_row(sample: Sample, case: _Case) -> dict[str, Any]:
    """The case as it stands on the sample's last day."""
    closed = case.closed_on <= sample.last_day
    attempts = sum(day <= sample.last_day for day in case.attempts)
    status = case.status if closed else ("劝返中" if attempts else "未劝返")
    grade = case.grade
    if grade is not None:
        grade = min(9, grade + school_year(sample.last_day) - school_year(case.discovered_on))
    return {
        "resident_id": case.person.resident_id,
        "student_name": case.person.name,
        "student_no": case.student_no,
        "sex": case.person.sex,
        "household_place": case.person.household_place,
        "school_code": _school_code(sample, case, grade),
        "grade": grade,
        "registered_poor": case.poor,
        "discovered_on": case.discovered_on,
        "dropout_kind": case.kind,
        "reason": case.reason,
        "case_officer": case.officer,
        "persuasion_count": attempts,
        "case_status": status,
        "returned_on": case.closed_on if status == "已返校" else None,
        "placement": case.placement if closed else None,
        "write_off_reason": case.write_off_reason if closed else None,
        "remark": case.remark or None,
    }


def _school_code(sample: Sample, case: _Case, grade: int | None) -> str | None:
    """The child's school; where it has closed or left the district since, one that took its pupils over."""
    if case.school is None:
        return None
    period, district = sample.period, sample.district.code
    for school in sample.register.schools_of(case.school.code):
        if school.district_code == district and school.is_open_between(period.first_day, period.last_day):
            return school.code
    types = _JUNIOR if grade is not None and grade > 6 else _PRIMARY
    others = sample.register.schools_open(district, period.last_day, types)
    return sample.random("taken over", case.school.code).choice(others).code if others else case.school.code
