"""What becomes of a workbook, given all its findings (docs/contract.md, "What becomes of a submission")."""

import re
from collections.abc import Sequence

from district_reports.checks.catalogue import finding, rules
from district_reports.checks.rows import SheetRows
from district_reports.model.finding import Finding, Outcome, Severity, SheetCount

_FILE_RULE = re.compile(r"F(0[1-9]|1[0-6])")
_ONLY_CHECKED = "预检结果，没有上报："
TOO_MANY_ERRORS = "F16"
"""The rule that rejects a file for the sake of what others found in it."""
REJECTED_SHARE = 0.10
REJECTED_ROWS = 3
"""F16: more than this share of a sheet's rows, and at least so many, hold critical findings."""


def bad_rows(findings: Sequence[Finding], rows: SheetRows) -> frozenset[int]:
    """The Excel rows of a sheet that hold a critical finding, or that a merged range spoils."""
    critical = [found for found in findings if found.sheet == rows.sheet.title and found.severity is Severity.CRITICAL]
    return rows.merged.union(
        (found.row for found in critical if found.row is not None), *(found.rows for found in critical)
    )


def too_many_errors(sheets: Sequence[SheetRows], findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """F16 for each sheet that it is true of."""
    found = []
    for rows in sheets:
        bad, read = len(bad_rows(findings, rows)), len(rows.rows)
        if bad >= REJECTED_ROWS and bad > REJECTED_SHARE * read:
            found.append(finding(TOO_MANY_ERRORS, sheet=rows.sheet.title, rows=read, bad=bad))
    return tuple(found)


def rejects(found: Finding) -> bool:
    """Whether the whole file goes back for it."""
    return found.severity is Severity.CRITICAL and _FILE_RULE.fullmatch(found.rule) is not None


def outcome(findings: Sequence[Finding]) -> Outcome:
    """The verdict, before it is known whether the submission is a duplicate."""
    critical = [found for found in findings if found.severity is Severity.CRITICAL]
    if any(map(rejects, critical)):
        return Outcome.REJECTED
    return Outcome.ACCEPTED_WITH_ERRORS if critical else Outcome.ACCEPTED


def count(rows: SheetRows, findings: Sequence[Finding], verdict: Outcome) -> SheetCount:
    """Of a rejected file nothing is loaded: rows with critical findings are quarantined and the rest ignored."""
    quarantined = len(bad_rows(findings, rows))
    sound = len(rows.rows) - quarantined
    loaded = 0 if verdict is Outcome.REJECTED else sound
    return SheetCount(
        table=rows.sheet.table,
        sheet=rows.sheet.title,
        rows_read=rows.rows_read,
        loaded=loaded,
        quarantined=quarantined,
        ignored=len(rows.ignored) + sound - loaded,
        no_data=len(rows.ignored),
    )


def foreseen_reason(verdict: Outcome, findings: Sequence[Finding], counts: Sequence[SheetCount]) -> str:
    """As :func:`reason`, where the file was only to be checked; counts are those that a report would have."""
    loaded, quarantined = sum(sheet.loaded for sheet in counts), sum(sheet.quarantined for sheet in counts)
    if verdict is Outcome.REJECTED:
        return f"{_ONLY_CHECKED}{_why_rejected(findings)}，上报会整份退回。"
    remark = _remark(findings)
    if verdict is Outcome.ACCEPTED_WITH_ERRORS:
        return f"{_ONLY_CHECKED}{loaded} 行合格；{quarantined} 行有错误，上报时不会入库，请改正。{remark}"
    return f"{_ONLY_CHECKED}全部通过：{f'{loaded} 行合格' if loaded else '没有数据行'}，可以上报。{remark}"


def reason(verdict: Outcome, findings: Sequence[Finding], counts: Sequence[SheetCount]) -> str:
    """What became of a report, in a sentence for the clerk; what is to be done is said elsewhere. No personal data."""
    loaded, quarantined = sum(sheet.loaded for sheet in counts), sum(sheet.quarantined for sheet in counts)
    if verdict is Outcome.REJECTED:
        return f"{_why_rejected(findings)}，整份退回，没有改变任何数据。"
    remark = _remark(findings)
    if verdict is Outcome.ACCEPTED_WITH_ERRORS:
        return f"{loaded} 行已入库；{quarantined} 行有错误，没有入库。{remark}"
    return f"全部通过：{f'{loaded} 行已入库' if loaded else '没有数据行'}。{remark}"


def _why_rejected(findings: Sequence[Finding]) -> str:
    return "、".join(
        f"{rules()[rule]['title']}（{rule}）" for rule in sorted({one.rule for one in findings if rejects(one)})
    )


def _remark(findings: Sequence[Finding]) -> str:
    explained = sum(found.explanation is not None for found in findings)
    waiting = sum(found.waits for found in findings)
    if not explained:
        return f"另有 {waiting} 条警告，请核对。" if waiting else ""
    return (
        f"另有 {waiting} 条警告，请核对；{explained} 条已有说明。" if waiting else f"另有 {explained} 条警告已有说明。"
    )
