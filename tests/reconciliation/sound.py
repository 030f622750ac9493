"""Sound rows of every sheet, by header: what a plant changes is what it is about."""

from datetime import date
from random import Random

from independent.book import Row
from recomputed.people import adult, name, resident, sex
from recomputed.periods import Period
from recomputed.register import School
from recomputed.rows_schools import nursery_row, school_row


class Person:
    """Somebody who is nobody: a child, or a teacher."""

    def __init__(self, number: int, *, grown: bool = False) -> None:
        self.id = adult(number) if grown else resident(number)
        self.name = name(number)


def _student(who: Person, district: str) -> Row:
    return {
        "学籍号": f"G{who.id}",
        "姓名": who.name,
        "身份证件号": who.id,
        "学校标识码": f"{district}0001",
        "学段": "小学",
    }


def hardship(who: Person, district: str, period: Period) -> Row:
    return {
        **_student(who, district),
        "年级": 5,
        "困难类型": "最低生活保障",
        "困难等级": "困难",
        "认定日期": period.first,
    }


def payment(who: Person, district: str, period: Period, day: date | None = None) -> Row:
    return {
        **_student(who, district),
        "资助项目": "地方资助",
        "资助标准": 500,
        "发放金额": 500,
        "发放状态": "已发放",
        "发放日期": day or period.first,
        "发放方式": "银行卡",
    }


def case(who: Person, district: str, discovered: date) -> Row:
    """Open, and not for poverty."""
    return {
        "身份证件号": who.id,
        "姓名": who.name,
        "学籍号": f"G{who.id}",
        "性别": sex(who.id),
        "户籍地": "大连市",
        "学校标识码": f"{district}0001",
        "年级": 5,
        "建档立卡": "否",
        "发现日期": discovered,
        "辍学类别": "疑似辍学",
        "主要原因": "厌学",
        "劝返责任人": "李老师",
        "劝返次数": 2,
        "劝返状态": "劝返中",
    }


def record(who: Person, district: str, number: str, period: Period, course: int) -> Row:
    return {
        "教师编号": number,
        "姓名": who.name,
        "身份证件号": who.id,
        "学校标识码": f"{district}0001",
        "任教学科": "语文",
        "培训类别": "师德师风",
        "培训名称": f"师德师风第{course}期",
        "培训层级": "市级",
        "开始日期": period.first,
        "结束日期": period.first,
        "学时": 6,
        "考核结果": "合格",
        "评估得分": 80,
    }


def pupils(school: School) -> int:
    """As many in each period: between 40 and 239."""
    return 40 + sum(map(ord, school.code)) * 37 % 200


def enrolment(school: School) -> Row:
    return {"学校标识码": school.code, "应在校人数": pupils(school), "实际在校人数": pupils(school)}


def facility(school: School, period: Period) -> Row:
    """Up to two pupils more or less than the ledger says, as anybody's counts differ."""
    random = Random(school.code + period.text)
    row = school_row(random, school, period)
    return {**row, "乡村小规模": "否", "在校生数": pupils(school) + random.choice([-2, -1, 0, 1, 2])}


def nursery(school: School, period: Period) -> Row:
    return nursery_row(Random(school.code), school) | {"本年新开办": "否"}


def headcount(school: School) -> Row:
    others = ("思政课教师数", "乡村教师数", "双师型教师数", "骨干教师数", "信息化教师数", "校级领导数")
    return {"学校标识码": school.code, "专任教师数": 20, **dict.fromkeys(others, 0)}
