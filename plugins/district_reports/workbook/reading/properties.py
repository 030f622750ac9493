"""What is merged, hidden, filtered, struck through or unseen in a sheet, and whether pictures lie on it.

Runs inside the limited child only. Each is looked for where the sheet or the styles hold a sign of it.
"""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from district_reports.workbook import sheet_xml
from district_reports.workbook.limits import LAST_COLUMN, LAST_ROW
from district_reports.workbook.number_formats import as_shown
from district_reports.workbook.raw import Faded, FormattedNumber, MergedRange, SheetProperties
from district_reports.workbook.reading.cell_formats import is_struck
from district_reports.workbook.reading.parts import Parts
from district_reports.workbook.sheet_xml import column_number, range_in

_FILTER = re.compile(rb"<(?:\w+:)?autoFilter\b([^<>]*?)(?:/>|>(.*?)</(?:\w+:)?autoFilter\s*>)", re.DOTALL)
_VIEWS_OF_OTHERS = re.compile(rb"<((?:\w+:)?)customSheetViews\b.*?</\1customSheetViews\s*>", re.DOTALL)
_FILTERED = re.compile(rb"""<(?:\w+:)?sheetPr\s[^<>]*?\bfilterMode\s*=\s*["'](?:1|true)["']""")
_MAY_BE_PICTURED = re.compile(rb"<(?:\w+:)?(?:drawing|picture)[\s/>]")
_VALUE = re.compile(rb"<v>([^<]+)</v>|<is>")
_CELL = rb'<c r="([A-Z]{1,3})([0-9]{1,7})" s="(%b)"([^>]*?)(?:/>|>(.*?)</c>)'
_OF_STRING = rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*? t="s"[^>]*><v>(%b)</v>'
_INLINE = re.compile(
    rb"""<((?:\w+:)?)c\s(?=[^<>]*\bt="inlineStr")[^<>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^<>]*>(.*?)</\1c\s*>""",
    re.DOTALL,
)
_FORMAT = re.compile(rb' s="([0-9]{1,5})"')
_LOOKED_FOR = 10
"""Formats that are looked for one by one: each takes as long as a search through the sheet."""
_FEW = 100
"""Numbers that are named one by one in a pattern."""
_HEAD = 16 << 10
_WHOLE_SHEET = MergedRange(1, 1, LAST_ROW, LAST_COLUMN)


def properties_of(parts: Parts, index: int, xml: bytes) -> SheetProperties:
    """Of the sheet at `index`, whose canonical XML is `xml`."""
    properties = sheet_xml.sheet_properties(xml)
    stored = parts.sheet_as_stored(index)
    behind = stored[max(0, stored.rfind(b"sheetData")) :]
    formats = parts.cell_formats
    return replace(
        properties,
        filters=tuple(_filters(parts, index, stored[:_HEAD], behind)) if properties.hidden_rows else (),
        struck=_faded(
            [*_formatted(xml, formats.struck), *_of_strings(xml, parts.struck_strings), *_of_inline_strings(stored)]
        ),
        unseen=_faded(_formatted(xml, formats.unseen)),
        pictured=bool(_MAY_BE_PICTURED.search(behind)) and parts.has_pictures(index),
        is_hidden=parts.is_hidden(index),
    )


def formatted_numbers(parts: Parts, xml: bytes) -> Iterator[tuple[int, int, FormattedNumber]]:
    """(row, column, cell), both from 1, of every number that its format shows as something else."""
    codes = parts.cell_formats.numbers
    for row, column, format_, attributes, value in _cells(xml, codes.keys()):
        if value and (b't="' not in attributes or b't="n"' in attributes):
            shown = as_shown(float(value), codes[format_])
            if shown is not None:
                yield row, column, shown


def _filters(parts: Parts, index: int, head: bytes, behind: bytes) -> Iterator[MergedRange]:
    """Where a filter hides rows: one of the sheet, of a table in it, or an advanced one, which the sheet only says."""
    found = [
        *_active(_VIEWS_OF_OTHERS.sub(b"", behind)),
        *(one for table in parts.tables(index) for one in _active(table)),
    ]
    yield from found
    if not found and _FILTERED.search(head):
        yield range_in(parts.filter_database(index)) or _WHOLE_SHEET


def _active(xml: bytes) -> Iterator[MergedRange]:
    for attributes, content in _FILTER.findall(xml):
        if b"filterColumn" in content and (area := range_in(attributes)):
            yield area


def _cells(xml: bytes, formats: Set[int]) -> Iterator[tuple[int, int, int, bytes, bytes]]:
    """(row, column, format, attributes, value) of the cells that hold something and have one of these formats; the
    value of one that holds its text itself is empty."""
    if len(formats) <= _LOOKED_FOR:
        named = sorted(one for one in formats if b' s="%d"' % one in xml)
    else:
        named = sorted(formats & {int(one) for one in set(_FORMAT.findall(xml))})
    if not named:
        return
    pattern = b"|".join(b"%d" % one for one in named) if len(named) <= _FEW else b"[0-9]+"
    wanted = frozenset(named)
    for letters, row, format_, attributes, content in re.findall(_CELL % pattern, xml, re.DOTALL):
        if int(format_) in wanted and (value := _VALUE.search(content)):
            yield int(row), column_number(letters), int(format_), attributes, value[1] or b""


def _formatted(xml: bytes, formats: Set[int]) -> Iterator[tuple[int, int]]:
    """(row, column) of the cells that hold something and have one of these formats."""
    return ((row, column) for row, column, _, _, _ in _cells(xml, formats))


def _of_strings(xml: bytes, strings: Set[int]) -> Iterator[tuple[int, int]]:
    """(row, column) of the cells that show one of these shared strings."""
    if not strings:
        return
    pattern = b"|".join(b"%d" % one for one in sorted(strings)) if len(strings) <= _FEW else b"[0-9]+"
    for letters, row, string in re.findall(_OF_STRING % pattern, xml):
        if int(string) in strings:
            yield int(row), column_number(letters)


def _of_inline_strings(stored: bytes) -> Iterator[tuple[int, int]]:
    """(row, column) of the cells that hold their text themselves, struck through from end to end."""
    if b"inlineStr" in stored and b"strike" in stored:
        for _, letters, row, content in _INLINE.findall(stored):
            if is_struck(content):
                yield int(row), column_number(letters)


def _faded(cells: Iterable[tuple[int, int]]) -> tuple[Faded, ...]:
    by_row: dict[int, set[int]] = {}
    for row, column in cells:
        by_row.setdefault(row, set()).add(column)
    by_columns: dict[tuple[int, ...], list[int]] = {}
    for row in sorted(by_row):
        by_columns.setdefault(tuple(sorted(by_row[row])), []).append(row)
    return tuple(Faded(columns, tuple(rows)) for columns, rows in by_columns.items())
