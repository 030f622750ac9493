"""X01: aid (已发放, above 0) to the same ID in two districts in one semester."""

from datetime import date

from reconciliation.planter import AUTUMN, NEXT, SPRING, Planter

DAY_PUPIL = {"资助项目": "非寄宿生生活补助", "资助标准": 250, "发放金额": 250}
ALL_AT_HOME = ("210204", "210211", "210212", "210213", "210224", "210281", "210283", "210292")


def plant(p: Planter) -> None:
    for _ in range(5):
        _plain(p)
        _of_each_semester(p)
    for _ in range(4):
        _rows(p)
        _spelt(p)
    _mergers(p)
    _versions(p)
    for _ in range(2):
        _near(p)


def _plain(p: Planter) -> None:
    one, other, third = p.districts(3, ALL_AT_HOME)
    who = p.child()
    p.item("X01", "两区各发一笔", p.paid(who, one), p.paid(who, other, day=date(2020, 6, 30)))
    who = p.child()
    p.item("X01", "三区一项", *(p.paid(who, district) for district in (one, other, third)))


def _of_each_semester(p: Planter) -> None:
    """The semester is the report's, not that of the day: what was paid late belongs to it all the same."""
    one, other = p.districts(2, ("210204", "210211", "210213", "210283"))
    who = p.child()
    for semester in (AUTUMN, SPRING):
        late = date(2020, 2, 12)
        sides = p.paid(who, one, semester, late), p.paid(who, other, semester, late)
        p.item("X01", f"两学期各一项，{semester}", *sides)
    who = p.child()
    sides = p.paid(who, one, AUTUMN, date(2020, 2, 17)), p.paid(who, other, AUTUMN, date(2019, 9, 20))
    p.item("X01", "一笔发在学期结束之后", *sides)


def _rows(p: Planter) -> None:
    """All rows of the two, and of them only what was paid."""
    one, other = p.districts(2, ALL_AT_HOME)
    who = p.child()
    boarding = {"资助项目": "寄宿生生活补助", "发放金额": 0.01}
    sides = p.paid(who, one), p.paid(who, one, **boarding), p.paid(who, other, **boarding)
    p.item("X01", "不同项目，一分钱也算", *sides)
    who = p.child()
    p.paid(who, other, 资助项目="寄宿生生活补助", 发放状态="未发放", 发放金额=0, 发放日期=None)
    p.paid(who, one, 发放状态="已退回", **DAY_PUPIL)
    p.listed(who, one)
    p.item("X01", "未发放、已退回和名单不是依据", p.paid(who, one), p.paid(who, other))


def _spelt(p: Planter) -> None:
    one, other = p.districts(2, ALL_AT_HOME)
    who = p.child(x=True)
    sides = p.paid(who, one), p.paid(who, other, 身份证件号=who.id.lower())
    p.item("X01", "一区的x是小写", *sides)
    who = p.child()
    sides = p.paid(who, one), p.paid(who, other, 姓名=who.name + "子")
    p.item("X01", "姓名不同也是同一个人", *sides)
    p.item("X05", "发放两次的人有两个姓名", *sides)


def _mergers(p: Planter) -> None:
    """Before the merger's period the two were two; the item passes to the successor."""
    for _ in range(2):
        who = p.child()
        p.item("X01", "合并之前两区", p.paid(who, "210202", AUTUMN), p.paid(who, "210203", AUTUMN))
        who = p.child()
        p.item("X01", "合并在学期之后", p.paid(who, "210283"), p.paid(who, "210293"))
    who = p.child()
    p.item("X01", "合并区与别区", p.paid(who, "210202"), p.paid(who, "210211"))
    who = p.child()
    p.paid(who, "210203")
    p.paid(who, "210211")
    p.nothing("学期中合并的区不报这个学期")
    who = p.child()
    p.paid(who, "210293", NEXT, date(2020, 9, 9))
    p.paid(who, "210283", NEXT, date(2020, 9, 9))
    p.nothing("合并的学期，两区算一个")


def _versions(p: Planter) -> None:
    one, other, third = p.districts(3, ALL_AT_HOME)
    for _ in range(2):
        who = p.child()
        old = p.paid(who, other)
        p.paid(who, other, version="corrected", instead=old, 发放状态="未发放", 发放金额=0, 发放日期=None)
        p.item("X01", "更正之后才发", p.paid(who, one), old)
        who = p.child()
        now = p.paid(who, other)
        p.paid(who, other, version="sent back", instead=now, 发放状态="已退回")
        p.item("X01", "改成已退回的表被退回了", p.paid(who, one), now)
    for version in ("corrected", "sent back", "taken back"):
        who = p.child()
        p.paid(who, one)
        p.paid(who, third, version=version)
        p.nothing(f"另一笔只在{version}的表里")


def _near(p: Planter) -> None:
    one, other = p.districts(2, ("210204", "210211", "210213", "210283"))
    for cells in (
        {"发放状态": "未发放", "发放金额": 0, "发放日期": None},
        {"发放状态": "已退回"},
        {"发放金额": 0},
        {"wrong": True},
    ):
        who = p.child()
        p.paid(who, one)
        p.paid(who, other, **cells)
        p.nothing(f"另一区：{cells}")
    who = p.child()
    p.paid(who, one)
    p.paid(who, one, 资助项目="寄宿生生活补助")
    p.listed(who, other)
    p.nothing("一区两个项目，另一区只在名单上")
    who = p.child()
    p.paid(who, one, AUTUMN)
    p.paid(who, other, SPRING, date(2020, 1, 20))
    p.nothing("转学：两个学期各在一区，虽然都在一月")
    twin, sister = p.child(), p.child()
    p.paid(twin, one)
    p.paid(sister, other, 姓名=twin.name)
    p.nothing("双胞胎，姓名相同")
