"""A sheet of a template to copy from: people whom earlier reports named. A check does not read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import xlsxwriter

from district_reports.model.form import Column
from district_reports.workbook.formats import Styles, text_width

_HEADER_ROW = 2


@dataclass(frozen=True)
class RosterSheet:
    """``rows`` under ``columns`` of the data sheet ``copied_to``."""

    title: str
    copied_to: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, object]] = field(repr=False)


def write_roster(book: xlsxwriter.Workbook, roster: RosterSheet, styles: Styles) -> None:
    """Write the sheet."""
    page = book.add_worksheet(roster.title)
    page.write_string(0, 0, roster.title, styles.heading)
    page.write_string(
        1,
        0,
        f"以前报过的，列的顺序与“{roster.copied_to}”相同：选中一行，复制过去。本表不用填，也不上报。",
        styles.hint,
    )
    for place, column in enumerate(roster.columns):
        texts = ["" if row.get(column.name) is None else str(row[column.name]) for row in roster.rows]
        page.write_string(_HEADER_ROW, place, column.title, styles.table_header)
        for row, text in enumerate(texts, start=_HEADER_ROW + 1):
            page.write_string(row, place, text, styles.cell)
        page.set_column(place, place, min(max(map(text_width, (column.title, *texts))) + 3, 30))
    page.freeze_panes(_HEADER_ROW + 1, 0)
    page.protect("", {"autofilter": True, "sort": True, "format_columns": True})
    page.autofilter(_HEADER_ROW, 0, _HEADER_ROW + len(roster.rows), len(roster.columns) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(_HEADER_ROW)
