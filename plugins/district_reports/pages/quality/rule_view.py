"""What the page shows of one rule: its words, where it was broken, and in which files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException
from sqlalchemy import Connection, Row

from district_reports.model.finding import Severity
from district_reports.pages.quality import queries
from district_reports.pages.quality.choice import Choice
from district_reports.pages.quality.figures import Counted, Figures
from district_reports.pages.quality.overview import by_district, by_form, count_before, months_shown
from district_reports.pages.quality.rules import Trend, Words, all_words, trend

FILES = 50
"""The last ones, listed."""


@dataclass(frozen=True)
class RuleView:
    """Figures of the files that the rule is for; ``severity`` is as it is now, or was last."""

    rule: str
    words: Words
    severity: Severity | None
    total: Figures
    before: Figures
    trend: Trend | None
    months: Sequence[str]
    by_month: Mapping[str, Figures]
    districts: Sequence[tuple[str, Figures]]
    forms: Sequence[tuple[str | None, Figures]]
    files: Sequence[Row[Any]]


def rule_view(connection: Connection, choice: Choice) -> RuleView:
    """Everything about ``choice.rule``.

    Raises:
        HTTPException: 404, no such rule, and none of that code was broken in the span.
    """
    assert choice.rule is not None
    words = all_words().get(choice.rule, Words())
    counted = _concerned(
        Counted(
            queries.files(connection, choice, choice.span),
            queries.rules(connection, choice, choice.span),
        ),
        words,
    )
    if not words.texts and not counted.rules:
        raise HTTPException(404)
    before = _concerned(count_before(connection, choice), words).total()
    total = counted.total()
    by_month = counted.by("month")
    severities = [text.severity for _, text in words.texts] or [Severity(row.severity) for row in counted.rules]
    return RuleView(
        rule=choice.rule,
        words=words,
        severity=severities[0],
        total=total,
        before=before,
        trend=trend(total.share_with, before.share_with),
        months=months_shown(choice, by_month),
        by_month=by_month,
        districts=by_district(choice, counted),
        forms=[(key, one) for key, one in by_form(choice, counted) if words.concerns(key)],
        files=queries.files_with(connection, choice, FILES),
    )


def _concerned(counted: Counted, words: Words) -> Counted:
    """Without the files that can't break the rule."""
    return Counted([row for row in counted.files if words.concerns(row.form)], counted.rules)
