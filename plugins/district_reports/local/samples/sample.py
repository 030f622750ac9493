"""What a generator of sample rows works from: a district, a period and a seed.

People and the sizes of schools come from here, so that they agree across forms and periods.
Nobody here exists: names are drawn from lists of characters, IDs carry sequence numbers that are dealt out by district.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cached_property, lru_cache
from hashlib import blake2b
from random import Random

from district_reports.model.identifiers import make_resident_id
from district_reports.model.period import Period
from district_reports.reference.register import District, Register, School

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
# Fewest and most pupils of a school in town; elsewhere there are fewer.
_PUPILS = {
    "教学点": (20, 110),
    "小学": (320, 2200),
    "初中": (300, 1750),
    "九年一贯制": (350, 2500),
    "十二年一贯制": (500, 2400),
    "完全中学": (300, 1200),
    "普通高中": (600, 2300),
    "中职": (250, 1700),
    "特殊教育": (40, 220),
    "幼儿园": (60, 360),
}


class People(Enum):
    """Kinds of people who never share an ID: what is said of one is not said of the other."""

    IN_SCHOOL = 0
    OTHERS = 1
    CONTRADICTED = 2
    """Of whom two workbooks say what can't both be true: see :mod:`.worklist`. They are few, and no district's own."""


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

    ``scale`` multiplies the number of people in sheets that list people; schools and their sizes stay what they are.
    """

    register: Register
    district: District
    period: Period
    on: date
    seed: int = 1
    scale: float = 1.0

    @cached_property
    def last_day(self) -> date:
        """The last day that a report of this sample may speak of."""
        return min(self.period.last_day, self.on)

    def random(self, *parts: object) -> Random:
        """Random numbers that depend on the seed, the district and `parts` alone."""
        return Random("/".join(map(str, (self.seed, self.district.code, *parts))))

    def share(self, *parts: object) -> float:
        """A number from 0 up to 1 that depends on the seed and `parts` alone: the same in every form and period."""
        return share(self.seed, *parts)

    @cached_property
    def household_place(self) -> str:
        """Where the people of this district live."""
        return f"辽宁省大连市{self.district.name}"

    @cached_property
    def _sequences(self) -> dict[tuple[People, str], list[int]]:
        """The sequence numbers of this district's IDs: no other district uses them."""
        codes = sorted({district.code for district in self.register.districts})
        step = 2 * len(codes)
        place = 2 * codes.index(self.district.code)
        rounds = range(step, 1000 - step, step)
        # A third of the rounds is enough for those who are few.
        dealt = {
            (people, sex): [first + place + (sex == "男") for first in rounds if (first // step % 3 == 0) is few]
            for people, few in ((People.IN_SCHOOL, False), (People.OTHERS, True))
            for sex in ("男", "女")
        }
        before = {(People.CONTRADICTED, sex): [*range(1 + (sex == "女"), step, 2)] for sex in ("男", "女")}
        return dealt | before

    def person(self, random: Random, sex: str, birth: date, people: People = People.OTHERS) -> Person:
        """Somebody of this district; two districts never make the same ID, and one ID never has two names.

        Whoever makes people who are contradicted must look out for the same ID twice.
        """
        sequence = random.choice(self._sequences[people, sex])
        if random.random() < 0.22:
            region, household = random.choice(_ELSEWHERE)
        else:
            region = _REGION_OF_IDS.get(self.district.code, self.district.code)
            household = self.household_place
        resident_id = make_resident_id(region, birth, sequence)
        return Person(_name_of(resident_id), resident_id, sex, household)

    def pupils(self, school: School, on: date) -> int:
        """The pupils (or children) of a school in the month of `on`; the same in every form, and slow to change."""
        within = 0.008 * share(self.seed, school.code, on.year, on.month) - 0.004
        return max(5, round(self._size(school, on) * (1 + within)))

    def pupils_at_start(self, school: School, on: date) -> int:
        """The pupils with whom the school year of `on` began: what classes, lists and staff are planned by."""
        return max(5, round(self._size(school, on)))

    def _size(self, school: School, on: date) -> float:
        base, growth = _size(self.seed, school.code, school.school_type, school.area_type)
        return base * (1 + growth * (school_year(on) - 2019))


def school_year(day: date) -> int:
    """The year in whose September the school year of `day` began."""
    return day.year - (day.month < 9)


def share(*parts: object) -> float:
    """A number from 0 up to 1 that depends on `parts` alone."""
    return share_of("/".join(map(str, parts)))


def share_of(text: str) -> float:
    """As :func:`share`, of parts that stand in `text` already with ``/`` between them: half its time."""
    # Not crc32, whose values for two texts of one length always differ by the same bits.
    return int.from_bytes(blake2b(text.encode(), digest_size=6).digest(), "big") / (1 << 48)


@lru_cache(maxsize=8192)
def _size(seed: int, code: str, school_type: str, area_type: str) -> tuple[float, float]:
    """The pupils of a school in 2019, and by what share they grow each year."""
    random = Random(f"{seed}/pupils/{code}")
    low, high = _PUPILS[school_type]
    if area_type == "乡村":
        low, high = low // 4, low + (high - low) // 4
    elif area_type == "镇区":
        low, high = low * 3 // 4, low + (high - low) * 2 // 3
    return random.triangular(low, high, low + (high - low) / 3), random.uniform(-0.02, 0.03)


def _name_of(resident_id: str) -> str:
    number = int(share_of(f"name/{resident_id}") * (1 << 30))
    number, first = divmod(number, len(_SURNAMES))
    number, second = divmod(number, len(_GIVEN))
    number, third = divmod(number, len(_GIVEN))
    return _SURNAMES[first] + _GIVEN[second] + ("" if number % 3 == 0 else _GIVEN[third])


def person_name(random: Random) -> str:
    """A surname and one or two characters."""
    return random.choice(_SURNAMES) + "".join(random.choices(_GIVEN, k=random.choice((1, 2, 2))))


def telephone(random: Random) -> str:
    """A number in a range that nobody has: Dalian's area code and 0000."""
    return f"0411-0000{random.randint(0, 9999):04}"


def random_day(random: Random, first: date, last: date) -> date:
    """A day from `first` to `last`, both counted."""
    return first + timedelta(days=random.randrange((last - first).days + 1))


def weighted(random: Random, weights: dict[str, float]) -> str:
    """One of the keys, as often as its weight says."""
    # As random.choices() draws it, which sums the weights up into a list first.
    drawn, reached = random.random() * sum(weights.values()), 0.0
    for key, weight in weights.items():
        reached += weight
        if drawn < reached:
            return key
    return key
