"""What a generator of sample rows works from: a district, a period and a seed.

People and the sizes of schools come from here, so that they agree across forms and periods.
Nobody here exists: names are drawn from lists of characters, IDs carry sequence numbers that are dealt out by district.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from zlib import crc32

from district_reports.identifiers import make_resident_id
from district_reports.model.period import Period
from district_reports.reference import District, Register, School

_SURNAMES = (
    "王李张刘陈杨赵孙周吴徐马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔"
)
_GIVEN = "梓子浩宇轩欣怡涵睿佳雨思晨博文嘉琪俊杰诗语彤萱泽铭一诺若曦可馨明远志强海洋晓东丽娜静芳建军春燕雪梅立新玉兰"
# Districts whose code occurs in no ID, and the district their people were registered in.
_REGION_OF_IDS = {"210291": "210211", "210292": "210281", "210293": "210283"}
_ELSEWHERE = (
    ("230221", "黑龙江省齐齐哈尔市龙江县"),
    ("220122", "吉林省长春市农安县"),
    ("150421", "内蒙古自治区赤峰市阿鲁科尔沁旗"),
    ("411421", "河南省商丘市民权县"),
    ("371321", "山东省临沂市沂南县"),
    ("340621", "安徽省淮北市濉溪县"),
)
_PUPILS = {
    "教学点": (8, 60),
    "小学": (320, 1500),
    "初中": (300, 1200),
    "九年一贯制": (350, 1700),
    "十二年一贯制": (500, 1800),
    "完全中学": (300, 900),
    "普通高中": (600, 2200),
    "中职": (400, 2400),
    "特殊教育": (40, 220),
    "幼儿园": (60, 360),
}


@dataclass(frozen=True)
class Person:
    """A made-up person; ``household_place`` fits the region of the ID."""

    name: str
    resident_id: str
    sex: str
    household_place: str


@dataclass(frozen=True)
class Sample:
    """One district's report of one period, as it stands on the day `on`.

    ``scale`` multiplies the number of people, for samples that must be large.
    """

    register: Register
    district: District
    period: Period
    on: date
    seed: int = 1
    scale: float = 1.0

    @property
    def last_day(self) -> date:
        """The last day that a report of this sample may speak of."""
        return min(self.period.last_day, self.on)

    def random(self, *parts: object) -> Random:
        """Random numbers that depend on the seed, the district and `parts` alone."""
        return Random("/".join(map(str, (self.seed, self.district.code, *parts))))

    def person(self, random: Random, sex: str, birth: date) -> Person:
        """Somebody of this district; two districts never make the same ID."""
        codes = sorted({district.code for district in self.register.districts})
        step = 2 * len(codes)
        place = 2 * codes.index(self.district.code) + (sex == "男")
        sequence = step * random.randint(1, max(1, 999 // step - 1)) + place
        if random.random() < 0.22:
            region, household = random.choice(_ELSEWHERE)
        else:
            region = _REGION_OF_IDS.get(self.district.code, self.district.code)
            household = f"辽宁省大连市{self.district.name}"
        return Person(person_name(random), make_resident_id(region, birth, sequence), sex, household)

    def pupils(self, school: School, on: date) -> int:
        """The pupils (or children) of a school in the month of `on`; the same in every form, and slow to change."""
        base, growth = _size(self.seed, school)
        # A school year begins in September; within it the numbers hardly move.
        year = on.year - (on.month < 9)
        within = crc32(f"{self.seed}{school.code}{year}{on.month}".encode()) % 801 / 100_000 - 0.004
        return max(5, round(base * (1 + growth * (year - 2019)) * (1 + within)))


@lru_cache(maxsize=8192)
def _size(seed: int, school: School) -> tuple[float, float]:
    """The pupils of a school in 2019, and by what share they grow each year."""
    random = Random(f"{seed}/pupils/{school.code}")
    low, high = _PUPILS[school.school_type]
    if school.area_type == "乡村":
        high = low + (high - low) // 3
    elif school.area_type == "镇区":
        high = low + (high - low) * 2 // 3
    return random.triangular(low, high, low + (high - low) / 3), random.uniform(-0.02, 0.03)


def person_name(random: Random) -> str:
    """A surname and one or two characters."""
    return random.choice(_SURNAMES) + "".join(random.choices(_GIVEN, k=random.choice((1, 2, 2))))


def telephone(random: Random) -> str:
    """A number in a range that nobody has: Dalian's area code and 0000."""
    return f"0411-0000{random.randint(0, 9999):04}"


def random_day(random: Random, first: date, last: date) -> date:
    """A day from `first` to `last`, both counted."""
    return first + timedelta(days=random.randint(0, (last - first).days))


def weighted(random: Random, weights: dict[str, float]) -> str:
    """One of the keys, as often as its weight says."""
    return random.choices(list(weights), list(weights.values()))[0]
