"""One defect each in the file, the cover, the sheets and their layout, over all forms."""

from collections.abc import Callable
from datetime import date

from openpyxl import Workbook

from independent import packages
from independent.book import CASES as LEDGER
from independent.book import (
    ENROLMENT,
    FRONT,
    HARDSHIP,
    HEADCOUNT,
    HEADERS,
    KINDERGARTEN,
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
LABELS = list(SOUND[AID]().cover)


def packed(name: str, form: str, pack: packages.Pack) -> Case:
    return Case(name, form, lambda book: book.packings.append(pack), (at(name[:3], ANY, ANY),))


def touched(name: str, form: str, touch: Callable[[Workbook], None], *places: Place) -> Case:
    return Case(name, form, lambda book: book.touches.append(touch), places)


def on_cover(name: str, form: str, label: str, value: object, received_on: date = date(2020, 7, 4)) -> Case:
    where = f"B{LABELS.index(label) + 1}"
    return Case(
        name, form, lambda book: book.cover.update({label: value}), (at(name[:3], FRONT, where),), (), received_on
    )


def without_label(form: str, label: str) -> Case:
    return Case(f"F05 no label {label}", form, lambda book: book.cover.pop(label) and None, (at("F05", FRONT, ANY),))


def dde_formula(sheet: str, where: str) -> Callable[[Workbook], None]:
    def write(book: Workbook) -> None:
        book[sheet][where] = "=cmd|'/C calc'!A0"

    return write


def no_sheet(form: str, title: str) -> Case:
    return Case(f"F10 no sheet {title}", form, lambda book: book.sheets.pop(title) and None, (at("F10", title, ANY),))


def no_column(form: str, sheet: str, header: str) -> Case:
    return Case(
        f"F11 no column {header}",
        form,
        lambda book: book.sheets[sheet].headers.remove(header),
        (at("F11", sheet, ANY),),
    )


def renamed(form: str, sheet: str, old: str, new: str) -> Case:
    return Case(f"F11 {old} called {new}", form, lambda book: book.rename(sheet, old, new), (at("F11", sheet, ANY),))


def more_column(rule: str, form: str, sheet: str, header: str) -> Case:
    """A column behind the last; F13 may mark either of the two."""

    def plant(book: Book) -> None:
        book.sheets[sheet].headers.append(header)
        for row in book.sheets[sheet].rows:
            row[header] = "另填"

    column = chr(ord("A") + len(HEADERS[sheet].split()))
    return Case(
        f"{rule} one more column {header}", form, plant, (at(rule, sheet, f"{column}3" if rule == "F12" else ANY),)
    )


def emptied(form: str) -> Case:
    def plant(book: Book) -> None:
        for sheet in book.sheets.values():
            sheet.rows.clear()

    return Case("F14 nothing filled in", form, plant, (at("F14", ANY, ANY),))


def nil(form: str, kind: str, *empty: str) -> Case:
    def plant(book: Book) -> None:
        book.cover["无数据申报"] = "是"
        for sheet in empty:
            book.sheets[sheet].rows.clear()

    return Case(f"F15 nil and {kind}", form, plant, (at("F15", ANY, ANY),))


def many_wrong(
    name: str, form: str, sheet: str, header: str, wrong: object, rows: range, keep: int, total: Row | None = None
) -> Case:
    """`wrong` in every one of `rows`, of `keep` data rows in all, and a total row below."""

    def plant(book: Book) -> None:
        book.keep(sheet, keep)
        for row in rows:
            book.put(sheet, row, {header: wrong})
        if total:
            book.add(sheet, dict(total))

    places = [in_cell("T02", sheet, header, row) for row in rows]
    if total:
        places.append(in_cell("T09", sheet, next(iter(total)), keep + 4))
    if name.startswith("F16"):
        places.append(at("F16", sheet, ANY))
    return Case(name, form, plant, tuple(places))


def late(form: str, received_on: date) -> Case:
    return Case(f"F19 received on {received_on}", form, lambda book: None, (at("F19", ANY, ANY),), (), received_on)


def total_row(form: str, sheet: str, **cells: object) -> Case:
    """A total row; the finding is at its first filled cell."""
    last = {
        HARDSHIP: 44,
        PAYMENT: 48,
        LEDGER: 44,
        ENROLMENT: 13,
        SCHOOL: 16,
        KINDERGARTEN: 8,
        RECORD: 44,
        HEADCOUNT: 17,
    }
    first = min((cell(sheet, header, last[sheet]) for header in cells), key=lambda address: (len(address), address))
    return Case(
        f"T09 a total row on {sheet}", form, lambda book: book.add(sheet, cells) and None, (at("T09", sheet, first),)
    )


def hidden_row(form: str, sheet: str, row: int) -> Case:
    def hide(book: Workbook) -> None:
        book[sheet].row_dimensions[row].hidden = True

    return touched(f"T11 row {row} hidden on {sheet}", form, hide, at("T11", sheet, f"[A-Z]+{row}"))


def hidden_column(form: str, sheet: str, column: str) -> Case:
    def hide(book: Workbook) -> None:
        book[sheet].column_dimensions[column].hidden = True

    return touched(f"T11 column {column} hidden on {sheet}", form, hide, at("T11", sheet, rf"{column}\d+"))


def merged(form: str, sheet: str, area: str) -> Case:
    def merge(book: Workbook) -> None:
        book[sheet].merge_cells(area)

    return touched(f"T12 {area} on {sheet}", form, merge, at("T12", sheet, area.split(":")[0]))


CSV = "学籍号,姓名,身份证件号\nG1,学生1,1\n"
FILES = [
    packed("F01 an .xls", AID, packages.other_content(packages.compound({"Workbook": packages.BIFF8}))),
    packed("F01 a WPS .et", DROPOUT, packages.other_content(packages.compound({"ETWorkbook": b"WPS Spreadsheets"}))),
    packed("F01 an .ods", FACILITIES, packages.open_document),
    packed("F01 a CSV in UTF-8", TRAINING, packages.other_content(CSV.encode("utf-8-sig"))),
    packed("F01 a CSV in GB 18030", AID, packages.other_content(CSV.encode("gb18030"))),
    packed("F01 a ZIP cut short", DROPOUT, packages.truncated),
    packed("F01 an empty file", FACILITIES, packages.other_content(b"")),
    packed("F01 a web page", TRAINING, packages.other_content(f"<html><table><tr><td>{CSV}</table></html>".encode())),
    packed(
        "F02 a password",
        FACILITIES,
        packages.other_content(packages.compound({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": bytes(9000)})),
    ),
    packed("F03 nested entities", DROPOUT, packages.entity_bomb),
    packed("F03 a part outside the archive", FACILITIES, packages.parent_folder),
    packed("F03 two parts of one name", TRAINING, packages.same_name_twice),
    packed("F03 a part of 800 million bytes", AID, packages.huge_part),
    packed("F04 macros", AID, packages.macros),
    packed("F04 a link to another workbook", DROPOUT, packages.external_link),
    packed("F04 a DDE link", FACILITIES, packages.dde_link),
    packed("F04 an OLE object", TRAINING, packages.ole_object),
    packed("F04 an embedded workbook", AID, packages.embedded_workbook),
    packed("F04 a data connection", DROPOUT, packages.connection),
    touched("F04 DDE in a formula", AID, dde_formula(PAYMENT, "L4"), at("F04", ANY, ANY)),
    touched("F04 DDE in a formula", DROPOUT, dde_formula(LEDGER, "R4"), at("F04", ANY, ANY)),
]
COVERS = [
    Case(
        "F05 no cover",
        AID,
        lambda book: book.touches.append(lambda made: made.remove(made[FRONT])),
        (at("F05", ANY, ANY),),
    ),
    *(
        without_label(form, label)
        for form, label in ((AID, "报告期"), (DROPOUT, "情况说明"), (FACILITIES, "填报单位"), (TRAINING, "无数据申报"))
    ),
    on_cover("F05 no contact", AID, "填报人", None),
    on_cover("F05 no telephone number", DROPOUT, "联系电话", "  "),
    on_cover("F05 no date of filling in", FACILITIES, "填报日期", None),
    on_cover("F05 nil neither yes nor no", TRAINING, "无数据申报", None),
    on_cover("F06 a form of another name", AID, "报表代码", "aid"),
    on_cover("F06 the form's title for its code", FACILITIES, "报表代码", "办学条件"),
    on_cover("F07 last year's template", DROPOUT, "模板版本", "2019.1"),
    on_cover("F07 a template to come", TRAINING, "模板版本", "2021.1"),
    on_cover("F08 another district's code", AID, "填报单位代码", "210281"),
    on_cover("F08 a code of no district", FACILITIES, "填报单位代码", "210299"),
    on_cover("F09 a quarter for a semester", AID, "报告期", "2020-Q2"),
    on_cover("F09 a third semester", AID, "报告期", "2020-S3"),
    on_cover("F09 a semester not begun", AID, "报告期", "2020-S2"),
    on_cover("F09 a month that is none", DROPOUT, "报告期", "2020-13"),
    on_cover("F09 a month not begun", DROPOUT, "报告期", "2020-08"),
    on_cover("F09 a month that is locked", DROPOUT, "报告期", "2020-02"),
    on_cover("F09 a month for a quarter", FACILITIES, "报告期", "2020-06"),
    on_cover("F09 a quarter that is locked", FACILITIES, "报告期", "2019-Q4"),
    on_cover("F09 a quarter not begun", TRAINING, "报告期", "2020-Q4"),
    on_cover("F09 words", TRAINING, "报告期", "二季度"),
    on_cover("F09 a semester locked since a day or two", AID, "报告期", "2020-S1", date(2020, 10, 6)),
]
SHEETS_AND_COLUMNS = [
    *(no_sheet(form, titles[number]) for form, titles in SHEETS.items() for number in (0, 1)),
    no_column(AID, HARDSHIP, "困难等级"),
    no_column(AID, PAYMENT, "备注"),
    no_column(DROPOUT, LEDGER, "返校日期"),
    no_column(FACILITIES, SCHOOL, "超大班额班数（66人及以上）"),
    no_column(TRAINING, HEADCOUNT, "校级领导数"),
    renamed(AID, PAYMENT, "发放金额", "金额"),
    renamed(TRAINING, RECORD, "结束日期", "结业时间"),
    more_column("F12", AID, PAYMENT, "银行账号"),
    more_column("F12", DROPOUT, LEDGER, "班主任"),
    more_column("F12", FACILITIES, KINDERGARTEN, "园长"),
    more_column("F12", TRAINING, HEADCOUNT, "说明"),
    more_column("F13", AID, HARDSHIP, "姓 名"),
    more_column("F13", DROPOUT, ENROLMENT, "应在校\n人数（人）"),
    more_column("F13", FACILITIES, SCHOOL, "大班额班数"),
    more_column("F13", TRAINING, RECORD, "学时(小时)"),
    *(emptied(form) for form in SHEETS),
    nil(AID, "payments", HARDSHIP),
    nil(DROPOUT, "no form for it", LEDGER, ENROLMENT),
    nil(FACILITIES, "no form for it", SCHOOL, KINDERGARTEN),
    nil(TRAINING, "all rows"),
    many_wrong("F16 5 rows of 40", AID, HARDSHIP, "年级", "五年级", range(8, 13), 40),
    many_wrong(
        "F16 4 rows of 39 and a total row", DROPOUT, LEDGER, "劝返次数", "两次", range(4, 8), 39, {"身份证件号": "合计"}
    ),
    many_wrong("F16 3 rows of 12", FACILITIES, SCHOOL, "班级数", "十", range(6, 9), 12),
    many_wrong("F16 3 rows of 13", TRAINING, HEADCOUNT, "专任教师数", "约30", range(8, 11), 13),
    many_wrong("T02 4 rows of 40 are a tenth", DROPOUT, LEDGER, "劝返次数", "两次", range(4, 8), 40),
    many_wrong("T02 2 rows of 4 are not 3", FACILITIES, KINDERGARTEN, "学位数", "若干", range(5, 7), 4),
    late(AID, date(2020, 8, 21)),
    late(DROPOUT, date(2020, 7, 6)),
    late(FACILITIES, date(2020, 7, 16)),
    late(TRAINING, date(2020, 8, 20)),
]
LAYOUT = [
    total_row(AID, HARDSHIP, 学籍号="合计", 姓名="40人"),
    total_row(AID, PAYMENT, 资助项目="小计", 资助标准=31000, 发放金额=29000),
    total_row(DROPOUT, ENROLMENT, 学校标识码="合计：", 应在校人数=3743, 实际在校人数=3727),
    total_row(FACILITIES, SCHOOL, 学校名称="总计", 班级数=221, 在校生数=8653),
    total_row(FACILITIES, KINDERGARTEN, 园所标识码="合 计", 学位数=720, 在园幼儿数=571),
    total_row(TRAINING, HEADCOUNT, 学校标识码="总计（全市）", 专任教师数=785),
    total_row(TRAINING, RECORD, 教师编号="小计", 学时=900),
    hidden_row(AID, PAYMENT, 12),
    hidden_row(DROPOUT, LEDGER, 43),
    hidden_row(FACILITIES, KINDERGARTEN, 5),
    hidden_row(TRAINING, RECORD, 20),
    hidden_column(AID, HARDSHIP, "G"),
    hidden_column(DROPOUT, LEDGER, "R"),
    hidden_column(FACILITIES, SCHOOL, "AA"),
    hidden_column(TRAINING, HEADCOUNT, "H"),
    merged(AID, PAYMENT, "L30:L31"),
    merged(AID, HARDSHIP, "H20:H22"),
    merged(DROPOUT, LEDGER, "E10:E11"),
    merged(DROPOUT, LEDGER, "Q12:R12"),
    merged(FACILITIES, SCHOOL, "B12:B13"),
    merged(TRAINING, RECORD, "G9:G10"),
]
CASES = [*FILES, *COVERS, *SHEETS_AND_COLUMNS, *LAYOUT]
