"""What the page shows of a span: totals, trends, tables and the heat table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from district_reports.forms import forms
from district_reports.ledger import quality
from district_reports.ledger.quality import DISTRICT, FORM, MONTH
from district_reports.pages.quality import heat
from district_reports.pages.quality.course import LOOKED_BACK, Course, course
from district_reports.pages.quality.figures import Counted, Figures, count
from district_reports.pages.quality.filters import MONTHS, Filters, Span
from district_reports.pages.quality.heat import Heat
from district_reports.pages.quality.rules import RuleFigures, all_words, worst
from district_reports.pages.quality.savings import Savings, savings
from district_reports.pages.quality.tries import tries
from district_reports.pages.quality.unreadable import Unreadable, read_unreadable


@dataclass(frozen=True)
class Overview:
    """``before`` are the figures of the span before, without first tries; ``months`` are those of the span from the
    first with a file. ``districts`` (the worst first) and ``forms`` are pairs of a code (None: no form was recognised)
    and its figures. ``rules`` are of all files, ``unreadable`` of those whose form was not recognised.
    """

    total: Figures
    before: Figures
    months: Sequence[str]
    by_month: Mapping[str, Figures]
    districts: Sequence[tuple[str, Figures]]
    forms: Sequence[tuple[str | None, Figures]]
    rules: Sequence[RuleFigures]
    savings: Savings
    course: Course
    unreadable: Sequence[Unreadable]
    heat: Heat
    counted: Counted


def read_overview(connection: Connection, filters: Filters) -> Overview:
    """The page for these filters, read from one snapshot of the warehouse."""
    scope = filters.scope()
    looked_back = Span(filters.span.last - LOOKED_BACK + 1, filters.span.last)
    # What was done wrong years ago tells nothing of what would help now.
    newest = Span(max(filters.span.first, filters.span.last - MONTHS + 1), filters.span.last)
    firsts = quality.firsts(connection, scope, looked_back.since, newest.since)
    counted, before = count(connection, replace(scope, before=filters.span.before().since), tries(firsts))
    words = all_words()
    rules = worst(counted, before, words)
    districts, of_forms = sorted(by_district(filters, counted), key=_worst_first), by_form(filters, counted)
    by_month = counted.by(MONTH)
    return Overview(
        total=counted.total(),
        before=before.total(),
        months=months_shown(filters, by_month),
        by_month=by_month,
        districts=districts,
        forms=of_forms,
        rules=rules,
        savings=savings((each.causes for each in firsts if each.causes is not None), words, newest),
        course=course(firsts, filters.span),
        unreadable=read_unreadable(filters) if None in dict(of_forms) else (),
        heat=_heat(
            filters, counted, [code for code, _ in districts], [key for key, _ in of_forms], content_rules(rules)
        ),
        counted=counted,
    )


def by_district(filters: Filters, counted: Counted) -> list[tuple[str, Figures]]:
    """The districts asked for that reported, or that there were at the end of the span."""
    figures, end = counted.by(DISTRICT), filters.span.until.date() - timedelta(days=1)
    codes = filters.district_codes
    return [
        (each.code, figures.get(each.code, Figures()))
        for each in filters.districts
        if (codes is None or each.code in codes) and (each.code in figures or each.is_valid(end))
    ]


def content_rules(rules: Sequence[RuleFigures]) -> list[RuleFigures]:
    """Those that were broken in a file that could be taken."""
    return [one for one in rules if one.broken_in != {None}]


def _worst_first(district: tuple[str, Figures]) -> tuple[float, float]:
    """By the share of first files that were right, then by the findings per 1,000 rows; last who sent none."""
    _, figures = district
    return (2.0 if figures.right_share is None else figures.right_share, -(figures.per_thousand or 0))


def by_form(filters: Filters, counted: Counted) -> list[tuple[str | None, Figures]]:
    """The forms asked for, and last (as None) the files whose form was not recognised, if there are any."""
    figures = counted.by(FORM)
    keys: list[str | None] = [key for key in forms() if filters.form in (None, key)]
    return [(key, figures.get(key, Figures())) for key in [*keys, *([None] if None in figures else [])]]


def months_shown(filters: Filters, by_month: Mapping[str, Any]) -> list[str]:
    """The months of the span from the first with a file: what was before the deployment began is no trend."""
    first = min(by_month, default=None)
    return [] if first is None else [month for month in filters.span.months() if month >= first]


def _heat(
    filters: Filters, counted: Counted, districts: list[str], form_keys: list[str | None], rules: list[RuleFigures]
) -> Heat:
    if filters.district:
        return heat.by_rule(counted, "form", form_keys, rules)
    if (filters.heat or ("rule" if filters.form else "form")) == "rule":
        return heat.by_rule(counted, "district", districts, rules)
    return heat.by_form(counted, districts, [key for key in form_keys if key])
