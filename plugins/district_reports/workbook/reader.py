"""Read a guarded workbook into raw sheets. Runs inside the limited child only: it parses what districts send.

calamine is fast and keeps each cell's own type, but hands on a formula error, and a formula without a result, as an
empty text; these are therefore looked up in the sheet's XML, so that none is lost in silence.
"""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from posixpath import join, normpath
from xml.etree import ElementTree

from python_calamine import CalamineWorkbook

from district_reports.workbook import sheet_xml
from district_reports.workbook.names import comparable
from district_reports.workbook.raw import Cell, RawSheet, TimeOfDay, Traits

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


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
            traits = Traits()
            if title in parts:
                xml = archive.read(parts[title])
                traits = sheet_xml.traits(xml)
                _put(columns, sheet_xml.special_cells(xml))
            sheets.append(RawSheet(title, tuple(tuple(column) for column in columns), traits))
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


def _put(columns: list[list[Cell]], found: Iterable[tuple[int, int, Cell]]) -> None:
    """Put every found cell into `columns`, which grow where it lies outside."""
    height = len(columns[0]) if columns else 0
    for row, column, cell in found:
        while len(columns) < column:
            columns.append([None] * height)
        if row > height:
            for cells in columns:
                cells.extend([None] * (row - height))
            height = row
        columns[column - 1][row - 1] = cell
