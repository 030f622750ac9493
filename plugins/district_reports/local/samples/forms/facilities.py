"""Sample rows of facilities: every school and kindergarten as it stands at the quarter's end.

What a school lacks is mended once and for all, so the quarters follow from one another; see :mod:`..city`. Two warnings
are true of the city and stay: schools that lack a resource room (B07), and slow lines at rural schools (B04).
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from typing import Any

from district_reports.local.samples import city
from district_reports.local.samples.grades import grades_of
from district_reports.local.samples.sample import Sample, random_day
from district_reports.reference.register import KINDERGARTEN, School

_PUPILS_A_CLASS = {"城区": (40, 48), "镇区": (33, 44), "乡村": (14, 27)}
_PUPILS_A_CLASS_OF = {"教学点": (6, 14), "普通高中": (42, 50), "中职": (30, 42), "特殊教育": (7, 10)}
_TOWNSHIP = re.compile(r"..[镇乡]")
# What share of the dry toilets of the countryside is rebuilt by a day.
_REBUILT = (
    *((date(2018, 1, 1), 0.0), (date(2020, 1, 1), 0.2), (date(2020, 4, 1), 0.24)),
    *((date(2020, 7, 1), 0.48), (date(2020, 10, 1), 0.8), (date(2021, 1, 1), 0.98)),
)
_SEAT_BATCH = 30


def rows(sample: Sample) -> dict[str, list[dict[str, Any]]]:
    """The schools and kindergartens that are open on the period's last day."""
    schools = sample.register.schools_open(sample.district.code, sample.period.last_day)
    centres = set(_township_centres(schools))
    return {
        "school_facility": [_school(sample, one) for one in schools if one.school_type != KINDERGARTEN],
        "kindergarten_facility": [
            _kindergarten(sample, one, one.code in centres) for one in schools if one.school_type == KINDERGARTEN
        ],
    }


def _school(sample: Sample, school: School) -> dict[str, Any]:
    code = school.code
    classes = _classes(sample, school)
    large, oversize = city.large_classes(sample, school)
    small, boarding = _is_small(sample, school), _is_boarding(sample, school)
    retained = sample.share("retained", code) < (0.85 if small else 0.97)
    return {
        "school_code": code,
        "school_name": school.name,
        "school_type": school.school_type,
        "sponsor": school.sponsor,
        "area_type": school.area_type,
        "rural_boarding": _yes(boarding),
        "rural_small": _yes(small),
        "retained": _yes(retained),
        "class_count": classes,
        "pupil_count": sample.pupils(school, sample.last_day),
        "large_class_count": large,
        "oversize_class_count": oversize,
        "bandwidth_mbps": _bandwidth(sample, school, (small or boarding) and retained),
        "wireless": _coverage(sample, school, "wireless"),
        "learning_space": _coverage(sample, school, "learning space"),
        **_dry_toilets(sample, school),
        **_rooms(sample, school, classes),
        "inspected_on": _inspected_on(sample, school),
        **_inclusion(sample, school),
        **_football(sample, school),
        "counsellor_count": _counsellors(sample, school),
    }


def _yes(holds: bool) -> str:
    return "是" if holds else "否"


def _between(share: float, low: float, high: float) -> float:
    return low + share * (high - low)


def _classes(sample: Sample, school: School) -> int:
    """As many as the school year was planned with, so that none is larger than the rules take without a word."""
    low, high = _PUPILS_A_CLASS_OF.get(school.school_type, _PUPILS_A_CLASS[school.area_type])
    if city.large_classes(sample, school) != (0, 0):
        low, high = 46, 51
    planned = sample.pupils_at_start(school, sample.last_day)
    return max(len(list(grades_of(school))), ceil(planned / _between(sample.share("classes", school.code), low, high)))


def _is_small(sample: Sample, school: School) -> bool:
    pupils = max(sample.pupils(school, sample.last_day), sample.pupils_at_start(school, sample.last_day))
    return school.area_type == "乡村" and school.school_type in ("教学点", "小学") and pupils < 100


def _is_boarding(sample: Sample, school: School) -> bool:
    outside = school.area_type == "乡村" or (school.area_type == "镇区" and sample.share("seat", school.code) < 0.3)
    return outside and school.school_type in ("初中", "九年一贯制") and sample.share("boarding", school.code) < 0.7


def _bandwidth(sample: Sample, school: School, must_be_fast: bool) -> int:
    """Megabits a second; item 12 wants 100 at the rural schools that stay."""
    if must_be_fast and city.lacks(sample, "bandwidth", school.code, 0.3):
        return (20, 50)[sample.share("line", school.code) < 0.7]
    town = school.area_type == "城区"
    return (100, 200, 300, 500, 1000)[int(sample.share("line", school.code) * (5 if town else 3))]


def _coverage(sample: Sample, school: School, what: str) -> str:
    lacking = 0.35 if school.school_type == "特殊教育" else 0.3
    if not city.lacks(sample, what, school.code, lacking):
        return "全覆盖"
    return "无" if sample.share(what, "none", school.code) < 0.12 else "部分覆盖"


def _dry_toilets(sample: Sample, school: School) -> dict[str, int]:
    """Those at the year's start, and those of them that were rebuilt since; public schools outside the towns."""
    year_begins = sample.last_day.replace(month=1, day=1)
    likely = {"乡村": 0.6, "镇区": 0.2}.get(school.area_type, 0) if school.sponsor == "公办" else 0
    once = 1 + int(sample.share("toilets", school.code) * 3) if sample.share("dry", school.code) < likely else 0
    rebuilt = [sample.share("toilet", school.code, number) for number in range(once)]
    start = sum(_rebuilt_by(year_begins) <= when for when in rebuilt)
    left = sum(_rebuilt_by(sample.last_day + timedelta(days=1)) <= when for when in rebuilt)
    return {"dry_toilet_start": start, "dry_toilet_converted": start - left}


def _rebuilt_by(day: date) -> float:
    for (begins, before), (ends, after) in pairwise(_REBUILT):
        if begins <= day < ends:
            return _between((day - begins) / (ends - begins), before, after)
    return 0.0 if day < _REBUILT[0][0] else 1.0


def _rooms(sample: Sample, school: School, classes: int) -> dict[str, int]:
    """Classrooms and desks, and those of them up to standard."""
    rooms = classes + 2 + int(sample.share("rooms", school.code) * 8)
    desks = round(
        sample.pupils_at_start(school, sample.last_day) * _between(sample.share("desks", school.code), 1, 1.1)
    )
    found: dict[str, int] = {}
    for all_of, fit, count in (("classroom", "lit_classroom", rooms), ("desk", "fit_desk", desks)):
        up_to_standard = 1.0
        if city.lacks(sample, fit, school.code, 0.42):
            up_to_standard = _between(sample.share(fit, "rate", school.code), 0.55, 0.97)
        found |= {f"{all_of}_count": count, f"{fit}_count": int(count * up_to_standard)}
    return found


def _inspected_on(sample: Sample, school: School) -> date | None:
    """The day of this year's inspection, once it was."""
    year = sample.last_day.year
    random = sample.random("inspection", year, school.code)
    inspected_on = random_day(random, date(year, 4, 1), date(year, 11, 30))
    return inspected_on if inspected_on <= sample.last_day else None


def _inclusion(sample: Sample, school: School) -> dict[str, int]:
    pupils, rooms = 0, 0
    if city.has_many_inclusive_pupils(sample, school):
        pupils = 5 + int(sample.share("inclusive pupils", school.code) * 6)
        rooms = 0 if city.lacks_resource_room(sample, school) else 1
    elif school.school_type in ("小学", "初中", "九年一贯制"):
        pupils = max(0, int(sample.share("inclusive pupils", school.code) * 8) - 3)
        rooms = int(pupils >= 3 and sample.share("resource room", school.code) < 0.3)
    elif school.school_type == "特殊教育":
        rooms = 2
    return {"inclusive_pupil_count": pupils, "resource_room_count": rooms}


def _football(sample: Sample, school: School) -> dict[str, str | None]:
    if not city.is_football_school(sample, school):
        return {"football_school": "否", "football_inspection": None}
    result = "未检"
    if not city.lacks(sample, "football inspection", school.code, 0.9):
        result = "未通过" if sample.share("football result", school.code) < 0.03 else "通过"
    return {"football_school": "是", "football_inspection": result}


def _counsellors(sample: Sample, school: School) -> int:
    pupils = sample.pupils_at_start(school, sample.last_day)
    without = 0.25 if pupils > 800 else 0.6
    if sample.share("counsellor", school.code) < without or city.lacks(sample, "counsellor hired", school.code, 0.15):
        return 0
    return 1 + pupils // 2000


def _kindergarten(sample: Sample, school: School, is_centre: bool) -> dict[str, Any]:
    children = sample.pupils(school, sample.last_day)
    most = max(children, sample.pupils_at_start(school, sample.last_day))
    places = ceil(most / _between(sample.share("places", school.code), 0.72, 1.1) / _SEAT_BATCH) * _SEAT_BATCH
    community = _community(sample, school)
    ownership = _ownership(sample, school, community)
    opened = sample.register.first_opened_on(school.code) or school.opened_on
    is_new = opened.year == sample.last_day.year
    return {
        "school_code": school.code,
        "school_name": school.name,
        "ownership": ownership,
        "area_type": school.area_type,
        "township_centre": _yes(is_centre),
        "opened_this_year": _yes(is_new),
        "place_count": places,
        "new_public_places": _new_places(sample, school, places, is_new) if ownership == "公办" else 0,
        "child_count": children,
        "community_kindergarten": community,
        **_dry_toilets(sample, school),
        "football_kindergarten": _yes(city.is_football_kindergarten(sample, school)),
    }


def _community(sample: Sample, school: School) -> str:
    """Whether it belongs to a housing estate, and if so whether the estate has handed it over."""
    if school.area_type == "乡村" or sample.share("community", school.code) >= 0.18:
        return "否"
    return "未移交" if city.lacks(sample, "handed over", school.code, 0.4) else "已移交"


def _ownership(sample: Sample, school: School, community: str) -> str:
    if school.sponsor == "公办":
        return "公办"
    dear = community != "已移交" and city.lacks(sample, "inclusive fees", school.code, 0.17)
    always_dear = community != "已移交" and sample.share("dear", school.code) < 0.25
    return "其他民办" if dear or always_dear else "普惠性民办"


def _new_places(sample: Sample, school: School, places: int, is_new: bool) -> int:
    """Places that are new this year: all of a new kindergarten's, and some where an old one was extended."""
    if is_new:
        return places
    year = sample.last_day.year
    ready_on = date(year, 1, 1) + timedelta(days=int(365 * sample.share("extended", year, school.code)))
    extended = sample.share("extends", year, school.code) < 0.14 and ready_on <= sample.last_day
    return min(places, (1 + int(sample.share("extension", school.code) * 2)) * _SEAT_BATCH) if extended else 0


def _township_centres(schools: list[School]) -> Iterator[str]:
    """The code of the first public kindergarten of every township."""
    seen: set[str] = set()
    for school in schools:
        township = _TOWNSHIP.search(school.name)
        if school.school_type == KINDERGARTEN and school.sponsor == "公办" and township and township[0] not in seen:
            seen.add(township[0])
            yield school.code
