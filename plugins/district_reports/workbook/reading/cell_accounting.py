"""Account for every cell: what the XML of a sheet holds must be what the reader hands on.

The XML is canonical (:mod:`canonical`). Counting marks takes a fraction of the time of reading; only where
the counts differ is each cell looked at. Runs inside the limited child only.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set

from district_reports.workbook.names import address
from district_reports.workbook.problem import Refused
from district_reports.workbook.raw import Cell, NoResult, Picture
from district_reports.workbook.sheet_xml import CELL, column_number

_VALUE = re.compile(rb"<v(?: [^>]*)?>([^<]*)</v>")
_ITEM = re.compile(rb"<si(?: [^>]*)?(?:/>|>(.*?)</si>)", re.DOTALL)
_INLINE = re.compile(rb"<is(?: [^>]*)?>(.*?)</is>", re.DOTALL)
_PLAINLY_SHOWS = re.compile(rb"<is><t(?: [^>]*)?>\s*[^\s<]")
_PHONETIC = re.compile(rb"<(rPh|extLst)\b.*?</\1>", re.DOTALL)
_TEXT = re.compile(rb"<t(?: ([^>]*))?>([^<]*)</t>")
# A string that may show nothing: no text, or white space only.
_MAYBE_EMPTY = re.compile(rb"<t(?: [^>]*)?(?:/>|>\s*</t>)|<si(?: [^>]*)?(?:/>|></si>)")


def _shows(content: bytes) -> bool:
    """Whether a string item has a text; white space alone is one where ``xml:space`` keeps it."""
    return any(
        text if b"preserve" in attributes else text.strip()
        for attributes, text in _TEXT.findall(_PHONETIC.sub(b"", content))
    )


def empty_strings(table: bytes) -> Set[int]:
    """The indices of the shared strings without a text."""
    if not _MAYBE_EMPTY.search(table):
        return frozenset()
    items = (match[1] or b"" for match in _ITEM.finditer(table))
    return frozenset(index for index, content in enumerate(items) if not _shows(content))


def count_values(xml: bytes) -> int:
    """How many values the marks in a sheet's XML announce."""
    return xml.count(b"<v>") - xml.count(b"<v></v>") + xml.count(b"<is>")


def check_all_handed_on(title: str, xml: bytes, table: bytes, columns: Sequence[Sequence[Cell]]) -> None:
    """Compare what the XML holds with what was read: cell by cell where the numbers differ, or may hide a difference.

    Raises:
        Refused: a value is missing, is there twice, or came from nowhere (F01).
    """
    handed = sum(len(column) - column.count(None) for column in columns)
    empty = empty_strings(table)
    if handed == count_values(xml) and not empty and b"</f>" not in xml and b"<f/>" not in xml:
        return
    held = Counter(_held(xml, empty))
    filled = {
        (row, place): cell
        for place, column in enumerate(columns, 1)
        for row, cell in enumerate(column, 1)
        if cell is not None and not isinstance(cell, NoResult)
    }
    # A picture is there whether or not a result of it is stored.
    pictures = {place for place, cell in filled.items() if isinstance(cell, Picture)}
    twice = [place for place, number in held.items() if number > 1]
    different = sorted({*((held.keys() ^ filled.keys()) - pictures), *twice})
    if different:
        row, column_ = different[0]
        raise Refused("F01", "unaccounted", sheet=title, cell=address(row, column_), number=len(different))


def _held(xml: bytes, empty: Set[int]) -> Iterator[tuple[int, int]]:
    """(row, column) of every cell that holds a value."""
    for letters, row, attributes, content in CELL.findall(xml):
        if _PLAINLY_SHOWS.match(content):
            yield int(row), column_number(letters)
            continue
        value = _VALUE.search(content)
        if value is not None and value[1]:
            if b't="s"' in attributes and value[1].strip().isdigit() and int(value[1]) in empty:
                continue
            yield int(row), column_number(letters)
        elif any(map(_shows, _INLINE.findall(content))):
            yield int(row), column_number(letters)
