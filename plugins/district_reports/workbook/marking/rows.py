"""The rows of a worksheet, streamed: formats of single cells changed, absent cells made, all else as it was written.

Since ``<`` begins a tag wherever it stands in XML without comments and CDATA sections, rows and cells are found by
their tags alone (ECMA-376 part 1, 18.3.1.73 and 18.3.1.4). A sheet that has them is not marked.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Protocol

from district_reports.workbook.limits import LAST_COLUMN, LAST_ROW
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.marking.formatting import Formatting
from district_reports.workbook.marking.splicing import Edit, spliced
from district_reports.workbook.names import column_letter
from district_reports.workbook.sheet_xml import column_number

_column_number = lru_cache(column_number)
_NUMBER = re.compile(rb"""\sr\s*=\s*["']\s*([0-9]{1,7})\s*["']""")
_ADDRESS = re.compile(rb"""\sr\s*=\s*["']\s*\$?([A-Za-z]{1,3})\$?([0-9]{1,7})\s*["']""")
_HAS_ADDRESS = re.compile(rb"""\sr\s*=""")
_FORMAT = re.compile(rb"""\ss\s*=\s*(["'])\s*([0-9]{1,6})\s*\1""")
_SPANS = re.compile(rb"""\sspans\s*=\s*(?:"[^"]*"|'[^']*')""")
_SHEET_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData(?=[\s/>])([^<>]*)>")
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^<>]*\?>")
_CUSTOM = re.compile(rb"""\scustomFormat\s*=\s*["'](?:1|true)["']""")


def check_plain(xml: bytes) -> None:
    """Raise where the bytes of a sheet hold more than tags and text.

    Raises:
        CannotMark: comments, CDATA sections or processing instructions.
    """
    if b"<!" in xml or b"<?" in xml:
        raise CannotMark("a sheet with comments or CDATA sections")


class RowEditor(Protocol):
    """What is done to the rows of a sheet."""

    def feed(self, xml: bytes) -> Iterator[bytes]:
        """`xml`, which holds whole rows, with its edits."""

    def end(self) -> Iterator[bytes]:
        """The rows that come behind the last one."""


class Rows:
    """Edits the content of ``sheetData``, fed in pieces; `prefix` is that of its elements, ``x:`` or nothing."""

    def __init__(self, prefix: bytes, formatting: Formatting) -> None:
        self._prefix = prefix
        self._formatting = formatting
        self._left = sorted(formatting.severities, reverse=True)
        self._row = 0
        tag = re.escape(prefix)
        self._row_tag = re.compile(rb"<" + tag + rb"""row(?: r="([0-9]{1,7})")?(?=[\s/>])([^<>]*)>""")
        self._cell_tag = re.compile(
            rb"<" + tag + rb"""c(?: r="([A-Z]{1,3})([0-9]{1,7})")?(?: s="([0-9]{1,6})")?(?=[\s/>])([^<>]*)>"""
        )
        numbers = b"|".join(str(one).encode() for one in sorted(formatting.marked))
        self._marked = re.compile(rb"""\ss\s*=\s*["']\s*(?:""" + numbers + rb""")\s*["']""") if numbers else None
        self._open = b"<" + prefix + b"row"
        self._close = b"</" + prefix + b"row>"

    def feed(self, xml: bytes) -> Iterator[bytes]:
        """`xml`, which holds whole rows, with its edits."""
        at = 0
        marked = self._marked if self._marked and self._marked.search(xml) else None
        tags = list(self._row_tag.finditer(xml))
        for index, tag in enumerate(tags):
            number = int(tag[1]) if tag[1] else self._number(tag[2])
            if not self._row < number <= LAST_ROW:
                raise CannotMark("rows out of order")
            self._row = number
            if marked is None and not (self._left and self._left[-1] <= number):
                continue
            end = tags[index + 1].start() if index + 1 < len(tags) else len(xml)
            if self._left and self._left[-1] < number:
                yield xml[at : tag.start()]
                at = tag.start()
                yield from self._absent_rows(number)
            wanted = bool(self._left) and self._left[-1] == number
            is_marked = marked is not None and marked.search(xml, tag.start(), end) is not None
            if wanted or is_marked:
                if wanted:
                    self._left.pop()
                yield xml[at : tag.start()]
                yield self._edited(number, tag[0], xml[tag.end() : end], is_marked)
                at = end
        yield xml[at:]

    def end(self) -> Iterator[bytes]:
        """The rows that come behind the last one."""
        yield from self._absent_rows(LAST_ROW + 1)

    def _number(self, attributes: bytes) -> int:
        match = _NUMBER.search(attributes)
        if match is None and _HAS_ADDRESS.search(attributes):
            raise CannotMark("a row whose number is none")
        return int(match[1]) if match else self._row + 1

    def _absent_rows(self, before: int) -> Iterator[bytes]:
        while self._left and self._left[-1] < before:
            row = self._left.pop()
            cells = b"".join(self._made(row, column, None) for column in sorted(self._formatting.severities[row]))
            yield self._open + f' r="{row}">'.encode() + cells + self._close

    def _made(self, row: int, column: int, of_row: int | None) -> bytes:
        before = self._formatting.format_of_column(column) if of_row is None else of_row
        format_ = self._formatting.format_of(row, column, before)
        return b"<" + self._prefix + f'c r="{column_letter(column)}{row}" s="{format_}"/>'.encode()

    def _edited(self, row: int, tag: bytes, content: bytes, is_marked: bool) -> bytes:
        """A row; `content` is what follows its start tag up to the next row, `is_marked` whether it has a format of an
        earlier marking."""
        if tag.count(b'"') % 2 or tag.count(b"'") % 2:
            raise CannotMark("a row with an odd tag")
        formatting = self._formatting
        if not is_marked and (edited := self._present(row, content)) is not None:
            return tag + edited
        of_row = _FORMAT.search(tag)
        base = int(of_row[2]) if of_row and _CUSTOM.search(tag) else None
        absent = sorted(formatting.severities.get(row, ()), reverse=True)
        pieces: list[bytes] = []
        at = column = made = 0
        number = str(row).encode()
        for cell in self._cell_tag.finditer(content):
            column, before = self._cell(row, number, column, cell)
            while absent and absent[-1] < column:
                pieces += [content[at : cell.start()], self._made(row, absent.pop(), base)]
                at, made = cell.start(), made + 1
            wanted = bool(absent) and absent[-1] == column
            if wanted or before in formatting.marked:
                if wanted:
                    absent.pop()
                after = formatting.format_of(row, column, before)
                pieces += [content[at : cell.start()], _with_format(cell[0], after)]
                at = cell.end()
        opened = tag.endswith(b"/>")
        end = 0 if opened else content.rfind(self._close[:-1])
        if end < at:
            raise CannotMark("a row without an end")
        made += len(absent)
        pieces += [content[at:end], *(self._made(row, one, base) for one in reversed(absent))]
        if made:
            tag = _SPANS.sub(b"", tag)
        if opened and made:
            tag, pieces = tag[:-2].rstrip() + b">", [*pieces, self._close]
        if of_row is not None and (changed := formatting.format_of_line(int(of_row[2]))) != int(of_row[2]):
            tag = _with_format(tag, changed)
        return b"".join([tag, *pieces, content[end:]])

    def _present(self, row: int, content: bytes) -> bytes | None:
        """The content of a row whose cells to fill are all there and written as programs write them; else None."""
        edits = []
        for column in self._formatting.severities[row]:
            start = content.find(b"<" + self._prefix + f'c r="{column_letter(column)}{row}"'.encode())
            end = content.find(b">", start) + 1
            tag = content[start:end]
            if start < 0 or not end or b"'" in tag or tag.count(b'"') % 2:
                return None
            match = _FORMAT.search(tag)
            after = self._formatting.format_of(row, column, int(match[2]) if match else 0)
            edits.append(Edit(start, end, _with_format(tag, after)))
        return spliced(content, edits)

    @staticmethod
    def _cell(row: int, number: bytes, last: int, cell: re.Match[bytes]) -> tuple[int, int]:
        """The column and the format of a cell, which comes behind the column `last`."""
        letters, its_row, format_, more = cell.groups()
        if letters is None or its_row != number or b"s=" in more or b"'" in more or more.count(b'"') % 2:
            letters, format_ = _spelt_otherwise(row, cell[0])
        column = _column_number(letters) if letters else last + 1
        if not last < column <= LAST_COLUMN:
            raise CannotMark("cells out of order")
        return column, int(format_ or 0)


def _spelt_otherwise(row: int, tag: bytes) -> tuple[bytes | None, bytes | None]:
    """The letters and the format of a cell whose tag is not as most programs write it."""
    if tag.count(b'"') % 2 or tag.count(b"'") % 2:
        raise CannotMark("a cell with an odd tag")
    address, format_ = _ADDRESS.search(tag), _FORMAT.search(tag)
    if (address is None and _HAS_ADDRESS.search(tag)) or (address and int(address[2]) != row):
        raise CannotMark("a cell whose address is none")
    return address[1].upper() if address else None, format_[2] if format_ else None


def _with_format(tag: bytes, format_: int) -> bytes:
    match = _FORMAT.search(tag)
    if match:
        return tag[: match.start(2)] + str(format_).encode() + tag[match.end(2) :]
    # Behind the address, where programs put it and the reader's canonical form has it.
    address = _ADDRESS.search(tag)
    at = address.end() if address else re.match(rb"<[^\s/>]+", tag).end()  # type: ignore[union-attr]
    return tag[:at] + f' s="{format_}"'.encode() + tag[at:]


def streamed(
    blocks: Iterator[bytes],
    head: Callable[[bytes], tuple[bytes, RowEditor]],
    tail: Callable[[bytes], bytes],
    longest: int,
) -> Iterator[bytes]:
    """A worksheet with its edits: `head` gets what comes before the rows, `tail` what comes behind them; neither may
    be longer than `longest` bytes, nor may a row.

    Raises:
        CannotMark: the sheet is no plain worksheet.
    """
    buffer = b""
    while (opening := _SHEET_DATA.search(buffer)) is None:
        buffer += _next(blocks, len(buffer), longest)
    declaration = _DECLARATION.match(buffer)
    check_plain(buffer[declaration.end() if declaration else 0 :])
    new_head, rows = head(buffer[: opening.start()])
    yield new_head
    buffer = buffer[opening.end() :]
    closing = b"</" + opening[1] + b"sheetData>"
    if opening[2].endswith(b"/"):
        made = b"".join(rows.end())
        yield opening[0][:-2].rstrip() + b">" + made + closing if made else opening[0]
    else:
        yield opening[0]
        while (end := buffer.find(closing)) < 0:
            # Whole rows only: what is left is looked at again with the next block.
            stop = max(buffer.rfind(b"<" + opening[1] + b"row"), 0)
            check_plain(buffer[:stop])
            yield from rows.feed(buffer[:stop])
            buffer = buffer[stop:]
            buffer += _next(blocks, len(buffer), longest)
        check_plain(buffer[:end])
        yield from rows.feed(buffer[:end])
        yield from rows.end()
        yield closing
        buffer = buffer[end + len(closing) :]
    rest = [buffer]
    while block := next(blocks, b""):
        rest.append(block)
        if sum(map(len, rest)) > longest:
            raise CannotMark("a sheet with very much behind its rows")
    behind = b"".join(rest)
    check_plain(behind)
    yield tail(behind)


def _next(blocks: Iterator[bytes], held: int, longest: int) -> bytes:
    block = next(blocks, None)
    if block is None:
        raise CannotMark("a sheet without rows, or without their end")
    if held > longest:
        raise CannotMark("a sheet with a very long head or row")
    return block
