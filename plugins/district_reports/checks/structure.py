"""Sheets and headers: which column of the file is which column of the form (docs/rules.md, F10–F13, F18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from district_reports.checks.catalogue import finding
from district_reports.checks.convert import is_blank
from district_reports.checks.headers import Headers, data_rows_above, find_headers
from district_reports.model.finding import Finding
from district_reports.model.form import HEADER_ROW, Form, Sheet
from district_reports.workbook.names import address, column_letter, comparable, header, titles_of
from district_reports.workbook.raw import RawSheet


@dataclass(frozen=True)
class SheetLayout:
    """Where a sheet's headers and columns are; ``places``: column name → Excel column, from 1."""

    sheet: Sheet
    raw: RawSheet
    headers: Headers
    places: Mapping[str, int]


@dataclass(frozen=True)
class Structure:
    """The layouts of all data sheets; empty when a critical finding forbids reading on."""

    layouts: tuple[SheetLayout, ...]
    findings: tuple[Finding, ...]


def find_sheets(sheets: Sequence[RawSheet], title: str) -> list[RawSheet]:
    """The sheets called `title`, compared without white space and width: Excel takes 学校 beside 学 校."""
    return [sheet for sheet in sheets if comparable(sheet.title) == comparable(title)]


def check_structure(form: Form, sheets: Sequence[RawSheet]) -> Structure:
    """Find each data sheet and each column; F10, F11 and F13 are gathered and end the reading."""
    critical: list[Finding] = []
    remarks: list[Finding] = []
    layouts = []
    for sheet in form.sheets:
        found = find_sheets(sheets, sheet.title)
        if len(found) != 1:
            variant = "twice" if found else "default"
            critical.append(finding("F10", variant, sheet=sheet.title, titles=titles_of(found), count=len(found)))
            continue
        layout, wrong, noted = _match_headers(sheet, found[0])
        layouts.append(layout)
        critical += wrong
        remarks += noted
    if critical:
        return Structure((), tuple(critical))
    return Structure(tuple(layouts), tuple(remarks))


def _match_headers(sheet: Sheet, raw: RawSheet) -> tuple[SheetLayout, list[Finding], list[Finding]]:
    headers = find_headers(sheet, raw)
    wanted = {header(column.title): column.name for column in sheet.columns}
    places: dict[str, int] = {}
    unknown: list[int] = []
    critical: list[Finding] = []
    seen: dict[str, int] = {}
    for position, below in enumerate(raw.columns, 1):
        cell = headers.cells.get(position)
        if cell is None:
            if not all(map(is_blank, set(below[headers.bottom :]))):
                unknown.append(position)
        elif cell.name in seen:
            place, first = headers.address(position), headers.address(seen[cell.name])
            critical.append(finding("F13", sheet=sheet.title, cell=place, column=cell.name, first=first))
        else:
            seen[cell.name] = position
            if cell.name in wanted:
                places[wanted[cell.name]] = position
            else:
                unknown.append(position)
    layout = SheetLayout(sheet, raw, headers, places)
    return layout, [*critical, *_missing(layout, unknown), *_above(layout)], _remarks(layout, unknown)


def _missing(layout: SheetLayout, unknown: Sequence[int]) -> list[Finding]:
    titles = [cell.text for position in unknown if (cell := layout.headers.cells.get(position))]
    strangers = tuple(f"“{title}”" for title in titles)
    return [
        finding(
            "F11",
            "perhaps" if strangers else "default",
            sheet=layout.sheet.title,
            column=column.title,
            field=column.name,
            unknown=strangers,
            where=layout.headers.where,
        )
        for column in layout.sheet.columns
        if column.name not in layout.places
    ]


def _above(layout: SheetLayout) -> list[Finding]:
    """F11 for rows of data that have no headers above them: they are above the headers themselves."""
    rows = tuple(data_rows_above(layout.sheet, layout.raw, layout.places, layout.headers))
    if not rows:
        return []
    return [
        finding(
            "F11",
            "above",
            sheet=layout.sheet.title,
            cell=address(rows[0], min(layout.places.values())),
            rows=tuple(map(str, rows)),
            count=len(rows),
            where=layout.headers.where,
        )
    ]


def _remarks(layout: SheetLayout, unknown: Sequence[int]) -> list[Finding]:
    """F12 for each unknown column, F18 for headers in other rows and for columns in another order."""
    sheet, headers = layout.sheet, layout.headers
    remarks = []
    for position in unknown:
        cell = headers.cells.get(position)
        remarks.append(
            finding(
                "F12",
                "default" if cell else "no_header",
                sheet=sheet.title,
                cell=headers.address(position),
                column=cell.text if cell else None,
                letter=column_letter(position),
                header_row=headers.bottom,
            )
        )
    if (headers.top, headers.bottom) != (HEADER_ROW, HEADER_ROW):
        variant = "row" if headers.top == headers.bottom else "levels"
        remarks.append(
            finding(
                "F18",
                variant,
                sheet=sheet.title,
                cell=address(headers.top, min(headers.cells)),
                where=headers.where,
                first=headers.first_data_row,
                expected=HEADER_ROW,
            )
        )
    order = [layout.places[column.name] for column in sheet.columns if column.name in layout.places]
    if order != sorted(order):
        remarks.append(finding("F18", sheet=sheet.title))
    return remarks
