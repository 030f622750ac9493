"""What the rules about the content must leave alone: no critical finding and no warning."""

from datetime import date

from independent.book import (
    BANDWIDTH,
    ENROLMENT,
    HARDSHIP,
    HEADCOUNT,
    LARGE,
    OVERSIZE,
    PAYMENT,
    RECORD,
    Book,
    Row,
)
from independent.book import CASES as LEDGER
from independent.case import SOUND, Case, On, nothing, puts
from independent.cases_dropout import CASE, COUNT, child
from independent.cases_schools import COURSE, NURSERY, PLACE, STAFF, course, newcomer, spring
from independent.cases_student_aid import LISTED, PAID, copy_of
from independent.persons import resident_id, with_check_character
from independent.sound_schools import KINDERGARTENS, SCHOOLS, kindergarten, record, school
from independent.sound_students import dropout, hardship

AID, DROPOUT, FACILITIES, TRAINING = "student_aid", "dropout_control", "facilities", "teacher_training"


def added(name: str, on: On, cells: Row) -> Case:
    return on.added(name, cells)


def without_rows(name: str, form: str, sheet: str, *rows: int) -> Case:
    def plant(book: Book) -> None:
        for row in sorted(rows, reverse=True):
            book.remove(sheet, row)

    return Case(name, form, plant)


def nil(form: str) -> Case:
    def plant(book: Book) -> None:
        book.cover.update({"无数据申报": "是", "情况说明": "本学期无此类情况"})
        for sheet in book.sheets.values():
            sheet.rows.clear()

    return Case("nil return", form, plant)


def cased(name: str, form: str, on: date, *changes: tuple[str, int, Row]) -> Case:
    return Case(name, form, puts(*changes), received_on=on)


def listed_without_payments(book: Book) -> None:
    """Those of 普通高中, 中职 and 学前 only, and an empty second sheet."""
    del book.sheets[HARDSHIP].rows[:26]
    book.sheets[PAYMENT].rows.clear()


def twice_a_rural_teacher(book: Book) -> None:
    """Two are trained in 2102830003, one of them in two courses."""
    book.add(RECORD, record(13, "03", "乡村教师支持", (5, 6), (5, 7), 16))
    book.put(HEADCOUNT, 6, {"乡村教师数": 2})


def another_region(number: int, region: str) -> str:
    return with_check_character(f"{region}20080506{number:03d}")


SOUND_ONES = [Case("the sound workbook", form, nothing) for form in SOUND]
STUDENT_AID = [
    nil(AID),
    PAID.fine("the ceilings themselves", 44, 资助标准=3000, 发放金额=3000),
    PAID.fine("a cent is an entitlement", 44, 资助标准=0.01, 发放金额=0.01),
    PAID.fine("paid on the day of receipt", 10, 发放日期=date(2020, 7, 4)),
    cased(
        "paid on the period's first day",
        AID,
        date(2020, 7, 4),
        (HARDSHIP, 10, {"认定日期": date(2020, 2, 1)}),
        (PAYMENT, 10, {"发放日期": date(2020, 2, 1)}),
    ),
    cased(
        "paid after the period and before receipt",
        AID,
        date(2020, 8, 10),
        (PAYMENT, 10, {"发放日期": date(2020, 8, 5)}),
    ),
    cased("received on the due date", AID, date(2020, 8, 20)),
    LISTED.fine("identified on the day of the payment", 10, 认定日期=date(2020, 5, 20)),
    LISTED.fine("identified in an earlier period", 10, 认定日期=date(2018, 10, 12)),
    PAID.fine(
        "not paid, so none listed is missed",
        45,
        {"身份证件号": resident_id(70, "20030915"), "学籍号": f"G{resident_id(70, '20030915')}"},
    ),
    added("中职免学费 to another one not listed", PAID, copy_of(42, "中职", "中职免学费", 1500)),
    without_rows("普通高中, 中职 and 学前 need no payment", AID, PAYMENT, 30, 31, 36, 40),
    Case("a filled and an empty sheet", AID, listed_without_payments),
    added(
        "one of 小学 unpaid in one programme and paid in another",
        PAID,
        copy_of(5, "小学", "地方资助", 200, 发放状态="未发放", 发放金额=0, 发放日期=None),
    ),
    added("boarding aid and 地方资助", PAID, copy_of(4, "小学", "地方资助", 200)),
    PAID.fine("no channel, no remark", 44, 发放方式=None, 备注=None),
    LISTED.fine("a school that closed in the semester", 10, 学校标识码="2102830016"),
    PAID.fine("a school that opened in the semester", 10, 学校标识码="2102830017"),
    LISTED.fine("a kindergarten that closed in the semester", 43, 学校标识码="2102830018"),
    LISTED.fine("a school that moved away in the semester", 10, 学校标识码="2102830024"),
    cased(
        "中职 without student number",
        AID,
        date(2020, 7, 4),
        (HARDSHIP, 38, {"学籍号": None}),
        (PAYMENT, 39, {"学籍号": None}),
    ),
    LISTED.fine("a G number without an ID to follow is not asked of J", 10, 学籍号="J210283201001010019"),
    LISTED.fine("a provisional number", 11, 学籍号="L210283201001010027"),
    LISTED.fine("the highest grade of 学前", 43, 年级=3),
    LISTED.fine("the lowest grade of 初中", 20, 年级=7),
    added("listed in 特殊教育", LISTED, hardship(80, "普通高中", "2102830010", 12)),
    PAID.fine("a remark of 1,000 characters", 44, 备注="长" * 1000),
    LISTED.fine("a name of 200 characters", 10, 姓名="名" * 200),
]
DROPOUT_CONTROL = [
    Case("no case", DROPOUT, lambda book: book.keep(LEDGER, 0)),
    CASE.fine("six years old on that day", 10, {**child(7, "20140610"), "发现日期": date(2020, 6, 10), "年级": 1}),
    CASE.fine("seventeen until tomorrow", 11, {**child(8, "20020611"), "发现日期": date(2020, 6, 10), "年级": 9}),
    *(
        CASE.fine(f"an ID of {region}", 13, 身份证件号=another_region(10, region), 学籍号=None)
        for region in ("810000", "820000", "830000", "911202", "659001")
    ),
    CASE.fine("returned on the day of discovery", 39, 返校日期=date(2020, 6, 19)),
    CASE.fine("discovered on the first of the month", 14, 发现日期=date(2020, 6, 1)),
    CASE.fine("discovered on the last of the month", 14, 发现日期=date(2020, 6, 30)),
    CASE.fine("discovered last year", 14, 发现日期=date(2019, 9, 2)),
    CASE.fine("因贫 and returned", 39, 主要原因="因贫"),
    CASE.fine("因贫 and placed", 40, 主要原因="因贫"),
    CASE.fine("因贫 and written off", 41, 主要原因="因贫"),
    CASE.fine("失学 with a school", 42, 学校标识码="2102830004", 年级=9),
    CASE.fine("a school that closed in the month", 15, 学校标识码="2102830016"),
    CASE.fine("a school that closes on the last of the month", 15, 学校标识码="2102830022"),
    COUNT.fine("all present", 7, 实际在校人数=1204),
    COUNT.fine("nobody expected, nobody there", 6, 应在校人数=0, 实际在校人数=0),
    added(
        "a school that closed in the month may report",
        COUNT,
        {"学校标识码": "2102830016", "应在校人数": 9, "实际在校人数": 9},
    ),
    cased("received on the due date", DROPOUT, date(2020, 7, 5)),
    Case(
        "a month that has begun",
        DROPOUT,
        lambda book: book.cover.update({"报告期": "2020-07"}) or book.remove(ENROLMENT, 11),
    ),
    CASE.fine("a J number", 16, 学籍号="J" + "210283200805060013"),
    added("a child of another sex and number", CASE, dropout(61, 劝返状态="已返校", 返校日期=date(2020, 6, 30))),
]
FACILITY = [
    PLACE.fine("exactly 55 a class", 13, {"在校生数": 495, "课桌椅总套数": 495}),
    PLACE.fine("60 a class and a large class", 11, {"在校生数": 1800, "课桌椅总套数": 1800, LARGE: 1}),
    PLACE.fine("all classes large and oversize", 6, {LARGE: 4, OVERSIZE: 4}),
    PLACE.fine("99 pupils in a small school", 6, {"在校生数": 99, "课桌椅总套数": 99}),
    PLACE.fine("a small school not retained, at 10 Mbps", 6, {BANDWIDTH: 10, "规划保留": "否"}),
    PLACE.fine("a retained school that is neither, at 10 Mbps", 14, {BANDWIDTH: 10, "规划保留": "是"}),
    PLACE.fine("all dry toilets converted", 5, 本年改造旱厕数=2),
    PLACE.fine("all up to standard", 4, {"采光照明达标教室数": 30, "达标课桌椅套数": 1140}),
    PLACE.fine("four inclusive pupils and no resource room", 8, 随班就读残疾学生数=4),
    PLACE.fine("five inclusive pupils and a resource room", 8, 随班就读残疾学生数=5, 资源教室数=1),
    PLACE.fine("inspected on the last day", 9, 专项检查日期=date(2020, 6, 30)),
    PLACE.fine("inspected on the first day of the year", 9, 专项检查日期=date(2020, 1, 1)),
    PLACE.fine("not inspected", 9, 专项检查日期=None),
    added(
        "a school that closed in the quarter, now empty",
        PLACE,
        {
            **school(("16", "庄河河口小学", "小学", "乡村", "否", "否", "否", 0, 0, 0, 0, 0)),
            "教室总数": 0,
            "采光照明达标教室数": 0,
            "课桌椅总套数": 0,
            "达标课桌椅套数": 0,
        },
    ),
    added("a kindergarten that closed in the quarter", NURSERY, kindergarten(("18", *KINDERGARTENS[2][1:]))),
    NURSERY.fine("exactly 120 %", 4, 在园幼儿数=324),
    NURSERY.fine("exactly 120 % where a fraction rounds", 5, 学位数=35, 在园幼儿数=42),
    NURSERY.fine("every place is new", 4, 本年新增公办学位=270),
    added("opened on the first day of the year", NURSERY, newcomer("25", "是")),
    added("opened on the day before the year", NURSERY, newcomer("26", "否")),
    added("renamed in the year", NURSERY, newcomer("27", "否")),
    added("moved here in the year", NURSERY, newcomer("28", "否")),
    Case("the next year begins", FACILITIES, spring(date(2021, 1, 1), "否"), received_on=date(2021, 4, 10)),
    cased("received on the due date", FACILITIES, date(2020, 7, 15)),
    added("a school that moved away in the quarter", PLACE, school(("24", *SCHOOLS[11][1:]))),
]
TEACHER = [
    nil(TRAINING),
    COURSE.fine("ten hours on one day", 35, 学时=10),
    COURSE.fine("ten hours a day on five days", 4, 学时=50),
    COURSE.fine("a quarter of an hour", 35, 学时=0.25),
    COURSE.fine("began in the quarter before", 38, 开始日期=date(2020, 3, 2), 结束日期=date(2020, 4, 1)),
    COURSE.fine("ended on the quarter's last day", 38, 开始日期=date(2020, 6, 29), 结束日期=date(2020, 6, 30)),
    COURSE.fine("no ID", 20, 身份证件号=None),
    COURSE.fine("优秀 without a score", 8, 评估得分=None),
    COURSE.fine("合格 with 60", 9, 评估得分=60),
    COURSE.fine("a score of 100", 8, 评估得分=100),
    COURSE.fine("不合格 with 0", 26, 评估得分=0),
    added("two courses on neighbouring days", COURSE, course(34, (6, 24), (6, 25))),
    added("the same course again later", COURSE, record(1, "04", "思政课教师全员通识", (5, 20), (5, 20), 8)),
    without_rows("kindergartens need no row", TRAINING, HEADCOUNT, 16),
    STAFF.fine("every teacher a rural one", 4, 乡村教师数=70),
    cased(
        "乡村教师支持 in 镇区",
        TRAINING,
        date(2020, 7, 4),
        (RECORD, 16, {"学校标识码": "2102830004"}),
        (HEADCOUNT, 7, {"乡村教师数": 1}),
    ),
    cased(
        "as many of each kind as were trained",
        TRAINING,
        date(2020, 7, 4),
        (HEADCOUNT, 6, {"乡村教师数": 2}),
        (HEADCOUNT, 12, {"双师型教师数": 4}),
        (HEADCOUNT, 13, {"信息化教师数": 2}),
        (HEADCOUNT, 9, {"校级领导数": 1}),
    ),
    Case("a teacher in two courses of a category is one", TRAINING, twice_a_rural_teacher),
    COURSE.fine("乡村教师支持 at a rural kindergarten", 16, 学校标识码="2102830013"),
    COURSE.fine("a school that closed in the quarter", 38, 学校标识码="2102830016"),
    cased("received on the due date", TRAINING, date(2020, 7, 15)),
    cased(
        "no teachers and none of a kind",
        TRAINING,
        date(2020, 7, 4),
        (
            HEADCOUNT,
            14,
            dict.fromkeys(
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
        ),
    ),
]
CASES = [
    *SOUND_ONES,
    *STUDENT_AID,
    *DROPOUT_CONTROL,
    *FACILITY,
    *TEACHER,
]
