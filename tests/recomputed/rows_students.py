"""Rows of 学生资助 and 控辍保学台账, made up from a seed: sound by every rule that quarantines."""

from datetime import date, timedelta
from random import Random

from independent.book import CASES, ENROLMENT, HARDSHIP, PAYMENT, Row
from recomputed.people import name, resident, sex
from recomputed.periods import Period
from recomputed.place import CODES
from recomputed.plan import Report, blank
from recomputed.register import COMPULSORY, Register

GRADES = {"学前": (1, 3), "小学": (1, 6), "初中": (7, 9), "普通高中": (10, 12), "中职": (1, 3)}
PROGRAMMES = {
    "学前": {"学前教育资助": 1500, "地方资助": 3000},
    "小学": {"寄宿生生活补助": 500, "非寄宿生生活补助": 250, "地方资助": 3000},
    "初中": {"寄宿生生活补助": 625, "非寄宿生生活补助": 312.5, "地方资助": 3000},
    "普通高中": {"普通高中国家助学金": 1500, "普通高中免学杂费": 1200, "地方资助": 3000},
    "中职": {"中职国家助学金": 1000, "中职免学费": 1500, "地方资助": 3000},
}
STAGES = ("学前", "小学", "小学", "小学", "初中", "初中", "初中", "普通高中", "中职")
REASONS = ("因贫", "因贫", "厌学", "身体残疾", "外出务工", "其他")
KINDS = ("疑似辍学", "疑似辍学", "辍学", "失学")


def children(district: str) -> list[int]:
    """Fifteen of the district's own, and four that its neighbour in the list has, too."""
    place = CODES.index(district)
    return [*range(place * 15, place * 15 + 15), *((place * 15 + 15 + extra) % 195 for extra in range(4))]


def _a_day(random: Random, first: date, last: date) -> date:
    return first + timedelta(days=random.randint(0, (last - first).days))


def aid(random: Random, register: Register, district: str, period: Period, day: date) -> Report:
    schools = [school.code for school in register.schools(district, min(day, period.last))]
    latest = min(day, period.last)
    listed, paid = [], []
    for number in children(district):
        identifier, stage = resident(number), random.choice(STAGES)
        common: Row = {
            "学籍号": f"G{identifier}",
            "姓名": name(number),
            "身份证件号": identifier,
            "学校标识码": random.choice(schools),
            "学段": stage,
        }
        if random.random() < 0.8:
            listed.append(
                {
                    **common,
                    "年级": random.randint(*GRADES[stage]),
                    "困难类型": random.choice(["建档立卡", "孤儿", "最低生活保障"]),
                    "困难等级": "困难",
                    "认定日期": _a_day(random, period.first, latest),
                }
            )
        boarder = random.choice(["寄宿生生活补助", "非寄宿生生活补助"])
        taken: set[str] = set()
        for _ in range(random.choice([0, 1, 1, 2, 2, 3])):
            # Some are paid in another stage than that in which they are listed.
            at = stage if random.random() < 0.75 else random.choice(STAGES)
            programme = random.choice([p for p in PROGRAMMES[at] if "寄宿" not in p or p == boarder])
            if programme not in taken:
                taken.add(programme)
                paid.append(
                    {**common, "学段": at, **_payment(random, programme, PROGRAMMES[at][programme], period, day)}
                )
    return blank("student_aid", district, period.text, day, {HARDSHIP: listed, PAYMENT: paid})


def _payment(random: Random, programme: str, ceiling: float, period: Period, day: date) -> Row:
    entitled = random.choice([ceiling, ceiling / 2, ceiling, round(ceiling / 3, 2)])
    status = random.choice(["已发放"] * 5 + ["未发放", "已退回"])
    parts = {"已发放": [1, 1, 1, 0.5, 0.37, 0], "未发放": [0], "已退回": [1, 0.5]}
    row: Row = {
        "资助项目": programme,
        "资助标准": entitled,
        "发放金额": round(entitled * random.choice(parts[status]), 2),
        "发放状态": status,
    }
    if status != "未发放":
        row["发放日期"] = _a_day(random, period.first, min(day, period.last))
    return row


def ledger(random: Random, register: Register, district: str, period: Period, day: date) -> Report:
    schools = register.open_between(district, period.first, period.last)
    codes = [school.code for school in schools]
    cases = []
    for number in children(district):
        if random.random() < 0.45:
            cases.append(_case(random, number, random.choice(codes), period))
    enrolment: list[Row] = []
    for school in schools:
        if school.kind in COMPULSORY:
            expected = random.choice([0, 40, 800, random.randint(100, 900)])
            enrolment.append(
                {
                    "学校标识码": school.code,
                    "应在校人数": expected,
                    "实际在校人数": max(0, expected - random.choice([0, 0, 1, 2, 9])),
                }
            )
    return blank("dropout_control", district, period.text, day, {CASES: cases, ENROLMENT: enrolment})


def _case(random: Random, number: int, school: str, period: Period) -> Row:
    identifier = resident(number)
    found = _a_day(random, period.first, period.last)
    if random.random() < 0.5:
        found = _a_day(random, period.first - timedelta(days=75), period.first)
    status = random.choice(["未劝返", "劝返中", "劝返中", "已返校", "已安置", "已核销"])
    row: Row = {
        "身份证件号": identifier,
        "姓名": name(number),
        "学籍号": f"G{identifier}",
        "性别": sex(identifier),
        "户籍地": "大连市",
        "学校标识码": school,
        "年级": random.randint(1, 9),
        "建档立卡": random.choice(["是", "否", "否"]),
        "发现日期": found,
        "辍学类别": random.choice(KINDS),
        "主要原因": random.choice(REASONS),
        "劝返责任人": "李老师",
        "劝返次数": random.randint(1, 4),
        "劝返状态": status,
    }
    if status == "已返校":
        row["返校日期"] = _a_day(random, found, period.last)
    elif status == "已安置":
        row["安置方式"] = "送教上门"
    elif status == "已核销":
        row["核销原因"] = "出国出境"
    return row
