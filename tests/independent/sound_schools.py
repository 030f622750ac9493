"""Sound workbooks of facilities and teacher_training (both 2020-Q2)."""

from datetime import date

from independent.book import (
    BANDWIDTH,
    HEADCOUNT,
    KINDERGARTEN,
    LARGE,
    OVERSIZE,
    RECORD,
    SCHOOL,
    Book,
    Row,
    new_book,
)
from independent.persons import resident_id

# code, name, type, area, boarding, small, retained, classes, pupils, large, oversize, Mbps
SCHOOLS = [
    ("01", "庄河城关小学", "小学", "城区", "否", "否", "否", 24, 1100, 2, 0, 500),
    ("02", "庄河青堆小学", "小学", "乡村", "是", "否", "是", 12, 260, 0, 0, 100),
    ("03", "庄河石城教学点", "教学点", "乡村", "否", "是", "是", 4, 31, 0, 0, 100),
    ("04", "庄河第三初级中学", "初中", "镇区", "否", "否", "否", 26, 1204, 2, 1, 300),
    ("05", "庄河大郑九年一贯制学校", "九年一贯制", "镇区", "是", "否", "是", 18, 640, 0, 0, 200),
    ("06", "庄河明阳学校", "十二年一贯制", "城区", "否", "否", "否", 18, 500, 0, 0, 1000),
    ("07", "庄河第二中学", "完全中学", "城区", "否", "否", "否", 30, 1500, 3, 0, 1000),
    ("08", "庄河高级中学", "普通高中", "城区", "否", "否", "否", 30, 1530, 0, 0, 1000),
    ("09", "庄河职业教育中心", "中职", "城区", "否", "否", "否", 40, 1600, 0, 0, 1000),
    ("10", "庄河特殊教育学校", "特殊教育", "城区", "否", "否", "否", 9, 80, 0, 0, 200),
    ("17", "庄河湖畔小学", "小学", "镇区", "否", "否", "否", 4, 88, 0, 0, 100),
    ("23", "庄河次月小学", "小学", "乡村", "否", "否", "否", 6, 120, 0, 0, 50),
]


def school(known: tuple[str, str, str, str, str, str, str, int, int, int, int, int], **cells: object) -> Row:
    code, name, kind, area, boarding, small, retained, classes, pupils, large, oversize, mbps = known
    return {
        "学校标识码": f"21028300{code}",
        "学校名称": name,
        "办学类型": kind,
        "举办者": "民办" if code == "06" else "公办",
        "城乡类型": area,
        "乡村寄宿制": boarding,
        "乡村小规模": small,
        "规划保留": retained,
        "班级数": classes,
        "在校生数": pupils,
        LARGE: large,
        OVERSIZE: oversize,
        BANDWIDTH: mbps,
        "无线网络": "全覆盖" if mbps >= 500 else "部分覆盖",
        "网络学习空间": "部分覆盖" if mbps >= 500 else "无",
        "年初旱厕数": 2 if area == "乡村" else 0,
        "本年改造旱厕数": 1 if area == "乡村" else 0,
        "教室总数": classes + 6,
        "采光照明达标教室数": classes + 4,
        "课桌椅总套数": pupils + 40,
        "达标课桌椅套数": pupils,
        "专项检查日期": date(2020, 5, 12),
        "随班就读残疾学生数": 0 if kind == "特殊教育" else 2,
        "资源教室数": 1 if area == "城区" else 0,
        "全国足球特色学校": "是" if code in ("01", "04") else "否",
        "足球复检结果": "通过" if code in ("01", "04") else None,
        "专职心理教师数": 1 if area == "城区" else 0,
        **cells,
    }


# code, name, ownership, area, township centre, opened this year, places, new public places, children
KINDERGARTENS = [
    ("11", "庄河中心幼儿园", "公办", "镇区", "是", "否", 270, 30, 300),
    ("12", "庄河春苗幼儿园", "普惠性民办", "城区", "否", "否", 180, 0, 170),
    ("13", "庄河海星幼儿园", "其他民办", "乡村", "否", "否", 90, 0, 41),
    ("19", "庄河湖畔幼儿园", "公办", "镇区", "否", "是", 180, 180, 60),
]


def kindergarten(known: tuple[str, str, str, str, str, str, int, int, int]) -> Row:
    code, name, ownership, area, centre, opened, places, new_places, children = known
    return {
        "园所标识码": f"21028300{code}",
        "园所名称": name,
        "办园性质": ownership,
        "城乡类型": area,
        "乡镇中心园": centre,
        "本年新开办": opened,
        "学位数": places,
        "本年新增公办学位": new_places,
        "在园幼儿数": children,
        "小区配套园": {"12": "已移交", "13": "未移交"}.get(code, "否"),
        "年初旱厕数": 1,
        "本年改造旱厕数": 1,
        "足球特色幼儿园": "是" if code == "11" else "否",
    }


def facilities() -> Book:
    """学校, rows 4–15, in the order of SCHOOLS; 幼儿园, rows 4–7: 公办, 普惠性民办, 其他民办, a new 公办 one."""
    sheets = {SCHOOL: [school(one) for one in SCHOOLS], KINDERGARTEN: [kindergarten(one) for one in KINDERGARTENS]}
    return new_book("facilities", "办学条件", "2020-Q2", sheets)


# The category, its teachers, their schools, the first and the last day (month, day), the hours.
COURSES: list[tuple[str, range, tuple[str, ...], tuple[int, int], tuple[int, int], float]] = [
    ("思政课教师全员通识", range(1, 5), ("04",), (4, 20), (4, 24), 40),
    ("思政统编教材教法", range(5, 13), ("04", "05", "07"), (5, 11), (5, 12), 16),
    ("乡村教师支持", range(13, 19), ("02", "03", "05"), (4, 7), (4, 9), 24),
    ("名优教师", range(19, 23), ("07", "08"), (6, 1), (6, 5), 37.5),
    ("名校长骨干校长", range(23, 25), ("01", "06"), (5, 18), (5, 22), 40),
    ("双师型教师", range(25, 29), ("09",), (6, 15), (6, 19), 36),
    ("教育信息化", range(29, 32), ("01", "10"), (5, 25), (5, 26), 12),
    ("法治教育", range(32, 34), ("06",), (6, 10), (6, 10), 8),
    ("师德师风", range(34, 36), ("17", "23"), (6, 22), (6, 23), 12),
    ("其他", range(36, 37), ("11",), (6, 24), (6, 24), 6),
]
# The second course of a teacher: number, school, days, in June.
SECOND = [(1, "04", 8, 9), (5, "07", 8, 9), (13, "03", 8, 9), (36, "11", 25, 26)]
RESULTS = [("优秀", 92.5), ("合格", 78), ("合格", 60), ("不合格", 41), ("未考核", None)]
LEVELS = ["国家级", "省级", "市级", "区县级", "校本"]


def record(
    teacher: int, school_code: str, category: str, first: tuple[int, int], last: tuple[int, int], hours: float
) -> Row:
    result, score = RESULTS[teacher % 5]
    return {
        "教师编号": f"ZH{teacher:05d}",
        "姓名": f"教师{teacher}",
        "身份证件号": resident_id(teacher, "19820714"),
        "学校标识码": f"21028300{school_code}",
        "任教学科": ("道德与法治", "语文", "物理")[teacher % 3],
        "培训类别": category,
        "培训名称": f"2020年{category}培训",
        "培训层级": LEVELS[teacher % 5],
        "开始日期": date(2020, *first),
        "结束日期": date(2020, *last),
        "学时": hours,
        "考核结果": result,
        "评估得分": score,
    }


# code, teachers, ideology, rural, dual, backbone, IT, principals
HEADCOUNTS = [
    ("01", 70, 6, 0, 0, 12, 5, 4),
    ("02", 24, 2, 24, 0, 2, 1, 2),
    ("03", 5, 1, 5, 0, 0, 0, 1),
    ("04", 95, 4, 0, 0, 15, 4, 4),
    ("05", 52, 4, 52, 0, 6, 3, 3),
    ("06", 60, 5, 0, 0, 8, 4, 4),
    ("07", 120, 8, 0, 0, 25, 6, 5),
    ("08", 130, 9, 0, 0, 40, 6, 5),
    ("09", 150, 8, 0, 70, 30, 20, 6),
    ("10", 30, 2, 0, 0, 5, 2, 2),
    ("17", 9, 1, 0, 0, 1, 1, 1),
    ("23", 14, 1, 14, 0, 1, 0, 1),
    ("11", 26, 0, 0, 0, 3, 1, 2),
]


def teacher_training() -> Book:
    """培训记录, rows 4–39: teacher n in row n + 3; 40–43 second courses of teachers 1, 5, 13 and 36. 教师队伍, rows
    4–16, in the order of HEADCOUNTS (the last is a kindergarten); 2102830004 has just the ideology teachers trained."""
    records = [
        record(teacher, schools[teacher % len(schools)], category, first, last, hours)
        for category, teachers, schools, first, last, hours in COURSES
        for teacher in teachers
    ]
    records += [record(teacher, code, "师德师风", (6, first), (6, last), 10) for teacher, code, first, last in SECOND]
    headcounts: list[Row] = []
    for code, *counts in HEADCOUNTS:
        headers = [
            "专任教师数",
            "思政课教师数",
            "乡村教师数",
            "双师型教师数",
            "骨干教师数",
            "信息化教师数",
            "校级领导数",
        ]
        headcounts.append({"学校标识码": f"21028300{code}", **dict(zip(headers, counts, strict=True))})
    return new_book("teacher_training", "教师培训", "2020-Q2", {RECORD: records, HEADCOUNT: headcounts})
