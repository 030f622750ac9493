"""Sheets and headers: which column of the file is which column of the form (docs/rules.md, F10–F13, F18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from district_reports.checks.catalogue import finding
from district_reports.checks.cleaning import is_blank
from district_reports.checks.cover import COVER
from district_reports.checks.headers import SEARCHED_ROWS, Headers, data_rows_above, find_headers
from district_reports.checks.no_data_rows import RowsBelow, sort_out
from district_reports.model.finding import Finding
from district_reports.model.form import HEADER_ROW, NAMES_BESIDE_CODES, Form, Sheet, Type
from district_reports.workbook.names import address, column_letter, comparable, header, titles_of
from district_reports.workbook.problem_list import PROBLEM_LIST
from district_reports.workbook.raw import RawSheet
from district_reports.workbook.show import shown

_NEAR = 0.6
"""Of two titles, how much is alike."""


@dataclass(frozen=True)
class SheetLayout:
    """Where a sheet's headers, columns and rows are; ``places``: column name → Excel column, from 1.

    ``below`` is empty where a column is missing: such a sheet isn't read.
    """

    sheet: Sheet
    raw: RawSheet
    headers: Headers
    places: Mapping[str, int]
    below: RowsBelow


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
            critical.append(_not_one(form, sheet, found, sheets))
            continue
        layout, wrong, noted = match_headers(sheet, found[0])
        layouts.append(layout)
        critical += wrong
        remarks += noted
    if critical:
        return Structure((), tuple(critical))
    return Structure(tuple(layouts), tuple(remarks))


def _not_one(form: Form, sheet: Sheet, found: Sequence[RawSheet], sheets: Sequence[RawSheet]) -> Finding:
    """F10 for a data sheet that is there twice or not at all, with those that may be meant."""
    if found:
        return finding("F10", "twice", sheet=sheet.title, titles=titles_of(found), count=len(found))
    others = other_sheets(form, sheets)
    likely = [one for one in others if holds_headers(sheet, one)] or [one for one in others if _is_near(sheet, one)]
    return finding("F10", "likely" if likely else "default", sheet=sheet.title, titles=titles_of(likely))


def other_sheets(form: Form, sheets: Sequence[RawSheet]) -> list[RawSheet]:
    """Those that are none of the form's; of some, only the upper left was read."""
    own = {comparable(title) for title in (COVER, PROBLEM_LIST, *(sheet.title for sheet in form.sheets))}
    return [sheet for sheet in sheets if comparable(sheet.title) not in own]


def holds_headers(sheet: Sheet, raw: RawSheet) -> bool:
    """Whether all headers that `sheet` must have stand in the rows where headers are looked for."""
    names = {header(shown(cell)) for column in raw.columns for cell in column[:SEARCHED_ROWS] if cell is not None}
    return all(header(column.title) in names for column in sheet.columns if column.required)


def _is_near(sheet: Sheet, raw: RawSheet) -> bool:
    mine, its = comparable(sheet.title), comparable(raw.title)
    return mine in its or SequenceMatcher(None, mine, its).ratio() >= _NEAR


def match_headers(sheet: Sheet, raw: RawSheet) -> tuple[SheetLayout, list[Finding], list[Finding]]:
    """Where the headers of `sheet` are in `raw`, what forbids reading on, and what else is to be said."""
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
    rows = sort_out(sheet, raw, headers, places) if len(places) == len(sheet.columns) else RowsBelow()
    layout = SheetLayout(sheet, raw, headers, places, rows)
    unknown = [place for place in unknown if place in headers.cells or not _holds_no_data(layout, place)]
    return layout, [*critical, *_missing(layout, unknown), *_above(layout)], _remarks(layout, unknown)


def _holds_no_data(layout: SheetLayout, place: int) -> bool:
    """Whether all of an Excel column stands in totals and footers, which are often wider than the table."""
    top = layout.headers.first_data_row
    cells = enumerate(layout.raw.columns[place - 1][top - 1 :], top)
    return all(row in layout.below.no_data for row, cell in cells if not is_blank(cell))


def _missing(layout: SheetLayout, unknown: Sequence[int]) -> list[Finding]:
    if not layout.places and layout.raw.properties.pictured:
        return [finding("F11", "picture", sheet=layout.sheet.title, where=layout.headers.where)]
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
    """F18 for headers in other rows and for columns in another order; F12 for each unknown column but schools' names
    beside their codes.
    """
    sheet, headers = layout.sheet, layout.headers
    has_codes = any(column.type is Type.SCHOOL_CODE for column in sheet.columns)
    known = frozenset(NAMES_BESIDE_CODES.values()) if has_codes else frozenset()
    remarks = []
    for position in unknown:
        cell = headers.cells.get(position)
        if cell is not None and cell.name in known:
            continue
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
