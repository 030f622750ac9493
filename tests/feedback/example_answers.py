"""An answer to change for what a test is about."""

from datetime import datetime

from district_reports.clock import ZONE
from district_reports.model.finding import Finding, Outcome, Severity, SheetCount
from district_reports.workbook.marking.answer import Answer

RECEIVED_AT = datetime(2020, 7, 4, 9, 15, tzinfo=ZONE)


def an_answer(**other: object) -> Answer:
    """To a ledger of June with two sheets, accepted but for its findings."""
    values = {
        "form_title": "控辍保学台账",
        "period": "2020-06",
        "district": "210202 中山区",
        "file_name": "六月.xlsx",
        "received_at": RECEIVED_AT,
        "decided_at": RECEIVED_AT,
        "outcome": Outcome.ACCEPTED_WITH_ERRORS,
        "reason": "9 行已入库；1 行有错误，没有入库。",
        "receipt_no": 12,
        "counts": (SheetCount("a", "疑似辍学台账", 8, 6, 1, 1), SheetCount("b", "在校人数", 3, 3, 0, 0)),
        "findings": (a_finding(7),),
    }
    return Answer(**{**values, **other})


def a_finding(row: int = 7, **other: object) -> Finding:
    """A grade that does not exist."""
    values = {
        "rule": "D05",
        "severity": Severity.CRITICAL,
        "message": f"年级 {row} 不在 1 至 9。",
        "fix": "请填 1 至 9。",
        "sheet": "疑似辍学台账",
        "cell": f"G{row}",
        "column": "年级",
        "field": "grade",
        "row": row,
        "value": f"{row}",
    }
    return Finding(**{**values, **other})
