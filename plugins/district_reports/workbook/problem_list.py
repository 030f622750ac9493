"""The sheet 问题清单 of what goes back: its name and its headers, by which it is known when it comes in again."""

PROBLEM_LIST = "问题清单"
COLUMNS = ("序号", "工作表", "单元格", "指标", "当前值", "问题", "怎样改", "级别", "规则")
EXPLANATION = "情况说明"
"""Beside each warning; the district fills it in."""
WARNING_ID = "标识"
"""Hidden; see :class:`district_reports.model.finding.Finding`."""
