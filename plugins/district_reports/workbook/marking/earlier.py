"""The sheet 问题清单 of an earlier marking, known by its headers whichever program saved it: what it says of fills."""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.parsers import expat

from district_reports.workbook.limits import LIMITS, MEBIBYTE
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.names import comparable
from district_reports.workbook.problem_list import CELL, FORMER_FILL, KNOWN_BY, SHEET
from district_reports.workbook.sheet_xml import column_number

_LARGEST, _MOST_CELLS = 64 * MEBIBYTE, 1_000_000
_HEADERS_WITHIN = 60


class _Cells:
    """Collects the cells of a small sheet as (row, column) → (type, text)."""

    def __init__(self) -> None:
        self.found: dict[tuple[int, int], tuple[str, str]] = {}
        self._row = self._column = 0
        self._kind = ""
        self._text: list[str] | None = None

    def start(self, name: str, given: dict[str, Any]) -> None:
        local = name.rpartition(" ")[2]
        if local == "row":
            number = given.get("r", "")
            self._row, self._column = int(number) if number.isdecimal() and len(number) < 8 else self._row + 1, 0
        elif local == "c":
            letters = given.get("r", "").rstrip("0123456789").upper()
            usual = letters.isascii() and letters.isalpha() and len(letters) < 4
            self._column = column_number(letters.encode()) if usual else self._column + 1
            self._kind = given.get("t", "n")
        elif local in ("v", "t"):
            self._text = []

    def end(self, name: str) -> None:
        if name.rpartition(" ")[2] in ("v", "t") and self._text is not None:
            place = (self._row, self._column)
            before = self.found[place][1] if place in self.found else ""
            self.found[place] = (self._kind, before + "".join(self._text))
            self._text = None
            if len(self.found) > _MOST_CELLS:
                raise CannotMark("a very large list of an earlier marking")

    def characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)


class _Strings:
    """Collects the shared strings that are `wanted`, by their index."""

    def __init__(self, wanted: set[int]) -> None:
        self.found: dict[int, str] = {}
        self._wanted = wanted
        self._index = -1
        self._pieces: list[str] | None = None
        self._within: list[str] = []

    def start(self, name: str, _: dict[str, Any]) -> None:
        local = name.rpartition(" ")[2]
        self._within.append(local)
        if local == "si":
            self._index += 1
            self._pieces = [] if self._index in self._wanted else None

    def end(self, name: str) -> None:
        self._within.pop()
        if name.endswith(" si") and self._pieces is not None:
            self.found[self._index] = "".join(self._pieces)

    def characters(self, text: str) -> None:
        if self._pieces is not None and self._within[-1:] == ["t"] and "rPh" not in self._within:
            self._pieces.append(text)


def _parse(blocks: Iterable[bytes], collector: _Cells | _Strings, largest: int) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.characters
    size = 0
    try:
        for block in blocks:
            size += len(block)
            if size > largest:
                raise CannotMark("a very large list of an earlier marking")
            parser.Parse(block)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise CannotMark("a list of an earlier marking that is not well-formed") from error


def former_fills(sheet: Iterable[bytes], strings: Iterator[bytes]) -> dict[tuple[str, str], str] | None:
    """What a list says of the fills that cells had, by (sheet title, address); None where the sheet is no list of ours.

    `strings` is the table of shared strings, block by block.
    """
    cells = _Cells()
    _parse(sheet, cells, _LARGEST)
    indices = {int(text) for kind, text in cells.found.values() if kind == "s" and text.strip().isdecimal()}
    table = _Strings(indices)
    if indices:
        _parse(strings, table, LIMITS.inflated)
    texts = {
        place: table.found.get(int(text), "") if kind == "s" and text.strip().isdecimal() else text
        for place, (kind, text) in cells.found.items()
    }
    header = _header(texts)
    if header is None:
        return None
    row, places = header
    rows: dict[int, dict[int, str]] = {}
    for (one, column), text in texts.items():
        rows.setdefault(one, {})[column] = text
    wanted = [places[SHEET], places[CELL], places.get(FORMER_FILL, 0)]
    found = {}
    for line in (rows[one] for one in sorted(rows) if one > row):
        sheet_title, cell, fill = (line.get(column, "") for column in wanted)
        if sheet_title and cell and fill:
            found[sheet_title, cell] = fill
    return found


def _header(texts: dict[tuple[int, int], str]) -> tuple[int, dict[str, int]] | None:
    """The row of our headers, and the column of each."""
    places: dict[int, dict[str, int]] = {}
    for (row, column), text in texts.items():
        if row <= _HEADERS_WITHIN:
            places.setdefault(row, {}).setdefault(comparable(text), column)
    return next(((row, one) for row, one in sorted(places.items()) if set(KNOWN_BY) <= one.keys()), None)
