"""Sound workbooks of student_aid (2020-S1) and dropout_control (2020-06)."""

from datetime import date

from independent.book import CASES, ENROLMENT, HARDSHIP, PAYMENT, Book, Row, new_book
from independent.persons import resident_id

BIRTHS = {"小学": "20100311", "初中": "20060422", "普通高中": "20030915", "中职": "20031127", "学前": "20150808"}
# The numbers of the students, the lowest grade, how many grades, the schools. Student n stands in row n + 3.
STAGES = {
    "小学": (range(1, 15), 1, 6, ("2102830001", "2102830002", "2102830003", "2102830005")),
    "初中": (range(15, 27), 7, 3, ("2102830004", "2102830005")),
    "普通高中": (range(27, 33), 10, 3, ("2102830007", "2102830008")),
    "中职": (range(33, 37), 1, 3, ("2102830009",)),
    "学前": (range(37, 41), 1, 3, ("2102830011", "2102830012")),
}
# For even numbers and for odd ones.
AID: dict[str, tuple[tuple[str, float], tuple[str, float]]] = {
    "小学": (("寄宿生生活补助", 500), ("非寄宿生生活补助", 250)),
    "初中": (("寄宿生生活补助", 625), ("非寄宿生生活补助", 312.5)),
    "普通高中": (("普通高中国家助学金", 1500), ("普通高中免学杂费", 1200)),
    "中职": (("中职国家助学金", 1000), ("中职国家助学金", 1000)),
    "学前": (("学前教育资助", 1000), ("学前教育资助", 1500)),
}
TYPES = ["建档立卡", "最低生活保障", "特困救助供养", "孤儿", "残疾学生", "残疾人子女", "烈士子女", "其他经济困难"]
LEVELS = ["特别困难", "困难", "一般困难"]
CHANNELS = ["银行卡", "资助卡", "校园卡", None]
# 3 and 4 have numbers without an ID; 33, 34 (中职), 37, 38 (学前) have none.
NUMBERS = {3: "J210283202000000003", 4: "L210283202000000004", 33: None, 34: None, 37: None, 38: None}
UNPAID, UNLISTED = 32, 41


def student(number: int, stage: str, school: str) -> Row:
    identity = resident_id(number, BIRTHS[stage])
    return {
        "学籍号": NUMBERS.get(number, f"G{identity}"),
        "姓名": f"学生{number}",
        "身份证件号": identity,
        "学校标识码": school,
        "学段": stage,
    }


def hardship(number: int, stage: str, school: str, grade: int) -> Row:
    return {
        **student(number, stage, school),
        "年级": grade,
        "困难类型": TYPES[number % 8],
        "困难等级": LEVELS[number % 3],
        "认定日期": date(2020, 3, 16),
    }


def payment(number: int, stage: str, school: str, programme: str, amount: float, **cells: object) -> Row:
    return {
        **student(number, stage, school),
        "资助项目": programme,
        "资助标准": amount,
        "发放金额": amount,
        "发放状态": "已发放",
        "发放日期": date(2020, 5, 20),
        "发放方式": CHANNELS[number % 4],
        **cells,
    }


def student_aid() -> Book:
    """Rows 4–17 小学, 18–29 初中, 30–35 普通高中, 36–39 中职, 40–43 学前; the same students on both sheets, but
    the student in row 35 of the list is paid nothing, and row 35 of the payments is 中职免学费 to one not listed.
    Payments 44–47: a second programme of students 1 (paid less), 28 (未发放), 2 (已退回) and 33 (中职免学费)."""
    listed, paid = [], []
    for stage, (numbers, lowest, grades, schools) in STAGES.items():
        for number in numbers:
            school = schools[number % len(schools)]
            listed.append(hardship(number, stage, school, lowest + number % grades))
            if number == UNPAID:
                paid.append(payment(UNLISTED, "中职", "2102830009", "中职免学费", 1500))
            else:
                paid.append(payment(number, stage, school, *AID[stage][number % 2]))
    not_paid: Row = {"发放金额": 0, "发放状态": "未发放", "发放日期": None}
    paid += [
        payment(1, "小学", "2102830002", "地方资助", 1000, 发放金额=800, 备注="其余下月发放"),
        payment(28, "普通高中", "2102830007", "普通高中免学杂费", 1200, **not_paid),
        payment(2, "小学", "2102830003", "地方资助", 300, 发放状态="已退回", 备注="账号有误，已退回"),
        payment(33, "中职", "2102830009", "中职免学费", 1500, 发放方式="学费减免"),
    ]
    return new_book("student_aid", "学生资助", "2020-S1", {HARDSHIP: listed, PAYMENT: paid})


CHILD = "20080506"


def dropout(number: int, **cells: object) -> Row:
    identity = resident_id(number, CHILD)
    return {
        "身份证件号": identity,
        "姓名": f"少年{number}",
        "学籍号": f"G{identity}",
        "性别": "男" if number % 2 else "女",
        "户籍地": "大连市庄河市青堆镇",
        "学校标识码": ("2102830004", "2102830005")[number % 2],
        "年级": 6 + number % 2,
        "建档立卡": "是" if number % 5 == 0 else "否",
        "发现日期": date(2020, 6, 3 + number % 20),
        "辍学类别": "疑似辍学" if number % 3 else "辍学",
        "主要原因": ("厌学", "长期患病", "外出务工", "身体残疾")[number % 4],
        "劝返责任人": "周老师",
        "劝返次数": 1 + number % 3,
        "劝返状态": "劝返中",
        **cells,
    }


def dropout_control() -> Book:
    """Rows 4–43: open cases, then 未劝返 in 38, 已返校 in 39, 已安置 in 40, 已核销 in 41, 失学 in 42 (no school), an
    old one without student number in 43. 在校人数, rows 4–12: every school that must be there on 30 June."""
    cases = [dropout(number) for number in range(1, 35)]
    cases += [
        dropout(35, 劝返状态="未劝返", 劝返次数=0),
        dropout(36, 劝返状态="已返校", 返校日期=date(2020, 6, 29)),
        dropout(37, 劝返状态="已安置", 安置方式="送教上门"),
        dropout(38, 劝返状态="已核销", 核销原因="户籍迁出", 劝返次数=0),
        dropout(39, 辍学类别="失学", 学籍号=None, 学校标识码=None, 年级=None),
        dropout(40, 学籍号=None, 发现日期=date(2019, 11, 4), 备注="去年转来"),
    ]
    schools = [
        ("01", 900),
        ("02", 260),
        ("03", 31),
        ("04", 1204),
        ("05", 640),
        ("06", 500),
        ("17", 88),
        ("23", 120),
        ("07", 700),
    ]
    enrolment: list[Row] = [
        {"学校标识码": f"21028300{code}", "应在校人数": count, "实际在校人数": count - 2} for code, count in schools
    ]
    return new_book("dropout_control", "控辍保学台账", "2020-06", {CASES: cases, ENROLMENT: enrolment})
