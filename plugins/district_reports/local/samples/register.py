"""A made-up register of schools for Dalian's 13 reporting units; the names and codes are invented.

Run ``python -m district_reports.local.samples.register [folder]`` to write ``districts.csv`` and ``schools.csv``. The
sizes and the mix of types are plausible, nothing more. A school code is a digit for the stage, 21 for Liaoning, 9, the
number of the district and a serial number. In 2020 some schools open, some close and some move to another district.
"""

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random

from district_reports.reference.register import (
    DISTRICT_COLUMNS,
    DISTRICTS,
    KINDERGARTEN,
    SCHOOL_COLUMNS,
    SCHOOL_TYPES,
    SCHOOLS,
    School,
)
from district_reports.settings import settings

SEED = 20200704
_REGISTER_BEGINS = "2016-01-01"
_CITY, _COUNTY = "市内五区", "涉农地区"


@dataclass(frozen=True)
class _Plan:
    """How many schools of each type (in the order of SCHOOL_TYPES) a district has, and its townships."""

    code: str
    name: str
    zone: str
    counts: tuple[int, ...]
    townships: tuple[str, ...]


# Order of the counts: 教学点 小学 初中 九年 十二年 完全中学 普通高中 中职 特殊教育 幼儿园.
_PLANS = (
    _Plan("210202", "中山区", _CITY, (0, 24, 12, 3, 1, 1, 5, 5, 1, 95), ()),
    _Plan("210203", "西岗区", _CITY, (0, 16, 8, 2, 1, 0, 4, 4, 1, 65), ()),
    _Plan("210204", "沙河口区", _CITY, (0, 30, 15, 3, 1, 1, 6, 7, 1, 125), ()),
    _Plan("210211", "甘井子区", _CITY, (2, 65, 30, 13, 3, 2, 7, 9, 1, 265), ("澄湾镇", "栖岭镇")),
    _Plan("210212", "旅顺口区", _COUNTY, (2, 15, 10, 4, 1, 0, 2, 3, 1, 55), ("泊云镇", "映礁镇", "筠洲镇")),
    _Plan("210213", "金普新区", _COUNTY, (6, 54, 27, 16, 3, 1, 8, 9, 1, 215), ("霁桥镇", "砚滩镇", "漱石镇", "蔚原镇")),
    _Plan("210214", "普兰店区", _COUNTY, (22, 42, 23, 14, 0, 1, 5, 3, 1, 95), ("芷沟镇", "昀台镇", "桐坡镇", "琅水乡")),
    _Plan("210224", "长海县", _COUNTY, (4, 5, 2, 3, 0, 0, 1, 1, 0, 8), ("鸥屿镇", "汀帆乡")),
    _Plan(
        "210281",
        "瓦房店市",
        _COUNTY,
        (26, 60, 31, 16, 1, 1, 6, 4, 1, 120),
        ("珩山镇", "岚川镇", "苇渡镇", "菡塘乡", "榆屯乡"),
    ),
    _Plan(
        "210283",
        "庄河市",
        _COUNTY,
        (28, 52, 31, 14, 0, 1, 5, 3, 1, 85),
        ("皓峰镇", "茗溪镇", "葭泽镇", "鹭滨乡", "枫岗乡"),
    ),
    _Plan("210291", "高新园区", _CITY, (0, 9, 4, 3, 2, 0, 1, 2, 0, 47), ()),
    _Plan("210292", "长兴岛经济区", _COUNTY, (2, 5, 3, 1, 0, 0, 1, 1, 0, 18), ("帆礁镇",)),
    _Plan("210293", "花园口经济区", _COUNTY, (1, 2, 1, 1, 0, 0, 1, 0, 0, 7), ("沐洋镇",)),
)
_SUFFIX = dict(
    zip(
        SCHOOL_TYPES,
        (
            "教学点",
            "小学",
            "初级中学",
            "九年一贯制学校",
            "实验学校",
            "中学",
            "高级中学",
            "职业技术学校",
            "特殊教育学校",
            "幼儿园",
        ),
        strict=True,
    )
)
# Rare pairs of characters, so that no name is a real school's by chance: 澄帆, 筠麓, 霁舟 …
_FIRST = "澄霁砚汀屿栖筠漱映晗昀桐芷蔚珩琅沐泠岚皓茗苇菡葭榆枫鹭泊翊晴"
_SECOND = "潮帆舟麓石川溪林原野鸥松桥湾岭洲庭苑墨竹禾榭汐滢峦陌渚岑笙荻"
_PRIVATE_SHARE = {
    "小学": 0.03,
    "初中": 0.06,
    "九年一贯制": 0.1,
    "十二年一贯制": 0.8,
    "普通高中": 0.2,
    "中职": 0.25,
    KINDERGARTEN: 0.6,
}
_COUNTY_AREAS = {
    "教学点": (0, 0, 100),
    "小学": (30, 30, 40),
    "初中": (35, 40, 25),
    "九年一贯制": (20, 35, 45),
    KINDERGARTEN: (40, 35, 25),
}
# How many of a type open, or close, in 2020, and when.
_OPENING = (
    ("小学", "2020-03-01", 2),
    ("小学", "2020-09-01", 4),
    ("九年一贯制", "2020-09-01", 2),
    (KINDERGARTEN, "2020-03-01", 5),
    (KINDERGARTEN, "2020-06-15", 3),
    (KINDERGARTEN, "2020-09-01", 9),
)
_CLOSING = (
    ("教学点", "2020-03-01", 4),
    ("教学点", "2020-09-01", 6),
    ("小学", "2020-06-16", 2),
    ("小学", "2020-09-01", 3),
    (KINDERGARTEN, "2020-05-01", 4),
    (KINDERGARTEN, "2020-09-01", 6),
)
_MOVING = (
    ("210211", "210291", "小学", "2020-05-01"),
    ("210213", "210214", "九年一贯制", "2020-06-16"),
    ("210214", "210293", "小学", "2020-07-01"),
    ("210281", "210292", "初中", "2020-09-01"),
    ("210211", "210291", KINDERGARTEN, "2020-09-01"),
)


def make_schools(seed: int = SEED) -> list[School]:
    """The schools and kindergartens, sorted by code and first day; the same seed gives the same list."""
    random = Random(seed)
    schools = [
        school for number, plan in enumerate(_PLANS, start=1) for school in _schools_of_district(random, number, plan)
    ]
    return sorted(_with_changes(random, schools), key=lambda school: (school.code, school.opened_on))


def _schools_of_district(random: Random, number: int, plan: _Plan) -> Iterator[School]:
    stems = [first + second for first in _FIRST for second in _SECOND]
    random.shuffle(stems)
    serial = 0
    for school_type, count in zip(SCHOOL_TYPES, plan.counts, strict=True):
        for _ in range(count):
            serial += 1
            area = _area(random, plan, school_type)
            sponsor = "民办" if random.random() < _PRIVATE_SHARE.get(school_type, 0) else "公办"
            if area == "乡村" and school_type != KINDERGARTEN:
                sponsor = "公办"
            place = "" if area == "城区" else random.choice(plan.townships)
            yield School(
                code=f"{_stage_digit(school_type)}219{number:02}{serial:04}",
                name=f"{plan.name}{place}{stems[serial]}{_SUFFIX[school_type]}",
                district_code=plan.code,
                school_type=school_type,
                area_type=area,
                sponsor=sponsor,
                opened_on=_opened_on(random, school_type),
                closed_on=None,
            )


def _stage_digit(school_type: str) -> int:
    """What a school code begins with: 1 kindergartens, 2 primary schools, 5 special schools, 3 all the others."""
    return {KINDERGARTEN: 1, "教学点": 2, "小学": 2, "特殊教育": 5}.get(school_type, 3)


def _area(random: Random, plan: _Plan, school_type: str) -> str:
    if not plan.townships:
        return "城区"
    if plan.zone == _CITY:
        weights = (0, 40, 60) if school_type == "教学点" else (88, 10, 2)
    else:
        weights = _COUNTY_AREAS.get(school_type, (65, 35, 0))
    return random.choices(("城区", "镇区", "乡村"), weights)[0]


def _opened_on(random: Random, school_type: str) -> date:
    year = random.randint(1996 if school_type == KINDERGARTEN else 1952, 2018)
    return date(year, random.choice((3, 9)), 1)


def _with_changes(random: Random, schools: list[School]) -> list[School]:
    """`schools` with what opens, closes and moves in 2020; no school changes twice."""
    changed: dict[str, list[School]] = {}

    def pick(candidates: Iterable[School], count: int) -> list[School]:
        return random.sample([school for school in candidates if school.code not in changed], count)

    for origin, destination, school_type, day in _MOVING:
        of_type = (row for row in schools if row.district_code == origin and row.school_type == school_type)
        (school,) = pick(of_type, 1)
        moved_on = date.fromisoformat(day)
        left = replace(school, closed_on=moved_on)
        changed[school.code] = [left, replace(school, district_code=destination, opened_on=moved_on)]
    for changes, opens in ((_OPENING, True), (_CLOSING, False)):
        for school_type, day, count in changes:
            on = date.fromisoformat(day)
            for place, school in enumerate(pick((row for row in schools if row.school_type == school_type), count)):
                # Whatever opens in 2020 is public (item 11 of the work plan), but for two kindergartens in autumn.
                sponsor = school.sponsor if place > 6 else "公办"
                opened = replace(school, opened_on=on, sponsor=sponsor)
                changed[school.code] = [opened if opens else replace(school, closed_on=on)]
    return [row for school in schools for row in changed.get(school.code, [school])]


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def register_files(seed: int = SEED) -> dict[str, bytes]:
    """The two CSV files by name."""
    districts = [(plan.code, plan.name, plan.zone, _REGISTER_BEGINS, "") for plan in _PLANS]
    schools = [
        (
            *(school.code, school.name, school.district_code, school.school_type, school.area_type, school.sponsor),
            *(school.opened_on, school.closed_on or ""),
        )
        for school in make_schools(seed)
    ]
    return {DISTRICTS: _csv(DISTRICT_COLUMNS, districts), SCHOOLS: _csv(SCHOOL_COLUMNS, schools)}


def main(folder: Path) -> None:
    """Write the two CSV files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in register_files().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else settings().reference)
