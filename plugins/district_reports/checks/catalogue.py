"""The words and severities of the file and cell rules, from ``expectations/file_and_cell.json``.

Content rules carry theirs in their suite's ``meta``. A rule may have several variants, each with its own words.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from district_reports.checks.wording import cut, filled
from district_reports.errors import ReferenceDataError
from district_reports.model.finding import Finding, Severity
from district_reports.settings import settings


@lru_cache(maxsize=4)
def _load(path: Path) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReferenceDataError(f"{path.name} cannot be read: {error}") from error
    return loaded


def rules() -> dict[str, Any]:
    """The file and cell rules: code → severity, title and variants, and ``explained`` where a warning asks for nothing.

    Raises:
        ReferenceDataError: the file is missing or no JSON.
    """
    return _load(settings().catalogue)


def asks_for_explanation(rule: str) -> bool:
    """Whether a warning of `rule` waits for the district's word; one that only states a fact does not."""
    return bool(rules().get(rule, {}).get("explained", True))


def finding(
    rule: str,
    variant: str = "default",
    *,
    sheet: str | None = None,
    cell: str | None = None,
    column: str | None = None,
    field: str | None = None,
    row: int | None = None,
    value: str | None = None,
    **words: object,
) -> Finding:
    """A finding of `rule` in the words of `variant`; `words` fill the placeholders of its message and remedy.

    What comes from a file (sheet, column, value, words) is cut, see :mod:`.wording`.

    Raises:
        ReferenceDataError: the rule, the variant or a placeholder's word is missing.
    """
    try:
        entry = rules()[rule]
        texts = entry["variants"][variant]
        known = {"sheet": sheet, "cell": cell, "column": column, "row": row, "value": value, **words}
        message, fix = filled(texts["message"], known), filled(texts["fix"], known)
    except KeyError as error:
        raise ReferenceDataError(f"file_and_cell.json: {rule}/{variant} lacks {error}") from error
    return Finding(
        rule=rule,
        severity=Severity(entry["severity"]),
        message=message,
        fix=fix,
        sheet=sheet and cut(sheet),
        cell=cell,
        column=column and cut(column),
        field=field,
        row=row,
        value=value and cut(value),
    )
