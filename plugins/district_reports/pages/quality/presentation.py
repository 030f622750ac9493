"""What the templates of this page need beside its figures: names, choices, tones and charts."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from markupsafe import Markup

from district_reports import clock
from district_reports.forms import forms
from district_reports.model.finding import Severity
from district_reports.pages.quality.drawings import findings_by_month, share_by_month
from district_reports.pages.quality.filters import SEVERITIES, Filters, month_text
from district_reports.pages.quality.overview import Overview
from district_reports.pages.quality.rule_view import RuleView
from district_reports.pages.rendering import View
from district_reports.pages.words import say
from district_reports.publish.printed import MISSING

RULES = 12
"""How many of the worst rules are listed, unless all are requested."""
SPANS = (3, 12, 36, 120)
"""Months, offered as links."""
MONTHS_OFFERED = 120
_KEPT = ("from", "to", "form", "zone", "district", "severity")
_TONES = {Severity.CRITICAL: "bad", Severity.WARNING: "warn", Severity.INFO: "calm"}
_OUTCOME_TONES = {"accepted": "good", "accepted_with_errors": "warn", "rejected": "bad"}
_WAY_TONES = {"better": "good", "same": "calm", "worse": "bad"}
_TREND_TONES = {"more": "bad", "new": "warn", "same": "calm", "fewer": "good"}


def context(view: View, filters: Filters) -> dict[str, Any]:
    """For both views."""
    everything = ("", say(view.language, "common.all"))
    titles = {key: form.title for key, form in forms().items()}
    names = {each.code: each.name for each in filters.districts}
    before = filters.span.before()
    words = _severities(view.language)
    return {
        "filters": filters,
        "query": {name: view.query[name] for name in _KEPT if name in view.query},
        "months": (month_text(filters.span.first), month_text(filters.span.last)),
        "before_months": (month_text(before.first), month_text(before.last)),
        "month_choices": [(month, month) for month in _months(filters)],
        "spans": [(month_text(filters.span.last - months + 1), months) for months in SPANS],
        "form_titles": titles,
        "district_names": names,
        "form_choices": [everything, *titles.items()],
        "zone_choices": [everything, *((zone, zone) for zone in filters.zones)],
        "district_choices": [everything, *((code, f"{code} {name}") for code, name in names.items())],
        "severity_choices": [(key, say(view.language, f"quality.severity.{key or 'asked'}")) for key in SEVERITIES],
        "severity_words": words,
        "severity_rank": {each: number for number, each in enumerate(Severity)},
        "severity_tones": _TONES,
        "outcome_tones": _OUTCOME_TONES,
        "trend_tones": _TREND_TONES,
        "way_tones": _WAY_TONES,
        "rules_shown": RULES,
        "per_thousand": per_thousand,
        "duration": partial(duration, view.language),
    }


def per_thousand(rate: float | None) -> str:
    """A rate per 1,000; a small one reads <0.1."""
    if rate is None:
        return MISSING
    return "<0.1" if 0 < rate < 0.05 else f"{rate:,.1f}"


def duration(language: str, hours: float | None) -> str:
    """Hours in words, as days from two days on."""
    if hours is None:
        return MISSING
    if hours < 1:
        return say(language, "quality.under_an_hour")
    if hours < 48:
        return say(language, "quality.hours", n=f"{hours:.0f}")
    return say(language, "quality.days", n=f"{hours / 24:.1f}")


def overview_charts(view: View, overview: Overview) -> list[tuple[str, Markup]]:
    """Pairs of the caption's key and the chart; none for a single month, which is no trend."""
    if len(overview.by_month) < 2:
        return []
    by_month = overview.by_month
    return [
        ("error_rate", share_by_month(by_month, overview.months, "error_rate")),
        ("right_share", share_by_month(by_month, overview.months, "right_share")),
        ("findings", findings_by_month(overview.counted, by_month, overview.months, _severities(view.language))),
    ]


def rule_charts(rule_view: RuleView) -> list[tuple[str, Markup]]:
    """As :func:`overview_charts`."""
    if len(rule_view.by_month) < 2:
        return []
    return [("share_with", share_by_month(rule_view.by_month, rule_view.months, "share_with"))]


def _months(filters: Filters) -> list[str]:
    """To choose from, the latest first: ten years, up to the present or the end of the chosen one."""
    today = clock.today()
    last = max(12 * today.year + today.month - 1, filters.span.last)
    return [month_text(number) for number in range(last, min(last - MONTHS_OFFERED, filters.span.first - 1), -1)]


def _severities(language: str) -> Mapping[str, str]:
    return {
        each: each.label if language == "zh" else say(language, f"quality.severity.{each}") for each in Severity
    }  # fmt: skip
