"""X04: a case 因贫, open and not 失学, whose student is on no list of the semester of discovery, or without aid."""

from datetime import date

from independent.book import Row
from reconciliation.planted.x02 import CLOSED, FOUND
from reconciliation.planter import AUTUMN, NEXT, SPRING, Planter

UNPAID: tuple[Row, ...] = (
    {"发放状态": "未发放", "发放金额": 0, "发放日期": None},
    {"发放状态": "已退回"},
    {"发放金额": 0},
)
EDGES = (
    (date(2019, 8, 1), AUTUMN, SPRING),
    (date(2020, 1, 1), AUTUMN, SPRING),
    (date(2020, 1, 31), AUTUMN, SPRING),
    (date(2020, 2, 1), SPRING, AUTUMN),
    (date(2020, 7, 31), SPRING, NEXT),
    (date(2020, 8, 1), NEXT, SPRING),
)
"""A day of discovery, its semester, and the one it could be taken for."""


def plant(p: Planter) -> None:
    for _ in range(3):
        _plain(p)
        _edges(p)
    _absent(p)
    for _ in range(2):
        _near(p)
    _near_once(p)


def _plain(p: Planter) -> None:
    here, there = p.districts(2)
    p.item("X04", "不在名单上", p.poor(p.child(), here, FOUND))
    who = p.child()
    p.item("X04", "在名单上，没有发放", p.poor(who, here, FOUND), p.listed(who, here))
    who = p.child()
    p.item("X04", "在别区的名单上，没有发放", p.poor(who, here, FOUND, 劝返状态="未劝返"), p.listed(who, there))
    for unpaid in UNPAID:
        who = p.child()
        p.paid(who, here, **unpaid)
        p.item("X04", f"在名单上，{unpaid}", p.poor(who, here, FOUND), p.listed(who, here))
    who = p.child()
    p.paid(who, here, day=FOUND)
    p.item("X04", "有发放，不在名单上", p.poor(who, here, FOUND, 辍学类别="辍学"))


def _edges(p: Planter) -> None:
    """Listed and paid in the other semester."""
    for discovered, semester, other in EDGES:
        here = p.districts(1)[0]
        who = p.child()
        p.listed(who, here, other)
        p.paid(who, here, other, min(date(2020, 1, 1), discovered))
        p.item("X04", f"{discovered}属于{semester}，{other}的不算", p.poor(who, here, discovered))
        who = p.child()
        p.poor(who, here, discovered)
        p.listed(who, here, semester)
        p.paid(who, here, semester, min(date(2020, 1, 1), discovered))
        p.nothing(f"{discovered}属于{semester}，在名单上，有发放")
    discovered, semester, other = EDGES[2]
    here = p.districts(1)[0]
    who = p.child()
    p.paid(who, here, other, discovered)
    p.item("X04", f"名单在{semester}，发放在{other}", p.poor(who, here, discovered), p.listed(who, here, semester))


def _absent(p: Planter) -> None:
    """A nil return is an answer; and what does not stand says nothing."""
    for _ in range(2):
        p.item("X04", "本区零报告", p.poor(p.child(), "210291", date(2019, 11, 5)))
        p.item("X04", "两个区的秋季表还没有", p.poor(p.child(), "210292", date(2019, 11, 5)))
        p.item("X04", "最近一期是八月", p.poor(p.child(), "210212", FOUND, "2020-08"))
    for version in ("corrected", "taken back", "sent back"):
        here, there = p.districts(2)
        who = p.child()
        p.listed(who, there, version=version)
        p.paid(who, there, version=version)
        p.item("X04", f"名单和发放只在{version}的表里", p.poor(who, here, FOUND))
    who = p.child()
    p.listed(who, "210203")
    p.paid(who, "210203")
    p.item("X04", "学期中合并的区不报这个学期", p.poor(who, "210202", FOUND))
    who = p.child()
    sides = p.poor(who, "210293", FOUND), p.listed(who, "210283")
    p.item("X04", "合并区的案子，新区的名单", *sides)
    who = p.child()
    p.case(who, "210211", FOUND, "2020-08")
    p.item("X04", "九月才知道因贫", p.poor(who, "210211", FOUND))
    who = p.child()
    case = p.poor(who, "210204", FOUND, 建档立卡="是")
    p.item("X04", "建档立卡，不在名单上", case)


def _near(p: Planter) -> None:
    here, there, third = p.districts(3)
    who = p.child()
    p.poor(who, here, FOUND)
    p.listed(who, here)
    p.paid(who, here, day=date(2020, 2, 7), 发放金额=0.01)
    p.nothing("发过一分钱，在发现之前")
    who = p.child()
    p.poor(who, here, FOUND)
    p.listed(who, there)
    p.paid(who, third, day=date(2020, 2, 7))
    p.nothing("名单在一区，发放在另一区")
    for listed_wrong, paid_wrong in ((True, False), (False, True)):
        who = p.child(x=True)
        p.poor(who, here, FOUND)
        p.listed(who, there, wrong=listed_wrong, 身份证件号=who.id.lower())
        p.paid(who, there, wrong=paid_wrong, 身份证件号=who.id.lower(), day=date(2020, 2, 7))
        p.nothing("一行有错未入库，也算有")
    for cells in ({"辍学类别": "失学"}, {"主要原因": "厌学", "建档立卡": "是"}, {"wrong": True}, *CLOSED):
        p.poor(p.child(), here, FOUND, **cells)
        p.nothing(f"案子：{cells}")
    who = p.child()
    p.poor(who, here, FOUND, "2020-08")
    p.nothing("只在上个月的账里")
    who = p.child()
    p.poor(who, here, FOUND, "2020-08")
    p.case(who, here, FOUND)
    p.nothing("九月不是因贫")


def _near_once(p: Planter) -> None:
    """Not asked as long as the own district has no report of the semester; whatever others have."""
    p.poor(p.child(), "210224", date(2019, 11, 5), "2020-08")
    p.nothing("本区秋季没有报")
    p.poor(p.child(), "210214", FOUND)
    p.nothing("本区春季的表被退回")
    p.poor(p.child(), "210292", date(2020, 8, 1))
    p.nothing("本区新学期还没有报")
    p.item("X04", "新学期两区算一个，新区已报", p.poor(p.child(), "210293", date(2020, 8, 1)))
    who = p.child()
    p.poor(who, "210292", FOUND)
    p.listed(who, "210293")
    p.paid(who, "210293", day=date(2020, 2, 7))
    p.nothing("名单和发放在后来合并的区")
