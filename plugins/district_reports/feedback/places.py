"""The findings of an answer by rule, as the page shows them: a bounded number of places, cut to a readable length."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from district_reports.checks.instructions import all_texts
from district_reports.model.finding import Finding, Severity

PLACES_OF_A_RULE, PLACES_IN_ALL, AT_LEAST = 50, 800, 3
"""Places that are listed: of a rule, on the page, and of a rule even where there are many rules."""


@dataclass(frozen=True)
class RuleFindings:
    """The findings of one rule. ``message`` and ``fix`` are None where they differ from place to place.

    ``shown`` are the places that are listed, ``number`` counts them all.
    """

    rule: str
    title: str
    severity: Severity
    number: int
    message: str | None
    fix: str | None
    shown: Sequence[Finding]

    @property
    def left(self) -> int:
        """Places that are not listed."""
        return self.number - len(self.shown)

    @property
    def about_file(self) -> bool:
        """Whether there is no place to name, and all is said above."""
        return self.number == 1 and self.shown[0].sheet is None and self.message is not None


def by_rule(findings: Iterable[Finding]) -> list[RuleFindings]:
    """The findings by rule, the gravest first; those of one rule keep their order."""
    groups: dict[tuple[str, Severity, str], list[Finding]] = {}
    title_of = _Titles()
    for found in findings:
        groups.setdefault((found.rule, found.severity, title_of[found.rule, found.fix, found.column]), []).append(found)
    grave = list(Severity)
    ordered = sorted(groups.items(), key=lambda item: (grave.index(item[0][1]), item[0][0], item[0][2]))
    limit = max(AT_LEAST, min(PLACES_OF_A_RULE, PLACES_IN_ALL // max(1, len(groups))))
    return [
        RuleFindings(
            rule,
            title,
            severity,
            len(places),
            _same(found.message for found in places),
            _same(found.fix for found in places),
            places[:limit],
        )
        for (rule, severity, title), places in ordered
    ]


def _same(texts: Iterable[str]) -> str | None:
    """The text, if it is always the same."""
    distinct = set(texts)
    return distinct.pop() if len(distinct) == 1 else None


class _Titles(dict[tuple[str, str, str | None], str]):
    """The title of a finding by its rule, remedy and column: a rule that says several things has several titles."""

    def __missing__(self, key: tuple[str, str, str | None]) -> str:
        rule, fix, column = key
        every = _titles().get(rule, ())
        fitting = [title for title, remedy, marks in every if remedy == fix and (not marks or column in marks)]
        titles = fitting or [title for title, _, _ in every]
        title = self[key] = "或".join(dict.fromkeys(titles))
        return title


@lru_cache(maxsize=1)
def _titles() -> dict[str, list[tuple[str, str, tuple[str, ...]]]]:
    """By rule: its titles, each with its remedy and the columns that it marks."""
    titles: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    for text in all_texts():
        titles.setdefault(text.code, []).append((text.title, text.fix, text.marks))
    return titles
