"""The workbook ``待核对.xlsx`` of a district (docs/contract.md, "The worklist 待核对").

The same rows on the same day give the same bytes. It holds the run that it tells of on a hidden sheet, since a clerk
may sort, filter and copy the rows of the list as they like; what comes back is understood without it, too.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date

import xlsxwriter
from xlsxwriter.format import Format

from district_reports.reconciliation.worklist_words import WorklistRow
from district_reports.workbook.formats import (
    DATE_FORMAT,
    HIGHEST_ROW,
    LINE_HEIGHT,
    TO_FILL,
    fit_to_paper,
    lines_needed,
)
from district_reports.workbook.new_book import CREATED, safe

WORKLIST, GUIDE, MARK = "待核对", "填写说明", "标识"
"""The sheets; the last is hidden."""
NUMBER, EXPLANATION, FIRST_SEEN, DAYS = "编号", "情况说明", "首次出现", "已挂天数"
RUN, DAY, DISTRICT = "批次", "日期", "区县代码"
"""Labels on the hidden sheet."""
COLUMNS = {
    NUMBER: 7,
    "规则": 17,
    "级别": 6,
    "问题": 36,
    "怎样办": 36,
    "报表": 13,
    "报告期": 9,
    "工作表": 13,
    "行": 6,
    "姓名": 9,
    "证件号": 20,
    "学校": 17,
    "涉及区县": 14,
    FIRST_SEEN: 11,
    DAYS: 9,
    "状态": 11,
    EXPLANATION: 34,
}
"""Header → width."""
_GUIDE = (
    "这份清单列出本单位已接收的报表与其他报表、其他区县对不上的地方。每个编号是一件事，可能有几行。",
    "1. 先看“问题”和“怎样办”。写错了的，改好报表，把整份表放进“上报”文件夹；第二天早上这一项就消除了。",
    "2. 核对以后确实没有写错的，在黄色的“情况说明”里写明原因（最多 1000 字；只写“无”“否”“/”的不算）。",
    "　 同一编号有几行的，写一行就行；几行写得不一样的，合在一起算。",
    "3. 写好保存，把这份文件放进“上报”文件夹。几秒钟后“反馈”里有回执，写明收下了哪些编号的说明，哪些没有收、为什么。",
    "可以排序、筛选、删行，也可以复制到别的工作簿里：工作表名是“待核对”，留着“编号”和“情况说明”两列就行。",
    "空着的格不会收回以前的说明；要改，直接写新的。报表里的数据变了，以前的说明不再算，请重新说明。",
    "状态：待核对，还没有说明；部分已说明，有的区县还没有说明；已说明，都说明了；已裁定，市教育局已有结论，不用再说明；"
    "已消除，数据里已经没有这一项，只列这一次。",
    "涉及其他区县的，这里只写是哪个区县；对方的学生、学校、金额不列出，需要时请与对方联系。",
    "清单里有本单位填报的个人信息，请只在本单位内使用。",
)


def content_of(rows: Sequence[WorklistRow]) -> str:
    """SHA-256 of what a list tells, but for the days, which pass, and for what is gone, which is told once."""
    told = [asdict(row) | {"first_seen": row.first_seen.isoformat(), "run_id": None} for row in rows if not row.is_gone]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def worklist_book(rows: Sequence[WorklistRow], district_code: str, day: date) -> bytes:
    """The workbook of a district with `rows`, as it is on `day` by the house clock."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, safe()) as book:
        book.set_properties({"title": WORKLIST, "created": CREATED})
        _write_list(book, rows, day)
        _write_guide(book)
        run_id = max((row.run_id for row in rows), default=0)
        _write_mark(book, {RUN: str(run_id), DAY: day.isoformat(), DISTRICT: district_code})
    return written.getvalue()


def _write_list(book: xlsxwriter.Workbook, rows: Sequence[WorklistRow], day: date) -> None:
    sheet = book.add_worksheet(WORKLIST)
    looks = _Looks(book)
    for column, (title, width) in enumerate(COLUMNS.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, looks.head)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, max(1, len(rows)), len(COLUMNS) - 1)
    fit_to_paper(sheet)
    for place, row in enumerate(rows, 1):
        cells = _cells(row, day)
        # Programs other than Excel do not fit rows to wrapped text that they did not type themselves.
        texts = zip(map(str, cells), COLUMNS.values(), strict=True)
        height = max(lines_needed(text, width) for text, width in texts)
        sheet.set_row(place, min(HIGHEST_ROW, LINE_HEIGHT * height))
        for column, (title, cell) in enumerate(zip(COLUMNS, cells, strict=True)):
            look = looks.of(title, row)
            if isinstance(cell, date):
                sheet.write_datetime(place, column, cell, look)
            elif isinstance(cell, int):
                sheet.write_number(place, column, cell, look)
            elif not cell:
                sheet.write_blank(place, column, None, look)
            else:
                sheet.write_string(place, column, cell, look)


def _cells(row: WorklistRow, day: date) -> tuple[str | int | date, ...]:
    return (
        *(row.number, row.rule, row.severity, row.problem, row.fix, row.report, row.period, row.sheet, row.row),
        *(row.name, row.identifier, row.school, row.districts, row.first_seen, (day - row.first_seen).days),
        *(row.state, row.explanation),
    )


class _Looks:
    """The formats of the list."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        bordered = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#D0D5DD"}
        self.head = book.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "border": 1})
        self._text = book.add_format({**bordered, "num_format": "@"})
        self._number = book.add_format({**bordered, "align": "center"})
        self._date = book.add_format({**bordered, "align": "center", "num_format": DATE_FORMAT})
        # White once nothing more is asked.
        to_fill = {**bordered, "num_format": "@", "border": 2, "border_color": "#C55A11", "locked": False}
        self._to_fill = book.add_format({**to_fill, "bg_color": TO_FILL})
        self._filled = book.add_format(to_fill)

    def of(self, title: str, row: WorklistRow) -> Format:
        """The format of a row's cell below `title`."""
        if title == EXPLANATION:
            return self._to_fill if row.rank == 0 else self._text if row.is_gone else self._filled
        if title == FIRST_SEEN:
            return self._date
        return self._number if title in (NUMBER, "行", DAYS) else self._text


def _write_guide(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet(GUIDE)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 110)
    fit_to_paper(sheet)
    words = book.add_format({"text_wrap": True, "valign": "top", "font_size": 11})
    for place, line in enumerate(_GUIDE):
        sheet.set_row(place, (LINE_HEIGHT + 2) * lines_needed(line, 100))
        sheet.write_string(place, 0, line, words)


def _write_mark(book: xlsxwriter.Workbook, marks: Mapping[str, str]) -> None:
    sheet = book.add_worksheet(MARK)
    for place, (label, value) in enumerate(marks.items()):
        sheet.write_string(place, 0, label)
        sheet.write_string(place, 1, value)
    sheet.hide()
