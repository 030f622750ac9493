"""The sheet 问题清单 of what goes back: its name and its headers, by which it is known when it comes in again."""

PROBLEM_LIST = "问题清单"
SHEET, CELL, FIX = "工作表", "单元格", "怎样改"
COLUMNS = ("序号", SHEET, CELL, "是谁", "栏目", "当前值", "问题", FIX, "级别", "规则")
KNOWN_BY = (SHEET, CELL, "问题", FIX, "级别", "规则")
"""Headers that every list of ours has had."""
FORMERLY = {"指标": "栏目"}
"""What a header was called in lists that are still with the districts."""
EXPLANATION = "情况说明"
"""Beside each warning that asks for it; the district fills it in."""
WARNING_ID = "标识"
"""Hidden; see :class:`district_reports.model.finding.Finding`."""
EXPLAINED = "已说明"
"""In place of the severity, on a warning that has an explanation: it is listed behind those that wait for one."""
FORMER_FILL = "原底色"
"""Hidden; the fill of the cell before it was marked, so that it has it back when the copy is marked again."""
