"""A verdict for people (text) and for programs (one JSON object a line)."""

import json
from collections.abc import Sequence

from district_reports.checks.verdict import foreseen_reason
from district_reports.checks.wording import cut
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Finding, Severity

SHOWN_OF_A_KIND = 20
"""Findings of one rule on one sheet that the text view lists; the rest are counted."""


def as_json(file: str, checked: CheckedWorkbook) -> str:
    """One line: file, outcome, form, district, period, sheets, findings, not_checked (and the reason)."""
    return json.dumps(
        {
            "file": file,
            "outcome": checked.verdict,
            "reason": _reason(checked),
            "form": checked.form,
            "district": checked.district,
            "period": checked.period,
            "sheets": [
                {
                    "sheet": count.sheet,
                    "rows_read": count.rows_read,
                    "loaded": count.loaded,
                    "quarantined": count.quarantined,
                    "ignored": count.ignored,
                }
                for count in checked.counts
            ],
            "findings": [
                {
                    "rule": found.rule,
                    "severity": found.severity,
                    "sheet": found.sheet,
                    "cell": found.cell,
                    "column": found.column,
                    "field": found.field,
                    "value": found.value,
                    "message": found.message,
                    "fix": found.fix,
                    "explanation": found.explanation,
                }
                for found in checked.findings
            ],
            "not_checked": list(checked.not_checked),
        },
        ensure_ascii=False,
    )


def as_text(file: str, checked: CheckedWorkbook) -> str:
    """The verdict in Chinese, bounded: the first findings of a kind and how many more there are."""
    lines = [f"{file}", f"  {checked.verdict.label}：{_reason(checked)}"]
    lines += [
        f"  {count.sheet}：读取 {count.rows_read} 行，会入库 {count.loaded}，"
        f"有错误 {count.quarantined}，未用 {count.ignored}"
        for count in checked.counts
    ]
    for (rule, sheet, explained), findings in _by_kind(checked.findings):
        label = f"[{'已说明' if explained else findings[0].severity.label} {rule}]"
        for found in findings[:SHOWN_OF_A_KIND]:
            place = " ".join(part for part in (found.sheet, found.cell) if part)
            after = f"说明：{cut(found.explanation)}" if found.explanation else found.fix
            lines.append(" ".join(part for part in (f"  {label}", place, found.message, after) if part))
        if len(findings) > SHOWN_OF_A_KIND:
            where = f"{sheet} " if sheet else ""
            lines.append(f"  {label} {where}还有 {len(findings) - SHOWN_OF_A_KIND} 条")
    remarks = sum(found.severity is Severity.INFO for found in checked.findings)
    if remarks:
        lines.append(f"  另有 {remarks} 条提示，不用改。")
    if checked.not_checked:
        lines.append(f"  没有检查（需要往期数据）：{'、'.join(checked.not_checked)}")
    return "\n".join(lines)


def _reason(checked: CheckedWorkbook) -> str:
    """Nothing was loaded, whatever would become of it."""
    return foreseen_reason(checked.verdict, checked.findings, checked.counts)


def _by_kind(findings: Sequence[Finding]) -> list[tuple[tuple[str, str | None, bool], list[Finding]]]:
    """Errors and warnings by rule and sheet, each kind where its first finding stands; what is explained comes last."""
    kinds: dict[tuple[str, str | None, bool], list[Finding]] = {}
    for found in findings:
        if found.severity is not Severity.INFO:
            kinds.setdefault((found.rule, found.sheet, found.explanation is not None), []).append(found)
    return sorted(kinds.items(), key=lambda kind: kind[0][2])
