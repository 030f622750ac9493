"""What would help most: the three rules without which most first files would have been right at once."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from district_reports.checks.verdict import TOO_MANY_ERRORS
from district_reports.pages.quality.filters import Span
from district_reports.pages.quality.rules import Words

MOST = 3
_CONSIDERED = 12
"""So many rules are tried together, those that kept most files from being right."""


@dataclass(frozen=True)
class Saving:
    """``alone``: files that were sent again because of this rule only; ``among``: because of others as well."""

    rule: str
    words: Words
    alone: int
    among: int


@dataclass(frozen=True)
class Savings:
    """``sent_again`` are first files of the ``span`` that were not right; of these ``saved`` broke no rule but
    ``rules``."""

    sent_again: int
    saved: int
    rules: Sequence[Saving]
    span: Span


def savings(causes: Iterable[Collection[str]], words: Mapping[str, Words], span: Span) -> Savings:
    """Of the rules that kept each first file of `span` from being right."""
    sent_again, concerned, few = 0, Counter[str](), Counter[frozenset[str]]()
    # Sets are made of the few that can matter: there are thousands of files, and of each many rules may be broken.
    for rules in causes:
        sent_again += 1
        concerned.update(rules)
        if len(rules) <= MOST + 1:
            # That there are too many errors is none of its own.
            few[frozenset(rules) - {TOO_MANY_ERRORS} or frozenset(rules)] += 1
    concerned[TOO_MANY_ERRORS] = few[frozenset({TOO_MANY_ERRORS})]
    few = Counter({rules: files for rules, files in few.items() if 0 < len(rules) <= MOST})

    def saved(chosen: Collection[str]) -> int:
        return sum(files for rules, files in few.items() if rules.issubset(chosen))

    candidates = [rule for rule, files in sorted(concerned.items(), key=lambda each: (-each[1], each[0])) if files]
    alone = [rule for rule in candidates if frozenset({rule}) in few]
    considered = list(dict.fromkeys([*alone[:_CONSIDERED], *candidates]))[:_CONSIDERED]
    best = max(
        combinations(considered, min(MOST, len(considered))),
        key=lambda chosen: (saved(chosen), sum(concerned[rule] for rule in chosen)),
    )
    only = {rule: few.get(frozenset({rule}), 0) for rule in best}
    found = [Saving(rule, words.get(rule, Words()), only[rule], concerned[rule] - only[rule]) for rule in best]
    return Savings(sent_again, saved(best), sorted(found, key=lambda one: (-one.alone, -one.among, one.rule)), span)
