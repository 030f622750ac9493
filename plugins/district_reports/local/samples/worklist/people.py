"""Made-up people of the planted items, and the rows in which the forms speak of them.

Nobody else of the city has their IDs, and what a row says is sound: a rule finds what the row's neighbour in another
workbook says of the same person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from district_reports.local.samples.grades import birth_date, grades_of
from district_reports.local.samples.planting import Row
from district_reports.local.samples.sample import (
    People,
    Person,
    Sample,
    person_name,
    random_day,
    school_year,
)
from district_reports.local.samples.workbooks import SAMPLE_DAY
from district_reports.model.period import Period, PeriodKind
from district_reports.reference.register import KINDERGARTEN, District, Register, School

ALIKE = ("小学", "初中", "九年一贯制")
"""Types of schools of which every pupil is in compulsory education."""
WITH_DOT, WITHOUT_DOT = "阿依古丽·买买提", "阿依古丽买买提"
"""One name as two clerks write it; to a rule it is two."""
_DAY_PUPIL = {"小学": Decimal(250), "初中": Decimal("312.50")}
_NOT_ON_ANY_STAFF_LIST = 900
_COURSES = (
    ("师德师风", "师德师风专题教育", 1, 6, date(2020, 5, 11)),
    ("其他", "线上教学能力提升培训", 2, 10, date(2020, 6, 8)),
)


@dataclass(frozen=True)
class Pupil:
    """A child at a school, under the name and the number that one workbook has for it."""

    person: Person
    school: School
    stage: str
    grade: int
    student_no: str | None

    def named(self, name: str) -> "Pupil":
        """The same ID under another name."""
        return replace(self, person=replace(self.person, name=name))

    @property
    def _columns(self) -> Row:
        return {
            "student_no": self.student_no,
            "student_name": self.person.name,
            "resident_id": self.person.resident_id,
            "school_code": self.school.code,
            "stage": self.stage,
        }

    def listed(self) -> Row:
        """A row of 困难学生认定."""
        return self._columns | {
            "grade": self.grade,
            "hardship_type": "最低生活保障",
            "hardship_level": "困难",
            "identified_on": date(school_year(SAMPLE_DAY), 10, 12),
        }

    def paid(self, on: date) -> Row:
        """A row of 资助发放 that is paid on a day."""
        if self.stage == "学前":
            return self._paid("学前教育资助", Decimal(800), on)
        return self._paid("非寄宿生生活补助", _DAY_PUPIL[self.stage], on)

    def paid_more(self, on: date) -> Row:
        """A row of what the district gives on top."""
        return self._paid("地方资助", Decimal(500), on)

    def _paid(self, programme: str, amount: Decimal, on: date) -> Row:
        return self._columns | {
            "programme": programme,
            "entitled_amount": amount,
            "paid_amount": amount,
            "payment_status": "已发放",
            "paid_on": on,
            "payment_channel": "银行卡",
            "remark": None,
        }

    def case(self, found_on: date) -> Row:
        """A row of 疑似辍学台账, as long as the child is looked for."""
        return {
            "resident_id": self.person.resident_id,
            "student_name": self.person.name,
            "student_no": self.student_no,
            "sex": self.person.sex,
            "household_place": self.person.household_place,
            "school_code": self.school.code,
            "grade": self.grade,
            "registered_poor": "否",
            "discovered_on": found_on,
            "dropout_kind": "疑似辍学",
            "reason": "厌学",
            "case_officer": person_name(Random(self.person.resident_id)),
            "persuasion_count": 3,
            "case_status": "劝返中",
            "returned_on": None,
            "placement": None,
            "write_off_reason": None,
            "remark": None,
        }

    def returned(self, found_on: date) -> Row:
        """A row of a case that is closed: the child is back."""
        return self.case(found_on) | {"case_status": "已返校", "returned_on": found_on + timedelta(days=20)}


@dataclass(frozen=True)
class Trainee:
    """A teacher under a number, a name and, where there is one, an ID."""

    number: str
    name: str
    resident_id: str | None
    school: School

    def trained(self, course: int = 0) -> Row:
        """A row of 培训记录: one of two courses that share no day."""
        category, name, days, hours, started_on = _COURSES[course]
        return {
            "teacher_no": self.number,
            "teacher_name": self.name,
            "resident_id": self.resident_id,
            "school_code": self.school.code,
            "subject": "语文",
            "training_category": category,
            "course_name": f"{SAMPLE_DAY.year}年{name}（第1期）",
            "training_level": "区县级",
            "started_on": started_on,
            "ended_on": started_on + timedelta(days=days - 1),
            "hours": hours,
            "result": "合格",
            "score": None,
        }


@dataclass
class Newcomers:
    """Makes up one person after another; the same seed makes the same ones."""

    register: Register
    seed: int
    random: Random
    _taken: set[str] = field(default_factory=set)
    _teachers: int = 0

    def pupil(self, district: District, types: Sequence[str] = ALIKE) -> Pupil:
        """Somebody who goes to a school of `district`, with a formal student number."""
        school = self.school(district, types)
        stage, grade = self.random.choice(list(grades_of(school)))
        birth = birth_date(self.random, grade, school_year(SAMPLE_DAY), stage)
        person = self.person(district, birth)
        return Pupil(person, school, stage, grade, f"G{person.resident_id}")

    def child(self, district: District) -> Pupil:
        """Somebody in a kindergarten, without a student number."""
        return replace(self.pupil(district, (KINDERGARTEN,)), student_no=None)

    def elsewhere(self, pupil: Pupil, district: District) -> Pupil:
        """The same child at a school of another district."""
        stages = [kind for kind in ALIKE if kind in (pupil.stage, "九年一贯制")]
        return replace(pupil, school=self.school(district, stages))

    def teacher(self, district: District) -> Trainee:
        """Somebody whose number no teacher of the city has."""
        school = self.school(district, ALIKE)
        born = date(1962, 1, 1) + timedelta(days=self.random.randint(0, 12_700))
        person = self.person(district, born)
        self._teachers += 1
        number = f"JS{school.code[4:]}{_NOT_ON_ANY_STAFF_LIST + self._teachers}"
        return Trainee(number, person.name, person.resident_id, school)

    def person(self, district: District, birth: date) -> Person:
        """Somebody born on a day, whose ID nobody else has."""
        sample = self._sample(district)
        while True:
            person = sample.person(self.random, self.random.choice(("男", "女")), birth, People.CONTRADICTED)
            if person.resident_id not in self._taken:
                self._taken.add(person.resident_id)
                return person
            birth += timedelta(days=1)

    def school(self, district: District, types: Sequence[str]) -> School:
        """A school of the district that is not among the smallest."""
        sample = self._sample(district)
        schools = self.register.schools_open(district.code, SAMPLE_DAY, types)
        by_size = sorted(schools, key=lambda school: sample.pupils(school, SAMPLE_DAY))
        return self.random.choice(by_size[len(by_size) // 3 :])

    def misspelt(self, name: str) -> str:
        """The name with another last character."""
        while (last := person_name(self.random)[-1]) == name[-1]:
            pass
        return name[:-1] + last

    def day(self, first: date, last: date) -> date:
        """A day of a span, both ends counted."""
        return random_day(self.random, first, last)

    def _sample(self, district: District) -> Sample:
        month = Period.containing(PeriodKind.MONTH, SAMPLE_DAY)
        return Sample(self.register, district, month, SAMPLE_DAY, self.seed)
