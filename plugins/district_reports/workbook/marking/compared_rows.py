"""Compare the rows of two worksheets, streamed; for the self-check of a marked copy."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from xml.parsers import expat

from district_reports.workbook.limits import LIMITS
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.sheet_xml import column_number

_BEGIN = re.compile(rb"<((?:[\w.-]+:)?)sheetData(?=[\s/>])[^<>]*>")
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_AT_ONCE = 500
"""Rows that are parsed together."""


class Sheet:
    """A worksheet: its rows in pieces, each up to the end of a row, and what stands around them."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._tail: list[bytes] = []
        buffer = b""
        while (begin := _BEGIN.search(buffer)) is None:
            buffer += self._next(buffer)
        self.head = buffer[: begin.end()]
        self.prefix = begin[1]
        self._rest = buffer[begin.end() :]
        if self.head.endswith(b"/>"):
            self.head = self.head[:-2] + b">"
            self._rest = b"</" + self.prefix + b"sheetData>" + self._rest

    def _next(self, held: bytes) -> bytes:
        block = next(self._blocks, None)
        if block is None or len(held) > LIMITS.control_part:
            raise CannotMark("the self-check found a sheet that is no plain one")
        return block

    def pieces(self) -> Iterator[bytes]:
        """Each ends with the end tag of a row; the last may be empty rows."""
        buffer, end_of_row = self._rest, b"</" + self.prefix + b"row>"
        end_of_rows = b"</" + self.prefix + b"sheetData"
        while (end := buffer.find(end_of_rows)) < 0:
            *pieces, buffer = buffer.split(end_of_row)
            yield from (piece + end_of_row for piece in pieces)
            buffer += self._next(buffer)
        *pieces, last = buffer[:end].split(end_of_row)
        yield from (piece + end_of_row for piece in pieces)
        if last.strip():
            yield last
        self._tail = [buffer[end:], *self._blocks]

    def around(self) -> bytes:
        """The sheet without its rows, once they have been read."""
        return self.head + b"".join(self._tail)


class _Value(NamedTuple):
    """A cell that holds something: what its format says of numbers, its type, and its content as stored."""

    row: int
    column: int
    meaning: object
    kind: str
    content: list[Any]


class Rows:
    """The pieces of a sheet with the number of the last row in each."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._pieces = sheet.pieces()
        self._number = re.compile(
            rb"<" + re.escape(sheet.prefix) + rb"""row(?=[\s/>])(?:[^<>]*?\sr\s*=\s*["']([0-9]+))?"""
        )
        self.before = self.row = 0
        self.piece: bytes | None = b""
        self.advance()

    def advance(self) -> None:
        """Go to the next piece; None behind the last."""
        self.before = self.row
        self.piece = next(self._pieces, None)
        for number in self._number.findall(self.piece or b""):
            row = int(number) if number else self.row + 1
            if row <= self.row:
                raise CannotMark("the self-check found rows out of order")
            self.row = row


class _Values:
    """Parses pieces of one sheet, and collects the cells that hold something."""

    def __init__(self, sheet: Sheet, meanings: Sequence[object]) -> None:
        self.found: list[_Value] = []
        self._meanings = meanings
        self._row = self._column = 0
        self._cell: tuple[object, str] = (None, "")
        # The content of the cell that is open.
        self._content: list[Any] | None = None
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.Parse(sheet.head)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, piece: bytes, before: int) -> None:
        """A piece, which follows row number `before`."""
        self._row = before
        try:
            self._parser.Parse(piece)
        except expat.ExpatError as error:
            raise CannotMark("the self-check found rows that are not well-formed") from error

    def _start(self, name: str, attributes: dict[str, Any]) -> None:
        if self._content is not None:
            self._content.append((name, attributes))
            return
        local = name.rpartition(" ")[2]
        if local == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() else self._row + 1
            self._column = 0
        elif local == "c":
            place = _PLACE.fullmatch(attributes.get("r", ""))
            self._column = column_number(place[1].upper().encode()) if place else self._column + 1
            style = attributes.get("s", "0")
            if not style.isdecimal() or int(style) >= len(self._meanings) or (place and int(place[2]) != self._row):
                raise CannotMark("the self-check found a cell whose place or format is none")
            self._cell = self._meanings[int(style)], attributes.get("t", "n")
            self._content = []

    def _end(self, name: str) -> None:
        if name.rpartition(" ")[2] == "c" and self._content is not None:
            if self._content:
                self.found.append(_Value(self._row, self._column, *self._cell, self._content))
            self._content = None
        elif self._content is not None:
            self._content.append(name)

    def _characters(self, text: str) -> None:
        if self._content is not None:
            self._content.append(text)


class _Run:
    """Rows that differ, of both sheets, until they are compared."""

    def __init__(self, original: Rows, copy: Rows, meanings: Sequence[object]) -> None:
        self._sheets = original.sheet, copy.sheet
        self._meanings = meanings
        self._values: list[_Values] = []
        self._rows = 0

    def add(self, side: int, rows: Rows, piece: bytes | None = None) -> None:
        """The piece that `rows` is at, or what of it is to be compared; 0 is the original's side."""
        if not self._values:
            self._values = [_Values(sheet, self._meanings) for sheet in self._sheets]
        self._values[side].feed(piece or rows.piece or b"", rows.before)
        self._rows += 1

    def compare(self, at_least: int = 1) -> None:
        """Compare what was added, if it is so many rows."""
        if self._rows < at_least:
            return
        before, after = (one.found for one in self._values)
        if before != after:
            raise CannotMark("the self-check found a cell that differs")
        self._values, self._rows = [], 0


def _without_equal_cells(original: bytes, copy: bytes, prefix: bytes) -> tuple[bytes, bytes]:
    """One row of both without the cells that are the same bytes, their addresses included."""
    mark, end = b"<" + prefix + b"c ", b"</" + prefix + b"row>"
    rows = original.split(mark), copy.split(mark)
    sets = [set(cells) for cells in rows]
    if any(
        len(cells) > len(one) or not all(cell.startswith(b'r="') for cell in cells[1:])
        for cells, one in zip(rows, sets, strict=True)
    ):
        return original, copy
    same = sets[0] & sets[1]
    one, other = (
        mark.join([cells[0], *(cell for cell in cells[1:] if cell not in same)]) + (end if cells[-1] in same else b"")
        for cells in rows
    )
    return one, other


def compare_rows(original: Rows, copy: Rows, meanings: Sequence[object]) -> None:
    """Compare the cells of two sheets; `meanings` is what each format says of numbers.

    Raises:
        CannotMark: a cell of the one differs from that of the other, or a sheet is no plain one.
    """
    run = _Run(original, copy, meanings)
    while original.piece is not None or copy.piece is not None:
        if original.piece == copy.piece and original.before == copy.before:
            original.advance()
            copy.advance()
            continue
        mine = original.row if original.piece is not None else copy.row + 1
        its = copy.row if copy.piece is not None else original.row + 1
        if mine == its and original.before == copy.before:
            pair = _without_equal_cells(original.piece or b"", copy.piece or b"", original.sheet.prefix)
            for side, rows in enumerate((original, copy)):
                run.add(side, rows, pair[side])
                rows.advance()
            run.compare(_AT_ONCE)
        elif mine <= its:
            run.add(0, original)
            original.advance()
        else:
            run.add(1, copy)
            copy.advance()
    run.compare()
