"""One data sheet of a template: title, notes, locked headers, and columns that are ready to be filled in."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import xlsxwriter

from district_reports.model.form import FIRST_DATA_ROW, HEADER_ROW, Column, Form, Sheet, Type
from district_reports.workbook.formats import (
    DATE_FORMAT,
    FONT,
    LINE_HEIGHT,
    ORANGE,
    Styles,
    lines_needed,
    text_width,
)
from district_reports.workbook.names import column_letter
from district_reports.workbook.templates.code_lists import CodeLists
from district_reports.workbook.templates.data_page import DataPage

PREPARED_ROWS = 2000
"""Empty rows with dropdowns and validation; formats and unlocking hold for the whole column."""
DATE_RULE: dict[str, Any] = {
    "validate": "date",
    "criteria": "between",
    "minimum": date(1990, 1, 1),
    "maximum": date(2099, 12, 31),
    "error_title": "日期",
    "error_message": "请输入日期，如 2020-06-15。",
}
NOTE_BOX = {"author": "模板", "font_name": FONT, "font_size": 10, "width": 190, "height": 34}
_NUMBER_FORMATS = {Type.INTEGER: "0", Type.DECIMAL: "0.00", Type.DATE: DATE_FORMAT}
_WIDTHS = {Type.RESIDENT_ID: 21, Type.STUDENT_NO: 22, Type.SCHOOL_CODE: 13, Type.DATE: 12, Type.TEXT: 18}
_WIDEST_HEADER, _WIDEST_TEXT = 14, 36
_CENTRED = frozenset({Type.CODE, Type.YES_NO, Type.DATE, Type.SCHOOL_CODE})
_NARROWEST_TABLE = 84
_PERMITTED = (
    *("insert_rows", "delete_rows", "sort", "autofilter"),
    *("format_columns", "format_rows", "select_locked_cells", "select_unlocked_cells"),
)


def write_data_sheet(
    book: xlsxwriter.Workbook,
    form: Form,
    sheet: Sheet,
    rows: Sequence[Mapping[str, object]],
    lists: CodeLists,
    styles: Styles,
    notes: Sequence[str] = (),
) -> None:
    """Write `sheet` with `rows` from row 4 on; see :func:`template.write_template`."""
    page = book.add_worksheet(sheet.title, DataPage)
    page.set_tab_color(ORANGE)
    widths = _widths(sheet, lists, rows)
    prepared = len(rows) + PREPARED_ROWS
    _heading(page, form, sheet, widths, styles)
    for place, (column, width) in enumerate(zip(sheet.columns, widths, strict=True)):
        page.set_column(place, place, width, _data_style(column, styles.data))
        page.write_string(HEADER_ROW - 1, place, column.title, _header_style(column, styles))
        _validate(page, sheet, place, lists, prepared)
    # Excel deletes a row of a protected sheet only if no cell of it is locked, those beside the table included.
    page.set_columns_beside(len(widths), 9, styles.data("General"))
    _highlight(page, sheet, styles, prepared)
    page.write_table(sheet, rows, [_data_style(column, styles.given) for column in sheet.columns])
    for row, words in enumerate(notes, start=FIRST_DATA_ROW - 1):
        # A column of their own would be one that the form does not have (F12).
        page.write_comment(row, list(sheet.by_name).index(sheet.key[0]), words, NOTE_BOX)
    page.freeze_panes(HEADER_ROW, min(2, len(widths) - 1))
    page.set_selection(*(FIRST_DATA_ROW - 1, 0, FIRST_DATA_ROW - 1, 0))
    page.protect("", dict.fromkeys(_PERMITTED, True))
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(0.4, 0.4, 0.5, 0.6)
    page.repeat_rows(0, HEADER_ROW - 1)
    page.set_footer("&L&A&R第 &P 页 共 &N 页")


def _heading(page: Any, form: Form, sheet: Sheet, widths: Sequence[float], styles: Styles) -> None:
    # A row format locks what lies beside the table as well; the headers' own cells come on top of it.
    last = len(widths) - 1
    notes = "\n".join(text for text in (sheet.notes, styles.legend) if text)
    page.set_row(0, 32, styles.locked_row)
    page.set_row(1, lines_needed(notes, sum(widths)) * LINE_HEIGHT + 5, styles.locked_row)
    deepest = max(lines_needed(column.title, width) for column, width in zip(sheet.columns, widths, strict=True))
    page.set_row(HEADER_ROW - 1, deepest * LINE_HEIGHT + 7, styles.locked_row)
    for row, text, style in ((0, f"{form.title} · {sheet.title}", styles.title), (1, notes, styles.notes)):
        if last:
            page.merge_range(row, 0, row, last, "", style)
        page.write_string(row, 0, text, style)


def _header_style(column: Column, styles: Styles) -> Any:
    if not column.required:
        return styles.table_header
    return styles.required if column.optional_when is None else styles.sometimes_required


def _data_style(column: Column, style: Callable[[str, str], Any]) -> Any:
    # Text format also keeps Excel from turning what a clerk types into a formula, a date or a rounded number.
    number_format = _NUMBER_FORMATS.get(column.type, "@")
    if column.type in (Type.INTEGER, Type.DECIMAL):
        return style(number_format, "right")
    return style(number_format, "center" if column.type in _CENTRED else "left")


def _widths(sheet: Sheet, lists: CodeLists, rows: Sequence[Mapping[str, object]]) -> list[float]:
    """A width for each column; a sheet of few columns is drawn out so that its title and notes have room."""
    widths = [max(_width(sheet, column, lists), _width_of_texts(column, rows)) for column in sheet.columns]
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


def _validate(page: Any, sheet: Sheet, place: int, lists: CodeLists, prepared: int) -> None:
    column = sheet.columns[place]
    rule = _rule(sheet, column, lists)
    if column.help:
        rule |= {"input_title": column.title[:32], "input_message": column.help[:255]}
    first = FIRST_DATA_ROW - 1
    page.data_validation(first, place, first + prepared - 1, place, rule | {"error_title": column.title[:32]})


def _rule(sheet: Sheet, column: Column, lists: CodeLists) -> dict[str, Any]:
    """The validation of a column as xlsxwriter takes it.

    It stops what can't be right; where a copy of the register may be out of date, or a slip can be mended, it warns.
    """
    lowest = column.minimum if column.minimum is not None else -999_999_999
    match column.type:
        case Type.CODE | Type.YES_NO:
            codes = lists.source(sheet.table, column.name)
            return {"validate": "list", "source": codes, "error_message": "请从下拉列表中选择。"}
        case Type.DATE:
            return dict(DATE_RULE)
        case Type.INTEGER:
            message = "请输入整数，不写单位。" if column.minimum is None else f"请输入不小于{lowest}的整数，不写单位。"
            return {"validate": "integer", "criteria": ">=", "value": lowest, "error_message": message}
        case Type.DECIMAL:
            return {
                "validate": "decimal",
                "criteria": ">=",
                "value": lowest,
                "error_message": "请输入数字，最多两位小数，不写单位。",
            }
        case Type.SCHOOL_CODE if source := lists.school_source():
            return {
                "validate": "list",
                "source": source,
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


def _highlight(page: Any, sheet: Sheet, styles: Styles, prepared: int) -> None:
    """Lines around rows that hold something, and colour in required cells that such a row leaves empty."""
    first, last = FIRST_DATA_ROW - 1, FIRST_DATA_ROW + prepared - 2
    end = column_letter(len(sheet.columns))
    filled = f"COUNTA($A{FIRST_DATA_ROW}:${end}{FIRST_DATA_ROW})>0"
    letters = {column.name: column_letter(place) for place, column in enumerate(sheet.columns, start=1)}
    for place, column in enumerate(sheet.columns):
        if not column.required:
            continue
        conditions = [filled, f'${letters[column.name]}{FIRST_DATA_ROW}=""']
        if unless := column.optional_when:
            # Until it is known what the row is, nothing is demanded; a check sees it so, too.
            conditions.append(f'${letters[unless.column]}{FIRST_DATA_ROW}<>""')
            conditions += [f'${letters[unless.column]}{FIRST_DATA_ROW}<>"{value}"' for value in unless.values]
        page.conditional_format(
            *(first, place, last, place),
            {"type": "formula", "criteria": f"=AND({','.join(conditions)})", "format": styles.still_empty},
        )
    page.conditional_format(
        *(first, 0, last, len(sheet.columns) - 1),
        {"type": "formula", "criteria": f"={filled}", "format": styles.filled_row},
    )
