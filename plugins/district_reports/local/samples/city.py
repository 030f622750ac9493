"""What the made-up city of 2020 sets out to mend, and how far it is on a day: which schools lack what, and until when.

The figures at the year's start are those of the city's work plan (items 8, 12 and 15); the rest is plausible, nothing
more. Every district's report looks the same things up here, so that they add up to one city.
"""

from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from district_reports.local.samples.sample import Sample, share
from district_reports.reference.register import KINDERGARTEN, Register, School

YEAR = 2020
# (from this day on, how much of a shortage is left, 1 being what there was when the year began)
_LEFT = (
    (date(2018, 1, 1), 1.6),
    (date(2019, 7, 1), 1.25),
    (date(2019, 12, 1), 1.0),
    (date(2020, 3, 1), 0.87),
    (date(2020, 6, 1), 0.48),
    (date(2020, 9, 1), 0.2),
    (date(2020, 12, 1), 0.04),
    (date(2021, 7, 1), 0.0),
)


def left(on: date, shortage: float) -> float:
    """What is left on a day of a shortage that was `shortage` when 2020 began."""
    begun = max(0, bisect_right(_LEFT, on, key=lambda step: step[0]) - 1)
    return shortage * _LEFT[begun][1]


def lacks(sample: Sample, what: str, code: str, shortage: float) -> bool:
    """Whether a school still lacks what the share `shortage` of all lacked when 2020 began."""
    return sample.share(what, code) < left(sample.last_day, shortage)


def is_among(sample: Sample, what: str, code: str, count: float, eligible: Callable[[School], bool]) -> bool:
    """Whether a school is one of the `count` that a lot drawn among all eligible ones of the city falls on."""
    return _places(sample.register, sample.seed, what, eligible).get(code, len(sample.register.schools)) < count


@lru_cache(maxsize=64)
def _places(register: Register, seed: int, what: str, eligible: Callable[[School], bool]) -> dict[str, int]:
    """The place of every eligible school in a drawing of lots; schools that open or close in the year take no part."""
    first, last = date(YEAR - 1, 1, 1), date(YEAR + 1, 1, 1)
    codes = {school.code for school in register.schools if eligible(school)}
    standing = [
        code
        for code in codes
        if (rows := register.schools_of(code))[0].is_open(first) and (rows[-1].closed_on or date.max) > last
    ]
    drawn = sorted(standing, key=lambda code: share(seed, what, code))
    return {code: place for place, code in enumerate(drawn)}


def large_classes(sample: Sample, school: School) -> tuple[int, int]:
    """The classes of 56 pupils and more of a school, and those of 66 and more among them."""
    place = _places(sample.register, sample.seed, "large classes", _is_large).get(school.code)
    if place is None or place >= _SCHOOLS_WITH_LARGE_CLASSES:
        return 0, 0
    slots = range(place, round(left(sample.last_day, 147)), _SCHOOLS_WITH_LARGE_CLASSES)
    oversize = range(place, round(left(sample.last_day, 1.0) ** 2 * 9), _SCHOOLS_WITH_LARGE_CLASSES)
    return len(slots), min(len(slots), len(oversize))


_SCHOOLS_WITH_LARGE_CLASSES = 62


def _is_large(school: School) -> bool:
    """Town schools of compulsory education."""
    return (
        school.area_type != "乡村" and school.sponsor == "公办" and school.school_type in ("小学", "初中", "九年一贯制")
    )


def lacks_resource_room(sample: Sample, school: School) -> bool:
    """Whether it is one of the 23 schools with 5 inclusive pupils or more that have no resource room yet."""
    return is_among(sample, "inclusive", school.code, round(left(sample.last_day, 23)), _is_inclusive)


def has_many_inclusive_pupils(sample: Sample, school: School) -> bool:
    """Whether 5 pupils or more with disabilities sit in ordinary classes."""
    return is_among(sample, "inclusive", school.code, 64, _is_inclusive)


def _is_inclusive(school: School) -> bool:
    return school.sponsor == "公办" and school.school_type in ("小学", "初中", "九年一贯制")


def is_football_school(sample: Sample, school: School) -> bool:
    """Whether it is one of the city's 181 football schools."""
    return is_among(sample, "football", school.code, 181, _is_football_school)


def _is_football_school(school: School) -> bool:
    return school.school_type in ("小学", "初中", "九年一贯制", "普通高中", "完全中学") and school.area_type != "乡村"


def is_football_kindergarten(sample: Sample, school: School) -> bool:
    """Whether it is one of the city's 30 football kindergartens."""
    return is_among(sample, "football", school.code, 30, _is_kindergarten_in_town)


def _is_kindergarten_in_town(school: School) -> bool:
    return school.school_type == KINDERGARTEN and school.area_type == "城区"
