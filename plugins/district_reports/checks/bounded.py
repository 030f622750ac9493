"""How many findings are listed one by one; what is beyond is counted (a clerk mends a column, not 50,000 cells)."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from district_reports.model.finding import Finding, Severity
from district_reports.model.form import Column

LISTED = 5000
"""Findings of one severity in one column, of its cells' types or of one content rule, that are listed each."""

_MORE = "“{column}”还有 {number} 条同样的问题，没有逐条列出。"
_FIXES = {
    Severity.CRITICAL: "照已列出的各条改正整列，保存后重新上报。",
    Severity.WARNING: "照已列出的各条核对整列。",
    Severity.INFO: "不用改。",
}


class Rest:
    """What is not listed: the rows, by rule and severity."""

    def __init__(self) -> None:
        self._listed: Counter[Severity] = Counter()
        self._rows: defaultdict[tuple[str, Severity], list[int]] = defaultdict(list)

    def takes(self, rule: str, severity: Severity, row: int) -> bool:
        """Whether the next finding is beyond what is listed, and is only counted here."""
        self._listed[severity] += 1
        if self._listed[severity] <= LISTED:
            return False
        self._rows[rule, severity].append(row)
        return True

    def findings(self, sheet: str, column: Column) -> Iterator[Finding]:
        """One finding a rule for all that were only counted."""
        for (rule, severity), rows in self._rows.items():
            yield Finding(
                rule=rule,
                severity=severity,
                message=_MORE.format(column=column.title, number=len(rows)),
                fix=_FIXES[severity],
                sheet=sheet,
                column=column.title,
                field=column.name,
                rows=tuple(rows),
            )
