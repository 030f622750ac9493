"""Periods: month ``2020-05``, quarter ``2020-Q2``, semester ``2020-S1`` (docs/contract.md, "Forms and periods")."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class PeriodKind(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    SEMESTER = "semester"


_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.SEMESTER: 6}
_PATTERNS = {
    PeriodKind.MONTH: re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII),
    PeriodKind.QUARTER: re.compile(r"(\d{4})-Q([1-4])", re.ASCII),
    PeriodKind.SEMESTER: re.compile(r"(\d{4})-S([12])", re.ASCII),
}
EXAMPLES = {PeriodKind.MONTH: "2020-05", PeriodKind.QUARTER: "2020-Q2", PeriodKind.SEMESTER: "2020-S1"}
_SAID = {
    "zh": {
        "": "{year}年{number}月",
        **{f"Q{number}": f"{{year}}年{said}季度" for number, said in enumerate("一二三四", 1)},
        "S1": "{year}年春季学期",
        "S2": "{year}年秋季学期",
    },
    "en": {
        "": "{month} {year}",
        **{f"Q{number}": f"Q{number} {{year}}" for number in range(1, 5)},
        "S1": "Spring semester {year}",
        "S2": "Autumn semester {year}",
    },
}
_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
CHINESE = {PeriodKind.MONTH: "月", PeriodKind.QUARTER: "季度", PeriodKind.SEMESTER: "学期"}


def _month_after(year: int, month: int, months: int) -> date:
    """The first day of the month `months` after (year, month)."""
    index = year * 12 + month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True)
class Period:
    """A reporting period; ``first_day`` and ``last_day`` both belong to it."""

    kind: PeriodKind
    text: str
    first_day: date
    last_day: date

    @classmethod
    def parse(cls, text: str) -> "Period":
        """The period that `text` names.

        A semester S1 runs from February to July, S2 from August to January of the next year.

        Raises:
            ValueError: `text` is no period.
        """
        for kind, pattern in _PATTERNS.items():
            if match := pattern.fullmatch(text):
                year, number = int(match[1]), int(match[2])
                if not 1900 <= year <= 2200:
                    break
                start = {
                    PeriodKind.MONTH: number,
                    PeriodKind.QUARTER: 3 * number - 2,
                    PeriodKind.SEMESTER: 6 * number - 4,
                }
                first = date(year, start[kind], 1)
                return cls(kind, text, first, _month_after(year, first.month, _MONTHS[kind]) - timedelta(days=1))
        raise ValueError(f"not a period: {text!r}")

    @classmethod
    def containing(cls, kind: PeriodKind, day: date) -> "Period":
        """The period of `kind` that holds `day`."""
        if kind is PeriodKind.MONTH:
            return cls.parse(f"{day:%Y-%m}")
        if kind is PeriodKind.QUARTER:
            return cls.parse(f"{day.year}-Q{(day.month + 2) // 3}")
        if day.month == 1:
            return cls.parse(f"{day.year - 1}-S2")
        return cls.parse(f"{day.year}-S{1 if day.month < 8 else 2}")

    def previous(self) -> "Period":
        """The period of the same kind that ends the day before this one begins."""
        return Period.containing(self.kind, self.first_day - timedelta(days=1))

    def following(self) -> "Period":
        """The period of the same kind that begins the day after this one ends."""
        return Period.containing(self.kind, self.last_day + timedelta(days=1))

    @property
    def school_year(self) -> int:
        """The year in whose September the school year of the period's last day began."""
        return self.last_day.year - (self.last_day.month < 9)

    @property
    def calendar_year(self) -> int:
        """The calendar year of the period's last day, which "this year" means in a report."""
        return self.last_day.year

    def named(self, language: str = "zh") -> str:
        """As it is said, see :func:`period_named`."""
        return period_named(self.text, language)

    def day_of_next_month(self, day: int) -> date:
        """Day `day` of the month after the period's last one: where due dates lie."""
        return (self.last_day + timedelta(days=1)).replace(day=day)


def period_named(period: str, language: str = "zh") -> str:
    """A period as it is said: 2020-Q1 is 2020年一季度 or Q1 2020. What is no period, as a day, stays as it is."""
    year, _, part = period.partition("-")
    number = int(part) if part.isdecimal() else 0
    said = _SAID[language].get("" if number else part or period)
    return said.format(year=year, number=number, month=_MONTH_NAMES[number - 1]) if said else period
