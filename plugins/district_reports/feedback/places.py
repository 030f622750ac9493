"""The findings of an answer by sheet and row, as the page shows them: a bounded number of places of each rule."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from district_reports.model.finding import Finding

PLACES_OF_A_RULE, PLACES_IN_ALL, AT_LEAST = 50, 800, 3
"""Places that are listed: of a rule, on the page, and of a rule even where there are many rules."""


@dataclass(frozen=True)
class Places:
    """``sheets`` are the places that are listed, by the title of their sheet (None for the file), in their order.

    ``left`` counts by rule those that are not listed.
    """

    sheets: Mapping[str | None, Sequence[Finding]]
    left: Mapping[str, int]


def listed_places(findings: Iterable[Finding]) -> Places:
    """The first places of each rule, sheet by sheet."""
    findings = list(findings)
    rules = len({found.rule for found in findings})
    limit = max(AT_LEAST, min(PLACES_OF_A_RULE, PLACES_IN_ALL // max(1, rules)))
    seen: Counter[str] = Counter()
    sheets: dict[str | None, list[Finding]] = {}
    for found in findings:
        seen[found.rule] += 1
        if seen[found.rule] <= limit:
            sheets.setdefault(found.sheet, []).append(found)
    return Places(sheets, {rule: number - limit for rule, number in sorted(seen.items()) if number > limit})
