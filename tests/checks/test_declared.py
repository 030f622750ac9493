"""What is told of where a finding is, in place of what a clerk called it (docs/contract.md, "Rules")."""

import pytest

from district_reports.checks.declared import OTHER_SHEET, told_column, told_sheet
from district_reports.model.finding import Finding, Severity


def a_finding(**place: str | None) -> Finding:
    return Finding(rule="F12", severity=Severity.WARNING, message="", fix="", **place)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        (None, None),
        ("疑似辍学台账", "疑似辍学台账"),
        (" 疑似\u200b辍学 台账", "疑似辍学台账"),
        ("封面", "封面"),
        ("问题清单", "问题清单"),
        ("张小明", OTHER_SHEET),
        ("疑似辍学台账张小明", OTHER_SHEET),
        ("疑似辍学台账（张小明）", OTHER_SHEET),
    ],
)
def test_a_sheet_is_told_by_a_title_of_ours(sheet, told):
    assert told_sheet(a_finding(sheet=sheet)) == told


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        (None, "S3", None),
        ("姓名", "A3", "姓名"),
        ("姓 名", "A3", "姓名"),
        ("报告期", "B6", "报告期"),
        ("张小明", "S3", "S 列"),
        ("姓名（张小明）", "XFD3", "XFD 列"),
        ("*姓名（张小明）", "S3", "S 列"),
        ("张小明", None, None),
        ("张小明", "ZHANGXIAOMING1", None),
    ],
)
def test_a_column_is_told_by_a_title_of_ours_or_its_letter(column, cell, told):
    assert told_column(a_finding(column=column, cell=cell)) == told
