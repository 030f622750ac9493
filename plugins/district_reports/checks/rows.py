"""From raw rows to typed rows, with every finding about a single cell (docs/rules.md, section T)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from district_reports.checks import catalogue
from district_reports.checks.bounded import Rest
from district_reports.checks.catalogue import finding
from district_reports.checks.convert import EMPTY, YES_NO, Converted, Value, convert, is_blank
from district_reports.checks.overlooked import overlooked
from district_reports.checks.shape import Shape
from district_reports.checks.structure import SheetLayout
from district_reports.model.finding import Finding, Severity
from district_reports.model.form import Column, ReferenceCodes, Sheet, Type
from district_reports.model.identifiers import resident_id_problem
from district_reports.reference.register import Register
from district_reports.workbook.names import address, comparable
from district_reports.workbook.raw import Cell, NoResult
from district_reports.workbook.show import shown

_TOTAL = re.compile(r"(?:合计|小计|总计)")
_SCHOOL_CODE = re.compile(r"[0-9]{10}", re.ASCII)
_STUDENT_NO = re.compile(r"[GJL][0-9]{17}[0-9X]", re.ASCII)


@dataclass(frozen=True)
class SheetRows:
    """The typed rows of one sheet.

    ``rows`` are Excel rows in order; ``values[column][i]`` belongs to ``rows[i]`` and is None where the cell is empty
    or broken; ``broken[column]`` holds the indices i whose cell has a critical finding. ``merged`` are the Excel rows
    that a merged range spoils (T12); ``ignored`` are total rows and repeated headers.
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


def read_rows(layout: SheetLayout, register: Register, received_on: date) -> SheetRows:
    """Type every cell of the sheet; blank rows are left out, total rows and repeated headers are ignored (T09)."""
    sheet, raw, first_row = layout.sheet, layout.raw, layout.headers.first_data_row
    cells = {column.name: raw.columns[layout.places[column.name] - 1][first_row - 1 :] for column in sheet.columns}
    by_position = sorted(cells, key=layout.places.__getitem__)
    kept, ignored, findings = _sort_out(layout, cells, by_position, received_on)

    lists = code_lists(sheet, register)
    values: dict[str, list[Value]] = {}
    broken: dict[str, frozenset[int]] = {}
    chosen = {name: [column[index] for index in kept] for name, column in cells.items()}
    results: dict[str, list[Converted]] = {}
    for column in sheet.columns:
        results[column.name] = _convert_column(chosen[column.name], column, lists.get(column.name, ()))
        values[column.name] = [result.value for result in results[column.name]]
    rows = tuple(index + first_row for index in kept)
    shape = Shape.of(layout, rows)
    findings += [*shape.findings(), *overlooked(layout, rows, chosen)]
    for column in sheet.columns:
        merged = shape.merged_cells(column.name)
        found, bad = _column_findings(layout, column, rows, chosen[column.name], results, lists, merged)
        findings += found
        broken[column.name] = bad
    return SheetRows(
        sheet=sheet,
        places=layout.places,
        rows=rows,
        values=values,
        raw=chosen,
        broken=broken,
        merged=shape.merged_rows,
        ignored=tuple(index + first_row for index in ignored),
        findings=tuple(findings),
    )


def _sort_out(
    layout: SheetLayout, cells: Mapping[str, Sequence[Cell]], by_position: Sequence[str], received_on: date
) -> tuple[list[int], list[int], list[Finding]]:
    """Indices of rows to read and of those to leave out (totals, headers once more), and findings about the latter."""
    first_row, headers = layout.headers.first_data_row, layout.headers
    titles = {comparable(each.text) for each in headers.cells.values()}
    columns = {layout.places[column.name]: column for column in layout.sheet.columns}
    totals_beside = _totals_beside(layout)
    kept: list[int] = []
    ignored: list[int] = []
    findings: list[Finding] = []
    for index, row in enumerate(zip(*(cells[name] for name in by_position), strict=True)):
        first = next((position for position, cell in enumerate(row) if not is_blank(cell)), None)
        if first is None:
            continue
        place, cell = layout.places[by_position[first]], row[first]
        if index in totals_beside and totals_beside[index] < place:
            place = totals_beside[index]
            cell = layout.raw.cell(index + first_row, place)
        named = dict(zip(by_position, row, strict=True))
        if not isinstance(cell, str):
            kept.append(index)
            continue
        text = comparable(cell)
        is_total = _TOTAL.match(text) is not None and not _has_identifier(layout.sheet, named, received_on)
        is_header = text in titles and headers.repeated_by({layout.places[name]: each for name, each in named.items()})
        if is_total or is_header:
            ignored.append(index)
            column = columns.get(place)
            excel_row = index + first_row
            findings.append(
                finding(
                    "T09",
                    "header" if is_header else "default",
                    sheet=layout.sheet.title,
                    cell=address(excel_row, place),
                    column=column.title if column else None,
                    field=column.name if column else None,
                    row=excel_row,
                    value=shown(cell),
                )
            )
        else:
            kept.append(index)
    return kept, ignored, findings


def _totals_beside(layout: SheetLayout) -> dict[int, int]:
    """Index of a row → Excel column, where a total's word is the row's first cell but under no header of the form.

    People number their rows in a column of their own, and write 合计 there.
    """
    found: dict[int, int] = {}
    raw, first_row, known = layout.raw, layout.headers.first_data_row, frozenset(layout.places.values())
    for place in set(range(1, max(known))) - known:
        for index, cell in enumerate(raw.columns[place - 1][first_row - 1 :]):
            is_total = isinstance(cell, str) and _TOTAL.match(comparable(cell))
            if is_total and all(is_blank(raw.cell(index + first_row, before)) for before in range(1, place)):
                found[index] = place
    return found


def _has_identifier(sheet: Sheet, row: Mapping[str, Cell], received_on: date) -> bool:
    """Whether the row names somebody: a total row names nobody."""
    for column in sheet.columns:
        value = convert(row[column.name], column, frozenset()).value
        if not isinstance(value, str):
            continue
        if column.type is Type.RESIDENT_ID and resident_id_problem(value, received_on) is None:
            return True
        if column.type is Type.SCHOOL_CODE and _SCHOOL_CODE.fullmatch(value):
            return True
        if column.type is Type.STUDENT_NO and _STUDENT_NO.fullmatch(value):
            return True
    return False


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


def _column_findings(
    layout: SheetLayout,
    column: Column,
    rows: Sequence[int],
    cells: Sequence[Cell],
    results: Mapping[str, Sequence[Converted]],
    lists: Mapping[str, Sequence[str]],
    merged: frozenset[int],
) -> tuple[list[Finding], frozenset[int]]:
    findings: list[Finding] = []
    broken: set[int] = set(merged)
    rest = Rest()
    codes = tuple(lists.get(column.name, ()))
    for position, (row, cell, result) in enumerate(zip(rows, cells, results[column.name], strict=True)):
        words: Mapping[str, object] = {}
        if position in merged and result.normal is None:
            continue  # T12 has spoken of it
        if result.rule is not None:
            rule, variant, words = result.rule, result.variant, result.words
        elif result.value is None and _required(column, position, results):
            rule, variant = "T07" if isinstance(cell, NoResult) else "T01", "default"
        elif result.normal is not None:
            rule, variant, words = "T10", result.variant, {"normal": result.normal}
        else:
            continue
        if rule != "T10":
            broken.add(position)
        if rest.takes(rule, Severity(catalogue.rules()[rule]["severity"]), row):
            continue
        found = finding(
            rule,
            variant,
            sheet=layout.sheet.title,
            cell=address(row, layout.places[column.name]),
            column=column.title,
            field=column.name,
            row=row,
            value=shown(cell),
            codes=codes,
            **words,
        )
        findings.append(found)
    return [*findings, *rest.findings(layout.sheet.title, column)], frozenset(broken)


def _required(column: Column, position: int, results: Mapping[str, Sequence[Converted]]) -> bool:
    """Whether an empty cell is a mistake; where the condition itself can't be read, nothing is demanded."""
    if not column.required:
        return False
    if column.optional_when is None:
        return True
    condition = results[column.optional_when.column][position].value
    return condition is not None and condition not in column.optional_when.values
