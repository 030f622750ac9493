"""What clerks really send in single cells and in rows that are none, over all forms: one defect each, or none."""

from collections.abc import Callable
from datetime import date

from openpyxl import Workbook

from independent.book import CASES as LEDGER
from independent.book import (
    ENROLMENT,
    HARDSHIP,
    HEADCOUNT,
    HEADERS,
    KINDERGARTEN,
    PAYMENT,
    RECORD,
    SCHOOL,
    Book,
    cell,
)
from independent.case import SOUND, Case, On, Place, at
from independent.cases_dropout import CASE, COUNT
from independent.cases_schools import COURSE, NURSERY, PLACE, STAFF
from independent.cases_student_aid import LISTED, PAID

AID, DROPOUT, FACILITIES, TRAINING = "student_aid", "dropout_control", "facilities", "teacher_training"
BELOW = {HARDSHIP: 44, PAYMENT: 48, LEDGER: 44, ENROLMENT: 13, SCHOOL: 16, KINDERGARTEN: 8, RECORD: 44, HEADCOUNT: 17}
"""The Excel row below the sound rows of each sheet."""


def stored_as_text(name: str, on: On, row: int, header: str, formula: str) -> Case:
    """A formula in a cell whose format is text: Excel keeps what was typed."""

    def touch(book: Workbook) -> None:
        written = book[on.sheet][cell(on.sheet, header, row)]
        written.value, written.data_type, written.number_format = formula, "s", "@"

    return Case(name, on.form, lambda book: book.touches.append(touch), (on.place("T07", header, row),))


def below(name: str, on: On, *rows: dict[str, object], merged: str | None = None) -> Case:
    """Rows below the table; T09 stands at the first filled cell of each."""

    def plant(book: Book) -> None:
        for cells in rows:
            book.add(on.sheet, dict(cells))
        if merged:
            book.touches.append(lambda saved: saved[on.sheet].merge_cells(merged))

    places = []
    for row, cells in enumerate(rows, BELOW[on.sheet]):
        first = min(cells, key=HEADERS[on.sheet].split().index)
        places.append(on.place("T09", first, row))
    return Case(f"T09 {name}", on.form, plant, tuple(places))


def column_numbers(on: On, number: Callable[[int], object]) -> Case:
    def plant(book: Book) -> None:
        headers = book.sheets[on.sheet].headers
        book.sheets[on.sheet].rows.insert(0, {header: number(place) for place, header in enumerate(headers, 1)})

    return Case(f"T09 column numbers such as {number(1)}", on.form, plant, (at("T09", on.sheet, "A4"),))


def beside(name: str, on: On, texts: dict[int, str]) -> Case:
    """A footer that is wider than the table: Excel column → text."""
    row = BELOW[on.sheet] + 1

    def touch(book: Workbook) -> None:
        for column, text in texts.items():
            book[on.sheet].cell(row, column).value = text

    place = at("T09", on.sheet, f"[A-Z]+{row}")
    return Case(f"T09 {name}", on.form, lambda book: book.touches.append(touch), (place,))


def filled_up(form: str, mark: str) -> Case:
    """`mark` in every cell that is empty in the sound workbook: none of them is required."""

    def plant(book: Book) -> None:
        for sheet in book.sheets.values():
            for row in sheet.rows:
                row.update({header: mark for header in sheet.headers if row.get(header) is None})

    return Case(f"{mark} in every empty cell", form, plant)


def only_says(form: str, sheet: str, word: str, nil: bool = False) -> Case:
    def plant(book: Book) -> None:
        for title, part in book.sheets.items():
            if nil or title == sheet:
                part.rows.clear()
        book.add(sheet, {book.sheets[sheet].headers[0]: word})
        if nil:
            book.cover["无数据申报"] = "是"

    return Case(f"a sheet whose only row says {word}", form, plant)


def signed_nil(form: str, sheet: str) -> Case:
    def plant(book: Book) -> None:
        for part in book.sheets.values():
            part.rows.clear()
        book.add(sheet, {"姓名": "填表人：孙丽　审核人：周平"})
        book.cover["无数据申报"] = "是"

    return Case("T09 a nil return that is signed", form, plant, (at("T09", sheet, cell(sheet, "姓名", 4)),))


def all_say_none(form: str) -> Case:
    def plant(book: Book) -> None:
        for sheet in book.sheets.values():
            sheet.rows[:] = [{sheet.headers[0]: "无"}]

    return Case("F14 every sheet only says 无", form, plant, (Place("F14", "critical", None, None),))


NAMES = [
    CASE.one("T01 a stroke for a name", 4, "姓名", 姓名="/"),
    CASE.one("T01 a ditto mark", 5, "姓名", 姓名="〃"),
    CASE.one("T01 同上 for a household place", 6, "户籍地", 户籍地="同上"),
    CASE.one("T01 无 for a household place", 7, "户籍地", 户籍地="无"),
    CASE.one("T01 不详 for an officer", 8, "劝返责任人", 劝返责任人="不详"),
    CASE.one("T01 同上 in an optional remark", 9, "备注", 备注="同上"),
    CASE.one("T01 待定 for an optional day", 10, "返校日期", 返校日期="待定"),
    CASE.one("T01 a dash for a number", 11, "劝返次数", 劝返次数="——"),
    CASE.one("T01 没有 for 是 or 否", 12, "建档立卡", 建档立卡="没有"),
    COUNT.one("T01 N/A for a count", 6, "实际在校人数", 实际在校人数="N/A"),
    LISTED.one("T01 暂无 for a day", 10, "认定日期", 认定日期="暂无"),
    LISTED.one("T01 无 for a student number in 小学", 11, "学籍号", 学籍号="无"),
    PAID.one("T01 待补 for an amount", 44, "发放金额", 发放金额="待补"),
    PLACE.one("T01 a full-width stroke for a name", 5, "学校名称", 学校名称="／"),
    NURSERY.one("T01 null for places", 5, "学位数", 学位数="NULL"),
    COURSE.one("T01 a dash for a teacher number", 20, "教师编号", 教师编号="-"),
    COURSE.one("T01 dots for a subject", 21, "任教学科", 任教学科="..."),
    STAFF.one("T01 无 for principals", 5, "校级领导数", 校级领导数="无"),
    CASE.one("T08 a question mark in a name", 13, "姓名", 姓名="李?"),
    CASE.one("T08 a box in an officer's name", 14, "劝返责任人", 劝返责任人="王□明"),
    CASE.one("T08 a private character in a name", 15, "姓名", 姓名="王\ue5f1"),
    LISTED.one("T08 a replacement character in a name", 12, "姓名", 姓名="王\ufffd"),
    PAID.one("T08 a replacement character in a remark", 44, "备注", 备注="补\ufffd发"),
    CASE.one("T08 TRUE for a name", 16, "姓名", 姓名=True),
    LISTED.one("T08 TRUE in letters for a name", 13, "姓名", 姓名="TRUE"),
    PAID.one("T08 10086 for a name", 10, "姓名", 姓名=10086),
    COURSE.one("T08 10086 in text for a name", 22, "姓名", 姓名="10086"),
    CASE.one("T08 a number for a household place", 17, "户籍地", 户籍地=210283),
    stored_as_text("T07 VLOOKUP as text for a name", CASE, 18, "姓名", "=VLOOKUP(A18,名单!A:B,2,0)"),
    stored_as_text("T07 a sum as text for a count", COUNT, 5, "应在校人数", "=B4+B6"),
    stored_as_text("T07 a formula as text in a remark", PAID, 10, "备注", '=IF(H10>0,"发","")'),
]
DATES = [
    CASE.one("T03 the year 202", 19, "发现日期", 发现日期="0202-03-05"),
    LISTED.one("T03 the year 1020", 10, "认定日期", 认定日期="1020年3月5日"),
    PAID.one("T03 2020 in a date cell", 10, "发放日期", 发放日期=date(1905, 7, 12)),
    COURSE.one("T03 5 in a date cell", 28, "开始日期", 开始日期=date(1900, 1, 5)),
    PLACE.one("T03 the last day of 1999", 5, "专项检查日期", 专项检查日期=date(1999, 12, 31)),
    CASE.one("T03 half past eight as text", 20, "发现日期", 发现日期="2020-06-03 08:30:00"),
]
ROWS = [
    below("a total at the right end", COUNT, {"实际在校人数": "合计"}),
    below("a total of the page", CASE, {"身份证件号": "本页合计", "劝返次数": 80}),
    below("a total with its unit", PAID, {"资助项目": "合计（元）", "资助标准": 31000}),
    below("共计", LISTED, {"姓名": "共计：40人"}),
    below("Excel's subtotals", COURSE, {"姓名": "张三 汇总", "学时": 36}, {"姓名": "总计", "学时": 900}),
    below("累计", STAFF, {"学校标识码": "累计", "专任教师数": 785}),
    below("the total row of a table", NURSERY, {"园所标识码": "汇总", "学位数": 720}),
    below("a footer in one cell", CASE, {"身份证件号": "填表人：孙丽　　审核人：周平"}, merged="A44:R44"),
    below(
        "a footer in several cells",
        LISTED,
        {"姓名": "制表人：孙丽", "学段": "审核人：周平", "认定日期": "2020年7月3日"},
    ),
    below("notes", PLACE, {"学校标识码": "注：班级数按学籍系统统计。"}, {"学校标识码": "以下空白"}, merged="A16:AA16"),
    below("说明", COUNT, {"学校标识码": "说明：不含幼儿园"}),
    beside("a footer wider than the table", COUNT, {1: "填报日期：2020年7月3日", 6: "负责人：周平"}),
    column_numbers(COUNT, lambda place: place),
    column_numbers(CASE, lambda place: f"（{place}）"),
    column_numbers(PLACE, str),
    signed_nil(AID, HARDSHIP),
    signed_nil(TRAINING, RECORD),
    all_say_none(DROPOUT),
]
CASES = [*NAMES, *DATES, *ROWS]
FINE = [
    *(filled_up(form, mark) for form in SOUND for mark in ("/", "——", "无")),
    only_says(DROPOUT, LEDGER, "无"),
    only_says(DROPOUT, LEDGER, "本月无"),
    only_says(AID, HARDSHIP, "无数据", nil=True),
    only_says(TRAINING, RECORD, "无", nil=True),
    CASE.fine("a name that begins with 无", 10, 姓名="无名"),
    CASE.fine("a name that ends with 合计 beside a valid ID", 10, 姓名="合计"),
    CASE.fine("a remark that ends with 汇总", 10, 备注="见汇总"),
    PLACE.fine("无 where the list has it", 5, 无线网络="无", 网络学习空间="无"),
    COURSE.fine("a course that asks", 20, 培训名称="思政课怎样上？"),
    COURSE.fine("a teacher number of digits", 20, 教师编号="10086"),
    CASE.fine("a Kangxi radical", 11, 姓名="⼤伟", t10=["姓名"]),
    LISTED.fine("a radical of the supplement", 10, 姓名="⻢丽", t10=["姓名"]),
    PAID.fine("a compatibility ideograph", 10, 姓名="\uf9e1明", t10=["姓名"]),
    CASE.fine("a variation selector behind a name", 12, 姓名="葛\U000e0100强", t10=["姓名"]),
    CASE.fine("a variation selector behind a code", 12, 性别="男\ufe00", t10=["性别"]),
    CASE.fine("a date as an export writes it", 13, 发现日期="2020-06-03 00:00:00", t10=["发现日期"]),
    PAID.fine("a date with 0:00", 10, 发放日期="2020/5/6 0:00", t10=["发放日期"]),
    LISTED.fine("a date with a non-breaking hyphen", 10, 认定日期="2020\u20113\u20116", t10=["认定日期"]),
    CASE.fine("a date with minus signs", 14, 发现日期="2020\u221206\u221203", t10=["发现日期"]),
    COURSE.fine("a date with a dot behind it", 28, 结束日期="2020.6.19.", t10=["结束日期"]),
]
