"""Sample rows of student aid.

A pupil in need goes up from grade to grade within a school, and is identified anew each school year, so the lists of
successive semesters follow from one another. Every
listed pupil of 小学 and 初中 is paid, as item 31 of the work plan wants it; further up some wait, or got it back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any

from district_reports.local.samples.grades import birth_date, grades_of
from district_reports.local.samples.sample import People, Person, Sample, random_day, school_year, share, weighted
from district_reports.model.period import Period
from district_reports.reference.register import School

_HARDSHIP_OF_AREA = {"城区": 0.0078, "镇区": 0.027, "乡村": 0.055}
_HARDSHIP_OF_STAGE = {"学前": 0.4, "小学": 1.0, "初中": 1.15, "普通高中": 1.6, "中职": 4.0}
_HARDSHIP_IN_SPECIAL_SCHOOLS = 0.55
_FREE_VOCATIONAL = 0.88
_TYPES = {
    "建档立卡": 17.0,
    "最低生活保障": 27.0,
    "特困救助供养": 2.5,
    "孤儿": 2.0,
    "残疾学生": 8.0,
    "残疾人子女": 14.0,
    "烈士子女": 0.2,
    "其他经济困难": 29.0,
}
_LEVELS = {
    "建档立卡": {"特别困难": 85.0, "困难": 15.0},
    "最低生活保障": {"特别困难": 30.0, "困难": 60.0, "一般困难": 10.0},
    "残疾学生": {"特别困难": 40.0, "困难": 60.0},
    "残疾人子女": {"困难": 45.0, "一般困难": 55.0},
    "其他经济困难": {"困难": 20.0, "一般困难": 80.0},
}
_MOST_NEEDY = {"特别困难": 1.0}
_TUITION_FREE = frozenset({"建档立卡", "最低生活保障", "特困救助供养", "孤儿", "残疾学生", "烈士子女"})
_BY_LEVEL = {
    "学前教育资助": {"特别困难": "1200", "困难": "800", "一般困难": "500"},
    "普通高中国家助学金": {"特别困难": "1500", "困难": "1000", "一般困难": "500"},
}
_BOARDING = {"小学": "500", "初中": "625"}
_DAY_PUPIL = {"小学": "250", "初中": "312.50"}
_STATUSES = {"已发放": 94.0, "未发放": 4.5, "已退回": 1.5}
_REMARKS = {"已发放": (None,), "未发放": ("银行卡信息待核", "资助卡办理中", "学生休学"), "已退回": ("账户异常退回",)}


@dataclass(frozen=True)
class _Hardship:
    type: str
    level: str
    identified_on: date


@dataclass(frozen=True)
class _Pupil:
    """A pupil with aid; ``hardship`` is None for one who is only exempt from fees."""

    person: Person
    school: School
    stage: str
    grade: int
    student_no: str | None
    boards: bool
    hardship: _Hardship | None
    seed: float

    @property
    def columns(self) -> dict[str, Any]:
        """What both sheets say of the pupil."""
        return {
            "student_no": self.student_no,
            "student_name": self.person.name,
            "resident_id": self.person.resident_id,
            "school_code": self.school.code,
            "stage": self.stage,
        }


def rows(sample: Sample) -> dict[str, list[dict[str, Any]]]:
    """The hardship list as it stands on the sample's last day, and what has been paid by then."""
    listed: list[dict[str, Any]] = []
    payments: list[dict[str, Any]] = []
    for pupil in _pupils(sample):
        if pupil.hardship is not None:
            of_list = {
                "grade": pupil.grade,
                "hardship_type": pupil.hardship.type,
                "hardship_level": pupil.hardship.level,
                "identified_on": pupil.hardship.identified_on,
            }
            listed.append(pupil.columns | of_list)
        payments += _payments(sample, pupil)
    return {"hardship_student": listed, "aid_payment": payments}


def _pupils(sample: Sample) -> Iterator[_Pupil]:
    taken: set[str] = set()
    schools = sample.register.schools_open(sample.district.code, sample.last_day)
    # Hardship is more frequent where many schools lie outside the towns.
    elsewhere = sum(school.area_type != "城区" for school in schools) / max(1, len(schools))
    for school in schools:
        grades = list(grades_of(school))
        size = sample.pupils_at_start(school, sample.last_day) / len(grades)
        for stage, grade in grades:
            cohort = school.code, stage, school_year(sample.last_day) - grade
            hardship = _hardship_share(school, stage) * (0.8 + 1.4 * elsewhere)
            considered = 1.0 if stage == "中职" else hardship
            for place in range(int(size * considered * sample.scale + sample.share("aid", *cohort))):
                random = sample.random("aid", *cohort, place)
                pupil = _pupil(sample, random, school, stage, grade, hardship / considered, taken)
                if pupil.hardship or (stage == "中职" and pupil.seed < _FREE_VOCATIONAL):
                    yield pupil


def _hardship_share(school: School, stage: str) -> float:
    if school.school_type == "特殊教育":
        return _HARDSHIP_IN_SPECIAL_SCHOOLS / 2
    private = 0.4 if school.sponsor == "民办" else 1.0
    return _HARDSHIP_OF_AREA[school.area_type] * _HARDSHIP_OF_STAGE[stage] * private


def _pupil(
    sample: Sample, random: Random, school: School, stage: str, grade: int, hardship: float, taken: set[str]
) -> _Pupil:
    person = _new_person(sample, random, stage, grade, taken)
    found: _Hardship | None = None
    if random.random() < hardship:
        kind = "残疾学生" if school.school_type == "特殊教育" else weighted(random, _TYPES)
        level = weighted(random, _LEVELS.get(kind, _MOST_NEEDY))
        identified_on = _identified_on(sample, person, school)
        if identified_on <= sample.last_day:
            found = _Hardship(kind, level, identified_on)
    numbered = {"学前": 0.6, "中职": 0.85}.get(stage, 1.0)
    letter = "L" if random.random() < 0.03 else "G"
    boards = random.random() < (0.03 if school.area_type == "城区" else {"初中": 0.6, "小学": 0.12}.get(stage, 0.7))
    return _Pupil(
        person=person,
        school=school,
        stage=stage,
        grade=grade,
        student_no=f"{letter}{person.resident_id}" if random.random() < numbered else None,
        boards=boards,
        hardship=found,
        seed=random.random(),
    )


def _new_person(sample: Sample, random: Random, stage: str, grade: int, taken: set[str]) -> Person:
    while True:
        birth = birth_date(random, grade, school_year(sample.last_day), stage)
        person = sample.person(random, random.choice(("男", "女")), birth, People.IN_SCHOOL)
        if person.resident_id not in taken:
            taken.add(person.resident_id)
            return person


def _identified_on(sample: Sample, person: Person, school: School) -> date:
    """On the school's own day in the autumn, or for one pupil in ten some day in the spring."""
    year = school_year(sample.last_day)
    random = sample.random("identified", person.resident_id, year)
    if random.random() < 0.9:
        return random_day(sample.random("identified", school.code, year), date(year, 9, 10), date(year, 10, 31))
    return random_day(random, date(year + 1, 3, 2), date(year + 1, 4, 15))


def _payments(sample: Sample, pupil: _Pupil) -> Iterator[dict[str, Any]]:
    random = sample.random("payments", sample.period.text, pupil.person.resident_id)
    for programme, amount in _programmes(sample, random, pupil):
        # Whoever is in compulsory education is paid: only what the district adds of its own may wait.
        certain = pupil.stage in ("小学", "初中") and programme != "地方资助"
        status = "已发放" if certain else weighted(random, _STATUSES)
        unpaid = status == "未发放"
        yield pupil.columns | {
            "programme": programme,
            "entitled_amount": amount,
            "paid_amount": 0 if unpaid else amount,
            "payment_status": status,
            "paid_on": None if unpaid else _paid_on(sample, random, pupil, programme),
            "payment_channel": _channel(sample, random, pupil, programme),
            "remark": random.choice(_REMARKS[status]),
        }


def _programmes(sample: Sample, random: Random, pupil: _Pupil) -> Iterator[tuple[str, Decimal]]:
    """The programmes that the pupil has, and what each gives a semester, in yuan."""
    stage, hardship = pupil.stage, pupil.hardship
    if stage == "中职" and pupil.seed < _FREE_VOCATIONAL:
        fee = (1100, 1250, 1400, 1500)[int(sample.share("fee", pupil.school.code) * 4)]
        yield "中职免学费", Decimal(fee)
    if hardship is None:
        return
    match stage:
        case "学前":
            yield "学前教育资助", Decimal(_BY_LEVEL["学前教育资助"][hardship.level])
        case "小学" | "初中" if pupil.boards:
            yield "寄宿生生活补助", Decimal(_BOARDING[stage])
        case "小学" | "初中":
            yield "非寄宿生生活补助", Decimal(_DAY_PUPIL[stage])
        case "普通高中":
            yield "普通高中国家助学金", Decimal(_BY_LEVEL["普通高中国家助学金"][hardship.level])
            if hardship.type in _TUITION_FREE:
                fee = (600, 900, 1200)[int(sample.share("fee", pupil.school.code) * 3)]
                yield "普通高中免学杂费", Decimal(fee)
        case "中职" if pupil.grade < 3:
            yield "中职国家助学金", Decimal(1000)
    if hardship.level == "特别困难" and random.random() < 0.12:
        yield "地方资助", Decimal(random.choice((300, 500, 800, 1000)))


@lru_cache(maxsize=1024)
def _pay_day(seed: int, code: str, period: Period) -> date:
    """The school's own."""
    begins, ends = period.first_day + timedelta(days=85), period.last_day - timedelta(days=40)
    return begins + timedelta(days=int(share(seed, "pay day", code, period.text) * ((ends - begins).days - 10)))


def _paid_on(sample: Sample, random: Random, pupil: _Pupil, programme: str) -> date:
    """The day on which the school pays the programme, for one pupil in thirty some days later, or the last there is."""
    pay_day = _pay_day(sample.seed, pupil.school.code, sample.period)
    batch = int(sample.share("batch", pupil.school.code, programme, sample.period.text) * 10)
    later = random.randrange(1, 10) if random.random() < 1 / 30 else 0
    paid_on = min(pay_day + timedelta(days=batch + later), sample.last_day)
    return paid_on if pupil.hardship is None else max(paid_on, pupil.hardship.identified_on)


def _channel(sample: Sample, random: Random, pupil: _Pupil, programme: str) -> str:
    """The school's for the programme; one pupil in thirty has another."""
    if programme in ("中职免学费", "普通高中免学杂费"):
        return "学费减免"
    if random.random() >= 1 / 30:
        random = sample.random("channel", pupil.school.code, programme)
    if pupil.stage in ("普通高中", "中职"):
        return weighted(random, {"资助卡": 80, "银行卡": 20})
    return weighted(random, {"银行卡": 82, "校园卡": 6, "资助卡": 12})
