"""Whether it is getting better: how many first files were right at once, period by period."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from district_reports.forms import forms
from district_reports.model.period import Period
from district_reports.pages.quality.figures import share
from district_reports.pages.quality.filters import Span, month_text
from district_reports.pages.quality.rules import Trend, trend

SHOWN = 12
"""Periods, or months."""
LOOKED_BACK = 6 * SHOWN
"""Months in which the longest periods have so many."""
_EVERY = ""
QUARTER = 3
"""Months that are compared with as many before."""


class Way(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    SAME = "same"


@dataclass(frozen=True)
class Tried:
    """First files, and those of them that were right at once."""

    right: int = 0
    tries: int = 0

    @property
    def share(self) -> float | None:
        return share(self.right, self.tries)


Series = Sequence[tuple[str, Tried]]


@dataclass(frozen=True)
class Course:
    """``by_form`` are a form's last periods, ``by_district`` the last months; oldest first, from the first with a file.

    ``recent`` are the last three months and ``before`` the three before, each with its first and last month.
    """

    by_form: Mapping[str, Series]
    by_district: Mapping[str, Series]
    recent: Tried
    before: Tried
    recent_months: tuple[str, str]
    before_months: tuple[str, str]

    @property
    def way(self) -> Way | None:
        """From the three months before to the last three; None where there is nothing to compare."""
        found = trend(self.recent.share, self.before.share)
        if found is None:
            return None
        return {Trend.FEWER: Way.WORSE, Trend.SAME: Way.SAME}.get(found, Way.BETTER)


def course(firsts: Sequence[Row[Any]], span: Span) -> Course:
    """Of the first files up to the end of the span."""
    months = [month_text(number) for number in range(span.last - SHOWN + 1, span.last + 1)]
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    # Unpacked by position: access by name takes three times as long, and there are thousands of rows.
    for form, period, district_code, month, _, is_right, *_ in map(tuple, firsts):
        newest = ((district_code, month), (_EVERY, month)) if month >= months[0] else ()
        for key in ((form, period), *newest):
            counted[key][0] += is_right
            counted[key][1] += 1
    tried: dict[str, dict[str, Tried]] = defaultdict(dict)
    for (whose, when), (right, tries) in counted.items():
        tried[whose][when] = Tried(right, tries)
    every = tried.pop(_EVERY, {})
    shown = [month for month in months if month >= min(every, default="")]
    recent, before = months[-QUARTER:], months[-2 * QUARTER : -QUARTER]
    return Course(
        by_form={key: _series(tried[key], _periods(tried[key])) for key in forms() if key in tried},
        by_district={code: _series(of, shown) for code, of in tried.items() if code not in forms()},
        recent=_sum(every, recent),
        before=_sum(every, before),
        recent_months=(recent[0], recent[-1]),
        before_months=(before[0], before[-1]),
    )


def _series(of: Mapping[str, Tried], names: Iterable[str]) -> Series:
    return [(name, of.get(name, Tried())) for name in names]


def _periods(of: Mapping[str, Tried]) -> list[str]:
    """The last ones up to the latest that was reported, without a gap."""
    # Of one kind, they sort as texts.
    first, found = Period.parse(min(of)), [Period.parse(max(of))]
    while len(found) < SHOWN and found[-1].first_day > first.first_day:
        found.append(found[-1].previous())
    return [period.text for period in reversed(found)]


def _sum(of: Mapping[str, Tried], months: Iterable[str]) -> Tried:
    there = [of[month] for month in months if month in of]
    return Tried(sum(each.right for each in there), sum(each.tries for each in there))
