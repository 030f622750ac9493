"""What the page shows of one rule: its words, where it was broken, and in which files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import HTTPException
from sqlalchemy import Connection, Row

from district_reports.forms import forms
from district_reports.ledger import quality
from district_reports.ledger.quality import MONTH, NO_FORM, RULE
from district_reports.model.finding import Severity
from district_reports.pages.quality.figures import Figures, count
from district_reports.pages.quality.filters import Filters
from district_reports.pages.quality.overview import by_district, by_form, months_shown
from district_reports.pages.quality.rules import Trend, Words, all_words, trend

FILES = 50
"""How many of the latest files are listed."""


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


def read_rule_view(connection: Connection, filters: Filters) -> RuleView:
    """Everything about ``filters.rule``.

    Raises:
        HTTPException: 404, no such rule, and none of that code was broken in the span.
    """
    assert filters.rule is not None
    words = all_words().get(filters.rule, Words())
    scope = filters.scope()
    if words.texts:
        # Only files that could break it: the others would distort shares and rates.
        every = [key for key in (*forms(), NO_FORM) if filters.form in (None, key)]
        scope = replace(scope, forms=tuple(key for key in every if words.concerns(key or None)))
    counted, counted_before = count(connection, replace(scope, before=filters.span.before().since))
    if not words.texts and not counted.rules[RULE]:
        raise HTTPException(404)
    before = counted_before.total()
    total = counted.total()
    by_month = counted.by(MONTH)
    severities = [text.severity for _, text in words.texts] or [Severity(row.severity) for row in counted.rules[RULE]]
    return RuleView(
        rule=filters.rule,
        words=words,
        severity=severities[0],
        total=total,
        before=before,
        trend=trend(total.share_with, before.share_with),
        months=months_shown(filters, by_month),
        by_month=by_month,
        districts=by_district(filters, counted),
        forms=[(key, one) for key, one in by_form(filters, counted) if words.concerns(key)],
        files=quality.files_with(connection, scope, FILES),
    )
