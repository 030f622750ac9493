"""A sheet as it was read: every cell with its own type, before any meaning is given to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


@dataclass(frozen=True)
class TimeOfDay:
    """A cell with a time or a duration and no date."""

    text: str


@dataclass(frozen=True)
class CellError:
    """A formula error such as ``#REF!``."""

    text: str


@dataclass(frozen=True)
class NoResult:
    """A formula without a stored result, or (``empty``) with an empty text as its result."""

    empty: bool


Cell = None | str | float | bool | date | datetime | TimeOfDay | CellError | NoResult


class MergedRange(NamedTuple):
    """Excel rows and columns from 1, all four counted in."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class SheetProperties:
    """What is merged and hidden; rows and columns count from 1."""

    merged: tuple[MergedRange, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


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
