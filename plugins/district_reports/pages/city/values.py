"""Figures of a city table as the pages need them beside :mod:`district_reports.publish.printed`."""

from decimal import Decimal

from district_reports.publish.printed import MISSING


def compact(value: int | Decimal | None, language: str) -> str:
    """The figure in 万 or in millions, for tiles of which one would not hold the whole."""
    if value is None:
        return MISSING
    return f"{value / 10_000:,.1f} 万" if language == "zh" else f"{value / 1_000_000:,.2f} M"


def sortable(value: object) -> str:
    """What a table sorts by: the plain number, or the text; empty for none."""
    return "" if value is None else str(value)
