"""What clerks really send: rows on other sheets, numbers by format, rows that nobody sees."""

from collections.abc import Callable
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

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
    Row,
    cell,
)
from independent.case import ANY, Case, Place, at, in_cell
from independent.cases_file import AID, DROPOUT, FACILITIES, SHEETS, TRAINING


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


# --- F10: rows on other sheets


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


OTHER_SHEETS = [
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


OTHER_SHEETS += [
    renamed_sheet(DROPOUT, LEDGER, "疑似辍学台账6月"),
    renamed_sheet(FACILITIES, KINDERGARTEN, "幼儿园情况"),
]

# --- T02 and T10: what a format makes of a number


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
    )
)
# --- T11: what is overlooked


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


# --- F12: names beside codes


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
CASES = [*OTHER_SHEETS, *NUMBERS, *LOOKS, *BESIDE]
DEFECTS, FINE = [case for case in CASES if case.expected], [case for case in CASES if not case.expected]
