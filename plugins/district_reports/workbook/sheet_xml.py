"""What a sheet's XML says that calamine does not hand on: errors, formulas without a result, merged and hidden cells.

Runs inside the limited child only. The XML is canonical (:mod:`canonical`). It is scanned for the few tags
that matter, not parsed as a whole: most sheets have none of them, and a large one takes milliseconds.
"""

import re
from collections.abc import Iterator
from html import unescape

from district_reports.workbook.raw import (
    Cell,
    CellError,
    MergedRange,
    NoResult,
    Picture,
    SheetProperties,
    shows_picture,
)

CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
"""Letters, row, other attributes and content of a cell."""

_RESULT = re.compile(rb"<v(?: [^>]*)?>([^<]*)<|<is>")
_FORMULA = re.compile(rb"<f[ />]")
_FORMULA_TEXT = re.compile(rb"<f(?: [^>]*)?>([^<]*)<")
_RICH = re.compile(rb'\svm="[1-9]')
_TRUE = re.compile(rb'\shidden="(?:1|true)"')
_HIDDEN_ROW = re.compile(rb'<row (?=[^>]*r=")[^>]*\b(?:hidden="(?:1|true)"|ht="0(?:\.0*)?")[^>]*>')
_ZERO_WIDTH = re.compile(rb'\swidth="0*(?:\.0*)?(?:[eE][+-]?[0-9]+)?"')
_NUMBERS = {name: re.compile(rb"\s" + name + rb'="([0-9]{1,7})"') for name in (b"r", b"min", b"max")}
_RANGE = re.compile(rb"\$?([A-Za-z]{1,3})\$?([0-9]{1,7}):\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_LAST_COLUMN = 16384


def special_cells(xml: bytes, has_pictures: bool = False) -> Iterator[tuple[int, int, Cell]]:
    """(row, column, cell), both from 1, of every error cell, every formula whose result is missing or empty, and every
    picture in place of a value; `has_pictures` says whether a value of several parts (``vm``) may be one.
    """
    if _FORMULA.search(xml) is None and b't="e"' not in xml:
        return
    for letters, row, attributes, content in CELL.findall(xml):
        error, formula = b't="e"' in attributes, b"<f" in content
        if not error and not formula:
            continue
        result = _RESULT.search(content)
        cell: Cell = None
        text = _FORMULA_TEXT.search(content) if formula else None
        if (text and shows_picture(text[1].decode("utf-8", "replace"))) or (
            error and has_pictures and _RICH.search(attributes)
        ):
            cell = Picture()
        elif formula and (result is None or result[1] == b""):
            cell = NoResult(empty=b't="str"' in attributes)
        elif error and result is not None and result[1]:
            cell = CellError(unescape(result[1].decode("utf-8", "replace")))
        if cell is not None:
            yield int(row), column_number(letters), cell


def sheet_properties(xml: bytes) -> SheetProperties:
    """Merged ranges of more than one cell, and which rows and columns are hidden."""
    return SheetProperties(tuple(dict.fromkeys(_merged(xml))), tuple(_hidden_rows(xml)), tuple(_hidden_columns(xml)))


def _merged(xml: bytes) -> Iterator[MergedRange]:
    for start, end in _tags(xml, b"<mergeCell ", max(0, xml.rfind(b"</sheetData>"))):
        area = range_in(xml[xml.find(b' ref="', start, end) : end])
        if area and (area.top, area.left) != (area.bottom, area.right):
            yield area


def range_in(text: bytes) -> MergedRange | None:
    """The first range named in `text`, such as ``$A$3:$R$40``."""
    match = _RANGE.search(text)
    if match is None:
        return None
    top, bottom = sorted((int(match[2]), int(match[4])))
    left, right = sorted((column_number(match[1].upper()), column_number(match[3].upper())))
    return MergedRange(top, left, bottom, right)


def _hidden_rows(xml: bytes) -> Iterator[int]:
    for match in _HIDDEN_ROW.finditer(xml):
        yield int(_NUMBERS[b"r"].search(match[0])[1])  # type: ignore[index]


def _hidden_columns(xml: bytes) -> Iterator[int]:
    spans = []
    for start, end in _tags(xml[: xml.find(b"<sheetData")], b"<col "):
        if _TRUE.search(xml, start, end) or _ZERO_WIDTH.search(xml, start, end):
            first, last = (_NUMBERS[name].search(xml, start, end) for name in (b"min", b"max"))
            if first and last:
                spans.append((int(first[1]), int(last[1])))
    reached = 0
    for first_, last_ in sorted(spans):
        # Each column once; a format that runs to the last column hides no more than the sheet can have.
        yield from range(max(first_, reached + 1), min(last_, _LAST_COLUMN) + 1)
        reached = max(reached, last_)


def _tags(xml: bytes, opening: bytes, begin: int = 0) -> Iterator[tuple[int, int]]:
    """Where tags that begin with `opening`, behind `begin`, start and end."""
    start = xml.find(opening, begin)
    while start >= 0:
        end = xml.find(b">", start) + 1 or len(xml)
        yield start, end
        start = xml.find(opening, end)


def column_number(letters: bytes) -> int:
    """1 for ``A``, 27 for ``AA``."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
