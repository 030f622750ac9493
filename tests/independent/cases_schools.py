"""One defect each in facilities and teacher_training. Rows: see sound_schools."""

from collections.abc import Callable
from datetime import date, datetime

from independent.book import BANDWIDTH, HEADCOUNT, KINDERGARTEN, LARGE, OVERSIZE, RECORD, SCHOOL, Book, Row
from independent.case import Case, On, at, in_cell, puts
from independent.persons import resident_id, with_check_character, with_wrong_check_character
from independent.sound_schools import KINDERGARTENS, SCHOOLS, kindergarten, record, school

FACILITIES, TRAINING = "facilities", "teacher_training"
PLACE, NURSERY = On(FACILITIES, SCHOOL), On(FACILITIES, KINDERGARTEN)
COURSE, STAFF = On(TRAINING, RECORD), On(TRAINING, HEADCOUNT)
FIT, DESKS, LIT = "达标课桌椅套数", "课桌椅总套数", "采光照明达标教室数"
INSPECTED = "专项检查日期"


def repeated(on: On, row: int, last: int, header: str) -> Case:
    def plant(book: Book) -> None:
        book.add(on.sheet, dict(book.row(on.sheet, row)))

    places = tuple(in_cell("C03", on.sheet, header, one) for one in (row, last))
    return Case(f"C03 the key twice on {on.sheet}", on.form, plant, places)


def without_row(on: On, rule: str, row: int, kind: str) -> Case:
    return Case(
        f"{rule} no row of {kind}", on.form, lambda book: book.remove(on.sheet, row), (at(rule, on.sheet, None),)
    )


def newcomer(code: str, said: str) -> Row:
    """A kindergarten that the register has only until 29 June, with what is said of 本年新开办."""
    return {**kindergarten((code, *KINDERGARTENS[2][1:])), "本年新开办": said}


def spring(inspected_on: date, said: str) -> Callable[[Book], None]:
    """2021-Q1, where one school has been inspected and the youngest kindergarten is from the year before."""

    def plant(book: Book) -> None:
        book.cover.update({"报告期": "2021-Q1", "填报日期": date(2021, 4, 9)})
        book.remove(SCHOOL, 15)
        book.add(SCHOOL, school(("15", "庄河新区小学", *SCHOOLS[0][2:])))
        for row in range(4, 16):
            book.put(SCHOOL, row, {INSPECTED: inspected_on if row == 9 else None})
        book.put(KINDERGARTEN, 7, {"本年新开办": said})

    return plant


FACILITIES_CELLS = [
    PLACE.one("T01 no number of classes", 4, "班级数", 班级数=None),
    PLACE.one("T01 no large classes", 5, LARGE, {LARGE: None}),
    NURSERY.one("T01 no name", 4, "园所名称", 园所名称=None),
    PLACE.one("T02 500M", 6, BANDWIDTH, {BANDWIDTH: "500M"}),
    PLACE.one("T02 half a class", 7, "班级数", 班级数=26.5),
    NURSERY.one("T02 places with 个", 5, "学位数", 学位数="180个"),
    PLACE.one("T03 a bare number", 8, "专项检查日期", 专项检查日期=43963),
    PLACE.one("T03 2020年5月", 9, "专项检查日期", 专项检查日期="2020年5月"),
    PLACE.one("T04 a type of no list", 10, "办学类型", 办学类型="完中"),
    PLACE.one("T04 幼儿园 is no type of this sheet", 10, "办学类型", 办学类型="幼儿园"),
    PLACE.one("T04 an area of no list", 11, "城乡类型", 城乡类型="城市"),
    PLACE.one("T04 wireless of no list", 12, "无线网络", 无线网络="有"),
    PLACE.one("T04 a football inspection of no list", 4, "足球复检结果", 足球复检结果="合格"),
    NURSERY.one("T04 an ownership of no list", 6, "办园性质", 办园性质="民办"),
    NURSERY.one("T04 handed over in words of no list", 6, "小区配套园", 小区配套园="是"),
    PLACE.one("T06 #NAME?", 13, "在校生数", 在校生数="#NAME?"),
    NURSERY.one("T06 #NUM!", 7, "在园幼儿数", 在园幼儿数="#NUM!"),
    PLACE.one("T07 desks by formula", 14, DESKS, {DESKS: "=SUM(J14,40)"}),
    PLACE.one("T08 a control character", 15, "学校名称", 学校名称="庄河_x0001_次月小学"),
    PLACE.one("T13 dry toilets below 0", 5, "年初旱厕数", 年初旱厕数=-2),
    NURSERY.one("T13 children below 0", 5, "在园幼儿数", 在园幼儿数=-170),
]
FACILITIES_RULES = [
    PLACE.added("C02 not in the register", school(("77", *SCHOOLS[0][1:])), PLACE.place("C02", "学校标识码", 16)),
    PLACE.added(
        "C02 closed before the quarter", school(("14", *SCHOOLS[10][1:])), PLACE.place("C02", "学校标识码", 16)
    ),
    PLACE.added(
        "C02 of another district",
        {**school(SCHOOLS[0]), "学校标识码": "2102810001"},
        PLACE.place("C02", "学校标识码", 16),
    ),
    NURSERY.added(
        "C02 not in the register, a kindergarten",
        kindergarten(("76", *KINDERGARTENS[0][1:])),
        NURSERY.place("C02", "园所标识码", 8),
    ),
    repeated(PLACE, 9, 16, "学校标识码"),
    repeated(NURSERY, 6, 8, "园所标识码"),
    PLACE.one("C04 inspected after the quarter", 10, "专项检查日期", 专项检查日期=date(2020, 7, 1)),
    PLACE.one("C04 inspected after receipt", 11, "专项检查日期", 专项检查日期=date(2020, 9, 1)),
    PLACE.one("B01 more large classes than classes", 6, LARGE, {LARGE: 5}),
    PLACE.one("B01 more oversize than large classes", 7, LARGE, {OVERSIZE: 3}),
    PLACE.one("B02 56 a class and no large class", 11, "在校生数", {"在校生数": 1680, DESKS: 1700}),
    PLACE.one("B02 one pupil above 55 a class", 13, "在校生数", {"在校生数": 496, DESKS: 500}),
    PLACE.one("B03 a small school of 100 pupils", 6, "乡村小规模", {"在校生数": 100}),
    PLACE.one("B03 a small school in 镇区", 14, "乡村小规模", 乡村小规模="是"),
    PLACE.one("B03 a small school in 城区", 13, "乡村小规模", 乡村小规模="是"),
    PLACE.one("B03 a rural boarding school in 城区", 12, "乡村寄宿制", 乡村寄宿制="是"),
    PLACE.one("B04 a retained boarding school at 99 Mbps", 5, BANDWIDTH, {BANDWIDTH: 99}),
    PLACE.one("B04 a retained small school at 20 Mbps", 6, BANDWIDTH, {BANDWIDTH: 20}),
    PLACE.one("B05 more converted than there were", 15, "本年改造旱厕数", 本年改造旱厕数=3),
    NURSERY.one("B05 more converted than there were, a kindergarten", 4, "本年改造旱厕数", 本年改造旱厕数=2),
    PLACE.one("B06 more lit classrooms than classrooms", 4, LIT, {LIT: 31}),
    PLACE.one("B06 more fit desks than desks", 8, FIT, {FIT: 681}),
    PLACE.one("B07 five inclusive pupils and no resource room", 8, "资源教室数", 随班就读残疾学生数=5),
    NURSERY.one("B08 public places at 普惠性民办", 5, "本年新增公办学位", 本年新增公办学位=10),
    NURSERY.one("B08 public places at 其他民办", 6, "本年新增公办学位", 本年新增公办学位=1),
    NURSERY.one("B08 more new places than places", 4, "本年新增公办学位", 本年新增公办学位=271),
    NURSERY.one("B09 one child above 120 %", 4, "在园幼儿数", 在园幼儿数=325),
    without_row(PLACE, "B10", 6, "a 教学点"),
    without_row(PLACE, "B10", 12, "a 中职"),
    without_row(PLACE, "B10", 14, "a school opened in the quarter"),
    without_row(NURSERY, "B10", 6, "a kindergarten"),
    without_row(NURSERY, "B10", 7, "a kindergarten opened in the quarter"),
    PLACE.one("B11 inspected on the day before the year", 9, INSPECTED, {INSPECTED: date(2019, 12, 31)}),
    NURSERY.one("B11 opened in 1995", 4, "本年新开办", 本年新开办="是"),
    NURSERY.one("B11 opened in May", 7, "本年新开办", 本年新开办="否"),
    *(
        NURSERY.added(f"B11 {kind}", newcomer(code, said), NURSERY.place("B11", "本年新开办", 8))
        for code, kind, said in (
            ("25", "opened on the first day of the year", "否"),
            ("26", "opened on the day before the year", "是"),
            ("27", "renamed in the year", "是"),
            ("28", "moved here in the year", "是"),
        )
    ),
    Case(
        "B11 the next year begins, and last year's is still written",
        FACILITIES,
        spring(date(2020, 10, 20), "是"),
        (PLACE.place("B11", INSPECTED, 9), NURSERY.place("B11", "本年新开办", 7)),
        received_on=date(2021, 4, 10),
    ),
    NURSERY.one("T04 whether it is new can't be read (no B11)", 4, "本年新开办", 本年新开办="新"),
    PLACE.one("T02 a row with a mistake is there (no B10)", 13, "班级数", 班级数="九个"),
]
TRAINING_CELLS = [
    COURSE.one("T01 no teacher number", 4, "教师编号", 教师编号=None),
    COURSE.one("T01 no result", 20, "考核结果", 考核结果=None),
    STAFF.one("T01 no IT teachers", 5, "信息化教师数", 信息化教师数=None),
    COURSE.one("T02 8学时", 21, "学时", 学时="24学时"),
    COURSE.one("T02 hours with three decimals", 22, "学时", 学时=37.125),
    COURSE.one("T02 a score in words", 23, "评估得分", 评估得分="优"),
    STAFF.one("T02 half a teacher", 6, "专任教师数", 专任教师数=5.5),
    COURSE.one("T03 a bare number", 24, "开始日期", 开始日期=43983),
    COURSE.one("T03 a time of day", 25, "结束日期", 结束日期=datetime(2020, 6, 5, 17, 30)),  # noqa: DTZ001
    COURSE.one("T04 a category of no list", 26, "培训类别", 培训类别="校长培训"),
    COURSE.one("T04 a level of no list", 27, "培训层级", 培训层级="县级"),
    COURSE.one("T04 a result of no list", 28, "考核结果", 考核结果="良好"),
    COURSE.one("T05 an optional ID as a number", 29, "身份证件号", 身份证件号=210283198207140263),
    COURSE.one("T06 #NULL!", 30, "任教学科", 任教学科="#NULL!"),
    STAFF.one("T06 #REF!", 7, "骨干教师数", 骨干教师数="#REF!"),
    COURSE.one("T07 hours by formula", 31, "学时", 学时="=6*6"),
    COURSE.one("T08 a control character", 32, "培训名称", 培训名称="教育_x0007_信息化"),
    COURSE.one("T08 a course name of 201 characters", 33, "培训名称", 培训名称="训" * 201),
    COURSE.one("T13 hours below 0", 34, "学时", 学时=-6),
    STAFF.one("T13 principals below 0", 8, "校级领导数", 校级领导数=-1),
]


def course(teacher: int, first: tuple[int, int], last: tuple[int, int], hours: float = 6, **cells: object) -> Row:
    return {**record(teacher, "06", "法治教育", first, last, hours), **cells}


def unheard_of(name: str, row: int, cells: Row, staff: int, headcount: str) -> Case:
    """A course at a school that has no such teacher: its headcount, in the Excel row `staff`, says so (E09)."""
    places = (COURSE.place(name[:3], "培训类别", row), STAFF.place("E09", headcount, staff))
    return Case(name, TRAINING, puts((RECORD, row, cells)), places)


TRAINING_RULES = [
    COURSE.one(
        "C01 check character", 35, "身份证件号", 身份证件号=with_wrong_check_character(resident_id(32, "19820714"))
    ),
    COURSE.one("C01 province 19", 36, "身份证件号", 身份证件号=with_check_character("19028319820714033")),
    COURSE.one("C02 not in the register", 37, "学校标识码", 学校标识码="2102836666"),
    COURSE.one("C02 of another district", 38, "学校标识码", 学校标识码="2102810001"),
    STAFF.added(
        "C02 a row of a closed school",
        {
            **dict.fromkeys(
                [
                    "专任教师数",
                    "思政课教师数",
                    "乡村教师数",
                    "双师型教师数",
                    "骨干教师数",
                    "信息化教师数",
                    "校级领导数",
                ],
                0,
            ),
            "学校标识码": "2102830014",
        },
        STAFF.place("C02", "学校标识码", 17),
    ),
    repeated(STAFF, 10, 17, "学校标识码"),
    repeated(COURSE, 36, 44, "教师编号"),
    COURSE.one("C04 ended after the quarter", 37, "结束日期", 开始日期=date(2020, 6, 29), 结束日期=date(2020, 7, 1)),
    COURSE.one("C04 ended after receipt", 37, "结束日期", 开始日期=date(2020, 6, 29), 结束日期=date(2020, 7, 5)),
    COURSE.one("C08 ended before the quarter", 36, "结束日期", 开始日期=date(2020, 3, 30), 结束日期=date(2020, 3, 31)),
    without_row(STAFF, "C10", 6, "a school with two rural teachers trained"),
    without_row(STAFF, "C10", 11, "a 普通高中"),
    without_row(STAFF, "C10", 13, "a 特殊教育"),
    without_row(STAFF, "C10", 15, "a school that closes on the next day"),
    COURSE.one("E01 ended a day before", 39, "结束日期", 结束日期=date(2020, 6, 23)),
    COURSE.one("E02 no hours", 35, "学时", 学时=0),
    COURSE.one("E02 10.5 hours in a day", 35, "学时", 学时=10.5),
    COURSE.one("E02 a quarter above 10 a day", 37, "学时", 学时=20.25),
    COURSE.added(
        "E03 the first ends on the day the second starts",
        course(34, (6, 23), (6, 24)),
        COURSE.place("E03", "开始日期", 37),
        COURSE.place("E03", "开始日期", 44),
    ),
    COURSE.added(
        "E03 one inside the other",
        course(20, (6, 3), (6, 3)),
        COURSE.place("E03", "开始日期", 23),
        COURSE.place("E03", "开始日期", 44),
    ),
    COURSE.added(
        "E03 one over both of a teacher's courses",
        course(1, (4, 24), (6, 8)),
        COURSE.place("E03", "开始日期", 4),
        COURSE.place("E03", "开始日期", 40),
        COURSE.place("E03", "开始日期", 44),
    ),
    COURSE.added(
        "E03 with a quarantined row",
        course(32, (6, 9), (6, 11), 考核结果="良好"),
        COURSE.place("T04", "考核结果", 44),
        COURSE.place("E03", "开始日期", 35),
        COURSE.place("E03", "开始日期", 44),
    ),
    COURSE.one("E04 101", 23, "评估得分", 评估得分=101),
    COURSE.one("E04 -1 is no T13", 26, "评估得分", 评估得分=-1),
    COURSE.one("E04 合格 with 59.5", 9, "评估得分", 评估得分=59.5),
    COURSE.one("E04 优秀 with 45", 8, "评估得分", 评估得分=45),
    unheard_of("E05 双师型 at a 普通高中", 28, {"学校标识码": "2102830008"}, 11, "双师型教师数"),
    unheard_of("E05 双师型 at a 小学", 38, {"培训类别": "双师型教师"}, 15, "双师型教师数"),
    unheard_of("E06 乡村教师支持 in 城区", 16, {"学校标识码": "2102830001"}, 4, "乡村教师数"),
    STAFF.one("E07 more rural teachers than teachers", 5, "乡村教师数", 乡村教师数=25),
    STAFF.one("E07 more 双师型 teachers than teachers", 12, "双师型教师数", 双师型教师数=151),
    STAFF.one("E07 more IT teachers than teachers", 14, "信息化教师数", 信息化教师数=10),
    STAFF.one("E07 more principals than teachers", 6, "校级领导数", 校级领导数=6),
    STAFF.one("E08 four trained, three there", 7, "思政课教师数", 思政课教师数=3),
    COURSE.added(
        "E08 a fifth is trained",
        record(90, "04", "思政课教师全员通识", (4, 20), (4, 24), 40),
        STAFF.place("E08", "思政课教师数", 7),
    ),
    Case(
        "E08 counts a quarantined teacher",
        TRAINING,
        puts((RECORD, 4, {"学时": "四十"}), (HEADCOUNT, 7, {"思政课教师数": 3})),
        (COURSE.place("T02", "学时", 4), STAFF.place("E08", "思政课教师数", 7)),
    ),
    STAFF.one("E09 two rural teachers trained, one there", 6, "乡村教师数", 乡村教师数=1),
    STAFF.one("E09 four 双师型 teachers trained, three there", 12, "双师型教师数", 双师型教师数=3),
    STAFF.one("E09 two IT teachers trained, one there", 13, "信息化教师数", 信息化教师数=1),
    STAFF.one("E09 a principal trained, none there", 9, "校级领导数", 校级领导数=0),
    Case(
        "E09 counts a quarantined teacher",
        TRAINING,
        puts((RECORD, 16, {"学时": "二十四"}), (HEADCOUNT, 6, {"乡村教师数": 1})),
        (COURSE.place("T02", "学时", 16), STAFF.place("E09", "乡村教师数", 6)),
    ),
    STAFF.one("T02 a headcount that can't be read (no E09)", 6, "乡村教师数", 乡村教师数="一人"),
]
CASES = [*FACILITIES_CELLS, *FACILITIES_RULES, *TRAINING_CELLS, *TRAINING_RULES]
