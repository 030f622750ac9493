"""Which rows of a sheet are its headers, found by what stands in them (docs/contract.md, "Layout of a workbook").

The template's headers stand in row 3. Clerks insert and delete lines above them, and put captions of groups over
several of them: the header of a column is then the lowest text of all header rows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from district_reports.checks.cleaning import is_blank
from district_reports.checks.convert import YES_NO, convert
from district_reports.model.form import HEADER_ROW, Column, Sheet, Type
from district_reports.workbook.names import address, header
from district_reports.workbook.raw import Cell, RawSheet
from district_reports.workbook.show import shown

SEARCHED_ROWS = 30
"""Headers are looked for in so many rows from the top."""
LEVELS = 3
"""A sheet has so many header rows at most."""

_IDENTIFIER = re.compile(r"[0-9]{10}|[GJL]?[0-9]{17}[0-9X]", re.ASCII)


class HeaderCell(NamedTuple):
    """A header as it is written, its name as it is compared, and the first and last Excel row of its cell."""

    text: str
    name: str
    top: int
    bottom: int


@dataclass(frozen=True)
class Headers:
    """The header rows of a sheet, ``top`` to ``bottom``.

    ``cells`` has the header of each Excel column with one; ``texts`` are (Excel column, name) of all that stands in
    these rows, captions included.
    """

    top: int
    bottom: int
    cells: Mapping[int, HeaderCell]
    texts: frozenset[tuple[int, str]]

    @property
    def first_data_row(self) -> int:
        """The Excel row below the headers."""
        return self.bottom + 1

    @property
    def where(self) -> str:
        """The header rows in the clerk's words."""
        return f"第 {self.top} 行" if self.top == self.bottom else f"第 {self.top} 至 {self.bottom} 行"

    def address(self, column: int) -> str:
        """Where the header of an Excel column stands; the lowest header row where it has none."""
        cell = self.cells.get(column)
        return address(cell.top if cell else self.bottom, column)

    def repeated_by(self, row: Mapping[int, Cell]) -> bool:
        """Whether a row below, given as Excel column → cell, says the headers once more."""
        filled = [(column, cell) for column, cell in row.items() if not is_blank(cell)]
        return len(filled) > 1 and all((column, header(shown(cell))) in self.texts for column, cell in filled)


def find_headers(sheet: Sheet, raw: RawSheet) -> Headers:
    """The rows that hold most of the form's headers; row 3 where it is one of them, or no row holds enough."""
    wanted = {header(column.title) for column in sheet.columns}
    rows = _texts(raw, SEARCHED_ROWS + LEVELS - 1)
    # A crafted sheet may have thousands of columns: those that never hold a header have no say.
    telling = {column for cells in rows.values() for column, cell in cells.items() if cell.name in wanted}
    few = {row: {column: cells[column] for column in telling & cells.keys()} for row, cells in rows.items()}
    blocks = (
        _block(few, top, top + more)
        for top in range(1, SEARCHED_ROWS + 1)
        for more in range(LEVELS)
        if top in rows and top + more in rows
    )
    best = max(
        (_block(few, HEADER_ROW, HEADER_ROW), *blocks),
        key=lambda block: (_score(block, wanted), block.bottom == block.top == HEADER_ROW, -_levels(block), -block.top),
    )
    if _score(best, wanted) < min(len(wanted), max(2, len(wanted) // 4)):
        return _block(rows, HEADER_ROW, HEADER_ROW)
    return _with_merged(rows, _block(rows, best.top, best.bottom), wanted)


def _texts(raw: RawSheet, height: int) -> dict[int, dict[int, HeaderCell]]:
    """Excel row → Excel column → text, of the rows that hold any; a cell merged downwards is in each of its rows."""
    rows: dict[int, dict[int, HeaderCell]] = {}
    for column, cells in enumerate(raw.columns, 1):
        for row, cell in enumerate(cells[:height], 1):
            if cell is not None and (name := header(text := shown(cell))):
                rows.setdefault(row, {})[column] = HeaderCell(text.strip(), name, row, row)
    for area in raw.properties.merged:
        if area.bottom > area.top and (first := rows.get(area.top, {}).get(area.left)):
            for row in range(area.top, min(area.bottom, height) + 1):
                rows.setdefault(row, {})[area.left] = first._replace(bottom=area.bottom)
    return rows


def _block(rows: Mapping[int, Mapping[int, HeaderCell]], top: int, bottom: int) -> Headers:
    cells: dict[int, HeaderCell] = {}
    texts: set[tuple[int, str]] = set()
    for row in range(top, bottom + 1):
        cells.update(rows.get(row, {}))
        texts.update((column, cell.name) for column, cell in rows.get(row, {}).items())
    return Headers(top, bottom, cells, frozenset(texts))


def _score(block: Headers, wanted: set[str]) -> int:
    return len(wanted.intersection(cell.name for cell in block.cells.values()))


def _levels(block: Headers) -> int:
    return block.bottom - block.top + 1


def _with_merged(rows: Mapping[int, Mapping[int, HeaderCell]], block: Headers, wanted: set[str]) -> Headers:
    """`block` from where its merged headers begin to where most of them end."""
    known = [cell for cell in block.cells.values() if cell.name in wanted]
    top = min(block.top, *(cell.top for cell in known))
    ends = sorted(cell.bottom for cell in known)
    bottom = max(block.bottom, ends[(len(ends) - 1) // 2])
    whole = _block(rows, top, bottom)
    # A merge that runs far down, or over cells with something else in them, has run into the data.
    sound = _levels(whole) <= LEVELS and _score(whole, wanted) >= _score(block, wanted)
    return whole if sound else _block(rows, block.top, block.bottom)


def data_rows_above(sheet: Sheet, raw: RawSheet, places: Mapping[str, int], headers: Headers) -> Iterator[int]:
    """The Excel rows above the headers that look like data: an identifier, or two dates or codes, in their columns."""
    for row in range(1, headers.top):
        cells = [(column, raw.cell(row, places[column.name])) for column in sheet.columns if column.name in places]
        if looks_like_data(cells):
            yield row


def looks_like_data(cells: Sequence[tuple[Column, Cell]]) -> bool:
    """Whether a row holds a record. Numbers and words prove nothing: column numbers, notes and titles have them."""
    signs = 0
    for column, cell in cells:
        if is_blank(cell):
            continue
        if column.type in (Type.RESIDENT_ID, Type.STUDENT_NO, Type.SCHOOL_CODE):
            signs += 2 * bool(_IDENTIFIER.fullmatch(shown(cell).strip().upper()))
        elif column.type in (Type.DATE, Type.CODE, Type.YES_NO):
            codes = YES_NO if column.type is Type.YES_NO else column.codes
            allowed = frozenset(codes) if isinstance(codes, tuple) else frozenset()
            signs += convert(cell, column, allowed).value is not None
    return signs >= 2
