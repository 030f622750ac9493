"""The answer to the district: a list workbook, one row a finding, and its file name."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import xlsxwriter

from district_reports.model.finding import Finding, Outcome, Severity, SheetCount
from district_reports.workbook.problem_list import COLUMNS, EXPLANATION, PROBLEM_LIST, WARNING_ID
from district_reports.workbook.style import FONT, LINE_HEIGHT, lines_needed

_WIDTHS = (6, 16, 9, 18, 22, 52, 52, 8, 8, 40)
EXPLAINED = "已说明"
"""In place of 警告 for one that the district has explained."""
_FILL = {Severity.CRITICAL: "#F8D7DA", Severity.WARNING: "#FFF3CD", Severity.INFO: "#E2E8F0"}
_VERDICT_COLOUR = {
    Outcome.REJECTED: "#B42318",
    Outcome.ACCEPTED_WITH_ERRORS: "#B54708",
    Outcome.ACCEPTED: "#067647",
    Outcome.DUPLICATE: "#475467",
}
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
LISTED_AT_MOST = 1_048_575
"""Rows of a worksheet less its header."""
_HIGHEST_ROW = 409
"""Points; Excel shows no row that is higher."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the district is told. ``form_title`` and ``period`` are None for a file without identity.

    ``rechecked_receipt`` is the receipt of the district's own drop, where the system has checked that file once more;
    ``withdrawn_receipt`` that of the drop that was to be taken back, where this answers a withdrawal. Its counts and
    findings are then those of the version that stands now; there are no counts if none does.
    """

    form_title: str | None
    period: str | None
    district: str
    file_name: str
    received_at: datetime
    decided_at: datetime
    outcome: Outcome
    reason: str
    receipt_no: int
    counts: Sequence[SheetCount]
    findings: Sequence[Finding]
    rechecked_receipt: int | None = None
    withdrawn_receipt: int | None = None

    @property
    def verdict(self) -> str:
        """The clerk's word for what became of it."""
        if self.withdrawn_receipt is None:
            return self.outcome.label
        return "撤回未受理" if self.outcome is Outcome.REJECTED else "已撤回"


def answer_name(answer: Answer) -> str:
    """``控辍保学台账_2020-06_20200704-091500_退回_回执12.xlsx``: form, period, time of receipt, verdict, receipt.

    A file without identity goes by its own name instead of form and period.
    """
    # A file that is no report keeps its own name: several clerks share a folder.
    stem = answer.file_name.rpartition(".")[0] or answer.file_name
    parts = [
        answer.form_title or f"无法识别_{stem[:40]}",
        answer.period,
        f"{answer.received_at:%Y%m%d-%H%M%S}",
        answer.verdict,
        f"回执{answer.receipt_no}",
    ]
    return _UNSAFE.sub("_", "_".join(part for part in parts if part)) + ".xlsx"


def write_answer(answer: Answer, path: Path) -> None:
    """Write the list workbook to `path`: a sheet 结论 with verdict and counts, and a sheet 问题清单.

    Every text goes out as a string cell: a value that begins with ``=`` must not run in Excel.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": FONT, "font_size": 10},
    }
    with xlsxwriter.Workbook(str(path), options) as workbook:
        _write_verdict(workbook, answer)
        _write_list(workbook, answer.findings)


def _write_verdict(workbook: xlsxwriter.Workbook, answer: Answer) -> None:
    sheet = workbook.add_worksheet("结论")
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 5, 16)
    sheet.hide_gridlines(2)
    _fit_to_paper(sheet)
    title = workbook.add_format({"bold": True, "font_size": 16, "font_color": _VERDICT_COLOUR[answer.outcome]})
    label = workbook.add_format({"bold": True, "font_color": "#475467", "valign": "top"})
    text = workbook.add_format({"text_wrap": True, "valign": "top"})
    head = workbook.add_format({"bold": True, "bg_color": "#EAECF0", "border": 1, "border_color": "#D0D5DD"})
    cell = workbook.add_format({"border": 1, "border_color": "#D0D5DD"})
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, f"{answer.verdict}：{answer.form_title or '无法识别的文件'}", title)
    facts = (
        *_recheck_note(answer),
        ("结论", answer.reason),
        ("填报单位", answer.district),
        ("报告期", answer.period or "无法识别"),
        ("收到的文件", answer.file_name),
        ("收到时间", f"{answer.received_at:%Y-%m-%d %H:%M:%S}"),
        ("处理时间", f"{answer.decided_at:%Y-%m-%d %H:%M:%S}"),
        ("回执号", str(answer.receipt_no)),
        ("问题", _numbers(answer.findings)),
        ("怎样做", _next_step(answer)),
        *_how_to_explain(answer.findings),
    )
    for row, (name, value) in enumerate(facts, 2):
        sheet.write_string(row, 0, name, label)
        sheet.merge_range(row, 1, row, 5, "", text)
        sheet.write_string(row, 1, value, text)
        sheet.set_row(row, LINE_HEIGHT * lines_needed(value, 80))
    row = len(facts) + 3
    heads = ("工作表", "读取行数", "入库", "有错未入库", "未用") if answer.counts else ()
    for column, name in enumerate(heads):
        sheet.write_string(row, column, name, head)
    for count in answer.counts:
        row += 1
        sheet.write_string(row, 0, count.sheet, cell)
        for column, number in enumerate((count.rows_read, count.loaded, count.quarantined, count.ignored), 1):
            sheet.write_number(row, column, number, cell)


def _numbers(findings: Sequence[Finding]) -> str:
    """How many of each kind; warnings that are explained are counted on their own."""
    numbers = Counter(_label(found) for found in findings)
    labels = [severity.label for severity in Severity] + [EXPLAINED] * (EXPLAINED in numbers)
    return "、".join(f"{label} {numbers[label]} 条" for label in labels)


def _label(found: Finding) -> str:
    return found.severity.label if found.explanation is None else EXPLAINED


def _how_to_explain(findings: Sequence[Finding]) -> tuple[tuple[str, str], ...]:
    if not any(found.warning_id and found.explanation is None for found in findings):
        return ()
    how = (
        "警告核对无误的，在“问题清单”的“情况说明”里写明原因，把“问题清单”这张工作表复制到报表的工作簿里，"
        "再把报表放入“上报”文件夹；数值不变就不再提醒。"
    )
    return (("情况说明", how),)


def _fit_to_paper(sheet: xlsxwriter.worksheet.Worksheet) -> None:
    """A4, landscape, one page wide: clerks print these."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)


def _recheck_note(answer: Answer) -> tuple[tuple[str, str], ...]:
    if answer.rechecked_receipt is None:
        return ()
    note = (
        "市里的学校名册、校验规则或作比较的上一期数据有更新，系统用本单位原来的文件"
        f"（回执 {answer.rechecked_receipt}）自动重新校验，以本次结论为准。"
    )
    return (("说明", note),)


def _next_step(answer: Answer) -> str:
    if answer.withdrawn_receipt is not None:
        return _after_withdrawal(answer)
    match answer.outcome:
        case Outcome.REJECTED:
            return "按“问题清单”逐条改正原表，存盘后重新放入“上报”文件夹。改正前，上一次通过的数据仍然有效。"
        case Outcome.ACCEPTED_WITH_ERRORS:
            return "按“问题清单”改正标为“错误”的行，存盘后把整份表重新放入“上报”文件夹，它会替换这一次的数据。"
        case Outcome.ACCEPTED:
            return "不用再做什么。有警告的请核对；确有更正的，把更正后的整份表放入“上报”文件夹。"
        case Outcome.DUPLICATE:
            return "不用再做什么。如果本来是要更正，请确认改动已经存盘，再放入“上报”文件夹。"


def _after_withdrawal(answer: Answer) -> str:
    if answer.outcome is Outcome.REJECTED:
        return "按“问题清单”所说的做。"
    if not answer.counts:
        return "把正确的整份表放入“上报”文件夹。"
    return "不用再做什么；问题清单和行数是现在生效的那一份的。要更正的，把更正后的整份表放入“上报”文件夹。"


def _write_list(workbook: xlsxwriter.Workbook, findings: Sequence[Finding]) -> None:
    sheet = workbook.add_worksheet(PROBLEM_LIST)
    head = workbook.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "border": 1})
    formats = {
        severity: workbook.add_format(
            {"bg_color": fill, "text_wrap": True, "valign": "top", "border": 1, "border_color": "#D0D5DD"}
        )
        for severity, fill in _FILL.items()
    }
    numbers = {
        severity: workbook.add_format(
            {"bg_color": fill, "align": "center", "valign": "top", "border": 1, "border_color": "#D0D5DD"}
        )
        for severity, fill in _FILL.items()
    }
    to_fill_in = workbook.add_format({"text_wrap": True, "valign": "top", "border": 2, "border_color": "#B54708"})
    headers = (*COLUMNS, EXPLANATION)
    for column, (name, width) in enumerate(zip(headers, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    sheet.set_column(len(headers), len(headers), None, None, {"hidden": True})
    sheet.write_string(0, len(headers), WARNING_ID)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    _fit_to_paper(sheet)
    listed = _listed(findings)
    sheet.autofilter(0, 0, max(1, len(listed)), len(headers) - 1)
    if not findings:
        sheet.write_string(1, 0, "没有问题。")
    for row, found in enumerate(listed, 1):
        kind = found.severity if found.explanation is None else Severity.INFO
        style = formats[kind]
        sheet.write_number(row, 0, row, numbers[kind])
        texts = (
            found.sheet,
            found.cell,
            found.column,
            found.value,
            found.message,
            found.fix,
            _label(found),
            found.rule,
            found.explanation,
        )
        # Programs other than Excel do not fit rows to wrapped text that they did not type themselves.
        lines = max(lines_needed(text or "", width) for text, width in zip(texts, _WIDTHS[1:], strict=True))
        sheet.set_row(row, min(_HIGHEST_ROW, LINE_HEIGHT * lines))
        for column, text in enumerate(texts, 1):
            sheet.write_string(row, column, text or "", style)
        if found.warning_id is not None:
            sheet.write_string(row, len(COLUMNS), found.explanation or "", to_fill_in)
            sheet.write_string(row, len(headers), found.warning_id)
    if len(listed) < len(findings):
        left = (
            f"还有 {len(findings) - len(listed)} 处没有列出：一张工作表放不下更多的行。请先改正列出的各处，再重新上报。"
        )
        sheet.write_string(len(listed) + 1, 1, left)


def _listed(findings: Sequence[Finding]) -> Sequence[Finding]:
    """Those that a worksheet holds: all, or the gravest ones and a line that counts the rest. Explained ones last."""
    findings = sorted(findings, key=lambda found: found.explanation is not None)
    if len(findings) <= LISTED_AT_MOST:
        return findings
    grave = list(Severity)
    return sorted(findings, key=lambda found: grave.index(found.severity))[: LISTED_AT_MOST - 1]
