"""How a sheet travels from the limited child: as an Arrow table, with title, properties and head in its metadata.

A column of one kind is an Arrow column of that kind; any other is one of (kind, text, number). Pickle would let a child
that a crafted file has taken over run code in its parent.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from enum import IntEnum
from typing import Any, overload

import pyarrow as pa

from district_reports.workbook.raw import (
    DAY_ZERO,
    Cell,
    CellError,
    Faded,
    FormattedNumber,
    MergedRange,
    NoResult,
    Picture,
    RawSheet,
    SheetProperties,
    TimeOfDay,
)
from district_reports.workbook.reading.cell_json import cell_from_json, cell_to_json

_FIRST_DAY = datetime(1900, 1, 1)  # noqa: DTZ001 - a cell has no time zone
_EARLIEST, _LATEST = -2_208_988_800_000 - 366 * 86_400_000, 253_402_300_800_000
"""Milliseconds from 1970: a year before 1900, and the end of 9999."""


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
    PICTURE = 9
    FORMATTED = 10
    SCALED = 11


_MIXED = pa.struct({"kind": pa.uint8(), "text": pa.string(), "number": pa.float64()})


class ArrowColumns(Sequence[tuple[Cell, ...]]):
    """The columns of a sheet, each made of its `head` (cells) and its `body` (Arrow) when it is first asked for."""

    def __init__(self, head: Sequence[Sequence[Cell]], body: "pa.Table") -> None:
        if len(head) != body.num_columns:
            raise ValueError("head and body of different widths")
        self.head = head
        self.body = body
        self._made: dict[int, tuple[Cell, ...]] = {}

    def __len__(self) -> int:
        return len(self.head)

    @overload
    def __getitem__(self, index: int) -> tuple[Cell, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[Cell, ...], ...]: ...
    def __getitem__(self, index: int | slice) -> tuple[Any, ...]:
        if isinstance(index, slice):
            return tuple(self[place] for place in range(*index.indices(len(self))))
        place = range(len(self))[index]
        if place not in self._made:
            self._made[place] = (*self.head[place], *_cells(self.body.column(place)))
        return self._made[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]


def holds_moments(column: "pa.Array | pa.ChunkedArray") -> bool:
    """Whether every moment in a column of timestamps is one that a date can be made of."""
    # A view: Arrow's functions would have to be imported, which takes 50 ms, and is too late behind the child's walls.
    parts = [column] if isinstance(column, pa.Array) else column.chunks
    moments = {moment for part in parts for moment in part.view(pa.int64()).to_pylist()}
    return all(_EARLIEST <= moment < _LATEST for moment in moments - {None})


def with_cells(columns: ArrowColumns, found: Mapping[int, Mapping[int, Cell]]) -> ArrowColumns:
    """`columns` with other cells in their bodies: place of the column → place in its body → cell."""
    body = columns.body
    for place, cells in found.items():
        made = list(_cells(body.column(place)))
        for row, cell in cells.items():
            # A format may make a date of a number, to the reader.
            if isinstance(made[row], float):
                made[row] = cell
        body = body.set_column(place, body.column_names[place], _array(made))
    return ArrowColumns(columns.head, body)


def to_arrow(sheet: RawSheet) -> "pa.Table":
    """The sheet as a table; the inverse of :func:`from_arrow`."""
    columns = sheet.columns
    if not isinstance(columns, ArrowColumns):
        arrays = {str(index): _array(column) for index, column in enumerate(columns)}
        columns = ArrowColumns([()] * len(arrays), pa.table(arrays))
    head = [[cell_to_json(cell) for cell in cells] for cells in columns.head]
    told = {"title": sheet.title, "properties": json.dumps(asdict(sheet.properties)), "head": json.dumps(head)}
    return columns.body.replace_schema_metadata(told)


def _array(column: Sequence[Cell]) -> "pa.Array":
    types = set(map(type, column))
    if types <= {str, type(None)}:
        return pa.array(column, pa.string())
    if types <= {float, type(None)}:
        return pa.array(column, pa.float64())
    kinds, texts, numbers = zip(*map(_encode, column), strict=True)
    arrays = [pa.array(kinds, pa.uint8()), pa.array(texts, pa.string()), pa.array(numbers, pa.float64())]
    return pa.StructArray.from_arrays(arrays, fields=list(_MIXED))


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
        case Picture():
            return Kind.PICTURE, None, None
        case FormattedNumber():
            return Kind.SCALED if cell.is_scaled else Kind.FORMATTED, cell.text, cell.number
        case TimeOfDay():
            return Kind.TIME, cell.text, None


def from_arrow(table: "pa.Table") -> RawSheet:
    """The sheet that the child sent.

    Raises:
        ValueError: the table has another shape.
    """
    told = table.schema.metadata or {}
    if not {b"title", b"properties", b"head"} <= told.keys() or not all(map(_readable, table.schema.types)):
        raise ValueError("not a sheet")
    head = [tuple(map(cell_from_json, cells)) for cells in json.loads(told[b"head"])]
    if len({len(cells) for cells in head}) > 1:
        raise ValueError("columns of different heights")
    columns = ArrowColumns(head, table)
    for place, column in enumerate(table.columns):
        if pa.types.is_timestamp(column.type) and not holds_moments(column):
            raise ValueError("a moment out of range")
        if column.type == _MIXED:
            # Made now: what the child sent wrongly is found here, and not when the cells are looked at.
            columns[place]
    return RawSheet(told[b"title"].decode(), columns, properties_from_json(json.loads(told[b"properties"])))


def _readable(kind: "pa.DataType") -> bool:
    return pa.types.is_string(kind) or pa.types.is_float64(kind) or kind in (_MIXED, pa.timestamp("ms"))


def properties_from_json(told: dict[str, Any]) -> SheetProperties:
    """Nothing but whole numbers, yes and no is taken from the child."""
    return SheetProperties(
        tuple(MergedRange(*map(int, corners)) for corners in told["merged"]),
        tuple(map(int, told["hidden_rows"])),
        tuple(map(int, told["hidden_columns"])),
        tuple(MergedRange(*map(int, corners)) for corners in told["filters"]),
        _faded(told["struck"]),
        _faded(told["unseen"]),
        bool(told["pictured"]),
        bool(told["is_hidden"]),
    )


def _faded(told: list[Any]) -> tuple[Faded, ...]:
    return tuple(Faded(tuple(map(int, columns)), tuple(map(int, rows))) for columns, rows in told)


def _cells(column: "pa.ChunkedArray") -> Iterator[Cell]:
    if column.type == _MIXED:
        fields = (column.combine_chunks().field(name).to_pylist() for name in ("kind", "text", "number"))
        return map(_decode, *fields)
    if pa.types.is_timestamp(column.type):
        return _of_few(column, _moment)
    if pa.types.is_string(column.type):
        texts = column.to_pylist()
        return iter([text or None for text in texts] if "" in texts else texts)
    return iter(column.to_pylist())


def _of_few(column: "pa.ChunkedArray", made: Callable[[datetime], Cell]) -> Iterator[Cell]:
    """Each different value is made once: a column has few different dates."""
    known: dict[datetime | None, Cell] = {None: None}
    for value in column.unique().to_pylist():
        if value is not None:
            known[value] = made(value)
    return map(known.__getitem__, column.to_pylist())


def _moment(value: datetime) -> Cell:
    if value < _FIRST_DAY:
        return TimeOfDay(str(value.time()) if value.time() != time() else DAY_ZERO)
    # A date cell at midnight is a date, however the reader types it.
    return value.date() if value.time() == time() else value


def _decode(kind: int | None, text: str | None, number: float | None) -> Cell:
    if kind in (None, Kind.EMPTY):
        return None
    if kind == Kind.NUMBER:
        return number
    if kind == Kind.BOOLEAN:
        return bool(number)
    if kind == Kind.NO_RESULT:
        return NoResult(empty=bool(number))
    if kind == Kind.PICTURE:
        return Picture()
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
        case Kind.FORMATTED | Kind.SCALED if number is not None:
            return FormattedNumber(number, text, kind == Kind.SCALED)
    raise ValueError("a cell of no kind")
