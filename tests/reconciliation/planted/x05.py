"""X05: one ID with two names, over all four forms, in one school year."""

from collections.abc import Callable
from datetime import date

from reconciliation.draft import Placed
from reconciliation.planter import AUTUMN, NEXT, SPRING, Planter
from reconciliation.sound import Person

DIFFERENT = (
    ("阿依古丽·买买提", "阿依古丽买买提"),
    ("劉安东", "刘安东"),
    ("ali·Khan", "Ali·Khan"),
    ("王安东", "王安冬"),
    ("迪丽·热巴", "迪丽.热巴"),
    ("欧阳安", "欧阳"),
)
SAME = (
    ("阿依·古丽", "阿依•古丽"),
    ("阿依·古丽", "阿依・古丽"),
    ("阿依‧古丽", "阿依･古丽"),
    ("阿依∙古丽", "阿依⋅古丽"),
    ("阿依 · 古丽", "阿依·古丽"),
    ("张 三丰", "张三丰"),
    ("张\u3000三丰", "张\u00a0三丰"),
    ("ＡＬＩ安", "ALI安"),
    ("文⽂安", "文文安"),
)


Way = Callable[[Planter, Person, str, str, str, str], tuple[Placed, Placed]]
WAYS: dict[str, Way] = {
    "名单与发放": lambda p, who, here, there, a, b: (p.listed(who, here, 姓名=a), p.paid(who, here, 姓名=b)),
    "两区发放": lambda p, who, here, there, a, b: (
        p.paid(who, here, AUTUMN, 姓名=a),
        p.paid(who, there, SPRING, 姓名=b),
    ),
    "台账与发放": lambda p, who, here, there, a, b: (
        p.case(who, here, date(2020, 6, 1), "2020-07", 姓名=a),
        p.paid(who, here, day=date(2020, 5, 1), 姓名=b),
    ),
    "九月与次年七月": lambda p, who, here, there, a, b: (
        p.case(who, here, date(2019, 9, 2), "2019-09", 姓名=a),
        p.case(who, there, date(2020, 7, 1), "2020-07", 姓名=b),
    ),
    "新学年": lambda p, who, here, there, a, b: (
        p.case(who, here, date(2020, 8, 3), "2020-08", 姓名=a),
        p.listed(who, there, NEXT, 姓名=b),
    ),
    "教师与学生": lambda p, who, here, there, a, b: (
        p.taught(who, here, p.number(), "2019-Q3", 姓名=a),
        p.listed(who, there, 姓名=b),
    ),
    "教师在两区": lambda p, who, here, there, a, b: (
        p.taught(who, here, p.number(), "2019-Q4", 姓名=a),
        p.taught(who, there, p.number(), "2020-Q2", 姓名=b),
    ),
    "一个教师编号": lambda p, who, here, there, a, b: _teacher(p, who, here, a, b),
}


def _teacher(p: Planter, who: Person, here: str, a: str, b: str) -> tuple[Placed, Placed]:
    number = p.number()
    return p.taught(who, here, number, course=2, 姓名=a), p.taught(who, here, number, course=3, 姓名=b)


def plant(p: Planter) -> None:
    for names in DIFFERENT[:4]:
        for way, make in WAYS.items():
            here, there = p.districts(2)
            sides = make(p, p.child(), here, there, *names)
            p.item("X05", f"{way}：{names}", *sides)
    for names in DIFFERENT[4:]:
        for way in ("名单与发放", "两区发放", "教师在两区"):
            here, there = p.districts(2)
            p.item("X05", f"{way}：{names}", *WAYS[way](p, p.child(), here, there, *names))
    for _ in range(4):
        _sides(p)
    for names in SAME:
        for way in ("名单与发放", "九月与次年七月", "一个教师编号"):
            here, there = p.districts(2)
            WAYS[way](p, p.child(), here, there, *names)
            p.nothing(f"{way}：{names}")
    for _ in range(2):
        _near(p)


def _sides(p: Planter) -> None:
    """All rows of the ID in a year with two names, and none of another year."""
    here, there = p.districts(2)
    who = p.child(x=True)
    both = p.listed(who, here, AUTUMN), p.listed(who, there, 身份证件号=who.id.lower(), 姓名=who.name + "子")
    own = p.paid(who, here, AUTUMN, date(2019, 12, 1))
    p.case(who, here, date(2019, 9, 2), "2020-08", 姓名=who.name + "儿")
    p.item("X05", "这个学年的三行，不算下个学年的第三个姓名", *both, own)
    who = p.child()
    first = p.listed(who, here), p.listed(who, there, AUTUMN, 姓名=who.name + "子")
    then = p.listed(who, here, NEXT), p.case(who, there, date(2020, 8, 3), "2020-08", 姓名=who.name + "子")
    p.item("X05", "两个学年各有两个姓名，还是一项", *first, *then)
    # Two people whose names were exchanged: an item each.
    one, other = p.child(), p.child()
    for who, name in ((one, other.name), (other, one.name)):
        p.item("X05", "姓名互换", p.listed(who, here), p.listed(who, here, AUTUMN, 姓名=name + "二"))


def _near(p: Planter) -> None:
    here, there = p.districts(2)
    who = p.child()
    p.paid(who, here, 姓名="刘安东")
    p.case(who, here, date(2020, 8, 3), "2020-08", 姓名="刘安冬")
    p.nothing("七月底的学期与八月的台账不是一个学年")
    who = p.teacher()
    p.taught(who, here, p.number(), "2020-Q2", 姓名="刘安东")
    p.taught(who, here, p.number(), "2020-Q3", 姓名="刘安冬")
    p.nothing("第二季度与第三季度不是一个学年")
    for cells in ({"wrong": True}, {"version": "corrected"}, {"version": "sent back"}, {"version": "taken back"}):
        who = p.child()
        p.listed(who, here, 姓名="刘安东")
        p.paid(who, there, 姓名="刘安冬", **cells)
        p.nothing(f"另一个姓名：{cells}")
    who = p.child()
    p.listed(who, here, 姓名="刘安东")
    p.listed(who, "210203", 姓名="刘安冬")
    p.nothing("学期中合并的区不报这个学期")
    p.listed(p.child(), here, 姓名="刘安东")
    p.listed(p.child(), there, 姓名="刘安东")
    p.nothing("同名的两个人")
