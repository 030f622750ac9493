"""Figures of a city table as the pages need them beside :mod:`district_reports.publish.printed`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from district_reports.publish.column_words import TableWords
from district_reports.publish.commitments import PERCENT
from district_reports.publish.printed import MISSING, exact


def compact(value: int | Decimal | None, language: str) -> str:
    """The figure in 万 or in millions, for tiles of which one would not hold the whole."""
    if value is None:
        return MISSING
    return f"{value / 10_000:,.1f} 万" if language == "zh" else f"{value / 1_000_000:,.2f} M"


@dataclass(frozen=True)
class Printer:
    """Prints the figures of a column alike: a rate has two decimals, a count none though its column could hold some.

    ``fractions`` are the columns, of no unit of their own, in which a figure has decimals.
    """

    words: TableWords
    kinds: Mapping[str, str]
    fractions: frozenset[str]

    @classmethod
    def of(cls, words: TableWords, kinds: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> "Printer":
        fractions = {
            name
            for row in rows
            for name in kinds
            if isinstance(row.get(name), Decimal)
            and row[name] != row[name].to_integral_value()
            and words.unit(name, row) != PERCENT
        }
        return cls(words, kinds, frozenset(fractions))

    def decimal(self, row: Mapping[str, Any], column: str) -> bool:
        """Whether the figures of this column and unit have decimals."""
        return self.words.unit(column, row) == PERCENT or column in self.fractions

    def __call__(self, row: Mapping[str, Any], column: str, value: object) -> str:
        """`value`, which is of this column and of the row's unit."""
        return exact(value, self.kinds.get(column, "") if self.decimal(row, column) else "")

    def signed(self, row: Mapping[str, Any], column: str, value: int | Decimal | None) -> str:
        """A difference with its sign."""
        return self(row, column, value) if value is None or value <= 0 else f"+{self(row, column, value)}"


def sortable(value: object) -> str:
    """What a table sorts by: the plain number, or the text; empty for none."""
    return "" if value is None else str(value)
