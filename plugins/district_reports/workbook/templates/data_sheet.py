"""One data sheet of a template: title, notes, locked headers, and columns that are ready to be filled in."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
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
from district_reports.workbook.templates.code_lists import CodeLists
from district_reports.workbook.templates.data_page import DataPage
from district_reports.workbook.templates.formulas import code_of_name, name_of_code
from district_reports.workbook.templates.layout import Formula, Layout, NameBeside

PREPARED_ROWS = 2000
"""Empty rows with dropdowns and validation; formats and unlocking hold for the whole column."""
_NUMBER_FORMATS = {Type.INTEGER: "0", Type.DECIMAL: "0.00", Type.DATE: DATE_FORMAT}
_WIDTHS = {Type.RESIDENT_ID: 21, Type.STUDENT_NO: 22, Type.SCHOOL_CODE: 13, Type.DATE: 12, Type.TEXT: 18}
_WIDEST_HEADER, _WIDEST_TEXT = 14, 36
_CENTRED = frozenset({Type.CODE, Type.YES_NO, Type.DATE, Type.SCHOOL_CODE})
_NARROWEST_TABLE = 84
_FOLLOWS = "灰格：自动带出，不对的直接改"
"""What a grey cell says in a sheet without rows."""
_PERMITTED = (
    *("insert_rows", "delete_rows", "sort", "autofilter"),
    *("format_columns", "format_rows", "select_locked_cells", "select_unlocked_cells"),
)


@dataclass(frozen=True)
class Content:
    """What stands in a sheet before anybody types.

    ``results`` are what columns that follow yield in ``rows``, row by row. ``prepared`` rows below hold formulas alone.
    ``formulas`` are by column; ``choices`` are ranges of values to choose from, with the sheet that they stand on.
    ``hidden`` are titles of columns.
    """

    rows: Sequence[Mapping[str, object]] = ()
    results: Sequence[Mapping[str, object]] = ()
    prepared: int = 0
    formulas: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()

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
    known_means = styles.known_means if content.rows else _FOLLOWS if content.formulas else None
    _heading(page, title, layout, widths, styles.legend(known_means), styles, content.hidden)
    for place, (each, width) in enumerate(zip(layout.fields, widths, strict=True)):
        page.set_column(place, place, width, _data_style(each, styles.data), {"hidden": each.title in content.hidden})
        page.write_string(HEADER_ROW - 1, place, each.title, _header_style(each, styles))
        if isinstance(each, Column):
            _validate(page, layout, place, each, lists, content)
        else:
            _validate_name(page, place, each, rows, lists)
    # Excel deletes a row of a protected sheet only if no cell of it is locked, those beside the table included.
    page.set_columns_beside(len(widths), 9, styles.data("General"))
    _highlight(page, layout, styles, content)
    looks = [styles.given if isinstance(each, Column) else styles.beside for each in layout.fields]
    page.write_table(layout, rows, [_data_style(*each) for each in zip(layout.fields, looks, strict=True)])
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
            elif not row or layout.sheet.by_name[each.code].optional_when is None:
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
    hidden: Collection[str],
) -> None:
    # A row format locks what lies beside the table as well; the headers' own cells come on top of it.
    last = len(widths) - 1
    room = sum(width for each, width in zip(layout.fields, widths, strict=True) if each.title not in hidden)
    sheet = layout.sheet
    notes = [f"{sheet.notes}\n"] if sheet.notes else []
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


def _validate(page: Any, layout: Layout, place: int, column: Column, lists: CodeLists, content: Content) -> None:
    rule = _rule(layout.sheet, column, lists)
    if column.name in content.choices:
        rule = _choice(*content.choices[column.name])
    if column.help:
        rule |= {"input_title": column.title[:32], "input_message": column.help[:255]}
    page.data_validation(
        *(FIRST_DATA_ROW - 1, place, content.last_row - 1, place), rule | {"error_title": column.title[:32]}
    )


def _choice(area: str, title: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": f"={area}",
        "error_type": "warning",
        "error_message": f"“{title}”里没有这一项。在那里加一行，其余各列会自动带出；也可以在这里逐列填写。",
    }


def _validate_name(
    page: Any, place: int, beside: NameBeside, rows: Sequence[Mapping[str, object]], lists: CodeLists
) -> None:
    """Where the name follows from the code nothing can be typed; where it brings the code it is picked.

    Locking the cells would keep Excel from deleting and sorting their rows.
    """
    follows: dict[str, Any] = {
        "validate": "custom",
        "value": "=FALSE",
        "error_message": "名称由标识码带出，不用填。学校不对的，改标识码。",
    }
    picked: dict[str, Any] = {
        "validate": "list",
        "source": f"={lists.school_names}",
        "error_message": "请从下拉列表选择，标识码会自动带出。列表里没有的，在标识码一列填代码。",
        "input_title": beside.title,
        "input_message": "在这里选名称，旁边的标识码自动带出。",
    }
    at = FIRST_DATA_ROW - 1
    for is_there, run in groupby(cells.get(beside.title) is not None for cells in rows):
        last = at + len(list(run)) - 1
        rule = follows if is_there else picked
        page.data_validation(at, place, last, place, rule | {"error_title": beside.title})
        at = last + 1


def _rule(sheet: Sheet, column: Column, lists: CodeLists) -> dict[str, Any]:
    """The validation of a column as xlsxwriter takes it.

    It stops what can't be right; where a copy of the register may be out of date, or a slip can be mended, it warns.
    """
    match column.type:
        case Type.CODE | Type.YES_NO:
            codes = lists.source(sheet.table, column.name)
            return {"validate": "list", "source": codes, "error_message": "请从下拉列表中选择。"}
        case Type.DATE:
            return date_rule(lists.day)
        case Type.INTEGER:
            return {"validate": "integer", **_bounds(column, "整数，不写单位")}
        case Type.DECIMAL:
            return {"validate": "decimal", **_bounds(column, "数字，最多两位小数，不写单位")}
        case Type.SCHOOL_CODE if lists.schools:
            return {
                "validate": "list",
                "source": f"={lists.school_codes}",
                "error_type": "warning",
                "error_message": "代码表里没有这所学校，请核对标识码。",
            }
        case Type.TEXT:
            return {
                "validate": "length",
                "criteria": "<=",
                "value": column.max_length,
                "error_message": f"不超过{column.max_length}字。",
            }
    length = {Type.RESIDENT_ID: 18, Type.STUDENT_NO: 19, Type.SCHOOL_CODE: 10}[column.type]
    return {
        "validate": "length",
        "criteria": "==",
        "value": length,
        "error_type": "warning",
        "error_message": f"应为{length}位，请核对。",
    }


def date_rule(example: date) -> dict[str, Any]:
    """The validation of a date as xlsxwriter takes it."""
    return {
        "validate": "date",
        "criteria": "between",
        "minimum": date(2000, 1, 1),
        "maximum": date(2099, 12, 31),
        "error_title": "日期",
        "error_message": f"请输入日期，如 {example.isoformat()}。",
    }


def _bounds(column: Column, what: str) -> dict[str, Any]:
    if column.between:
        lowest, highest = column.between
        message = f"请输入 {lowest} 至 {highest} 的{what}。"
        return {"criteria": "between", "minimum": lowest, "maximum": highest, "error_message": message}
    lowest = column.minimum if column.minimum is not None else -999_999_999
    message = f"请输入{what}。" if column.minimum is None else f"请输入不小于 {lowest} 的{what}。"
    return {"criteria": ">=", "value": lowest, "error_message": message}


def _highlight(page: Any, layout: Layout, styles: Styles, content: Content) -> None:
    """Lines around rows that hold something, and colour in required cells that such a row leaves empty."""
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
    page.conditional_format(
        *(first, 0, last, len(layout.fields) - 1),
        {"type": "formula", "criteria": f"={filled}", "format": styles.filled_row},
    )
