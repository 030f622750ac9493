"""One data sheet of a template: title, notes, locked headers, and columns that are ready to be filled in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

from district_reports.model.form import FIRST_DATA_ROW, HEADER_ROW, Column, Sheet, Type
from district_reports.workbook.formats import (
    DATE_FORMAT,
    LINE_HEIGHT,
    ORANGE,
    Styles,
    lines_needed,
    text_width,
)
from district_reports.workbook.names import column_letter
from district_reports.workbook.templates.code_lists import CodeLists
from district_reports.workbook.templates.data_page import DataPage
from district_reports.workbook.templates.formulas import code_of_name, name_of_code
from district_reports.workbook.templates.layout import Formula, Layout, NameBeside
from district_reports.workbook.templates.validation import validate_column, validate_name

PREPARED_ROWS = 2000
"""Empty rows with dropdowns and validation; formats and unlocking hold for the whole column."""
_NUMBER_FORMATS = {Type.INTEGER: "0", Type.DECIMAL: "0.00", Type.DATE: DATE_FORMAT}
_WIDTHS = {Type.RESIDENT_ID: 21, Type.STUDENT_NO: 22, Type.SCHOOL_CODE: 13, Type.DATE: 12, Type.TEXT: 18}
_WIDEST_HEADER, _WIDEST_TEXT = 14, 36
_CENTRED = frozenset({Type.CODE, Type.YES_NO, Type.DATE, Type.SCHOOL_CODE})
_NARROWEST_TABLE = 84
_PERMITTED = (
    *("insert_rows", "delete_rows", "sort", "autofilter"),
    *("format_columns", "format_rows", "select_locked_cells", "select_unlocked_cells"),
)


@dataclass(frozen=True)
class Content:
    """What stands in a sheet before anybody types.

    ``results`` are what columns that follow yield in ``rows``, row by row. ``prepared`` rows below hold formulas alone.
    ``formulas`` are by column; ``choices`` are ranges of values to choose from, with the sheet that they stand on.
    ``hidden`` are titles of columns. What stands in the column ``once`` tells its row from all others.
    """

    rows: Sequence[Mapping[str, object]] = ()
    results: Sequence[Mapping[str, object]] = ()
    prepared: int = 0
    formulas: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    once: str | None = None

    @property
    def last_row(self) -> int:
        """The last row that dropdowns and validation reach."""
        return FIRST_DATA_ROW - 1 + len(self.rows) + max(self.prepared, PREPARED_ROWS)


def write_data_sheet(
    book: xlsxwriter.Workbook, title: str, layout: Layout, content: Content, lists: CodeLists, styles: Styles
) -> Any:
    """Write the sheet under `title` with `content` from row 4 on; the page of xlsxwriter."""
    sheet = layout.sheet
    page = book.add_worksheet(sheet.title, DataPage)
    page.set_tab_color(ORANGE)
    rows = list(_cells(layout, content, lists))
    widths = _widths(layout, lists, content.rows)
    # Where no rows stand yet, names alone will be grey.
    has_names = any(isinstance(each, NameBeside) for each in layout.fields)
    known_means = styles.known_means if content.rows else Styles.known_means if has_names else None
    heads = [_header_style(each, styles) for each in layout.fields]
    _heading(page, title, layout, widths, styles.legend(heads, known_means), styles, content)
    for place, (each, width, head) in enumerate(zip(layout.fields, widths, heads, strict=True)):
        page.set_column(place, place, width, _data_style(each, styles.data), {"hidden": each.title in content.hidden})
        page.write_string(HEADER_ROW - 1, place, each.title, head)
        if isinstance(each, Column):
            validate_column(page, layout, place, each, lists, content.choices.get(each.name), content.last_row)
        else:
            validate_name(page, place, each, rows, lists)
    # Excel deletes a row of a protected sheet only if no cell of it is locked, those beside the table included.
    page.set_columns_beside(len(widths), 9, styles.data("General"))
    _highlight(page, layout, styles, content)
    looks = [styles.given if isinstance(each, Column) else styles.beside for each in layout.fields]
    page.write_table(
        layout,
        rows,
        [_data_style(*each) for each in zip(layout.fields, looks, strict=True)],
        content.prepared,
        [_data_style(each, styles.data) for each in layout.fields],
    )
    # On a protected sheet Excel filters by what was there before it was protected.
    page.autofilter(HEADER_ROW - 1, 0, content.last_row - 1, len(widths) - 1)
    page.freeze_panes(HEADER_ROW, min(2, len(widths) - 1))
    page.set_selection(*(FIRST_DATA_ROW - 1, 0, FIRST_DATA_ROW - 1, 0))
    page.protect("", dict.fromkeys(_PERMITTED, True))
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(0.4, 0.4, 0.5, 0.6)
    page.repeat_rows(0, HEADER_ROW - 1)
    page.set_footer("&L&A&R第 &P 页 共 &N 页")
    return page


def _cells(layout: Layout, content: Content, lists: CodeLists) -> Iterator[Mapping[str, object]]:
    """The rows, then the prepared ones: values, and formulas where a value follows from others."""
    formulas = content.formulas
    empty: Mapping[str, object] = {}
    beside = [
        (each, name_of_code(layout, each, lists), Formula(code_of_name(layout, each, lists)))
        for each in layout.fields
        if isinstance(each, NameBeside)
    ]
    results = content.results or [empty] * len(content.rows)
    for row, yielded in [*zip(content.rows, results, strict=True), *[(empty, empty)] * content.prepared]:
        cells = dict(row)
        for name in formulas:
            if cells.get(name) is None:
                result = yielded.get(name)
                cells[name] = Formula(formulas[name], "" if result is None else result)
        for each, name_of, code_of in beside:
            code = row.get(each.code) or yielded.get(each.code)
            name = lists.names.get(str(code), "")
            if not content.prepared:
                # A finished workbook, which a reader takes by columns as long as no formula stands in it.
                cells[each.title] = name
            elif code or each.code in formulas or (content.rows and each.code in layout.sheet.key):
                # Below rows that are the schools themselves few are added, and no code looks as if one stood there.
                cells[each.title] = Formula(name_of, name)
            else:
                # The name is picked, and brings the code with it.
                cells[each.code] = code_of
        yield cells


def _heading(
    page: Any,
    title: str,
    layout: Layout,
    widths: Sequence[float],
    legend: Sequence[Any],
    styles: Styles,
    content: Content,
) -> None:
    # A row format locks what lies beside the table as well; the headers' own cells come on top of it.
    last = len(widths) - 1
    room = sum(width for each, width in zip(layout.fields, widths, strict=True) if each.title not in content.hidden)
    sheet = layout.sheet
    notes = [f"{sheet.notes}{_choosing(sheet, content)}\n"] if sheet.notes else []
    text = "".join([*notes, *(part for part in legend if isinstance(part, str))])
    page.set_row(0, 32, styles.locked_row)
    page.set_row(1, lines_needed(text, room) * LINE_HEIGHT + 5, styles.locked_row)
    deepest = max(lines_needed(column.title, width) for column, width in zip(layout.fields, widths, strict=True))
    page.set_row(HEADER_ROW - 1, deepest * LINE_HEIGHT + 7, styles.locked_row)
    for row, style in ((0, styles.title), (1, styles.notes)):
        if last:
            page.merge_range(row, 0, row, last, "", style)
    page.write_string(0, 0, f"{title} · {sheet.title}", styles.title)
    page.write_rich_string(1, 0, *notes, *legend, styles.notes)


def _choosing(sheet: Sheet, content: Content) -> str:
    chosen = "".join(f"“{sheet.by_name[name].title}”" for name in content.choices)
    return f"选{chosen}，有关各列自动带出，不对的直接改。" if chosen else ""


def _header_style(each: Column | NameBeside, styles: Styles) -> Any:
    if isinstance(each, NameBeside):
        return styles.header_beside
    if not each.required:
        return styles.table_header
    return styles.required if each.optional_when is None else styles.sometimes_required


def _data_style(each: Column | NameBeside, style: Callable[[str, str], Any]) -> Any:
    if isinstance(each, NameBeside):
        return style("General", "left")
    # Text format also keeps Excel from turning what a clerk types into a formula, a date or a rounded number.
    number_format = _NUMBER_FORMATS.get(each.type, "@")
    if each.type in (Type.INTEGER, Type.DECIMAL):
        return style(number_format, "right")
    return style(number_format, "center" if each.type in _CENTRED else "left")


def _widths(layout: Layout, lists: CodeLists, rows: Sequence[Mapping[str, object]]) -> list[float]:
    """A width for each field; a sheet of few columns is drawn out so that its title and notes have room."""
    longest_name = max(map(text_width, lists.names.values()), default=0)
    widths = [
        max(_width(layout.sheet, each, lists), _width_of_texts(each, rows))
        if isinstance(each, Column)
        else min(_WIDEST_TEXT, longest_name + 2)
        for each in layout.fields
    ]
    stretch = min(2.0, max(1.0, _NARROWEST_TABLE / sum(widths)))
    return [round(width * stretch, 1) for width in widths]


def _width(sheet: Sheet, column: Column, lists: CodeLists) -> float:
    """Wide enough for the longest code, and for the header on one line or, if it is long, on two or three."""
    codes = lists.lists.get((sheet.table, column.name), ())
    longest_code = max((text_width(code) for code in codes), default=0)
    remark = 30 if column.type is Type.TEXT and column.max_length > 200 else 0
    header = min(text_width(column.title), _WIDEST_HEADER) + 2
    return max(header, longest_code + 4, _WIDTHS.get(column.type, 0), remark, 8)


def _width_of_texts(column: Column, rows: Sequence[Mapping[str, object]]) -> int:
    """Room for the texts that are there from the beginning, such as schools' names, within reason."""
    if column.type is not Type.TEXT:
        return 0
    texts = {row.get(column.name) for row in rows}
    return min(_WIDEST_TEXT, 2 + max((text_width(text) for text in texts if isinstance(text, str)), default=0))


def _highlight(page: Any, layout: Layout, styles: Styles, content: Content) -> None:
    """Lines around rows that hold something, colour in required cells that such a row leaves empty and in names that
    come up beside codes.
    """
    first, last = FIRST_DATA_ROW - 1, content.last_row - 1
    cells = {name: f"${letter}{FIRST_DATA_ROW}" for name, letter in layout.letters.items()}
    # A formula that yields "" is no content.
    filled = f'SUMPRODUCT(--($A{FIRST_DATA_ROW}:${layout.last_letter}{FIRST_DATA_ROW}<>""))>0'
    for place, column in enumerate(layout.fields):
        if not isinstance(column, Column) or not column.required:
            continue
        conditions = [filled, f'{cells[column.name]}=""']
        if unless := column.optional_when:
            # Until it is known what the row is, nothing is demanded; a check sees it so, too.
            conditions.append(f'{cells[unless.column]}<>""')
            conditions += [f'{cells[unless.column]}<>"{value}"' for value in unless.values]
        page.conditional_format(
            *(first, place, last, place),
            {"type": "formula", "criteria": f"=AND({','.join(conditions)})", "format": styles.still_empty},
        )
    if content.once:
        letter = layout.letters[content.once]
        here, there = f"${letter}{FIRST_DATA_ROW}", f"${letter}${FIRST_DATA_ROW}:${letter}${content.last_row}"
        twice = f'=AND({here}<>"",SUMPRODUCT(--({there}={here}))>1)'
        keys = [place for place, each in enumerate(layout.fields) if isinstance(each, Column) and each.key]
        for place in keys:
            page.conditional_format(
                *(first, place, last, place), {"type": "formula", "criteria": twice, "format": styles.twice}
            )
    below = first + len(content.rows)
    for place, each in enumerate(layout.fields):
        # Of the form's own columns the cell's format decides: there an answer shows what is wrong.
        if isinstance(each, NameBeside):
            criteria = f'={column_letter(place + 1)}{below + 1}<>""'
            page.conditional_format(
                *(below, place, last, place),
                {"type": "formula", "criteria": criteria, "format": styles.filled_by_itself},
            )
    page.conditional_format(
        *(first, 0, last, len(layout.fields) - 1),
        {"type": "formula", "criteria": f"={filled}", "format": styles.filled_row},
    )
