"""What clerks really send, by public reports of people who fill in, copy and send Excel workbooks: over all forms."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from independent.book import CASES as LEDGER
from independent.book import (
    ENROLMENT,
    HARDSHIP,
    HEADCOUNT,
    HEADERS,
    KINDERGARTEN,
    LARGE,
    PAYMENT,
    RECORD,
    SCHOOL,
    Book,
    Row,
    cell,
)
from independent.case import ANY, SOUND, Case, Place, at, in_cell

AID, DROPOUT, FACILITIES, TRAINING = "student_aid", "dropout_control", "facilities", "teacher_training"
SHEETS = {
    AID: (HARDSHIP, PAYMENT),
    DROPOUT: (LEDGER, ENROLMENT),
    FACILITIES: (SCHOOL, KINDERGARTEN),
    TRAINING: (RECORD, HEADCOUNT),
}


def touched(
    name: str, form: str, touch: Callable[[Workbook], None], *places: Place, infos: tuple[Place, ...] = ()
) -> Case:
    return Case(name, form, lambda book: book.touches.append(touch), places, infos)


def put(name: str, form: str, sheet: str, row: int, cells: Row, *marked: tuple[str, str]) -> Case:
    """Change cells of a row; (rule, header) are the findings."""
    found = [in_cell(rule, sheet, header, row) for rule, header in marked]
    return Case(
        name,
        form,
        lambda book: book.put(sheet, row, cells),
        tuple(one for one in found if one.severity != "info"),
        tuple(one for one in found if one.severity == "info"),
    )


# --- F10


def copied(title: str, state: str = "visible", *, source: str) -> Callable[[Workbook], None]:
    def touch(book: Workbook) -> None:
        sheet = book.copy_worksheet(book[source])
        sheet.title, sheet.sheet_state = title, state

    return touch


def second_half(title: str, source: str, *, header_row: int = 3, keep: int = 5) -> Callable[[Workbook], None]:
    def touch(book: Workbook) -> None:
        old, new = book[source], book.create_sheet(title)
        for column in range(1, old.max_column + 1):
            new.cell(header_row, column, old.cell(3, column).value)
            for place, row in enumerate(range(old.max_row - keep + 1, old.max_row + 1), header_row + 1):
                new.cell(place, column, old.cell(row, column).value)
        if source in (LEDGER, RECORD, PAYMENT):
            old.delete_rows(old.max_row - keep + 1, keep)

    return touch


def headers_only(title: str, source: str) -> Callable[[Workbook], None]:
    def touch(book: Workbook) -> None:
        new = book.create_sheet(title)
        for column in range(1, book[source].max_column + 1):
            new.cell(3, column, book[source].cell(3, column).value)

    return touch


def notes_sheet(book: Workbook) -> None:
    sheet = book.create_sheet("说明")
    for row in (("学校标识码", "备注"), ("2102830004", "已核对")):
        sheet.append(row)


TWICE = [
    *(
        touched(f"F10 a copy of {source}", form, copied(f"{source} (2)", source=source), at("F10", ANY, ANY))
        for form, sheets in SHEETS.items()
        for source in sheets
    ),
    touched("F10 a hidden copy", DROPOUT, copied("备份", "hidden", source=LEDGER), at("F10", ANY, ANY)),
    touched("F10 a very hidden copy", AID, copied("Sheet9", "veryHidden", source=PAYMENT), at("F10", ANY, ANY)),
    touched("F10 the second half", DROPOUT, second_half("续表", LEDGER), at("F10", ANY, ANY)),
    touched(
        "F10 the second half, headers in row 1",
        TRAINING,
        second_half("Sheet1", RECORD, header_row=1),
        at("F10", ANY, ANY),
    ),
    touched("fine: headers only beside it", DROPOUT, headers_only("空表", LEDGER)),
    touched("fine: notes beside it", DROPOUT, notes_sheet),
]


def renamed_sheet(form: str, old: str, new: str) -> Case:
    def touch(book: Workbook) -> None:
        book[old].title = new

    return touched(f"F10 {old} called {new}", form, touch, at("F10", old, ANY))


TWICE += [renamed_sheet(DROPOUT, LEDGER, "疑似辍学台账6月"), renamed_sheet(FACILITIES, KINDERGARTEN, "幼儿园情况")]

# --- T01 and placeholders

DASHES = ["-", "--", "—", "——", "–", "－", "/", "／", "\\", "//", "…", "……", "...", "·", "、", "."]
WORDS = ["无", "没有", "暂无", "N/A", "n/a", "null", "NULL", "Ｎ／Ａ"]
DITTO = ["同上", "〃", "待定", "待补", "不详"]
PLACEHOLDERS = [
    *(
        put(f"T01 {text} as a name", DROPOUT, LEDGER, 5, {"姓名": text}, ("T01", "姓名"))
        for text in DASHES + WORDS + DITTO
    ),
    *(
        put(f"T01 {text} as household place", DROPOUT, LEDGER, 6, {"户籍地": text}, ("T01", "户籍地"))
        for text in ("/", "无", "同上", "不详")
    ),
    *(
        put(f"T01 {text} as an ID", DROPOUT, LEDGER, 7, {"身份证件号": text, "学籍号": None}, ("T01", "身份证件号"))
        for text in ("无", "待补", "/")
    ),
    *(
        put(f"T01 {text} in an optional date", DROPOUT, LEDGER, 8, {"返校日期": text}, ("T01", "返校日期"))
        for text in DITTO
    ),
    *(
        put(f"T01 {text} in an optional code", DROPOUT, LEDGER, 8, {"安置方式": text}, ("T01", "安置方式"))
        for text in DITTO
    ),
    *(
        put(f"T01 {text} as a required code", DROPOUT, LEDGER, 9, {"性别": text}, ("T01", "性别"))
        for text in ("/", "无", "同上")
    ),
    *(
        put(f"T01 {text} as a required date", DROPOUT, LEDGER, 10, {"发现日期": text}, ("T01", "发现日期"))
        for text in ("—", "暂无", "待定")
    ),
    *(
        put(f"T01 {text} as a required count", DROPOUT, ENROLMENT, 5, {"实际在校人数": text}, ("T01", "实际在校人数"))
        for text in ("/", "-", "无", "不详")
    ),
    *(
        put(f"T01 {text} as yes or no", DROPOUT, LEDGER, 11, {"建档立卡": text}, ("T01", "建档立卡"))
        for text in ("无", "/")
    ),
    *(
        put(f"T01 {text} as a course", TRAINING, RECORD, 6, {"培训名称": text}, ("T01", "培训名称"))
        for text in ("同上", "无")
    ),
    put("T01 待定 as a score", TRAINING, RECORD, 6, {"评估得分": "待定"}, ("T01", "评估得分")),
    put("T01 待补 as a teacher's ID", TRAINING, RECORD, 7, {"身份证件号": "待补"}, ("T01", "身份证件号")),
    put("T01 / as hours", TRAINING, RECORD, 8, {"学时": "/"}, ("T01", "学时")),
    put("T01 无 as an amount", AID, PAYMENT, 8, {"发放金额": "无"}, ("T01", "发放金额")),
    put("T01 同上 in a remark", AID, PAYMENT, 8, {"备注": "同上"}, ("T01", "备注")),
    put("T01 无 as a student number where one must be", AID, HARDSHIP, 8, {"学籍号": "无"}, ("T01", "学籍号")),
    put("T01 — as a school", FACILITIES, SCHOOL, 8, {"学校名称": "—"}, ("T01", "学校名称")),
    put("T01 / as places", FACILITIES, KINDERGARTEN, 5, {"学位数": "/"}, ("T01", "学位数")),
]
OPTIONAL_OF_CASE = ("返校日期", "安置方式", "核销原因", "备注")


def filled_optional(text: str) -> Case:
    def plant(book: Book) -> None:
        for row in range(4, 38):
            book.put(LEDGER, row, dict.fromkeys(OPTIONAL_OF_CASE, text))

    infos = tuple(in_cell("T10", LEDGER, header, 4) for header in OPTIONAL_OF_CASE)
    return Case(f"fine: {text} in every optional cell", DROPOUT, plant, (), infos)


EMPTY = [
    *(filled_optional(text) for text in ("/", "—", "-", "无", "N/A", "暂无", "……", "没有", "null")),
    put("fine: 无 as a student number", DROPOUT, LEDGER, 12, {"学籍号": "无"}, ("T10", "学籍号")),
    put(
        "fine: / of a 失学",
        DROPOUT,
        LEDGER,
        42,
        {"学籍号": "/", "学校标识码": "/", "年级": "/"},
        ("T10", "学校标识码"),
        ("T10", "年级"),
    ),
    put("fine: 无 as a teacher's ID", TRAINING, RECORD, 9, {"身份证件号": "无"}, ("T10", "身份证件号")),
    put("fine: / as a score", TRAINING, RECORD, 8, {"评估得分": "/"}, ("T10", "评估得分")),
    put("fine: 无 as a score of an unexamined one", TRAINING, RECORD, 7, {"评估得分": "无"}, ("T10", "评估得分")),
    put("fine: 无 as student number of 学前", AID, HARDSHIP, 41, {"学籍号": "无"}, ("T10", "学籍号")),
    put("fine: — as the day of inspection", FACILITIES, SCHOOL, 6, {"专项检查日期": "—"}, ("T10", "专项检查日期")),
    put("fine: 无 as re-inspection", FACILITIES, SCHOOL, 6, {"足球复检结果": "无"}, ("T10", "足球复检结果")),
    put("fine: 无 is a code of its list", FACILITIES, SCHOOL, 6, {"无线网络": "无"}),
    put("fine: a channel /", AID, PAYMENT, 7, {"发放方式": "/", "备注": "-"}, ("T10", "发放方式"), ("T10", "备注")),
]

# --- T02, T03, T07, T08, T10


def formatted(sheet: str, where: str, value: float, code: str) -> Callable[[Workbook], None]:
    def touch(book: Workbook) -> None:
        book[sheet][where].value = value
        book[sheet][where].number_format = code

    return touch


def shown_as(
    name: str, form: str, sheet: str, header: str, row: int, value: float, code: str, rule: str = "T02"
) -> Case:
    where = in_cell(rule, sheet, header, row)
    places, infos = ((), (where,)) if rule == "T10" else ((where,), ())
    return touched(
        f"{name} {value} as {code}", form, formatted(sheet, cell(sheet, header, row), value, code), *places, infos=infos
    )


NUMBERS = [
    *(shown_as("T02 a score", TRAINING, RECORD, "评估得分", 5, 0.55, code) for code in ("0%", "0.00%")),
    shown_as("T02 hours", TRAINING, RECORD, "学时", 5, 0.4, "0%"),
    shown_as("T02 a count", DROPOUT, ENROLMENT, "实际在校人数", 5, 1, "0%"),
    shown_as("T02 yuan", AID, PAYMENT, "发放金额", 5, 0.05, "0%"),
    *(
        shown_as("T02 yuan", AID, PAYMENT, "发放金额", 5, 500, code)
        for code in ('0!.0,"万"', '0.00"万元"', '0"."0,"万"', '#,##0.00"万"', '0!.0000"万元"')
    ),
    touched("fine: yuan with separators", AID, formatted(PAYMENT, cell(PAYMENT, "发放金额", 4), 250, '"¥"#,##0.00')),
    touched(
        "fine: a count with a unit", DROPOUT, formatted(ENROLMENT, cell(ENROLMENT, "实际在校人数", 4), 898, '0"人"')
    ),
    shown_as("fine", TRAINING, RECORD, "教师编号", 6, 123, "00000", "T10"),
]


def padded_twice(book: Workbook) -> None:
    """123 in the format 00000 and the text 00123 are one number: the same key twice."""
    sheet = book[RECORD]
    for header in HEADERS[RECORD].split():
        where = cell(RECORD, header, 41)
        sheet[where].value = sheet[cell(RECORD, header, 40)].value
    sheet[cell(RECORD, "教师编号", 40)].value = 123
    sheet[cell(RECORD, "教师编号", 40)].number_format = "00000"
    sheet[cell(RECORD, "教师编号", 41)].value = "00123"


NUMBERS.append(
    touched(
        "C03 a padded number and its text",
        TRAINING,
        padded_twice,
        *(in_cell("C03", RECORD, "教师编号", row) for row in (40, 41)),
        *(in_cell("E03", RECORD, "开始日期", row) for row in (40, 41)),
        at("C01", ANY, ANY),
    )
)
DAY = date(2020, 6, 8)
DATES = [
    *(
        put(f"T03 {text}", DROPOUT, LEDGER, 13, {"发现日期": text}, ("T03", "发现日期"))
        for text in (
            "0202-03-05",
            "1020年3月5日",
            "1905-07-12",
            "1999-12-31",
            "2020-6",
            "2020年",
            "6月8日",
            "20200631",
            "2020-06-08 9:15",
        )
    ),
    put("T03 1905", DROPOUT, LEDGER, 13, {"发现日期": date(1905, 7, 12)}, ("T03", "发现日期")),
    put("T03 1900", DROPOUT, LEDGER, 13, {"发现日期": date(1900, 1, 5)}, ("T03", "发现日期")),
    put("T03 1999", TRAINING, RECORD, 13, {"开始日期": date(1999, 12, 31)}, ("T03", "开始日期")),
    *(
        put(f"fine: {text}", DROPOUT, LEDGER, 13, {"发现日期": text}, ("T10", "发现日期"))
        for text in (
            "2020-06-08 00:00:00",
            "2020-06-08 0:00",
            "2020‑06‑08",
            "2020–06–08",
            "2020—06—08",
            "2020−06−08",
            "2020－06－08",
            "2020.6.8.",
            "2020.6.8",
            "2020年6月8日 0:00",
            "2020年6月8日 00:00:00",
            "20200608 00:00:00",
            "2020/6/8 00:00",
            "2020.6.8 0:00",
            "２０２０-06-08",
            "2020. 6. 8",
            "2020-06-08T00:00:00",
        )
        if "T" not in text
    ),
    put("fine: a date cell of midnight", DROPOUT, LEDGER, 13, {"发现日期": datetime(2020, 6, 8)}),  # noqa: DTZ001
]
FORMULA = [
    put("T07 a formula as text for a name", DROPOUT, LEDGER, 14, {"姓名": None}, ("T07", "姓名")),
]


def as_text(sheet: str, where: str, text: str) -> Callable[[Workbook], None]:
    def touch(book: Workbook) -> None:
        written = book[sheet][where]
        written.value = text
        written.data_type, written.number_format = "s", "@"

    return touch


def text_formula(form: str, sheet: str, header: str, row: int, text: str) -> Case:
    return touched(
        f"T07 {text} as text under {header}",
        form,
        as_text(sheet, cell(sheet, header, row), text),
        in_cell("T07", sheet, header, row),
    )


FORMULA = [
    text_formula(DROPOUT, LEDGER, "姓名", 14, "=VLOOKUP(A14,名单!A:B,2,0)"),
    text_formula(DROPOUT, LEDGER, "户籍地", 14, "=B3&C3"),
    text_formula(DROPOUT, LEDGER, "备注", 14, "=A1"),
    text_formula(DROPOUT, ENROLMENT, "应在校人数", 6, "=SUM(B4:B5)"),
    text_formula(TRAINING, RECORD, "评估得分", 6, "=AVERAGE(M4:M5)"),
    text_formula(AID, PAYMENT, "发放金额", 6, "=G6"),
    text_formula(DROPOUT, LEDGER, "发现日期", 14, "=TODAY()"),
    text_formula(FACILITIES, SCHOOL, "学校名称", 6, "=VLOOKUP(A6,Sheet2!A:B,2,FALSE)"),
    *(
        text_formula(DROPOUT, LEDGER, header, 15, '=_xlfn.DISPIMG("ID_1F2E",1)')
        for header in ("姓名", "劝返责任人", "返校日期")
    ),
    text_formula(DROPOUT, LEDGER, "姓名", 15, '=DISPIMG("ID_8A8A",1)'),
]
NAMES = [
    *(
        put(f"T08 {text!r} as a name", DROPOUT, LEDGER, 16, {"姓名": text}, ("T08", "姓名"))
        for text in ("李\ue863", "李\ufffd", "李?", "李？", "李□", True, 10086, 3.5)
    ),
    *(
        put(f"T08 {text!r} as an officer", DROPOUT, LEDGER, 17, {"劝返责任人": text}, ("T08", "劝返责任人"))
        for text in ("周\ufffd", True, 13)
    ),
    *(
        put(f"T08 {text!r} as a place", DROPOUT, LEDGER, 18, {"户籍地": text}, ("T08", "户籍地"))
        for text in ("大连\ue000", False, 116600)
    ),
    *(
        put(f"T08 {text!r} as a teacher", TRAINING, RECORD, 18, {"姓名": text}, ("T08", "姓名"))
        for text in ("王?", 12, True)
    ),
    *(
        put(f"T08 {text!r} as a student", AID, HARDSHIP, 18, {"姓名": text}, ("T08", "姓名"))
        for text in ("\U000f0000", 7, False)
    ),
    put("T08 \ufffd in a remark", DROPOUT, LEDGER, 18, {"备注": "见\ufffd"}, ("T08", "备注")),
    put("T08 private use in a course", TRAINING, RECORD, 18, {"培训名称": "思政\ue001"}, ("T08", "培训名称")),
    put("fine: a Kangxi radical", DROPOUT, LEDGER, 19, {"姓名": "⼤明"}, ("T10", "姓名")),
    put("fine: a compatibility ideograph", DROPOUT, LEDGER, 19, {"姓名": "\uf90a明"}, ("T10", "姓名")),
    put("fine: a variation selector in a name", DROPOUT, LEDGER, 19, {"姓名": "葛\U000e0100明"}, ("T10", "姓名")),
    put(
        "fine: a variation selector in a code",
        DROPOUT,
        LEDGER,
        19,
        {"性别": "男\ufe00" if 16 % 2 else "女\ufe00"},
        ("T10", "性别"),
    ),
    put("fine: a variation selector in yes", DROPOUT, LEDGER, 20, {"建档立卡": "是\ufe0e"}, ("T10", "建档立卡")),
    put("fine: a middle dot", DROPOUT, LEDGER, 19, {"姓名": "买买提·艾力"}),
    put("fine: a rare character", DROPOUT, LEDGER, 19, {"姓名": "\U00020bb7䶮"}),
    put("fine: a question in a remark", DROPOUT, LEDGER, 19, {"备注": "家长是否同意?"}),
    put("fine: a number as a course", TRAINING, RECORD, 20, {"培训名称": "2020"}),
]

# --- T09 and what is no row


def below(sheet: str, *rows: dict[int, Any], gap: int = 0, merge: bool = False) -> Callable[[Workbook], None]:
    """Write rows below the last: {column: value}."""

    def touch(book: Workbook) -> None:
        part = book[sheet]
        start = part.max_row + 1 + gap
        for place, cells in enumerate(rows, start):
            for column, value in cells.items():
                part.cell(place, column, value)
            if merge:
                part.merge_cells(start_row=place, start_column=1, end_row=place, end_column=part.max_column)
                part.cell(place, 1).alignment = Alignment(horizontal="left")

    return touch


def no_rows(name: str, form: str, sheet: str, *rows: dict[int, Any], gap: int = 0, merge: bool = False) -> Case:
    return touched(
        f"T09 {name}", form, below(sheet, *rows, gap=gap, merge=merge), *(at("T09", sheet, ANY) for _ in rows)
    )


SIGNED = "填表人：孙丽          审核人：周敏"
FOOTERS = [
    SIGNED,
    "制表人：孙丽",
    "审核人：周敏",
    "负责人：王强",
    "填报日期：2020年7月3日",
    "注：以上数据截至6月30日",
    "说明：其中含转入",
    "以下空白",
    "填表人:孙丽",
    "注: 无",
]
NO_ROWS = [
    *(no_rows(text, DROPOUT, LEDGER, {1: text}) for text in FOOTERS),
    *(
        no_rows(f"{text} merged", DROPOUT, LEDGER, {1: text}, gap=1, merge=True)
        for text in FOOTERS[:1] + FOOTERS[5:6] + FOOTERS[7:8]
    ),
    no_rows(
        "signed in several cells",
        DROPOUT,
        LEDGER,
        {2: "填表人：", 3: "孙丽", 6: "审核人：", 7: "周敏", 12: "填报日期：", 13: date(2020, 7, 3)},
    ),
    no_rows(
        "four lines below a table",
        AID,
        PAYMENT,
        {1: "以下空白"},
        {1: "注：单位为元"},
        {3: SIGNED},
        {1: "合计", 8: 21212},
    ),
    *(no_rows(f"signed on {sheet}", form, sheet, {1: SIGNED}) for form, sheets in SHEETS.items() for sheet in sheets),
    *(
        no_rows(f"{text} on {sheet}", form, sheet, {1: text, 3: 12})
        for text in (
            "合计",
            "本页合计",
            "合计（元）",
            "共计",
            "累计",
            "总计：",
            "小 计",
            "孙丽 汇总",
            "共计：",
            "全区合计",
            "合计(人)",
        )
        for form, sheet in ((DROPOUT, ENROLMENT), (AID, PAYMENT))
    ),
    no_rows("a total at the right end", DROPOUT, LEDGER, {17: "共计", 18: "40"}),
    no_rows("a total in the last cell", AID, PAYMENT, {7: 21250, 8: 20000, 12: "合计"}),
    no_rows("a total of a table", FACILITIES, SCHOOL, {1: "汇总", 9: 221, 10: 7653}),
    no_rows("a total of schools", FACILITIES, SCHOOL, {2: "全市总计", 9: 221, 10: 7653}),
    no_rows("headcounts", TRAINING, HEADCOUNT, {1: "合计", 2: 785}),
]


def numbered_columns(form: str, sheet: str, spell: Callable[[int], object], name: str) -> Case:
    def plant(book: Book) -> None:
        part = book.sheets[sheet]
        part.rows.insert(0, {header: spell(place) for place, header in enumerate(part.headers, 1)})

    return Case(f"T09 a row of column numbers on {sheet} {name}", form, plant, (at("T09", sheet, ANY),))


NO_ROWS += [
    *(numbered_columns(form, sheet, int, "as numbers") for form, sheets in SHEETS.items() for sheet in sheets),
    numbered_columns(DROPOUT, LEDGER, str, "as texts"),
]


def subtotals(book: Book) -> None:
    rows = book.sheets[PAYMENT].rows
    for place in (30, 20, 10):
        rows.insert(place, {"姓名": f"学生{place} 汇总", "发放金额": 1000})


NO_ROWS.append(Case("T09 subtotals of Excel", AID, subtotals, tuple(at("T09", PAYMENT, ANY) for _ in range(3))))
NO_ROWS += [
    put("fine: 汇总 in the remark of a case", DROPOUT, LEDGER, 20, {"备注": "详见汇总"}),
    put("fine: 合计 begins a remark", AID, PAYMENT, 8, {"备注": "合计两次发放"}),
]


def only(form: str, sheet: str, *rows: Row) -> Callable[[Book], None]:
    def plant(book: Book) -> None:
        book.sheets[sheet].rows[:] = [dict(row) for row in rows]

    return plant


def nil_with(form: str, **rows: Row) -> Callable[[Book], None]:
    def plant(book: Book) -> None:
        book.cover.update({"无数据申报": "是", "情况说明": "本期无"})
        for title, sheet in book.sheets.items():
            sheet.rows[:] = [dict(rows[title])] if title in rows else []

    return plant


NOTHING = [
    *(
        Case(f"fine: a ledger that says {text} under {header}", DROPOUT, only(DROPOUT, LEDGER, {header: text}))
        for text in ("无", "无数据")
        for header in ("身份证件号", "姓名", "备注")
    ),
    Case("fine: a nil return that says 无", TRAINING, nil_with(TRAINING, 培训记录={"教师编号": "无"})),
    Case(
        "fine: a nil return that says 无数据 on both",
        AID,
        nil_with(AID, 困难学生认定={"学籍号": "无数据"}, 资助发放={"学籍号": "无"}),
    ),
    Case(
        "T09 a nil return, signed",
        TRAINING,
        nil_with(TRAINING, 培训记录={"教师编号": SIGNED}),
        (at("T09", RECORD, ANY),),
    ),
    Case(
        "F14 two sheets that say 无",
        AID,
        lambda book: [only(AID, sheet, {"姓名": "无"})(book) for sheet in SHEETS[AID]] and None,
        (at("F14", ANY, ANY),),
    ),
]


# --- T11


def styled(sheet: str, rows: range, columns: range | None, **style: Any) -> Callable[[Workbook], None]:
    def touch(book: Workbook) -> None:
        part: Worksheet = book[sheet]
        for row in rows:
            for column in columns or range(1, part.max_column + 1):
                for name, value in style.items():
                    setattr(part.cell(row, column), name, value)

    return touch


def filtered(sheet: str, *hidden: int) -> Callable[[Workbook], None]:
    def touch(book: Workbook) -> None:
        part = book[sheet]
        part.auto_filter.ref = f"A3:{part.cell(part.max_row, part.max_column).coordinate}"
        part.auto_filter.add_filter_column(3, ["男"])
        for row in hidden:
            part.row_dimensions[row].hidden = True

    return touch


YELLOW = PatternFill("solid", fgColor="FFFFFF00")
LOOKS = [
    touched(
        "T11 a row struck through",
        DROPOUT,
        styled(LEDGER, range(9, 10), None, font=Font(strike=True)),
        at("T11", LEDGER, ANY),
    ),
    touched(
        "T11 two rows struck through",
        AID,
        styled(PAYMENT, range(9, 11), None, font=Font(strike=True)),
        at("T11", PAYMENT, ANY),
        at("T11", PAYMENT, ANY),
    ),
    touched(
        "T11 a row in white",
        DROPOUT,
        styled(LEDGER, range(9, 10), None, font=Font(color="FFFFFFFF")),
        at("T11", LEDGER, ANY),
    ),
    touched(
        "T11 yellow on yellow",
        FACILITIES,
        styled(SCHOOL, range(9, 10), None, font=Font(color="FFFFFF00"), fill=YELLOW),
        at("T11", SCHOOL, ANY),
    ),
    touched(
        "T11 a column struck through",
        TRAINING,
        styled(RECORD, range(4, 44), range(13, 14), font=Font(strike=True)),
        at("T11", RECORD, ANY),
    ),
    touched(
        "T11 a column in white",
        TRAINING,
        styled(RECORD, range(4, 44), range(3, 4), font=Font(color="FFFFFFFF")),
        at("T11", RECORD, ANY),
    ),
    touched("T11 a filter", DROPOUT, filtered(LEDGER, 5, 6, 8, 9, 20), at("T11", LEDGER, ANY)),
    touched("fine: a filter that hides nothing", DROPOUT, filtered(LEDGER)),
    touched(
        "fine: white on blue",
        DROPOUT,
        styled(LEDGER, range(9, 10), None, font=Font(color="FFFFFFFF"), fill=PatternFill("solid", fgColor="FF1F4E79")),
    ),
    touched("fine: red letters", DROPOUT, styled(LEDGER, range(9, 10), None, font=Font(color="FFFF0000"))),
]


# --- names beside codes


def with_names(form: str, sheet: str, header: str, code: str, title: str) -> Case:
    def plant(book: Book) -> None:
        part = book.sheets[sheet]
        part.headers.insert(part.headers.index(code) + 1, title)
        for row in part.rows:
            row[title] = "某某学校"

    return Case(f"fine: {title} beside {code} on {sheet}", form, plant)


BESIDE = [
    *(
        with_names(form, sheet, sheet, "学校标识码", title)
        for title in ("学校名称", "园所名称")
        for form, sheet in (
            (AID, HARDSHIP),
            (AID, PAYMENT),
            (DROPOUT, LEDGER),
            (DROPOUT, ENROLMENT),
            (TRAINING, RECORD),
            (TRAINING, HEADCOUNT),
        )
    ),
]
_ = LARGE
CASES = [*TWICE, *PLACEHOLDERS, *EMPTY, *NUMBERS, *DATES, *FORMULA, *NAMES, *NO_ROWS, *NOTHING, *LOOKS, *BESIDE]
assert SOUND
