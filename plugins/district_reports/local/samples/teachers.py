"""The teachers of a school: how many there are, what they are, and who they are; the same in every quarter."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from district_reports.local.samples.sample import People, Person, Sample, share_of
from district_reports.reference.register import School

_PUPILS_A_TEACHER = {
    "教学点": 6.0,
    "小学": 15.5,
    "初中": 11.5,
    "九年一贯制": 13.5,
    "十二年一贯制": 13.0,
    "完全中学": 12.0,
    "普通高中": 12.0,
    "中职": 15.0,
    "特殊教育": 4.0,
}
_SUBJECTS = {
    "小学": ("语文", "语文", "语文", "数学", "数学", "英语", "体育", "音乐", "美术", "科学", "信息技术"),
    "初中": ("语文", "数学", "英语", "物理", "化学", "历史", "地理", "生物", "体育", "音乐", "美术", "信息技术"),
    "中职": ("语文", "数学", "英语", "机械制造", "电子商务", "会计", "计算机应用", "旅游服务", "汽车维修", "学前教育"),
    "特殊教育": ("生活适应", "康复训练", "语文", "数学", "体育", "美术", "信息技术"),
}
_PRIMARY = ("教学点", "小学", "九年一贯制")
IDEOLOGY, RURAL, DUAL, BACKBONE, IT, PRINCIPAL = "ideology", "rural", "dual", "backbone", "it", "principal"
_SHARE_OF_ROLE = {IDEOLOGY: 0.055, BACKBONE: 0.13, IT: 0.035}
_DUAL_SHARE = 0.45


@dataclass(frozen=True)
class Teacher:
    """A teacher by the place on the school's staff list; ``number`` is the city's and stays."""

    number: str
    person: Person
    subject: str
    has_id: bool


def count_teachers(sample: Sample, school: School) -> int:
    """The full-time teachers of a school in this school year."""
    return max(2, round(sample.pupils_at_start(school, sample.last_day) / _PUPILS_A_TEACHER[school.school_type]))


def staff_of(sample: Sample, school: School) -> list[frozenset[str]]:
    """What each teacher of the school's list counts as, beside being one of its teachers."""
    count = count_teachers(sample, school)
    return [_roles(sample, school, place, place < 1 + count // 45) for place in range(count)]


def _roles(sample: Sample, school: School, place: int, leads: bool) -> frozenset[str]:
    found = {
        role
        for role, share in _SHARE_OF_ROLE.items()
        if share_of(f"{sample.seed}/{role}/{school.code}/{place}") < share
    }
    if leads:
        found.add(PRINCIPAL)
    if school.area_type != "城区":
        found.add(RURAL)
    if school.school_type == "中职" and IDEOLOGY not in found and sample.share(DUAL, school.code, place) < _DUAL_SHARE:
        found.add(DUAL)
    return frozenset(found)


def teacher(sample: Sample, school: School, place: int, is_ideology: bool) -> Teacher:
    """The teacher at `place` of the school's list."""
    random = Random(f"{sample.seed}/teacher/{school.code}/{place}")
    # A school that has moved keeps its teachers, and these the IDs of where they lived.
    origin = sample.register.schools_of(school.code)[0].district_code
    if origin != sample.district.code and (home := sample.register.district(origin, sample.last_day)):
        sample = replace(sample, district=home)
    birth = date(1962, 1, 1) + timedelta(days=random.randint(0, 12_700))
    return Teacher(
        number=f"JS{school.code[4:]}{place:03}",
        person=sample.person(random, random.choices(("女", "男"), (72, 28))[0], birth, People.OTHERS),
        subject=_ideology(school) if is_ideology else random.choice(_subjects(school)),
        has_id=random.random() < 0.85,
    )


def _ideology(school: School) -> str:
    return "道德与法治" if school.school_type in (*_PRIMARY, "初中", "特殊教育") else "思想政治"


def _subjects(school: School) -> tuple[str, ...]:
    if school.school_type in _PRIMARY:
        return _SUBJECTS["小学"]
    return _SUBJECTS.get(school.school_type, _SUBJECTS["初中"])
