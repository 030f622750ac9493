"""Sample rows of teacher training: the courses that end in the quarter, and every school's staff.

A teacher attends a course of a category in at most one quarter of a year, by a plan of the year that begins slowly: in
the spring of 2020 there were courses on the screen only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from district_reports.forms._common import SCHOOLS
from district_reports.local.samples.sample import Sample, share_of, weighted
from district_reports.local.samples.teachers import (
    BACKBONE,
    DUAL,
    IDEOLOGY,
    IT,
    PRINCIPAL,
    RURAL,
    Teacher,
    staff_of,
    teacher,
)
from district_reports.reference.register import School


@dataclass(frozen=True)
class _Course:
    """A course of the year: for whom (None: every teacher), and what share of them attends in each quarter."""

    category: str
    name: str
    level: str
    role: str | None
    shares: tuple[float, float, float, float]
    days: int
    hours_a_day: int


_COURSES = (
    _Course("思政课教师全员通识", "中小学思政课教师全员通识培训", "市级", IDEOLOGY, (0.14, 0.4, 0.2, 0.23), 4, 6),
    _Course("思政统编教材教法", "道德与法治统编教材教法培训", "省级", IDEOLOGY, (0.08, 0.22, 0.3, 0.2), 3, 6),
    _Course("双师型教师", "中职“双师型”教师专业技能培训", "市级", DUAL, (0.03, 0.12, 0.25, 0.1), 8, 7),
    _Course("名校长骨干校长", "名校长骨干校长高级研修", "市级", PRINCIPAL, (0.05, 0.14, 0.2, 0.12), 5, 7),
    _Course("名优教师", "名优教师专项培训", "国家级", BACKBONE, (0.04, 0.1, 0.14, 0.1), 6, 7),
    _Course("法治教育", "中小学骨干教师法治培训", "市级", BACKBONE, (0.03, 0.16, 0.12, 0.15), 2, 6),
    _Course("乡村教师支持", "乡村教师支持行动集中培训", "省级", RURAL, (0.04, 0.1, 0.14, 0.12), 5, 7),
    _Course("教育信息化", "信息技术应用能力提升培训", "区县级", IT, (0.2, 0.24, 0.2, 0.2), 3, 6),
    _Course("其他", "线上教学能力提升培训", "区县级", None, (0.07, 0.03, 0.02, 0.02), 2, 5),
    _Course("师德师风", "师德师风专题教育", "区县级", None, (0.04, 0.08, 0.1, 0.12), 1, 6),
    _Course("其他", "校本研修", "校本", None, (0.01, 0.02, 0.02, 0.02), 1, 4),
)
_CLASSES_A_QUARTER = 4
_RESULTS = {"优秀": 17.0, "合格": 77.0, "不合格": 2.0, "未考核": 4.0}
_SCORES = {"优秀": (88, 99), "合格": (66, 92), "不合格": (38, 59)}


@dataclass(frozen=True)
class _Offer:
    """A course at a school in the quarter, and the stretch of lots from 0 to 1 that attend it."""

    course: _Course
    lots: str
    begins: float
    width: float

    def falls_on(self, place: int) -> bool:
        """Whether the teacher at `place` attends."""
        return (share_of(f"{self.lots}/{place}") - self.begins) % 1 < self.width


def _offer(sample: Sample, school: School, course: _Course) -> _Offer:
    """Each quarter has a stretch of its own, as wide as its share."""
    year, quarter = sample.period.first_day.year, sample.period.first_day.month // 3
    lots = f"{sample.seed}/course/{course.name}/{year}/{school.code}"
    return _Offer(course, lots, sum(course.shares[:quarter]), course.shares[quarter] * sample.scale)


def rows(sample: Sample) -> dict[str, list[dict[str, Any]]]:
    """The records of courses that ended by the sample's last day, and the staff of the schools open then."""
    records: list[dict[str, Any]] = []
    headcounts: list[dict[str, Any]] = []
    for school in sample.register.schools_open(sample.district.code, sample.period.last_day, SCHOOLS):
        staff = staff_of(sample, school)
        headcounts.append(_headcount(school, staff))
        offers = [_offer(sample, school, course) for course in _COURSES]
        for place, of_teacher in enumerate(staff):
            records += _records_of(sample, school, place, of_teacher, offers)
    return {"training_record": records, "teacher_headcount": headcounts}


def _headcount(school: School, staff: list[frozenset[str]]) -> dict[str, Any]:
    def count(role: str) -> int:
        return sum(role in of_teacher for of_teacher in staff)

    return {
        "school_code": school.code,
        "teacher_count": len(staff),
        "ideology_teacher_count": count(IDEOLOGY),
        "rural_teacher_count": count(RURAL),
        "dual_teacher_count": count(DUAL),
        "backbone_teacher_count": count(BACKBONE),
        "it_teacher_count": count(IT),
        "principal_count": count(PRINCIPAL),
    }


def _records_of(
    sample: Sample, school: School, place: int, of_teacher: frozenset[str], offers: list[_Offer]
) -> Iterator[dict[str, Any]]:
    """The teacher's courses of the quarter; one that would overlap an earlier one is not attended."""
    busy: set[date] = set()
    found: Teacher | None = None
    for offer in offers:
        course = offer.course
        if (course.role is not None and course.role not in of_teacher) or not offer.falls_on(place):
            continue
        number, started_on, ended_on = _class_of(sample, school, place, course)
        days = {started_on + timedelta(days=day) for day in range(course.days)}
        if ended_on > sample.last_day or days & busy:
            continue
        busy |= days
        found = found or teacher(sample, school, place, IDEOLOGY in of_teacher)
        yield _record(sample, school, found, course, number, started_on, ended_on)


def _class_of(sample: Sample, school: School, place: int, course: _Course) -> tuple[int, date, date]:
    """Which class of the quarter the teacher attends, and its first and last day; a Monday to begin with."""
    number = int(sample.share("class", course.name, sample.period.text, school.code, place) * _CLASSES_A_QUARTER)
    first = sample.period.first_day + timedelta(days=6 + number * 18 + int(sample.share(course.name) * 12))
    started_on = first + timedelta(days=-first.weekday() % 7)
    return number + 1, started_on, started_on + timedelta(days=course.days - 1)


def _record(
    sample: Sample, school: School, found: Teacher, course: _Course, number: int, started_on: date, ended_on: date
) -> dict[str, Any]:
    random = Random(f"{sample.seed}/{found.number}/{course.name}/{sample.period.text}")
    result = weighted(random, _RESULTS)
    score = None
    if result in _SCORES and random.random() < 0.92:
        low, high = _SCORES[result]
        score = Decimal(random.randint(low * 2, high * 2)) / 2
    return {
        "teacher_no": found.number,
        "teacher_name": found.person.name,
        "resident_id": found.person.resident_id if found.has_id else None,
        "school_code": school.code,
        "subject": found.subject,
        "training_category": course.category,
        "course_name": f"{sample.period.first_day.year}年{course.name}（第{number}期）",
        "training_level": course.level,
        "started_on": started_on,
        "ended_on": ended_on,
        "hours": course.days * course.hours_a_day,
        "result": result,
        "score": score,
    }
