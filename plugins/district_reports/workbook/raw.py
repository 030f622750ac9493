"""A sheet as it was read: every cell with its own type, before any meaning is given to it.

Sheets travel from the limited child as Arrow: three columns a sheet column (kind, text, number). Pickle would let a
child that a crafted file has taken over run code in its parent.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    # Imported where it is used: reading a cover needs none of it, and its import is most of such a child's time.
    import pyarrow as pa


class Kind(IntEnum):
    """What a cell holds in the file, whatever its format looks like."""

    EMPTY = 0
    TEXT = 1
    NUMBER = 2
    BOOLEAN = 3
    DATE = 4
    DATETIME = 5
    TIME = 6
    ERROR = 7
    NO_RESULT = 8


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
class Traits:
    """What is merged and hidden; rows and columns count from 1."""

    merged: tuple[MergedRange, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class RawSheet:
    """``columns[c][r]`` is the cell of Excel column ``c + 1`` and Excel row ``r + 1``; all columns are equally long."""

    title: str
    columns: tuple[tuple[Cell, ...], ...]
    traits: Traits = Traits()

    @property
    def height(self) -> int:
        """How many Excel rows the sheet spans, from row 1."""
        return len(self.columns[0]) if self.columns else 0

    def cell(self, row: int, column: int) -> Cell:
        """The cell of Excel row `row` and Excel column `column`, both from 1; empty outside the sheet."""
        if column > len(self.columns) or row > self.height:
            return None
        return self.columns[column - 1][row - 1]


def to_arrow(sheet: RawSheet) -> "pa.Table":
    """The sheet as a table of ``k<i>``, ``t<i>``, ``n<i>``; title and traits are in the schema's metadata."""
    import pyarrow as pa

    arrays: dict[str, pa.Array] = {}
    for index, column in enumerate(sheet.columns):
        kinds, texts, numbers = _encode_column(column)
        arrays[f"k{index}"] = pa.array(kinds, pa.uint8())
        arrays[f"t{index}"] = pa.array(texts, pa.string())
        arrays[f"n{index}"] = pa.array(numbers, pa.float64())
    metadata = {"title": sheet.title, "traits": json.dumps(asdict(sheet.traits))}
    return pa.table(arrays).replace_schema_metadata(metadata)


def _encode_column(
    column: Sequence[Cell],
) -> tuple[Sequence[int], Sequence[str | None], Sequence[float | None]]:
    """Kinds, texts and numbers; columns of nothing but texts or numbers, as most are, take no step per cell."""
    types = set(map(type, column))
    nothing = [None] * len(column)
    if types <= {str, type(None)}:
        return [1 if cell else 0 for cell in column], [cell or None for cell in column], nothing  # type: ignore[misc]
    if types <= {float, type(None)}:
        return [0 if cell is None else 2 for cell in column], nothing, column  # type: ignore[return-value]
    kinds, texts, numbers = zip(*map(_encode, column), strict=True)
    return kinds, texts, numbers


def _encode(cell: Cell) -> tuple[int, str | None, float | None]:
    match cell:
        case str():
            return (Kind.TEXT, cell, None) if cell else (Kind.EMPTY, None, None)
        case None:
            return Kind.EMPTY, None, None
        case bool():
            return Kind.BOOLEAN, None, float(cell)
        case int() | float():
            return Kind.NUMBER, None, float(cell)
        case datetime():
            return Kind.DATETIME, cell.isoformat(), None
        case date():
            return Kind.DATE, cell.isoformat(), None
        case CellError():
            return Kind.ERROR, cell.text, None
        case NoResult():
            return Kind.NO_RESULT, None, float(cell.empty)
        case TimeOfDay():
            return Kind.TIME, cell.text, None


def from_arrow(table: "pa.Table") -> RawSheet:
    """The inverse of :func:`to_arrow`.

    Raises:
        ValueError: the table has another shape.
    """
    metadata = table.schema.metadata or {}
    title, traits = metadata.get(b"title"), metadata.get(b"traits")
    if title is None or traits is None or table.num_columns % 3:
        raise ValueError("not a sheet")
    columns: list[tuple[Cell, ...]] = []
    for index in range(table.num_columns // 3):
        kinds, texts, numbers = (table.column(f"{letter}{index}") for letter in "ktn")
        present = set(kinds.unique().to_pylist())
        if present <= {Kind.EMPTY, Kind.TEXT}:
            columns.append(tuple(texts.to_pylist()))
        elif present <= {Kind.EMPTY, Kind.NUMBER}:
            columns.append(tuple(numbers.to_pylist()))
        else:
            columns.append(tuple(map(_decode, kinds.to_pylist(), texts.to_pylist(), numbers.to_pylist())))
    return RawSheet(title.decode(), tuple(columns), _traits(json.loads(traits)))


def _traits(told: dict[str, list[Any]]) -> Traits:
    """Nothing but whole numbers is taken from the child."""
    return Traits(
        tuple(MergedRange(*map(int, corners)) for corners in told["merged"]),
        tuple(map(int, told["hidden_rows"])),
        tuple(map(int, told["hidden_columns"])),
    )


def _decode(kind: int, text: str | None, number: float | None) -> Cell:
    if kind == Kind.EMPTY:
        return None
    if kind == Kind.NUMBER:
        return number
    if kind == Kind.BOOLEAN:
        return bool(number)
    if kind == Kind.NO_RESULT:
        return NoResult(empty=bool(number))
    if text is None:
        raise ValueError("a cell without its text")
    match kind:
        case Kind.TEXT:
            return text
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.DATETIME:
            return datetime.fromisoformat(text)
        case Kind.ERROR:
            return CellError(text)
        case Kind.TIME:
            return TimeOfDay(text)
    raise ValueError("a cell of no kind")
