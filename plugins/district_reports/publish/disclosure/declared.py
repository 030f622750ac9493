"""What a city table declares for disclosure control: its counts of people, and what anybody knows of how figures hang
together.

It stands in the header of the table's summary (:mod:`.parsed` has the grammar), beside what follows from the traces:
a rate is a ratio of two columns, a formula of + and - alone is a bound, and every other figure computed from columns
of its own row follows these.

What is declared has to hold in every row of every release, so that it can be used to tell what a withheld figure may
be: what only usually holds is no knowledge. A null figure says nothing: a bound with a null on either side holds of
nothing, a whole that is null has no parts, and parts that are null are left out of a sum.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

AREA = "area"
"""In :attr:`Parts.over`: a zone is made of its districts, the city of its zones."""


class How(StrEnum):
    """How a whole comes from its parts."""

    SUM = "sum"
    """The whole is the sum of the parts."""
    DISTINCT = "distinct"
    """Each part is at most the whole, and the whole at most their sum."""
    AT_LEAST = "at least"
    """Each part is at most the whole."""
    AT_MOST = "at most"
    """The whole is at most the sum of the parts."""


@dataclass(frozen=True)
class Where:
    """(column, positive, values), of which all have to hold: the column's value is one of these, or none of these."""

    conditions: tuple[tuple[str, bool, frozenset[str]], ...] = ()

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether it holds in a city table's row; an empty one always does, and as in SQL none does of a null.

        Raises:
            KeyError: the row lacks one of the columns.
        """
        return all(
            row[column] is not None and (said(row[column]) in values) is positive
            for column, positive, values in self.conditions
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that it asks for."""
        return tuple(column for column, _, _ in self.conditions)


@dataclass(frozen=True)
class Parts:
    """How the ``columns`` of a whole come from those of its parts, where ``where`` holds in the whole's row.

    ``over`` names :data:`AREA`, and key columns: there the row of 全部 is the whole and the rows of all other values
    are its parts. Each by itself, the rest of the key being equal.
    """

    how: How
    over: tuple[str, ...]
    columns: tuple[str, ...]
    where: Where = Where()


@dataclass(frozen=True)
class Term:
    """``coefficient`` times a figure: that of ``column`` in the bound's own row, or else in

    - the row of the same table in which the key columns ``keys`` have other values, or, with ``each``, the sum over all
      its rows in which that key column is not 全部;
    - the row of another ``table`` with the same period, level and area, whose other key columns are ``keys``;
    - with ``before``, the row of the same area and key in the last period before of the same calendar year that has
      this figure, or 0 where none of the year has it: nothing was counted yet.

    ``factor`` is a name of :attr:`Protection.factors`, by whose number for the row the figure is multiplied.

    Areas grow and reports are missing. So a bound with a term of ``before`` says something only where the area has a
    row in every period of the year up to then that the table has, all of the same districts, those merged into one
    counted among them, and both the bound's own row and the one before are complete (``districts_accepted`` is
    ``districts_expected``).
    """

    coefficient: int
    column: str
    table: str | None = None
    before: bool = False
    factor: str | None = None
    keys: tuple[tuple[str, str], ...] = ()
    each: str | None = None


@dataclass(frozen=True)
class Bound:
    """The sum of ``terms`` is 0 (``equal``) or at most 0, in the rows in which ``where`` holds, where every row that a
    term names stands. ``text`` is as declared."""

    terms: tuple[Term, ...]
    equal: bool
    where: Where
    text: str


@dataclass(frozen=True)
class Factor:
    """The largest number in ``column`` of those rows of a reference table that are valid on any day of the period and
    have the row's values in ``on``; unknown where there is none."""

    column: str
    table: str
    on: tuple[str, ...]


@dataclass(frozen=True)
class Protection:
    """What disclosure control has to know of a city table.

    ``people`` are its counts of people, and the rows in which they are. ``rests_on`` gives to an amount, a mean or a
    number of days the count of people that it rests on. ``ratios`` are rates with their numerator and denominator.
    ``follows`` are figures computed, in a way that is not linear, from columns of their own row, some of which may
    follow others: withheld whenever one of these is. ``earlier`` gives to a figure taken over from a former period the
    column it is there, and the column that names the period: it is the same figure, of the same area and key.
    Of ``alike`` figures, those that are equal in a row are taken to be known to be.
    """

    people: Mapping[str, Where]
    parts: tuple[Parts, ...]
    bounds: tuple[Bound, ...]
    rests_on: Mapping[str, str]
    ratios: Mapping[str, tuple[str, str]]
    follows: Mapping[str, tuple[str, ...]]
    factors: Mapping[str, Factor]
    earlier: Mapping[str, tuple[str, str]]
    alike: tuple[tuple[str, ...], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the table itself that it names, each once."""
        return tuple(dict.fromkeys(self._named()))

    def _named(self) -> Iterator[str]:
        for column, where in self.people.items():
            yield from (column, *where.columns)
        for parts in self.parts:
            yield from (*parts.columns, *parts.where.columns)
        for bound in self.bounds:
            yield from (term.column for term in bound.terms if term.table is None)
            yield from bound.where.columns
        for amount, count in self.rests_on.items():
            yield from (amount, count)
        for factor in self.factors.values():
            yield from factor.on
        for columns in self.alike:
            yield from columns


def said(value: object) -> str:
    """A value as a condition says it: numbers without zeros at the end, so that 100.00 is 100."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{Decimal(str(value)).normalize():f}"
    return str(value)
