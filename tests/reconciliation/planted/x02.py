"""X02: a case open in the latest accepted ledger of one district, and in another aid paid after its discovery."""

from datetime import date, timedelta
from typing import Any

from independent.book import Row
from reconciliation.planter import AUTUMN, LATEST, NEXT, SPRING, Planter

CLOSED: tuple[Row, ...] = (
    {"劝返状态": "已返校", "返校日期": date(2020, 6, 1)},
    {"劝返状态": "已安置", "安置方式": "送教上门"},
    {"劝返状态": "已核销", "核销原因": "户籍迁出"},
)
NOT_PAID: tuple[dict[str, Any], ...] = (
    {"发放状态": "未发放", "发放金额": 0, "发放日期": None},
    {"发放状态": "已退回"},
    {"发放金额": 0},
    {"wrong": True},
    {"version": "corrected"},
)
FOUND = date(2020, 3, 2)
NEXT_DAY = FOUND + timedelta(days=1)


def plant(p: Planter) -> None:
    for turn in range(5):
        _plain(p, turn)
        _many(p)
        _with_others(p)
    _latest(p)
    _mergers(p)
    for _ in range(2):
        _near(p)
        _near_ledgers(p)


def _plain(p: Planter, turn: int) -> None:
    here, there = p.districts(2)
    who = p.child()
    state = ("未劝返", "劝返中")[turn % 2]
    case = p.case(who, here, FOUND, 劝返状态=state)
    p.item("X02", "发现次日发放", case, p.paid(who, there, day=NEXT_DAY))
    who = p.child()
    case = p.case(who, here, date(2019, 11, 5), 辍学类别=("失学", "辍学")[turn % 2])
    p.item("X02", "发现和发放都在上学期", case, p.paid(who, there, AUTUMN, date(2019, 12, 1)))


def _many(p: Planter) -> None:
    here, there, third = p.districts(3)
    who = p.child()
    p.paid(who, there, AUTUMN, date(2019, 12, 1))
    p.paid(who, there, day=FOUND, 资助项目="寄宿生生活补助")
    aid = p.paid(who, there, day=date(2020, 4, 1)), p.paid(who, third, NEXT, date(2020, 9, 2))
    p.item("X02", "发现之后的两笔在两区，以前的不算", p.case(who, here, FOUND), *aid)
    who = p.child()
    aid = p.paid(who, there, day=NEXT_DAY)
    for district in (here, third):
        p.item("X02", f"两区各有一案，{district}", p.case(who, district, FOUND), aid)


def _with_others(p: Planter) -> None:
    """Beside other items, and beside what would be one."""
    here, there = p.districts(2)
    who = p.child()
    for _ in range(1):
        p.listed(who, there)
    p.item("X02", "因贫也算", p.poor(who, here, FOUND), p.paid(who, there, day=NEXT_DAY))
    who = p.child()
    case, own, other = (
        p.case(who, here, FOUND),
        p.paid(who, here, NEXT, date(2020, 9, 2)),
        p.paid(who, there, day=NEXT_DAY),
    )
    p.item("X02", "本区也发了", case, other)
    p.item("X03", "别区也发了", case, own)
    who = p.child()
    case, aid = p.case(who, here, FOUND), p.paid(who, there, day=NEXT_DAY, 姓名=who.name + "儿")
    p.item("X02", "姓名不同，不在一个学年", case, aid)
    # What earlier ledgers say of the case is no side.
    who = p.child()
    for month in ("2020-06", "2020-07", "2020-08"):
        p.case(who, here, FOUND, month)
    p.item("X02", "案子月月在账", p.case(who, here, FOUND), p.paid(who, there, day=NEXT_DAY))


def _latest(p: Planter) -> None:
    """The latest is a month earlier where that of September is missing, taken back or sent back."""
    for here in ("210224", "210212", "210281"):
        there = p.districts(1)[0]
        who = p.child()
        case = p.case(who, here, FOUND, "2020-08")
        if here != "210224":
            p.case(who, here, FOUND, LATEST, **CLOSED[0])
        p.item("X02", f"{here}的最近一期是八月", case, p.paid(who, there, day=NEXT_DAY))
    here, there = p.districts(2)
    who = p.child()
    now = p.case(who, here, FOUND)
    p.case(who, here, FOUND, version="corrected", instead=now, **CLOSED[1])
    p.item("X02", "更正之后重新打开", now, p.paid(who, there, day=NEXT_DAY))
    who = p.child()
    now = p.case(who, here, FOUND)
    p.case(who, here, FOUND, version="taken back", instead=now, **CLOSED[1])
    p.item("X02", "结案的表撤回了", now, p.paid(who, there, day=NEXT_DAY))


def _mergers(p: Planter) -> None:
    for month in ("210283", "210293"):
        other = {"210283": "210293", "210293": "210283"}[month]
        who = p.child()
        p.item("X02", f"{month}的案子，合并前{other}发放", p.case(who, month, FOUND), p.paid(who, other, day=NEXT_DAY))
    who = p.child()
    p.item("X02", "合并区的案子与别区", p.case(who, "210293", FOUND), p.paid(who, "210211", day=NEXT_DAY))
    who = p.child()
    p.case(who, "210203", date(2020, 2, 3), "2020-04")
    p.paid(who, "210211", day=date(2020, 3, 3))
    p.nothing("合并区的旧账已由新区接着报")
    who = p.child()
    sides = p.case(who, "210202", date(2019, 11, 5)), p.paid(who, "210203", AUTUMN, date(2019, 12, 1))
    p.item("X03", "合并之后是本区", *sides)


def _near(p: Planter) -> None:
    here, there = p.districts(2)
    for day, what in ((FOUND, "当天"), (FOUND - timedelta(days=1), "前一天")):
        who = p.child()
        p.case(who, here, FOUND)
        p.paid(who, there, day=day)
        p.nothing(f"转学：发现{what}发放")
    for cells in (*NOT_PAID, {"version": "taken back"}):
        who = p.child()
        p.case(who, here, FOUND)
        p.paid(who, there, day=NEXT_DAY, **cells)
        p.nothing(f"发放：{cells}")
    who = p.child()
    p.case(who, here, FOUND)
    p.listed(who, there)
    p.nothing("别区只在名单上")
    twin, brother = p.child(), p.child()
    p.case(twin, here, FOUND)
    p.paid(brother, there, day=NEXT_DAY, 姓名=twin.name)
    p.nothing("同名的另一个人")


def _near_ledgers(p: Planter) -> None:
    here, there = p.districts(2)
    for closed in CLOSED:
        who = p.child()
        p.case(who, here, FOUND, "2020-08")
        p.case(who, here, FOUND, **closed)
        p.paid(who, there, day=NEXT_DAY)
        p.nothing(f"最近一期{closed['劝返状态']}")
    who = p.child()
    p.case(who, here, FOUND, "2020-08")
    p.paid(who, there, SPRING, NEXT_DAY)
    p.nothing("只在上个月的账里")
    for cells in ({"wrong": True}, {"version": "corrected"}, {"version": "sent back"}):
        who = p.child()
        p.case(who, here, FOUND, **cells)
        p.paid(who, there, day=NEXT_DAY)
        p.nothing(f"案子：{cells}")
