"""A workbook as plain data, and how it is written. Sheets and headers are typed in by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

Row = dict[str, object]

FRONT = "封面"
HARDSHIP, PAYMENT = "困难学生认定", "资助发放"
CASES, ENROLMENT = "疑似辍学台账", "在校人数"
SCHOOL, KINDERGARTEN = "学校", "幼儿园"
RECORD, HEADCOUNT = "培训记录", "教师队伍"
LARGE, OVERSIZE, BANDWIDTH = "大班额班数（56人及以上）", "超大班额班数（66人及以上）", "互联网带宽（Mbps）"
FIRST_ROW = 4

HEADERS = {
    HARDSHIP: "学籍号 姓名 身份证件号 学校标识码 学段 年级 困难类型 困难等级 认定日期",
    PAYMENT: "学籍号 姓名 身份证件号 学校标识码 学段 资助项目 资助标准 发放金额 发放状态 发放日期 发放方式 备注",
    CASES: "身份证件号 姓名 学籍号 性别 户籍地 学校标识码 年级 建档立卡 发现日期 辍学类别 主要原因 劝返责任人 劝返次数 "
    "劝返状态 返校日期 安置方式 核销原因 备注",
    ENROLMENT: "学校标识码 应在校人数 实际在校人数",
    SCHOOL: "学校标识码 学校名称 办学类型 举办者 城乡类型 乡村寄宿制 乡村小规模 规划保留 班级数 在校生数 "
    f"{LARGE} {OVERSIZE} {BANDWIDTH} 无线网络 网络学习空间 年初旱厕数 本年改造旱厕数 教室总数 采光照明达标教室数 "
    "课桌椅总套数 达标课桌椅套数 专项检查日期 随班就读残疾学生数 资源教室数 全国足球特色学校 足球复检结果 "
    "专职心理教师数",
    KINDERGARTEN: "园所标识码 园所名称 办园性质 城乡类型 乡镇中心园 本年新开办 学位数 本年新增公办学位 在园幼儿数 "
    "小区配套园 年初旱厕数 本年改造旱厕数 足球特色幼儿园",
    RECORD: "教师编号 姓名 身份证件号 学校标识码 任教学科 培训类别 培训名称 培训层级 开始日期 结束日期 "
    "学时 考核结果 评估得分",
    HEADCOUNT: "学校标识码 专任教师数 思政课教师数 乡村教师数 双师型教师数 骨干教师数 信息化教师数 校级领导数",
}


def cell(sheet: str, header: str, row: int) -> str:
    """The address of a cell where the columns stand in the contract's order."""
    return f"{get_column_letter(HEADERS[sheet].split().index(header) + 1)}{row}"


@dataclass
class Sheet:
    headers: list[str]
    rows: list[Row]


@dataclass
class Book:
    """A workbook before it is written; `touches` see it in openpyxl, `packings` see the saved file."""

    cover: Row
    sheets: dict[str, Sheet]
    touches: list[Callable[[Workbook], None]] = field(default_factory=list)
    packings: list[Callable[[Path], None]] = field(default_factory=list)

    def row(self, sheet: str, row: int) -> Row:
        """The data in an Excel row."""
        return self.sheets[sheet].rows[row - FIRST_ROW]

    def put(self, sheet: str, row: int, cells: Row) -> None:
        self._know(sheet, cells)
        self.row(sheet, row).update(cells)

    def add(self, sheet: str, cells: Row) -> int:
        """Append a row; its Excel row number."""
        self._know(sheet, cells)
        self.sheets[sheet].rows.append(cells)
        return len(self.sheets[sheet].rows) + FIRST_ROW - 1

    def _know(self, sheet: str, cells: Row) -> None:
        if unknown := set(cells) - set(self.sheets[sheet].headers):
            raise KeyError(f"no such column on {sheet}: {unknown}")

    def remove(self, sheet: str, row: int) -> None:
        del self.sheets[sheet].rows[row - FIRST_ROW]

    def keep(self, sheet: str, rows: int) -> None:
        """The first `rows` data rows only."""
        del self.sheets[sheet].rows[rows:]

    def rename(self, sheet: str, old: str, new: str) -> None:
        """Another header over the same data."""
        part = self.sheets[sheet]
        part.headers[part.headers.index(old)] = new
        for row in part.rows:
            row[new] = row.pop(old, None)

    def write(self, path: Path) -> Path:
        book = Workbook()
        front = book.active
        front.title = FRONT
        for pair in self.cover.items():
            front.append(pair)
        for title, sheet in self.sheets.items():
            _write_sheet(book, title, sheet)
        for touch in self.touches:
            touch(book)
        book.save(path)
        for pack in self.packings:
            pack(path)
        return path


def _write_sheet(book: Workbook, title: str, part: Sheet) -> None:
    sheet = book.create_sheet(title)
    for row, text in ((1, f"庄河市{title}"), (2, "标 * 的列必填")):
        sheet.cell(row, 1, text)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(part.headers))
    for column, header in enumerate(part.headers, 1):
        sheet.cell(3, column, header)
    for number, row in enumerate(part.rows, FIRST_ROW):
        for column, header in enumerate(part.headers, 1):
            if row.get(header) is not None:
                written = sheet.cell(number, column, row[header])
                if isinstance(row[header], str) and written.data_type == "s":
                    written.number_format = "@"


def new_book(form: str, title: str, period: str, sheets: dict[str, list[Row]]) -> Book:
    cover: Row = {
        "报表代码": form,
        "报表名称": title,
        "模板版本": "2020.1",
        "填报单位代码": "210283",
        "填报单位": "庄河市",
        "报告期": period,
        "填报人": "孙丽",
        "联系电话": "0411-89700000",
        "填报日期": date(2020, 7, 3),
        "无数据申报": "否",
        "情况说明": None,
    }
    return Book(cover, {name: Sheet(HEADERS[name].split(), rows) for name, rows in sheets.items()})
