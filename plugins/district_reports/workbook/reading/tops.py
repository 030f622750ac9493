"""The upper left of the sheets that are not read, so that rows that lie on one of them are not lost in silence.

They are no data: one that can't be read is left out, and all together cost what is set here. Runs inside the limited
child only.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from district_reports.workbook.names import comparable
from district_reports.workbook.raw import RawSheet, SheetProperties
from district_reports.workbook.reading.canonical import is_canonical_sheet
from district_reports.workbook.reading.cells import cells_of
from district_reports.workbook.reading.normalise import normalise_sheet
from district_reports.workbook.reading.parts import Parts

ROWS, COLUMNS = 100, 100
"""Headers stand in the first rows, and rows of data right below them."""
_LOOKED_AT = 256 << 10
"""Bytes of a sheet's XML."""
_ALTOGETHER = 8 << 20
_END_OF_ROW = re.compile(rb"</((?:[\w.-]+:)?)row\s*>")
_EMPTY_SHEET = re.compile(rb"<(?:[\w.-]+:)?sheetData\s*/>")
_STRING = re.compile(rb'( t="s"[^<]*<v>)([0-9]+)(<)')


def read_tops(workbook: Path | bytes, others: Iterable[str]) -> list[RawSheet]:
    """The upper left of every sheet whose title is none of `others`, as far as all together are not too large."""
    passed_over = {comparable(title) for title in others}
    with closing(Parts(workbook)) as parts:
        return list(_tops(parts, passed_over))


def _tops(parts: Parts, passed_over: set[str]) -> Iterator[RawSheet]:
    left = _ALTOGETHER
    for index, (title, _) in enumerate(parts.sheets):
        size = min(parts.size(index), _LOOKED_AT)
        if comparable(title) not in passed_over and size <= left:
            left -= size
            if top := _top(parts, index):
                yield top


def _top(parts: Parts, index: int) -> RawSheet | None:
    title, properties = parts.sheets[index][0], SheetProperties(is_hidden=parts.is_hidden(index))
    try:
        whole = _closed(parts.start(index, _LOOKED_AT))
        if whole is None:
            return RawSheet(title, (), properties)
        canonical = parts.strings_are_canonical and is_canonical_sheet(whole)
        xml = whole if canonical else normalise_sheet(whole, title, parts.number_of_strings)
        xml, strings = _with_its_strings(parts, xml)
        columns = [column[:ROWS] for column in cells_of(parts.book_of(xml, strings))[:COLUMNS]]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        # Whatever it was, a Rust panic included: the data beside it have been read.
        return None
    return RawSheet(title, tuple(map(tuple, columns)), properties)


def _closed(start: bytes) -> bytes | None:
    """The start of a sheet up to the last row that is asked for, with its end; None for one that has no rows."""
    ends = list(islice(_END_OF_ROW.finditer(start), ROWS))
    if not ends or _EMPTY_SHEET.search(start):
        return None
    prefix = ends[-1][1]
    return start[: ends[-1].end()] + b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"


def _with_its_strings(parts: Parts, xml: bytes) -> tuple[bytes, bytes]:
    """The sheet, and a table of the shared strings that it shows alone: that of the workbook may be large."""
    places: dict[bytes, int] = {}
    xml = _STRING.sub(lambda found: found[1] + b"%d" % places.setdefault(found[2], len(places)) + found[3], xml)
    if not places:
        return xml, b""
    return xml, parts.table_of(map(int, places))
