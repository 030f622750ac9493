"""What a sheet's XML says that calamine does not hand on: errors, formulas without a result, merged and hidden cells.

Runs inside the limited child only. The XML is scanned for the few tags that matter, not parsed as a whole: most sheets
have none of them, and a large one takes milliseconds.
"""

import re
from collections.abc import Iterator
from html import unescape

from district_reports.workbook.raw import Cell, CellError, MergedRange, NoResult, Traits

_PREFIX = re.compile(rb"<(\w+:)?worksheet\b")
_PLACE = re.compile(rb"\br=[\"']\$?([A-Z]{1,3})\$?([0-9]{1,7})[\"']")
_TRUE = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")
_NUMBERS = {name: re.compile(rb"\b" + name + rb"=[\"']([0-9]{1,7})[\"']") for name in (b"r", b"min", b"max")}
_ZERO_WIDTH = re.compile(rb"\bwidth=[\"']0(?:\.0*)?[\"']")
_RANGE = re.compile(rb"\bref=[\"']\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})[\"']")
_ENDS_A_NAME = (b" ", b">", b"/", b"\t", b"\r", b"\n")


def special_cells(xml: bytes) -> Iterator[tuple[int, int, Cell]]:
    """(row, column, cell), both from 1, of every error cell and every formula whose result is missing or empty.

    Raises:
        ValueError: such a cell has no address.
    """
    prefix = _prefix(xml)
    for start in _tags(xml, b"<" + prefix + b"f"):
        cell = _cell_around(xml, prefix, start)
        if cell is not None and not _text_of(cell[1], prefix, b"v"):
            yield (*_place(cell[0]), NoResult(empty=b't="str"' in cell[0] or b"t='str'" in cell[0]))
    if b't="e"' in xml or b"t='e'" in xml:
        for match in re.finditer(rb"<" + prefix + rb"c\b([^>]*\bt=[\"']e[\"'][^>]*)>", xml):
            cell = _cell_around(xml, prefix, match.end())
            if cell is not None and (text := _text_of(cell[1], prefix, b"v")):
                yield (*_place(match[1]), CellError(unescape(text.decode("utf-8", "replace"))))


def traits(xml: bytes) -> Traits:
    """Merged ranges, and which rows and columns are hidden."""
    prefix = _prefix(xml)
    merged = tuple(
        MergedRange(int(match[2]), column_number(match[1]), int(match[4]), column_number(match[3]))
        for start in _tags(xml, b"<" + prefix + b"mergeCell")
        if (match := _RANGE.search(xml, start, xml.find(b">", start)))
    )
    return Traits(merged, tuple(_hidden_rows(xml, prefix)), tuple(_hidden_columns(xml, prefix)))


def _hidden_rows(xml: bytes, prefix: bytes) -> Iterator[int]:
    if b"hidden=" not in xml:
        return
    row = 0
    for start in _tags(xml, b"<" + prefix + b"row"):
        end = xml.find(b">", start)
        number = _NUMBERS[b"r"].search(xml, start, end)
        row = int(number[1]) if number else row + 1
        if _TRUE.search(xml, start, end):
            yield row


def _hidden_columns(xml: bytes, prefix: bytes) -> Iterator[int]:
    for start in _tags(xml, b"<" + prefix + b"col"):
        end = xml.find(b">", start)
        if _TRUE.search(xml, start, end) or _ZERO_WIDTH.search(xml, start, end):
            first, last = (_NUMBERS[name].search(xml, start, end) for name in (b"min", b"max"))
            if first and last:
                # A format that runs to the last column hides no more than the sheet can have.
                yield from range(int(first[1]), min(int(last[1]), 16384) + 1)


def _prefix(xml: bytes) -> bytes:
    match = _PREFIX.search(xml)
    return (match[1] or b"") if match else b""


def _tags(xml: bytes, opening: bytes) -> Iterator[int]:
    """Where tags that begin with `opening` start; ``<f`` is not ``<formula1``."""
    place = xml.find(opening)
    while place >= 0:
        if xml[place + len(opening) : place + len(opening) + 1] in _ENDS_A_NAME:
            yield place
        place = xml.find(opening, place + len(opening))


def _cell_around(xml: bytes, prefix: bytes, place: int) -> tuple[bytes, bytes] | None:
    """The attributes and the content of the cell that holds `place`; None where no cell does."""
    opening, closing = b"<" + prefix + b"c", b"</" + prefix + b"c>"
    start, end = xml.rfind(opening, 0, place), xml.find(closing, place)
    after = xml[start + len(opening) : start + len(opening) + 1]
    if start < 0 or end < 0 or after not in _ENDS_A_NAME or xml.find(closing, start, place) >= 0:
        return None
    opened = xml.find(b">", start)
    return xml[start:opened], xml[opened + 1 : end]


def _text_of(content: bytes, prefix: bytes, tag: bytes) -> bytes:
    match = re.search(rb"<" + prefix + tag + rb"(?:\s[^>]*)?>([^<]*)<", content)
    return match[1] if match else b""


def _place(attributes: bytes) -> tuple[int, int]:
    place = _PLACE.search(attributes)
    if place is None:
        raise ValueError("a cell without its address")
    return int(place[2]), column_number(place[1])


def column_number(letters: bytes) -> int:
    """1 for ``A``, 27 for ``AA``."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
