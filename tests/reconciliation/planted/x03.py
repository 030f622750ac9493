"""X03: the same within one district, but for cases 因贫, whom aid brings back."""

from datetime import date, timedelta

from reconciliation.planted.x01 import DAY_PUPIL
from reconciliation.planted.x02 import CLOSED, FOUND, NEXT_DAY, NOT_PAID
from reconciliation.planter import AUTUMN, LATEST, NEXT, SPRING, Planter

REASONS = ("厌学", "身体残疾", "长期患病", "外出务工", "早婚早育", "随迁转出", "出国出境", "其他")
OTHERS = ("210204", "210211", "210213", "210283", "210292", "210202")


def plant(p: Planter) -> None:
    for reason in REASONS:
        here = p.districts(1, OTHERS)[0]
        who = p.child()
        p.item(
            "X03", f"{reason}，发现次日发放", p.case(who, here, FOUND, 主要原因=reason), p.paid(who, here, day=NEXT_DAY)
        )
    for turn in range(6):
        _rows(p, turn)
    _latest(p)
    _mergers(p)
    for _ in range(2):
        _near(p)


def _rows(p: Planter, turn: int) -> None:
    here, there = p.districts(2)
    who = p.child()
    p.paid(who, here, AUTUMN, date(2020, 1, 7))
    p.paid(who, here, day=FOUND, **DAY_PUPIL)
    aid = p.paid(who, here, day=NEXT_DAY), p.paid(who, here, NEXT, date(2020, 9, 1))
    p.item("X03", "两个学期在发现之后，以前的不算", p.case(who, here, FOUND), *aid)
    who = p.child()
    p.paid(who, there, AUTUMN, date(2020, 1, 7))
    p.item("X03", "别区的发在以前", p.case(who, here, FOUND), p.paid(who, here, day=NEXT_DAY))
    who = p.child()
    # Only who is listed and paid in the semester of discovery is not missed by X04; it is not asked of this one at all.
    case = p.case(who, here, FOUND, 建档立卡="是", 辍学类别=("失学", "疑似辍学")[turn % 2])
    p.item("X03", "建档立卡，不因贫", case, p.paid(who, here, day=NEXT_DAY))
    who = p.child(x=True)
    case = p.case(who, here, FOUND, 身份证件号=who.id.lower())
    p.item("X03", "账上的x是小写", case, p.paid(who, here, day=NEXT_DAY))
    who = p.child()
    p.case(who, here, FOUND, "2020-08", 主要原因="因贫")
    p.item("X03", "八月因贫，九月不是", p.case(who, here, FOUND), p.paid(who, here, day=NEXT_DAY))
    who = p.child()
    p.case(who, here, FOUND, "2020-08", **CLOSED[0])
    p.item("X03", "八月结案，九月又开", p.case(who, here, FOUND), p.paid(who, here, day=NEXT_DAY))


def _latest(p: Planter) -> None:
    for here, semester in (("210224", SPRING), ("210212", AUTUMN), ("210281", SPRING), ("210212", SPRING)):
        who = p.child()
        case = p.case(who, here, date(2020, 1, 7), "2020-08")
        p.item("X03", f"{here}的最近一期是八月", case, p.paid(who, here, semester, date(2020, 2, 3)))
    who = p.child()
    case, day = p.case(who, "210214", date(2019, 10, 8)), date(2019, 10, 9)
    p.item("X03", "210214的春季表被退回，秋季表在", case, p.paid(who, "210214", AUTUMN, day))


def _mergers(p: Planter) -> None:
    for discovered in (date(2019, 11, 5), date(2020, 1, 31)):
        who = p.child()
        aid = p.paid(who, "210203", AUTUMN, discovered + timedelta(days=1))
        p.item("X03", "案子在合并之后的账里，合并区发放", p.case(who, "210202", discovered), aid)
    who = p.child()
    p.poor(who, "210202", date(2019, 11, 5))
    p.listed(who, "210203", AUTUMN)
    p.paid(who, "210203", AUTUMN, date(2019, 12, 1))
    p.nothing("因贫，合并区发放")
    who = p.child()
    sides = p.case(who, "210293", FOUND), p.paid(who, "210293", day=NEXT_DAY)
    p.item("X03", "都在合并区", *sides)


def _near(p: Planter) -> None:
    here = p.districts(1)[0]
    who = p.child()
    p.poor(who, here, FOUND)
    p.listed(who, here)
    p.paid(who, here, day=NEXT_DAY)
    p.nothing("因贫")
    who = p.child()
    p.case(who, here, FOUND, "2020-08")
    p.poor(who, here, FOUND)
    p.listed(who, here)
    p.paid(who, here, day=NEXT_DAY)
    p.nothing("八月不是因贫，九月是")
    for day, what in ((FOUND, "当天"), (FOUND - timedelta(days=1), "前一天")):
        who = p.child()
        p.case(who, here, FOUND)
        p.paid(who, here, day=day)
        p.nothing(f"发现{what}发放")
    for cells in (*NOT_PAID, {"version": "sent back"}):
        who = p.child()
        p.case(who, here, FOUND)
        p.paid(who, here, day=NEXT_DAY, **cells)
        p.nothing(f"发放：{cells}")
    for closed in CLOSED:
        who = p.child()
        p.case(who, here, FOUND, "2020-07")
        p.case(who, here, FOUND, **closed)
        p.paid(who, here, day=NEXT_DAY)
        p.nothing(f"最近一期{closed['劝返状态']}")
    who = p.child()
    p.case(who, here, FOUND, LATEST, version="taken back")
    p.paid(who, here, day=NEXT_DAY)
    p.nothing("案子只在撤回的表里")
    twin, sister = p.child(), p.child()
    p.case(twin, here, FOUND)
    p.paid(sister, here, day=NEXT_DAY, 姓名=twin.name)
    p.nothing("双胞胎，姓名相同")
