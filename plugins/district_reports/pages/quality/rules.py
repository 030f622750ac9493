"""The rules that cost the most, in their own words, and how they did in the span before."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from district_reports.checks.instructions import RuleText, content_texts, file_and_cell_texts
from district_reports.forms import forms
from district_reports.ledger.quality import FORM, RULE
from district_reports.model.finding import Severity
from district_reports.pages.quality.figures import Counted, Figures, share
from district_reports.settings import settings

STEADY = 0.1
"""A share that changed by no more than this, relative to the share before, has no trend."""


class Trend(StrEnum):
    """Of the share of files with findings of a rule; NEW: none in the span before."""

    MORE = "more"
    FEWER = "fewer"
    SAME = "same"
    NEW = "new"


@dataclass(frozen=True)
class Words:
    """What a rule says, by the form that it is for; None for the rules of any file and cell."""

    texts: tuple[tuple[str | None, RuleText], ...] = ()

    @property
    def title(self) -> str:
        return " / ".join(self.titles)

    @property
    def titles(self) -> list[str]:
        return list(dict.fromkeys(text.title for _, text in self.texts))

    @property
    def fixes(self) -> list[str]:
        return list(dict.fromkeys(text.fix for _, text in self.texts))

    def united(self) -> list[tuple[RuleText, list[tuple[str, tuple[str, ...]]]]]:
        """Each text once, with the forms that have it and the columns that it marks there."""
        found: dict[tuple[str, str, str], tuple[RuleText, list[tuple[str, tuple[str, ...]]]]] = {}
        for form, text in self.texts:
            _, marks = found.setdefault((text.title, text.message, text.fix), (text, []))
            if form is not None:
                marks.append((form, text.marks))
        return list(found.values())

    def of(self, form: str | None) -> "Words":
        """What it says for a file of this form."""
        return Words(tuple((known, text) for known, text in self.texts if known in (None, form)))

    def concerns(self, form: str | None) -> bool:
        """Whether a file of this form, or of none, can break the rule; True for a rule that no longer exists."""
        return not self.texts or any(known in (None, form) for known, _ in self.texts)


@dataclass(frozen=True)
class RuleFigures:
    """``files`` with findings of the rule, of ``files_of`` whose form it is for; ``rows_read`` are those of the latter.

    ``forms``: which forms it is for, of those that were reported, and ``broken_in`` those in which it was broken; None
    is for files whose form was not recognised.
    ``before``: the share of files in the span before, None where there was no file.
    """

    rule: str
    severity: Severity
    words: Words
    forms: frozenset[str | None]
    broken_in: frozenset[str | None]
    findings: int
    explained: int
    files: int
    files_of: int
    districts: int
    rows_read: int
    before: float | None

    @property
    def share(self) -> float | None:
        return share(self.files, self.files_of)

    @property
    def per_thousand(self) -> float | None:
        return 1000 * self.findings / self.rows_read if self.rows_read else None

    @property
    def trend(self) -> Trend | None:
        return trend(self.share, self.before)


def trend(now: float | None, before: float | None) -> Trend | None:
    """From the share before to the share now; None where there is nothing to compare."""
    if now is None or before is None:
        return None
    if before == 0:
        return Trend.NEW if now else Trend.SAME
    if abs(now - before) <= STEADY * before:
        return Trend.SAME
    return Trend.MORE if now > before else Trend.FEWER


def all_words() -> Mapping[str, Words]:
    """Every rule's words as they are now, by its code."""
    return _words_in(settings().expectations, settings().catalogue)


@lru_cache(maxsize=4)
def _words_in(*_files: Path) -> Mapping[str, Words]:
    """Read once a process, as the files themselves are."""
    found: dict[str, list[tuple[str | None, RuleText]]] = defaultdict(list)
    for text in file_and_cell_texts():
        found[text.code].append((None, text))
    for form in forms().values():
        for text in content_texts(form):
            found[text.code].append((form.key, text))
    return {code: Words(tuple(texts)) for code, texts in sorted(found.items())}


def worst(now: Counted, before: Counted, words: Mapping[str, Words]) -> list[RuleFigures]:
    """The rules with findings in the span, those with the most first."""
    districts: dict[tuple[str, str], set[str]] = defaultdict(set)
    broken_in: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for _, _, form, district_code, rule, severity, *_ in map(tuple, now.rules[RULE]):
        districts[rule, severity].add(district_code)
        broken_in[rule, severity].add(form)
    earlier = by_rule(before)
    forms_now, forms_before = now.by(FORM), before.by(FORM)
    found = []
    for key, (files, findings, explained) in by_rule(now).items():
        rule, severity = key
        own = words.get(rule, Words())
        # The rules may have changed since: a form that broke the rule then could break it.
        of = frozenset(form for form in forms_now if own.concerns(form) or form in broken_in[key])
        files_of, rows_read = base(forms_now, of)
        files_before, _ = base(forms_before, of)
        found.append(
            RuleFigures(
                rule=rule,
                severity=Severity(severity),
                words=own,
                forms=of,
                broken_in=frozenset(broken_in[key]),
                findings=findings,
                explained=explained,
                files=files,
                files_of=files_of,
                districts=len(districts[key]),
                rows_read=rows_read,
                before=share(earlier.get(key, (0, 0, 0))[0], files_before),
            )
        )
    return sorted(found, key=lambda one: (-one.findings, one.rule))


def by_rule(counted: Counted) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(rule, severity) → files, findings, explained."""
    sums: dict[tuple[str, str], tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    # Unpacked by position: access by name takes three times as long, and there are thousands of rows.
    for _, _, _, _, rule, severity, files, findings, explained, _ in map(tuple, counted.rules[RULE]):
        former = sums[rule, severity]
        sums[rule, severity] = (former[0] + files, former[1] + findings, former[2] + explained)
    return sums


def base(by_form: Mapping[str | None, Figures], of: Collection[str | None]) -> tuple[int, int]:
    """Files and rows read of these forms."""
    figures = [by_form[form] for form in of if form in by_form]
    return sum(each.files for each in figures), sum(each.rows_read for each in figures)
