"""A sheet as it was read: every cell with its own type, before any meaning is given to it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

DAY_ZERO = "1900-01-00"


@dataclass(frozen=True)
class TimeOfDay:
    """A cell with a time or a duration and no date; also 0 in a format of dates, which Excel shows as 1900-01-00."""

    text: str

    @property
    def is_day_zero(self) -> bool:
        """Whether it shows as a date that there is not."""
        return self.text == DAY_ZERO


@dataclass(frozen=True)
class CellError:
    """A formula error such as ``#REF!``."""

    text: str


@dataclass(frozen=True)
class NoResult:
    """A formula without a stored result, or (``empty``) with an empty text as its result."""

    empty: bool


@dataclass(frozen=True)
class Picture:
    """A picture in place of a value: DISPIMG of WPS, or "place in cell" of Excel."""


_PICTURE_OF_WPS = re.compile(r"\s*=?\s*(?:_xlfn\.)?DISPIMG\(", re.IGNORECASE)


def shows_picture(formula: str) -> bool:
    """Whether a formula is the one by which WPS shows a picture in a cell."""
    return "(" in formula and _PICTURE_OF_WPS.match(formula) is not None


@dataclass(frozen=True)
class FormattedNumber:
    """A number that its format shows as something else: ``text``.

    ``is_scaled``: in percent or in a larger unit, such as 万. Where not, digits or words are added: 123 in the format
    00000.
    """

    number: float
    text: str
    is_scaled: bool


Cell = None | str | float | bool | date | datetime | TimeOfDay | CellError | NoResult | Picture | FormattedNumber


class MergedRange(NamedTuple):
    """Excel rows and columns from 1, all four counted in."""

    top: int
    left: int
    bottom: int
    right: int


class Faded(NamedTuple):
    """Cells that hold something and are struck through, or written in the colour of their ground: the same columns in
    each of these rows."""

    columns: tuple[int, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class SheetProperties:
    """What is merged, hidden and faded; rows and columns count from 1.

    ``filters`` are ranges in which a filter hides rows; ``pictured``: pictures lie on the sheet; ``is_hidden``: it is
    not shown itself.
    """

    merged: tuple[MergedRange, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    filters: tuple[MergedRange, ...] = ()
    struck: tuple[Faded, ...] = ()
    unseen: tuple[Faded, ...] = ()
    pictured: bool = False
    is_hidden: bool = False


@dataclass(frozen=True)
class RawSheet:
    """``columns[c][r]`` is the cell of Excel column ``c + 1`` and Excel row ``r + 1``; all columns are equally long."""

    title: str
    columns: Sequence[Sequence[Cell]]
    properties: SheetProperties = SheetProperties()

    @property
    def height(self) -> int:
        """How many Excel rows the sheet spans, from row 1."""
        return len(self.columns[0]) if self.columns else 0

    def cell(self, row: int, column: int) -> Cell:
        """The cell of Excel row `row` and Excel column `column`, both from 1; empty outside the sheet."""
        if column > len(self.columns) or row > self.height:
            return None
        return self.columns[column - 1][row - 1]
