"""Read a guarded workbook into raw sheets. Runs inside the limited child only: it parses what districts send.

calamine is fast and keeps each cell's own type, but hands on a formula error as an empty text; error cells are
therefore looked up in the sheet's XML, so that none is lost in silence.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from posixpath import join, normpath
from xml.etree import ElementTree

from python_calamine import CalamineWorkbook

from district_reports.workbook.names import comparable
from district_reports.workbook.raw import Cell, CellError, RawSheet, TimeOfDay

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_ERROR_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*\bt=[\"']e[\"'][^>]*)>.*?<(?:\w+:)?v>([^<]*)<", re.DOTALL)
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")


def read_sheets(path: Path, titles: Iterable[str] | None = None) -> list[RawSheet]:
    """The sheets named `titles` (all when None) in workbook order, compared without white space and width.

    Raises:
        Exception: whatever calamine raises on a broken workbook; the child's parent makes a finding of it.
    """
    wanted = None if titles is None else {comparable(title) for title in titles}
    workbook = CalamineWorkbook.from_path(str(path))
    sheets = []
    with zipfile.ZipFile(path) as archive:
        parts = dict(_sheet_parts(archive))
        for title in workbook.sheet_names:
            if wanted is not None and comparable(title) not in wanted:
                continue
            rows = workbook.get_sheet_by_name(title).to_python(skip_empty_area=False)
            columns = [_cells(column) for column in zip(*rows, strict=True)]
            if title in parts:
                _restore_errors(columns, archive.read(parts[title]))
            sheets.append(RawSheet(title, tuple(tuple(column) for column in columns)))
    return sheets


def _cells(column: tuple[object, ...]) -> list[Cell]:
    # Columns of texts and numbers are most of a large sheet: they take no call per cell.
    if set(map(type, column)) <= {str, float}:
        return [None if value == "" else value for value in column]  # type: ignore[misc]
    return [_cell(value) for value in column]


def _cell(value: object) -> Cell:
    match value:
        case "":
            return None
        case str() | bool() | float():
            return value
        case int():
            return float(value)
        case datetime():
            # A date cell at midnight is a date, however the reader types it.
            return value.date() if value.time() == time() else value
        case date():
            return value
        case time() | timedelta():
            return TimeOfDay(str(value))
    raise TypeError(f"the reader gave a {type(value).__name__}")


def _sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Sheet title → name of its XML part."""
    package = ElementTree.fromstring(archive.read("_rels/.rels"))
    workbook = next(
        relation.attrib["Target"].lstrip("/")
        for relation in package.iter(_PACKAGE)
        if relation.attrib["Type"].endswith("/officeDocument")
    )
    folder, _, name = workbook.rpartition("/")
    relations = ElementTree.fromstring(archive.read(join(folder, "_rels", f"{name}.rels")))
    targets = {relation.attrib["Id"]: relation.attrib["Target"] for relation in relations.iter(_PACKAGE)}
    for sheet in ElementTree.fromstring(archive.read(workbook)).iter(f"{_MAIN}sheet"):
        target = targets[sheet.attrib[_RELATION]]
        part = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
        yield sheet.attrib["name"], part


def _restore_errors(columns: list[list[Cell]], xml: bytes) -> None:
    """Put every error cell of the sheet's XML into `columns`, which grow where it lies outside."""
    if b't="e"' not in xml and b"t='e'" not in xml:
        return
    height = len(columns[0]) if columns else 0
    for match in _ERROR_CELL.finditer(xml):
        place = _REFERENCE.search(match[1])
        if place is None:
            raise ValueError("an error cell without its address")
        column, row = _column_index(place[1].decode()), int(place[2]) - 1
        while len(columns) <= column:
            columns.append([None] * height)
        if row >= height:
            for cells in columns:
                cells.extend([None] * (row + 1 - height))
            height = row + 1
        columns[column][row] = CellError(match[2].decode())


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
