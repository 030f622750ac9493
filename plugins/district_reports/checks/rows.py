"""From raw rows to typed rows, with every finding about a single cell (docs/rules.md, section T)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from district_reports.checks.catalogue import finding
from district_reports.checks.column_findings import ColumnCells
from district_reports.checks.convert import EMPTY, YES_NO, Converted, Value, convert
from district_reports.checks.dragged_down import dragged_down
from district_reports.checks.no_data_rows import Kind
from district_reports.checks.overlooked import overlooked
from district_reports.checks.shape import Shape
from district_reports.checks.structure import SheetLayout
from district_reports.model.finding import Finding
from district_reports.model.form import Column, ReferenceCodes, Sheet, Type
from district_reports.reference.register import Register
from district_reports.workbook.names import address
from district_reports.workbook.raw import Cell


@dataclass(frozen=True)
class SheetRows:
    """The typed rows of one sheet.

    ``rows`` are Excel rows in order; ``values[column][i]`` belongs to ``rows[i]`` and is None where the cell is empty
    or broken; ``broken[column]`` holds the indices i whose cell has a critical finding. ``merged`` are the Excel rows
    that a merged range spoils (T12); ``ignored`` are those that hold no data (T09).
    """

    sheet: Sheet
    places: Mapping[str, int]
    rows: tuple[int, ...]
    values: Mapping[str, Sequence[Value]]
    raw: Mapping[str, Sequence[Cell]]
    broken: Mapping[str, frozenset[int]]
    merged: frozenset[int]
    ignored: tuple[int, ...]
    findings: tuple[Finding, ...]

    @property
    def rows_read(self) -> int:
        """Rows that are not wholly blank, total rows included."""
        return len(self.rows) + len(self.ignored)


def code_lists(sheet: Sheet, register: Register) -> dict[str, tuple[str, ...]]:
    """The code list of each column that has one."""
    lists: dict[str, tuple[str, ...]] = {}
    for column in sheet.columns:
        if column.type is Type.YES_NO:
            lists[column.name] = YES_NO
        elif isinstance(column.codes, ReferenceCodes):
            lists[column.name] = register.codes(column.codes)
        elif column.codes:
            lists[column.name] = column.codes
    return lists


def read_rows(layout: SheetLayout, register: Register) -> SheetRows:
    """Type every cell of the sheet; blank rows are left out, and rows that hold no data ignored (T09)."""
    sheet, rows = layout.sheet, layout.below.data
    whole = {column.name: layout.raw.columns[layout.places[column.name] - 1] for column in sheet.columns}
    chosen = {name: [cells[row - 1] for row in rows] for name, cells in whole.items()}
    lists = code_lists(sheet, register)
    values: dict[str, list[Value]] = {}
    broken: dict[str, frozenset[int]] = {}
    results: dict[str, list[Converted]] = {}
    for column in sheet.columns:
        results[column.name] = _convert_column(chosen[column.name], column, lists.get(column.name, ()))
        values[column.name] = [result.value for result in results[column.name]]
    shape = Shape.of(layout, rows)
    findings = [*_without_data(layout), *shape.findings(), *overlooked(layout, rows, chosen)]
    dragged = dragged_down(layout, rows, chosen)
    findings += dragged.findings
    for column in sheet.columns:
        cells = ColumnCells(
            sheet=sheet.title,
            column=column,
            place=layout.places[column.name],
            rows=rows,
            cells=chosen[column.name],
            results=results,
            codes=lists.get(column.name, ()),
            merged=shape.merged_cells(column.name),
            left_out=dragged.positions,
            computed=column.name in sheet.followed,
        )
        found, broken[column.name] = cells.found()
        findings += found
    return SheetRows(
        sheet=sheet,
        places=layout.places,
        rows=rows,
        values=values,
        raw=chosen,
        broken=broken,
        merged=shape.merged_rows,
        ignored=tuple(row for row, told in layout.below.no_data.items() if told.kind is not Kind.NONE),
        findings=tuple(findings),
    )


def _without_data(layout: SheetLayout) -> Iterator[Finding]:
    """T09 for each row that is ignored, one T10 for those that say that there are no data."""
    columns = {layout.places[column.name]: column for column in layout.sheet.columns}
    saying_none = [row for row, told in layout.below.no_data.items() if told.kind is Kind.NONE]
    for row, told in layout.below.no_data.items():
        if told.kind is Kind.NONE and row != saying_none[0]:
            continue
        column = columns.get(told.column)
        yield finding(
            "T10" if told.kind is Kind.NONE else "T09",
            told.kind,
            sheet=layout.sheet.title,
            cell=address(row, told.column),
            column=column.title if column else None,
            field=column.name if column else None,
            row=row,
            value=told.text,
            count=len(saying_none),
        )


def _convert_column(cells: Sequence[Cell], column: Column, codes: Sequence[str]) -> list[Converted]:
    """Convert each cell; equal cells (most codes, counts and dates are) are converted once."""
    known: dict[tuple[type, Cell], Converted] = {}
    allowed = frozenset(codes)
    results = []
    for cell in cells:
        if cell is None:
            results.append(EMPTY)
            continue
        key = (type(cell), cell)
        result = known.get(key)
        if result is None:
            result = known[key] = convert(cell, column, allowed)
        results.append(result)
    return results
