"""What a row of an item says to its district: the words of its rule and part with the row's own values in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from district_reports.checks.wording import filled
from district_reports.forms import forms
from district_reports.ledger.shown_items import Side
from district_reports.model.period import Period, period_named
from district_reports.reconciliation.rules import CrossRules, Words
from district_reports.reference.register import Register

NOT_TOLD = "（不显示）"
"""In place of a figure that another district reported."""
_OTHER_HALF = "本单位（合并前的另一区县）"
"""In place of the other districts, where a merger made all of an item's districts one."""


@dataclass(frozen=True)
class Wording:
    """A row of an item by the names that districts know: its form, sheet and school; ``said`` as :func:`said_of`."""

    form: str
    sheet: str
    school: str | None
    said: Words | None


def wording_of(
    row: Side | Row[Any],
    rule: str,
    districts: Sequence[str],
    names: Mapping[str, str],
    register: Register,
    rules: CrossRules,
) -> Wording:
    """How a row of an item of `rule` that touches `districts` (codes) reads; `names` are those of districts.

    `row` is one of :func:`.ledger.worklist.own_rows` or :func:`.ledger.shown_items.sides_of`.
    """
    form = forms().get(row.form)
    sheet = next((sheet for sheet in form.sheets if sheet.table == row.table_name), None) if form else None
    return Wording(
        form=form.title if form else row.form,
        sheet=sheet.title if sheet else row.table_name,
        school=register.school_name(row.school_code, Period.parse(row.period).last_day) if row.school_code else None,
        said=said_of(
            rules,
            rule,
            row.part,
            row.words,
            period=row.period,
            others=[names.get(code, code) for code in row.others],
            everyone=[names.get(code, code) for code in districts],
        ),
    )


def said_of(
    rules: CrossRules,
    code: str,
    part: str,
    values: Mapping[str, Any],
    *,
    period: str,
    others: Sequence[str],
    everyone: Sequence[str],
) -> Words | None:
    """The message and what to do; `others` and `everyone` are names of districts, as :mod:`.rules` tells them apart.

    None for an item of which this deployment's rules can no longer speak: its rule, its part, or a value that the text
    names now, was not there when it was seen.
    """
    rule = rules.get(code)
    words = rule.words.get(part) if rule else None
    if words is None:
        return None
    known = {name: NOT_TOLD if value is None else value for name, value in values.items()}
    known |= {"period": period_named(period), "others": tuple(others) or (_OTHER_HALF,), "everyone": tuple(everyone)}
    try:
        return Words(filled(words.message, known), filled(words.fix, known))
    except KeyError:
        return None
