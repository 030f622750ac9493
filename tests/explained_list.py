"""A sheet 问题清单 as it comes back from a district: some lines of verdict, headers, a line a finding."""

from collections.abc import Mapping, Sequence

from openpyxl import Workbook

from district_reports.model.finding import Finding
from district_reports.workbook.problem_list import COLUMNS, EXPLANATION, PROBLEM_LIST, WARNING_ID


def put_list(
    book: Workbook,
    findings: Sequence[Finding],
    explanations: Mapping[int, object] | None = None,
    *,
    without: Sequence[str] = (),
) -> None:
    """Add the list of `findings`, with `explanations` by the finding's place in it; `without` are headers left out."""
    sheet = book.create_sheet(PROBLEM_LIST, 0)
    for line in ("部分接收：控辍保学台账", "在“情况说明”一列里写明原因", None):
        sheet.append([line])
    headers = [title for title in (*COLUMNS, EXPLANATION, WARNING_ID) if title not in without]
    sheet.append(headers)
    for place, found in enumerate(findings):
        line = {
            "序号": place + 1,
            "工作表": found.sheet,
            "单元格": found.cell,
            "是谁": None,
            "栏目": found.column,
            "当前值": found.value,
            "问题": found.message,
            "怎样改": found.fix,
            "级别": found.severity.label,
            "规则": found.rule,
            EXPLANATION: (explanations or {}).get(place, found.explanation),
            WARNING_ID: found.warning_id,
        }
        sheet.append([line[title] for title in headers])
    if WARNING_ID in headers:
        sheet.column_dimensions[sheet.cell(4, len(headers)).column_letter].hidden = True
