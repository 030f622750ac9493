"""The list workbook: the answer where the district's own workbook can't be marked."""

from pathlib import Path

import xlsxwriter

from district_reports.workbook.formats import HIGHEST_ROW, LINE_HEIGHT, fit_to_paper, lines_needed
from district_reports.workbook.marking.answer import (
    FILL,
    VERDICT_COLOUR,
    Answer,
    count_heads,
    counted,
    how_to_explain,
    line,
    listed,
    not_listed,
    title,
)
from district_reports.workbook.marking.sentences import in_force, next_step, recheck_note, until
from district_reports.workbook.new_book import row_by_row
from district_reports.workbook.problem_list import CELL, COLUMNS, EXPLANATION, PROBLEM_LIST, WARNING_ID

_COPIED = "先把“问题清单”这张工作表复制到报表的工作簿里。"
_WIDTHS = (6, 16, 9, 20, 16, 22, 48, 48, 8, 8, 36)


def write_answer(answer: Answer, path: Path) -> None:
    """Write the list workbook to `path`: a sheet 结论 with verdict and counts, and a sheet 问题清单."""
    with xlsxwriter.Workbook(str(path), row_by_row()) as workbook:
        _write_verdict(workbook, answer)
        _write_list(workbook, answer)


def _write_verdict(workbook: xlsxwriter.Workbook, answer: Answer) -> None:
    sheet = workbook.add_worksheet("结论")
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 5, 16)
    sheet.hide_gridlines(2)
    fit_to_paper(sheet)
    heading = workbook.add_format({"bold": True, "font_size": 16, "font_color": VERDICT_COLOUR[answer.outcome]})
    label = workbook.add_format({"bold": True, "font_color": "#475467", "valign": "top"})
    text = workbook.add_format({"text_wrap": True, "valign": "top"})
    head = workbook.add_format({"bold": True, "bg_color": "#EAECF0", "border": 1, "border_color": "#D0D5DD"})
    cell = workbook.add_format({"border": 1, "border_color": "#D0D5DD"})
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, title(answer), heading)
    facts = (
        *recheck_note(answer),
        ("结论", answer.reason),
        ("填报单位", answer.district),
        *((("报告期", answer.period),) if answer.period else ()),
        ("收到的文件", answer.file_name),
        ("收到时间", f"{answer.received_at:%Y-%m-%d %H:%M:%S}"),
        ("处理时间", f"{answer.decided_at:%Y-%m-%d %H:%M:%S}"),
        *((("回执号", str(answer.receipt_no)),) if answer.receipt_no is not None else ()),
        *((("截止", day),) if (day := until(answer)) else ()),
        *((("现在生效", standing),) if (standing := in_force(answer)) else ()),
        ("问题", counted(answer.findings)),
        ("怎样做", next_step(answer)),
        *(((EXPLANATION, f"{explain}{_COPIED}"),) if (explain := how_to_explain(answer)) else ()),
    )
    for row, (name, value) in enumerate(facts, 2):
        sheet.write_string(row, 0, name, label)
        sheet.merge_range(row, 1, row, 5, "", text)
        sheet.write_string(row, 1, value, text)
        sheet.set_row(row, LINE_HEIGHT * lines_needed(value, 80))
    row = len(facts) + 3
    heads = count_heads(answer) if answer.counts else ()
    for column, name in enumerate(heads):
        sheet.write_string(row, column, name, head)
    for count in answer.counts:
        row += 1
        sheet.write_string(row, 0, count.sheet, cell)
        for column, number in enumerate((count.rows_read, count.loaded, count.quarantined, count.ignored), 1):
            sheet.write_number(row, column, number, cell)


def _write_list(workbook: xlsxwriter.Workbook, answer: Answer) -> None:
    sheet = workbook.add_worksheet(PROBLEM_LIST)
    head = workbook.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "border": 1})
    bordered = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#D0D5DD"}
    plain = workbook.add_format(bordered)
    number = workbook.add_format({**bordered, "align": "center"})
    coloured = {severity: workbook.add_format({**bordered, "bg_color": fill}) for severity, fill in FILL.items()}
    to_fill_in = workbook.add_format({"text_wrap": True, "valign": "top", "border": 2, "border_color": "#B54708"})
    headers = (*COLUMNS, EXPLANATION)
    for column, (name, width) in enumerate(zip(headers, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    sheet.set_column(len(headers), len(headers), None, None, {"hidden": True})
    sheet.write_string(0, len(headers), WARNING_ID)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    fit_to_paper(sheet)
    lines = listed(answer.findings)
    sheet.autofilter(0, 0, max(1, len(lines)), len(headers) - 1)
    if not lines:
        sheet.write_string(1, 0, "没有问题。")
    for row, found in enumerate(lines, 1):
        sheet.write_number(row, 0, row, number)
        texts = line(answer, found)
        # Programs other than Excel do not fit rows to wrapped text that they did not type themselves.
        height = max(
            lines_needed(text, width)
            for text, width in zip((*texts, found.explanation or ""), _WIDTHS[1:], strict=True)
        )
        sheet.set_row(row, min(HIGHEST_ROW, LINE_HEIGHT * height))
        for column, (name, text) in enumerate(zip(COLUMNS[1:], texts, strict=True), 1):
            is_marked = name == CELL and found.explanation is None
            sheet.write_string(row, column, text, coloured[found.severity] if is_marked else plain)
        if found.warning_id is not None:
            sheet.write_string(row, len(COLUMNS), found.explanation or "", to_fill_in)
            sheet.write_string(row, len(headers), found.warning_id)
    if len(lines) < len(answer.findings):
        sheet.write_string(len(lines) + 1, 1, not_listed(len(answer.findings) - len(lines)))
