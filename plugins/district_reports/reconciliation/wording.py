"""What a row of an item says to its district: the words of its rule and part with the row's own values in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from district_reports.checks.wording import filled
from district_reports.reconciliation.rules import CrossRules, Words

NOT_TOLD = "（不显示）"
"""In place of a figure that another district reported."""


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
    rule = next((each for each in rules.rules if each.code == code), None)
    words = rule.words.get(part) if rule else None
    if words is None:
        return None
    known = {name: NOT_TOLD if value is None else value for name, value in values.items()}
    known |= {"period": period, "others": tuple(others), "everyone": tuple(everyone)}
    try:
        return Words(filled(words.message, known), filled(words.fix, known))
    except KeyError:
        return None
