"""X06: one student number with two IDs, in one school year."""

from datetime import date

from reconciliation.draft import Placed
from reconciliation.planter import AUTUMN, NEXT, SPRING, Planter

LETTERS = "JLG"


def plant(p: Planter) -> None:
    for turn in range(8):
        _plain(p, LETTERS[turn % 3], turn)
        _sides(p, LETTERS[turn % 3], turn)
    for turn in range(2):
        _near(p, LETTERS[turn], turn)


def _number(p: Planter, letter: str) -> str:
    return f"{letter}{p.child().id}"


def _plain(p: Planter, letter: str, turn: int) -> None:
    here, there = p.districts(2)
    number = _number(p, letter)
    sides = p.listed(p.child(), here, 学籍号=number), p.listed(p.child(), here, 学籍号=number)
    p.item("X06", "名单上两个人", *sides)
    number = _number(p, letter)
    sides = (
        p.case(p.child(), here, date(2019, 9, 2), "2019-09", 学籍号=number),
        p.paid(p.child(), there, SPRING, 学籍号=number),
    )
    p.item("X06", "九月的台账与别区七月的学期", *sides)
    number = _number(p, letter)
    sides = (
        p.case(p.child(), here, date(2020, 8, 3), "2020-08", 学籍号=number),
        p.listed(p.child(), there, NEXT, 学籍号=number),
    )
    p.item("X06", "新学年", *sides)
    # Of twins one has the other's number: it is hers and his.
    twin, sister = p.child(), p.child()
    sides = p.listed(twin, here), p.listed(sister, there, AUTUMN, 姓名=twin.name, 学籍号=f"G{twin.id}")
    p.item("X06", "双胞胎用了一个学籍号，姓名也相同", *sides)


def _sides(p: Planter, letter: str, turn: int) -> None:
    here, there = p.districts(2)
    number = _number(p, letter)
    one, other = p.child(x=True), p.child()
    sides = [p.listed(one, here, 学籍号=number), p.paid(one, here, 身份证件号=one.id.lower(), 学籍号=number.lower())]
    sides.append(p.case(other, there, date(2020, 7, 1), "2020-07", 学籍号=number))
    p.listed(other, there, NEXT, 学籍号=number)
    p.item("X06", "这个学年的三行，小写的g和x一样", *sides)
    number = _number(p, letter)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in number)
    sides = [p.paid(p.child(), here, 学籍号=number), p.paid(p.child(), here, 学籍号=wide)]
    p.item("X06", "全角的学籍号", *sides)
    if turn % 2:
        number = _number(p, letter)
        three: list[Placed] = [p.listed(p.child(), district, 学籍号=number) for district in (here, there, "210292")]
        p.item("X06", "三个人一项", *three)
        number = _number(p, letter)
        one, other = p.child(), p.child()
        sides = [p.listed(one, here, semester, 学籍号=number) for semester in (AUTUMN, NEXT)]
        sides += [p.listed(other, there, semester, 学籍号=number) for semester in (AUTUMN, NEXT)]
        p.item("X06", "两个学年各有两个人，还是一项", *sides)


def _near(p: Planter, letter: str, turn: int) -> None:
    here, there = p.districts(2)
    number = _number(p, letter)
    p.listed(p.child(), here, 学籍号=number)
    p.case(p.child(), here, date(2020, 8, 3), "2020-08", 学籍号=number)
    p.nothing("下个学年给了别人")
    number = _number(p, letter)
    p.case(p.child(), here, date(2020, 8, 3), "2020-08", 学籍号=number)
    p.listed(p.child(), there, AUTUMN, 学籍号=number)
    p.nothing("八月与春天之前不是一个学年")
    for cells in ({"wrong": True}, {"version": "corrected"}, {"version": "sent back"}, {"version": "taken back"}):
        number = _number(p, letter)
        p.listed(p.child(), here, 学籍号=number)
        p.paid(p.child(), there, 学籍号=number, **cells)
        p.nothing(f"另一个人：{cells}")
    p.case(p.child(), here, date(2020, 6, 1), "2020-07", 学籍号=None)
    p.case(p.child(), here, date(2020, 6, 1), "2020-07", 学籍号=None)
    p.nothing("都没有学籍号")
    who = p.child(x=True)
    number = _number(p, letter)
    p.listed(who, here, 学籍号=number)
    p.listed(who, there, AUTUMN, 身份证件号=who.id.lower(), 学籍号=number)
    p.nothing("一个人，x的写法不同")
    who = p.child()
    p.listed(who, here, 学籍号=_number(p, letter))
    p.paid(who, here, 学籍号=_number(p, letter))
    p.nothing("一个人有两个学籍号")
    number = _number(p, letter)
    p.listed(p.child(), here, 学籍号=number)
    p.listed(p.child(), "210203", SPRING, 学籍号=number)
    p.nothing("学期中合并的区不报这个学期")
