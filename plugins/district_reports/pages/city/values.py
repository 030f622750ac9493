"""How a figure of a city table is printed."""

from datetime import date
from decimal import Decimal

from district_reports.pages.words import say

MISSING = "–"
_DECIMALS = 2
_ROOM = 9


def exact(value: object, kind: str = "") -> str:
    """The figure as published: thousands apart, and two decimals under a column of the type numeric."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        # A sum over a numeric column may carry none of its decimals; columns read better when all have them.
        return f"{value:,.{_DECIMALS}f}" if kind == "numeric" else short(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def short(value: object) -> str:
    """The figure without the zeros at its end: for tiles, charts and sentences."""
    if isinstance(value, Decimal):
        rounded = f"{value:,.{_DECIMALS}f}"
        return rounded.rstrip("0").rstrip(".")
    return exact(value)


def is_long(value: object) -> bool:
    """Whether the figure is wider than a tile."""
    return len(short(value)) > _ROOM


def compact(value: int | Decimal | None, language: str) -> str:
    """The figure in 万 or in millions, for tiles of which one would not hold the whole."""
    if value is None:
        return MISSING
    return f"{value / 10_000:,.1f} 万" if language == "zh" else f"{value / 1_000_000:,.2f} M"


def sortable(value: object) -> str:
    """What a table sorts by: the plain number, or the text; empty for none."""
    return "" if value is None else str(value)


def period_named(period: str, language: str) -> str:
    """A period as it is said in a sentence: 2020-Q1 is 2020年一季度."""
    year, _, part = period.partition("-")
    if part.isdecimal():
        return say(language, "city.period.month", year=year, number=int(part))
    return say(language, f"city.period.{part}", year=year)
