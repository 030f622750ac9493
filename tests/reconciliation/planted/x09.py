"""X09: one teacher number of a district with two resident IDs, or with two names where an ID is missing."""

from reconciliation.planted.x05 import SAME
from reconciliation.planter import Planter

OTHERS = ("210204", "210211", "210213", "210283", "210281", "210224", "210212", "210214", "210291")


def plant(p: Planter) -> None:
    for _ in range(8):
        _two_ids(p)
        _missing(p)
    _mergers(p)
    for turn in range(2):
        _near(p, turn)


def _two_ids(p: Planter) -> None:
    here = p.districts(1, OTHERS)[0]
    number, one = p.number(), p.teacher()
    sides = p.taught(one, here, number), p.taught(p.teacher(), here, number, course=3)
    p.item("X09", "两个证件号", *sides)
    number = p.number()
    sides = p.taught(one, here, number, "2019-Q3"), p.taught(p.teacher(), here, number, "2020-Q2", 姓名=one.name)
    p.item("X09", "两个证件号，一个姓名，在一个学年的两头", *sides)
    number, one = p.number(), p.teacher()
    sides = (
        p.taught(one, here, number, "2019-Q4"),
        p.taught(one, here, number, "2020-Q1", 身份证件号=None),
        p.taught(p.teacher(), here, number, "2020-Q2"),
    )
    p.taught(one, here, number, "2020-Q3")
    p.item("X09", "三行，一行没有证件号，下个学年的不算", *sides)


def _missing(p: Planter) -> None:
    here = p.districts(1, OTHERS)[0]
    number = p.number()
    sides = p.taught(p.teacher(), here, number), p.taught(p.teacher(), here, number, course=3, 身份证件号=None)
    p.item("X09", "一行没有证件号，姓名不同", *sides)
    number = p.number()
    sides = (
        p.taught(p.teacher(), here, number, "2019-Q3", 身份证件号=None, 姓名="买买提·艾力"),
        p.taught(p.teacher(), here, number, "2019-Q4", 身份证件号=None, 姓名="买买提艾力"),
    )
    p.item("X09", "都没有证件号，有点和没有点", *sides)
    number, one = p.number(), p.teacher()
    sides = (
        p.taught(one, here, number),
        p.taught(one, here, number, course=3, 姓名=one.name + "子"),
        p.taught(one, here, number, course=4, 身份证件号=None),
    )
    p.item("X09", "一行没有证件号，有证件号的两个姓名", *sides)
    p.item("X05", "这个教师的两个姓名", *sides[:2])


def _mergers(p: Planter) -> None:
    number = p.number()
    p.taught(p.teacher(), "210203", number, "2020-Q1")
    p.taught(p.teacher(), "210202", number, "2020-Q2")
    p.nothing("合并之前合并区的编号是它自己的")
    number = p.number()
    sides = [p.taught(p.teacher(), district, number) for district in ("210283", "210293") for _ in range(2)]
    for course, side in enumerate(sides):
        side.cells["培训名称"] = f"第{course}期"
    p.item("X09", "两个区的同一个编号都有两个人，合并之后是一项", *sides)
    number = p.number()
    sides = p.taught(p.teacher(), "210203", number, "2019-Q4"), p.taught(p.teacher(), "210203", number, "2020-Q1")
    p.item("X09", "合并区自己的编号", *sides)
    number = p.number()
    p.taught(p.teacher(), "210203", number, "2020-Q1")
    p.taught(p.teacher(), "210202", number, "2020-Q1")
    p.nothing("合并之前是两个区")
    number = p.number()
    p.taught(p.teacher(), "210283", number)
    p.taught(p.teacher(), "210293", number, 身份证件号=None)
    p.nothing("合并在这个季度之后")
    number, one = p.number(), p.teacher()
    p.taught(one, "210203", number, "2020-Q1")
    p.taught(one, "210202", number, "2020-Q2", 身份证件号=None)
    p.nothing("合并前后同一个人")


def _near(p: Planter, turn: int) -> None:
    here, there = p.districts(2, OTHERS)
    number = p.number()
    p.taught(p.teacher(), here, number)
    p.taught(p.teacher(), there, number)
    p.nothing("两个区用了一个编号")
    number = p.number()
    p.taught(p.teacher(), here, number, 身份证件号=None)
    p.taught(p.teacher(), there, number, 身份证件号=None)
    p.nothing("两个区用了一个编号，没有证件号")
    number = p.number()
    p.taught(p.teacher(), here, number, "2020-Q2")
    p.taught(p.teacher(), here, number, "2020-Q3")
    p.nothing("下个学年给了别人")
    one, number = p.teacher(), p.number()
    sides = p.taught(one, here, number), p.taught(one, here, number, course=3, 姓名=one.name + "子")
    p.item("X05", "证件号相同，姓名不同，不是X09", *sides)
    number, one = p.number(), p.teacher()
    p.taught(one, here, number)
    p.taught(one, here, number, "2020-Q1", 身份证件号=None)
    p.nothing("一行没有证件号，姓名相同")
    for a, b in SAME[turn::2]:
        number, one = p.number(), p.teacher()
        p.taught(one, here, number, course=2, 姓名=a)
        p.taught(one, here, number, course=3, 姓名=b, 身份证件号=None)
        p.nothing(f"姓名相同，写法不同：{a}，{b}")
    number, one = p.number(), p.teacher()
    p.taught(one, here, number)
    p.taught(p.teacher(), here, number, "2020-Q1", wrong=True)
    p.nothing("另一个人有错未入库")
    for version in ("corrected", "sent back", "taken back"):
        number = p.number()
        p.taught(p.teacher(), here, number)
        p.taught(p.teacher(), here, number, course=3, version=version)
        p.nothing(f"另一个人只在{version}的表里")
    one = p.teacher()
    for _ in range(2):
        p.taught(one, here, p.number())
    p.nothing("一个人有两个编号")
