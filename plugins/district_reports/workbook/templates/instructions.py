"""The sheet 填表说明: how to fill in the workbook, what each column takes, and the rules, from the declaration."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import xlsxwriter

from district_reports.model.form import Column, Form, ReferenceCodes, Sheet, Type
from district_reports.model.period import CHINESE, Period
from district_reports.workbook.formats import LINE_HEIGHT, Styles, lines_needed
from district_reports.workbook.templates.code_lists import example_day

TITLE = "填表说明"
Rule = tuple[str, str, str, str]
"""Code and title, severity label, what is wrong, how to mend it; several in a row may be of one rule."""

_WIDTHS = (26, 14, 50, 58)
_TYPES = {
    Type.TEXT: "文字，不超过{length}字",
    Type.CODE: "从下拉列表选择",
    Type.INTEGER: "整数，不写单位",
    Type.DECIMAL: "数字，最多两位小数，不写单位",
    Type.DATE: "日期，如 {day}",
    Type.YES_NO: "从下拉列表选择",
    Type.RESIDENT_ID: "18位证件号码，文本格式",
    Type.STUDENT_NO: "G、J 或 L 加18位，文本格式",
    Type.SCHOOL_CODE: "10位学校（机构）标识码，文本格式",
}


def write_instructions(
    book: xlsxwriter.Workbook,
    form: Form,
    period: Period | None,
    rules: Sequence[Rule],
    styles: Styles,
    helpers: Sequence[Sheet] = (),
) -> None:
    """Write the sheet; `helpers` are sheets on which is typed once what fills many rows."""
    page = _Page(book.add_worksheet(TITLE), styles)
    page.title(f"{form.title} {TITLE}")
    page.paragraph(_steps(form, period))
    day = example_day(period)
    for sheet in form.sheets:
        page.heading(f"工作表“{sheet.title}”（{sheet.row_is}一行）")
        if sheet.notes:
            page.paragraph([sheet.notes])
        page.table(
            ("列", "是否必填", "填写格式", "取值与说明"), (_describe(sheet.columns, col, day) for col in sheet.columns)
        )
    if helpers:
        page.heading("少填的表（不上报）")
        page.paragraph(f"“{sheet.title}”（{sheet.row_is}一行）：{sheet.notes}" for sheet in helpers)
    if rules:
        page.heading("审核规则")
        page.table(("规则", "级别", "问题（…处在反馈里写着实际的内容）", "怎样改"), _once(rules))
    page.finish()


def _once(rules: Sequence[Rule]) -> Iterator[Rule]:
    """A rule's name and severity stand beside the first thing that it says."""
    told = None
    for name, severity, wrong, fix in rules:
        yield (name, severity, wrong, fix) if name != told else ("", "", wrong, fix)
        told = name


def _steps(form: Form, period: Period | None) -> list[str]:
    kind = CHINESE[form.period_kind]
    if period:
        due, locks = form.due_on(period), form.locks_on(period)
        calendar = (
            f"报告期 {period.text}：{due.year}年{due.month}月{due.day}日24时前报送为按时；"
            f"{locks.year}年{locks.month}月{locks.day}日24时后锁定，不再接收。"
        )
    else:
        calendar = f"每{kind}报送一次，期末次月{form.due_day}日24时前报送为按时；再过{form.lock_days}天锁定，不再接收。"
    nil = (
        "本期没有数据的，封面“无数据申报”选“是”，数据表留空。"
        if form.nil_allowed
        else "本报表不适用无数据申报，封面“无数据申报”保持“否”。"
    )
    return [
        f"一、{calendar}",
        "二、先填“封面”：黄色格由填报人填写，其余已填好的不要改动。" + nil,
        "三、数据从各表第4行填起。不要改动前三行，不要合并单元格，不要插入空白列，不要写合计行。",
        "四、橙色表头必填，浅橙色表头按说明在一定情况下可以不填，浅蓝色表头选填。已填行里还要填的必填格显示为黄色；"
        "灰色格已经填好或自动带出，请核对。",
        "五、从别处粘贴时，用“选择性粘贴—数值”。"
        "证件号、学籍号、标识码须为文本；显示成 2.10E+17 的，尾数已经丢失，须重新录入。",
        "六、填完保存为 .xlsx，放进本单位的“上报”文件夹，结果在“反馈”文件夹。",
        *form.notes,
    ]


def _describe(columns: Sequence[Column], column: Column, day: date) -> tuple[str, str, str, str]:
    if not column.required:
        need = "选填"
    elif column.optional_when is None:
        need = "必填"
    else:
        need = "视情况必填"
    details = [column.help] if column.help else []
    if column.optional_when is not None and not column.help:
        other = next(entry for entry in columns if column.optional_when and entry.name == column.optional_when.column)
        details.append(f"“{other.title}”为{'、'.join(column.optional_when.values)}的可不填。")
    if column.type is Type.YES_NO:
        details.append("是、否")
    elif isinstance(column.codes, ReferenceCodes):
        details.append("见代码表")
    elif column.codes:
        details.append("、".join(column.codes))
    if column.key:
        details.append(
            "同一表内不得重复。" if sum(entry.key for entry in columns) == 1 else "与其他关键列合起来不得重复。"
        )
    kind = _TYPES[column.type].format(length=column.max_length, day=day.isoformat())
    return column.title, need, kind, " ".join(details)


class _Page:
    """A sheet that is written from top to bottom."""

    def __init__(self, sheet: xlsxwriter.worksheet.Worksheet, styles: Styles) -> None:
        self._sheet = sheet
        self._styles = styles
        self._row = 0
        for place, width in enumerate(_WIDTHS):
            sheet.set_column(place, place, width)

    def _next(self, lines: int = 1, height: float = LINE_HEIGHT) -> int:
        row = self._row
        self._sheet.set_row(row, lines * height + 3)
        self._row += 1
        return row

    def title(self, text: str) -> None:
        self._sheet.merge_range(self._next(height=28), 0, self._row - 1, len(_WIDTHS) - 1, text, self._styles.title)

    def heading(self, text: str) -> None:
        self._next(height=6)
        self._sheet.write_string(self._next(height=20), 0, text, self._styles.heading)

    def paragraph(self, texts: Iterable[str]) -> None:
        for text in texts:
            row = self._next(lines_needed(text, sum(_WIDTHS)))
            self._sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, text, self._styles.body)

    def table(self, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        row = self._next()
        for place, text in enumerate(header):
            self._sheet.write_string(row, place, text, self._styles.table_header)
        for texts in rows:
            lines = max(lines_needed(text, width) for text, width in zip(texts, _WIDTHS, strict=True))
            row = self._next(lines)
            for place, text in enumerate(texts):
                # An empty text would be a string too, which keeps a reader from reading the workbook by columns.
                if text:
                    self._sheet.write_string(row, place, text, self._styles.cell)
                else:
                    self._sheet.write_blank(row, place, None, self._styles.cell)

    def finish(self) -> None:
        self._sheet.hide_gridlines(2)
        self._sheet.protect("", {"format_columns": True, "format_rows": True})
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.set_margins(0.5, 0.5, 0.5, 0.6)
        self._sheet.set_footer("&C第 &P 页 共 &N 页")
