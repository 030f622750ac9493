"""Stages and grades: which a type of school has, how its pupils are spread over them, and how old they are."""

from collections.abc import Iterator
from datetime import date
from random import Random

from district_reports.local.samples.sample import random_day
from district_reports.reference.register import KINDERGARTEN, School

_STAGES = {
    "学前": range(1, 4),
    "小学": range(1, 7),
    "初中": range(7, 10),
    "普通高中": range(10, 13),
    "中职": range(1, 4),
}
_STAGES_OF = {
    "教学点": ("小学",),
    "小学": ("小学",),
    "初中": ("初中",),
    "九年一贯制": ("小学", "初中"),
    "十二年一贯制": ("小学", "初中", "普通高中"),
    "完全中学": ("初中", "普通高中"),
    "普通高中": ("普通高中",),
    "中职": ("中职",),
    "特殊教育": ("小学", "初中"),
    KINDERGARTEN: ("学前",),
}
_LAST_GRADE_OF_TEACHING_POINT = 4
_AGE_IN_GRADE_0 = {"学前": 2, "小学": 5, "初中": 5, "普通高中": 5, "中职": 14}


def grades_of(school: School) -> Iterator[tuple[str, int]]:
    """Every (stage, grade) that the school has; grades as the forms number them."""
    for stage in _STAGES_OF[school.school_type]:
        for grade in _STAGES[stage]:
            if school.school_type != "教学点" or grade <= _LAST_GRADE_OF_TEACHING_POINT:
                yield stage, grade


def schools_with(stage: str) -> frozenset[str]:
    """The types of ordinary schools that have `stage`."""
    return frozenset(kind for kind, stages in _STAGES_OF.items() if stage in stages and kind != "特殊教育")


def compulsory(school: School, pupils: int) -> int:
    """How many of a school's pupils are in compulsory education, all grades being of one size."""
    grades = [stage for stage, _ in grades_of(school)]
    return round(pupils * sum(stage in ("小学", "初中") for stage in grades) / len(grades))


def birth_date(random: Random, grade: int, year: int, stage: str = "小学") -> date:
    """A birth date for a grade in the school year that began in `year`; one pupil in ten is a year behind.

    Children are six by the end of the August before grade 1.
    """
    born = year - grade - _AGE_IN_GRADE_0[stage] - 1 - (random.random() < 0.1)
    return random_day(random, date(born, 9, 1), date(born + 1, 8, 31))
