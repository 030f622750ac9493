"""Exact arithmetic: percents as the contract rounds them, and sums of what may be missing."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

Number = int | Decimal | Fraction
Value = int | Decimal | None
Row = dict[str, object]
HUNDREDTH = Decimal("0.01")


def rounded(value: Fraction) -> Decimal:
    """Two decimals, half up."""
    hundredths, rest = divmod(abs(value.numerator) * 100, value.denominator)
    hundredths += 2 * rest >= value.denominator
    return (Decimal(hundredths if value >= 0 else -hundredths) / 100).quantize(HUNDREDTH)


def percent(part: Number | None, whole: Number | None) -> Decimal | None:
    """Part of whole in percent; 99.99 at most where it is not all of it; None of nothing."""
    if part is None or whole is None or not whole:
        return None
    shown = rounded(Fraction(part) * 100 / Fraction(whole))
    return min(shown, Decimal("99.99")) if part < whole else shown


def mean(total: Number, count: int) -> Decimal | None:
    return rounded(Fraction(total) / count) if count else None


def added(values: Iterable[int | None]) -> int | None:
    """The sum of those that are there; None if none is."""
    there = [value for value in values if value is not None]
    return sum(there) if there else None


def total(rows: Iterable[Row], column: str) -> int:
    """The sum of whole numbers of a column."""
    return int(amount(rows, column))


def amount(rows: Iterable[Row], column: str) -> Decimal:
    return sum((Decimal(str(row[column])) for row in rows), Decimal(0))
