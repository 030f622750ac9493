"""The rules in words, for 填表说明 and docs/rules.md: from the same catalogue and suites that check a workbook."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from district_reports.checks import catalogue
from district_reports.checks.suites import Expectation, suites
from district_reports.forms import forms
from district_reports.model.finding import Severity
from district_reports.model.form import Form, Sheet

LEFT_OPEN, COLUMN = "…", "〔列名〕"
"""Stand where a finding names what it found, and the column."""
NAMED = {
    "column": COLUMN,
    "title": COLUMN,
    "sheet": "〔工作表〕",
    "cell": "〔单元格〕",
    "label": "〔封面项目〕",
    "kind": "〔月报、季报或学期报〕",
    "example": "〔示例〕",
}
"""What stands for a placeholder whose value is no content of a cell."""

_PLACEHOLDER = re.compile(r"\{([^{}:]+)[^{}]*\}")


@dataclass(frozen=True)
class RuleText:
    """One thing that a rule says: some say several, each with its own remedy.

    ``marks`` are the titles of the columns whose cells are marked; none for a finding about a file or a sheet.
    """

    code: str
    severity: Severity
    title: str
    message: str
    fix: str
    marks: tuple[str, ...] = ()


def file_and_cell_texts() -> list[RuleText]:
    """What the file and cell rules say, in the order of their codes."""
    return [
        RuleText(code, Severity(rule["severity"]), rule["title"], opened(text["message"]), opened(text["fix"]))
        for code, rule in sorted(catalogue.rules().items())
        for text in rule["variants"].values()
    ]


def all_texts() -> list[RuleText]:
    """What every rule says, the content rules form by form."""
    return [*file_and_cell_texts(), *(text for form in forms().values() for text in content_texts(form))]


def content_texts(form: Form) -> list[RuleText]:
    """What the content rules of `form` say, those of any form first."""
    found: dict[RuleText, list[str]] = {}
    for sheet, expectation in _expectations(form):
        meta = expectation["meta"]
        text = RuleText(
            meta["rule"],
            Severity(expectation["severity"]),
            meta["title"],
            opened(meta["message"]),
            opened(meta["fix"]),
        )
        marks = found.setdefault(text, [])
        if sheet is not None:
            marks.append(sheet.by_name[meta.get("marks") or expectation["kwargs"]["column"]].title)
    texts = [
        RuleText(text.code, text.severity, text.title, text.message, text.fix, tuple(dict.fromkeys(marks)))
        for text, marks in found.items()
    ]
    return sorted(texts, key=lambda text: (not text.code.startswith("C"), text.code))


def rules_of(form: Form) -> list[tuple[str, str, str, str]]:
    """Everything that any rule can say about a workbook of `form`, as the rows of its sheet 填表说明.

    Code, title and marked columns; the severity's label; what is wrong; how to mend it.
    """
    rows = []
    for text in (*file_and_cell_texts(), *content_texts(form)):
        marks = f"（{'、'.join(text.marks)}）" if text.marks else ""
        rows.append((f"{text.code} {text.title}{marks}", text.severity.label, text.message, text.fix))
    return rows


def _expectations(form: Form) -> Iterator[tuple[Sheet | None, Expectation]]:
    """With the sheet whose cells the expectation marks; None for a frame whose findings are about the sheet."""
    by_table = {sheet.table: sheet for sheet in form.sheets}
    for name, expectations in suites(form).by_frame.items():
        for expectation in expectations:
            yield by_table.get(name), expectation


def opened(text: str) -> str:
    """`text` with its placeholders named or left open."""
    return _PLACEHOLDER.sub(lambda match: NAMED.get(match[1], LEFT_OPEN), text)
