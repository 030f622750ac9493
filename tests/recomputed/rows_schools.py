"""Rows of 办学条件 and 教师培训, made up from a seed: sound by every rule that quarantines."""

from datetime import date, timedelta
from random import Random

from independent.book import BANDWIDTH, HEADCOUNT, KINDERGARTEN, LARGE, OVERSIZE, RECORD, SCHOOL, Row
from recomputed.people import adult, name
from recomputed.periods import Period
from recomputed.place import CODES
from recomputed.plan import Report, blank
from recomputed.register import KINDERGARTEN as NURSERY
from recomputed.register import Register, School

CATEGORIES = ("思政课教师全员通识", "思政统编教材教法", "乡村教师支持", "名优教师", "名校长骨干校长", "双师型教师")
CATEGORIES += ("教育信息化", "法治教育", "师德师风", "其他")


def facilities(random: Random, register: Register, district: str, period: Period, day: date) -> Report:
    open_then = register.open_between(district, period.first, period.last)
    schools = [school_row(random, one, period) for one in open_then if one.kind != NURSERY]
    nurseries = [nursery_row(random, one) for one in open_then if one.kind == NURSERY]
    return blank("facilities", district, period.text, day, {SCHOOL: schools, KINDERGARTEN: nurseries})


def _yes(random: Random, share: float = 0.5) -> str:
    return "是" if random.random() < share else "否"


def _toilets(random: Random) -> Row:
    start = random.choice([0, 1, 2, 5])
    return {"年初旱厕数": start, "本年改造旱厕数": random.randint(0, start)}


def _inspected(random: Random, period: Period) -> date | None:
    this_year = period.last - timedelta(days=random.randint(0, 80))
    earlier = [date(2017, 10, 9), date(2019, 3, 4), date(period.last.year, 1, 1), date(period.last.year - 1, 12, 31)]
    return random.choice([None, this_year, this_year, *earlier])


def school_row(random: Random, school: School, period: Period) -> Row:
    classes = random.randint(2, 30)
    large = random.choice([0, 0, 1, 2, 3, 2])
    large = min(large, classes)
    rooms, desks = random.choice([8, 30, 40]), random.choice([0, 200, 400])
    small = school.area == "乡村" and random.random() < 0.5
    football = _yes(random)
    return {
        "学校标识码": school.code,
        "学校名称": "一所学校",
        "办学类型": school.kind,
        "举办者": school.sponsor,
        "城乡类型": school.area,
        "乡村寄宿制": _yes(random) if school.area != "城区" else "否",
        "乡村小规模": "是" if small else "否",
        "规划保留": _yes(random, 0.7),
        "班级数": classes,
        "在校生数": random.randint(5, 99) if small else random.randint(50, 1500),
        LARGE: large,
        OVERSIZE: random.randint(0, large),
        BANDWIDTH: random.choice([20, 99.99, 100, 200]),
        "无线网络": random.choice(["全覆盖", "部分覆盖", "无"]),
        "网络学习空间": random.choice(["全覆盖", "部分覆盖", "无"]),
        **_toilets(random),
        "教室总数": rooms,
        "采光照明达标教室数": rooms - random.choice([0, 0, 1, 3]),
        "课桌椅总套数": desks,
        "达标课桌椅套数": max(0, desks - random.choice([0, 0, 1, 20])),
        "专项检查日期": _inspected(random, period),
        "随班就读残疾学生数": random.choice([0, 4, 5, 6, 9]),
        "资源教室数": random.choice([0, 0, 1]),
        "全国足球特色学校": football,
        # An inspection may be told of a school that is none.
        "足球复检结果": random.choice(["通过", "通过", "未通过", "未检", None]),
        "专职心理教师数": random.choice([0, 0, 1, 3]),
    }


def nursery_row(random: Random, school: School) -> Row:
    ownership = "公办" if school.sponsor == "公办" else random.choice(["普惠性民办", "其他民办"])
    places = random.choice([90, 180, 270])
    return {
        "园所标识码": school.code,
        "园所名称": "一所幼儿园",
        "办园性质": ownership,
        "城乡类型": school.area,
        "乡镇中心园": _yes(random),
        "本年新开办": _yes(random, 0.4),
        "学位数": places,
        "本年新增公办学位": random.choice([0, 30, 60]) if ownership == "公办" else 0,
        "在园幼儿数": random.randint(20, 250),
        "小区配套园": random.choice(["否", "已移交", "未移交"]),
        **_toilets(random),
        "足球特色幼儿园": _yes(random),
    }


def training(random: Random, register: Register, district: str, period: Period, day: date) -> Report:
    schools = register.open_between(district, period.first, period.last)
    vocational = [one.code for one in schools if one.kind == "中职"]
    records = []
    # Numbers begin anew in each district: T03 is somebody else next door.
    for number in range(8):
        place = CODES.index(district)
        person = place * 8 + number
        if number == 7:
            # Also teaches in the next district, by the same ID under another number.
            person = (place // 2) * 16 + 7
        teacher: Row = {
            "教师编号": f"T{number:02d}" if number < 7 else f"T7{place % 2}",
            "姓名": name(person),
        }
        for course in range(random.choice([0, 1, 2, 3, 4])):
            category = random.choice([c for c in CATEGORIES if c != "双师型教师" or vocational])
            # The same teacher stands here with an ID and there without.
            known = number == 7 or (number % 3 and random.random() < 0.8)
            school = random.choice(vocational if category == "双师型教师" else [one.code for one in schools])
            record = {**teacher, "身份证件号": adult(person) if known else None, "学校标识码": school}
            records.append({**record, **_course(random, category, course, period)})
    headcounts: list[Row] = []
    for school in schools:
        # For kindergartens the row is optional.
        if school.kind != NURSERY or random.random() < 0.5:
            count = random.choice([8, 20, 30])
            row: Row = {"学校标识码": school.code, "专任教师数": count}
            for title in ("思政课教师数", "乡村教师数", "双师型教师数", "骨干教师数", "信息化教师数", "校级领导数"):
                row[title] = random.choice([0, 0, 1, 2, 5])
            if not vocational:
                # So the district has nobody to train as 双师型教师.
                row["双师型教师数"] = 0
            headcounts.append(row)
    return blank("teacher_training", district, period.text, day, {RECORD: records, HEADCOUNT: headcounts})


def _course(random: Random, category: str, course: int, period: Period) -> Row:
    ended = period.last - timedelta(days=random.randint(0, 80))
    result = random.choice(["优秀", "合格", "合格", "不合格", "未考核"])
    scores = {"不合格": [None, 12.5, 59.99], "未考核": [None, None, 71]}.get(result, [None, 60, 77.35, 98, 100])
    return {
        "任教学科": "语文",
        "培训类别": category,
        "培训名称": f"{category}第{course + 1}期",
        "培训层级": "市级",
        "开始日期": ended - timedelta(days=random.randint(0, 3)),
        "结束日期": ended,
        "学时": random.choice([1, 4, 7.25, 0.05, 8]),
        "考核结果": result,
        "评估得分": random.choice(scores),
    }
