"""Sheets and headers: which column of the file is which column of the form (forms.md, rules F10–F13, F18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from district_reports.checks.catalogue import finding
from district_reports.checks.convert import is_blank
from district_reports.model.finding import Finding
from district_reports.model.form import FIRST_DATA_ROW, HEADER_ROW, Form, Sheet
from district_reports.workbook.names import address, column_letter, comparable, header
from district_reports.workbook.raw import RawSheet
from district_reports.workbook.show import shown


@dataclass(frozen=True)
class SheetLayout:
    """Where a sheet's columns are: column name → Excel column, from 1."""

    sheet: Sheet
    raw: RawSheet
    places: Mapping[str, int]


@dataclass(frozen=True)
class Structure:
    """The layouts of all data sheets; empty when a critical finding forbids reading on."""

    layouts: tuple[SheetLayout, ...]
    findings: tuple[Finding, ...]


def find_sheet(sheets: Sequence[RawSheet], title: str) -> RawSheet | None:
    """The sheet called `title`, compared without white space and width."""
    return next((sheet for sheet in sheets if comparable(sheet.title) == comparable(title)), None)


def check_structure(form: Form, sheets: Sequence[RawSheet]) -> Structure:
    """Find each data sheet and each column; F10, F11 and F13 are gathered and end the reading."""
    critical: list[Finding] = []
    remarks: list[Finding] = []
    layouts = []
    for sheet in form.sheets:
        raw = find_sheet(sheets, sheet.title)
        if raw is None:
            critical.append(finding("F10", sheet=sheet.title))
            continue
        layout, wrong, noted = _match_headers(sheet, raw)
        layouts.append(layout)
        critical += wrong
        remarks += noted
    if critical:
        return Structure((), tuple(critical))
    return Structure(tuple(layouts), tuple(remarks))


def _match_headers(sheet: Sheet, raw: RawSheet) -> tuple[SheetLayout, list[Finding], list[Finding]]:
    wanted = {header(column.title): column.name for column in sheet.columns}
    places: dict[str, int] = {}
    unknown: list[int] = []
    critical: list[Finding] = []
    seen: dict[str, int] = {}
    for position in range(1, len(raw.columns) + 1):
        text = header(shown(raw.cell(HEADER_ROW, position)))
        if not text:
            if not all(is_blank(cell) for cell in raw.columns[position - 1][FIRST_DATA_ROW - 1 :]):
                unknown.append(position)
            continue
        if text in seen:
            critical.append(
                finding(
                    "F13",
                    sheet=sheet.title,
                    cell=address(HEADER_ROW, position),
                    column=text,
                    first=address(HEADER_ROW, seen[text]),
                )
            )
            continue
        seen[text] = position
        if text in wanted:
            places[wanted[text]] = position
        else:
            unknown.append(position)
    critical += _missing(sheet, raw, places, unknown)
    return SheetLayout(sheet, raw, places), critical, _remarks(sheet, raw, places, unknown)


def _missing(sheet: Sheet, raw: RawSheet, places: Mapping[str, int], unknown: Sequence[int]) -> list[Finding]:
    titles = [shown(raw.cell(HEADER_ROW, position)).strip() for position in unknown]
    strangers = "、".join(f"“{title[:40]}”" for title in titles[:10] if title)
    return [
        finding(
            "F11",
            "perhaps" if strangers else "default",
            sheet=sheet.title,
            column=column.title,
            field=column.name,
            unknown=strangers,
        )
        for column in sheet.columns
        if column.name not in places
    ]


def _remarks(sheet: Sheet, raw: RawSheet, places: Mapping[str, int], unknown: Sequence[int]) -> list[Finding]:
    """F12 for each unknown column and F18 for another order."""
    remarks = []
    for position in unknown:
        title = shown(raw.cell(HEADER_ROW, position)).strip()
        remarks.append(
            finding(
                "F12",
                "default" if title else "no_header",
                sheet=sheet.title,
                cell=address(HEADER_ROW, position),
                column=title or None,
                letter=column_letter(position),
            )
        )
    order = [places[column.name] for column in sheet.columns if column.name in places]
    if order != sorted(order):
        remarks.append(finding("F18", sheet=sheet.title))
    return remarks
