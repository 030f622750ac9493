"""A dropout-control workbook made by hand: neither the form nor the template is asked."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from openpyxl import Workbook

RECEIVED_ON = date(2020, 7, 4)
COVER = {
    "报表代码": "dropout_control",
    "报表名称": "控辍保学台账",
    "模板版本": "2020.1",
    "填报单位代码": "210202",
    "填报单位": "中山区",
    "报告期": "2020-06",
    "填报人": "王敏",
    "联系电话": "0411-82000000",
    "填报日期": date(2020, 7, 3),
    "无数据申报": "否",
    "情况说明": None,
}
CASE_HEADERS = [
    "身份证件号",
    "姓名",
    "学籍号",
    "性别",
    "户籍地",
    "学校标识码",
    "年级",
    "建档立卡",
    "发现日期",
    "辍学类别",
    "主要原因",
    "劝返责任人",
    "劝返次数",
    "劝返状态",
    "返校日期",
    "安置方式",
    "核销原因",
    "备注",
]
ENROLMENT_HEADERS = ["学校标识码", "应在校人数", "实际在校人数"]
CASES, ENROLMENT = "疑似辍学台账", "在校人数"
BOY, GIRL = "210202200805061234", "21020220080506122X"


def with_check_character(first17: str) -> str:
    """An ID from its first 17 characters (written here once more, so that a mistake in the library shows)."""
    weights = [2 ** (17 - index) % 11 for index in range(17)]
    return (
        first17 + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first17, weights, strict=True)) % 11]
    )


def resident_id(number: int, birth: str = "20080506") -> str:
    """The ID of the `number`-th child; odd numbers are boys."""
    return with_check_character(f"210202{birth}{number:03d}")


def case(number: int = 1, **cells: object) -> dict[str, object]:
    """A sound row, with `cells` (by header) changed."""
    row: dict[str, object] = {
        "身份证件号": resident_id(number),
        "姓名": f"学生{number}",
        "学籍号": f"G{resident_id(number)}",
        "性别": "男" if number % 2 else "女",
        "户籍地": "大连市中山区",
        "学校标识码": "2102020002",
        "年级": 7,
        "建档立卡": "否",
        "发现日期": date(2020, 6, 3),
        "辍学类别": "疑似辍学",
        "主要原因": "厌学",
        "劝返责任人": "李老师",
        "劝返次数": 2,
        "劝返状态": "劝返中",
    }
    return {**row, **cells}


SCHOOLS = [
    {"学校标识码": "2102020001", "应在校人数": 900, "实际在校人数": 899},
    {"学校标识码": "2102020002", "应在校人数": 700, "实际在校人数": 698},
]


def write_book(
    path: Path,
    cases: list[dict[str, object]] | None = None,
    enrolment: list[dict[str, object]] | None = None,
    cover: dict[str, object] | None = None,
    case_headers: list[str] | None = None,
    enrolment_headers: list[str] | None = None,
    drop_sheets: tuple[str, ...] = (),
    change: Callable[[Workbook], None] = lambda book: None,
) -> Path:
    """Write the workbook: forty sound cases and every school, unless told otherwise; `change` comes last."""
    book = Workbook()
    front = book.active
    front.title = "封面"
    for label, value in ({**COVER, **(cover or {})}).items():
        if value != "(no such label)":
            front.append([label, value])
    rows = [case(number) for number in range(1, 41)] if cases is None else cases
    _sheet(book, CASES, case_headers or CASE_HEADERS, rows)
    _sheet(book, ENROLMENT, enrolment_headers or ENROLMENT_HEADERS, SCHOOLS if enrolment is None else enrolment)
    for title in drop_sheets:
        del book[title]
    change(book)
    book.save(path)
    return path


def _sheet(book: Workbook, title: str, headers: list[str], rows: list[dict[str, object]]) -> None:
    sheet = book.create_sheet(title)
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(headers))
    sheet.append(["每行一条"])
    sheet.merge_cells(start_row=2, start_column=1, end_row=2, end_column=len(headers))
    sheet.append(headers)
    for row in rows:
        sheet.append([row.get(header) for header in headers])
