"""Write the workbook that a district fills in, from the form's declaration (docs/contract.md, "Layout of a workbook").

xlsxwriter rather than openpyxl: formats and validation of a whole column are one entry each, and the same input gives
the same bytes. Nothing below row 3 is a cell until the clerk types one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from district_reports.model.form import Form
from district_reports.model.period import CHINESE, EXAMPLES, Period
from district_reports.reference.register import District, Register
from district_reports.workbook.formats import BLUE, DATE_FORMAT, FONT, KNOWN, LINE_HEIGHT, TO_FILL, Styles
from district_reports.workbook.new_book import CREATED
from district_reports.workbook.templates.code_lists import YES_NO, CodeLists
from district_reports.workbook.templates.data_sheet import Content, write_data_sheet
from district_reports.workbook.templates.formulas import chosen, followed
from district_reports.workbook.templates.helper_sheet import Helper
from district_reports.workbook.templates.instructions import Rule, write_instructions
from district_reports.workbook.templates.layout import Layout
from district_reports.workbook.templates.validation import date_rule

COVER = "封面"
FILLER, TELEPHONE = "填报人", "联系电话"
COVER_LABELS = (
    *("报表代码", "报表名称", "模板版本", "填报单位代码", "填报单位", "报告期"),
    *(FILLER, TELEPHONE, "填报日期", "无数据申报", "情况说明"),
)
PICKED_ROWS = 200
"""Rows of a blank data sheet in which a school's name brings its code."""
_OPTIONAL = "情况说明"


def write_template(
    form: Form,
    register: Register,
    district: District | None,
    period: Period | None,
    path: Path,
    rows: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    cover: Mapping[str, str] | None = None,
    rules: Sequence[Rule] = (),
    results: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    prepared: Mapping[str, int] | None = None,
    helpers: Sequence[Helper] = (),
    look: Callable[[xlsxwriter.Workbook], Styles] = Styles,
) -> None:
    """Write a template for `form` to `path`, blank or with `rows` (table → rows → column name → value).

    `district` and `period` are filled in on the cover where they are known. `cover` gives further values by label, or
    other ones. Values are str, int, float, Decimal, date or None (left blank); a text is always written as text, even
    one that begins with ``=``. `helpers` are sheets behind the data sheets whose rows fill these by formulas: those of
    a table's `rows` yield `results`, and as many rows as `prepared` says stand ready below.

    Raises:
        KeyError: `rows` names a table or column, or `cover` a label, that there is not.
        TypeError: a value of another type.
    """
    known = {
        "报表代码": form.key,
        "报表名称": form.title,
        "模板版本": form.version,
        "填报单位代码": district.code if district else "",
        "填报单位": district.name if district else "",
        "报告期": period.text if period else "",
        "无数据申报": YES_NO[1],
    }
    values = dict.fromkeys(COVER_LABELS, "") | known | dict(cover or {})
    if unknown := values.keys() - set(COVER_LABELS):
        raise KeyError(f"no such label on the cover: {sorted(unknown)}")
    rows = rows or {}
    if unknown := rows.keys() - {sheet.table for sheet in form.sheets}:
        raise KeyError(f"{form.key} has no table {sorted(unknown)}")

    lists = CodeLists.of(form, register, district, period)
    options = {"in_memory": True, "default_format_properties": {"font_name": FONT, "font_size": 10}}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": form.title, "subject": values["报告期"], "created": CREATED})
        styles = look(book)
        _write_cover(book, form, period, values, styles)
        sheets = list(_sheets(form, lists, rows, results or {}, prepared or {}, helpers))
        for layout, content in sheets:
            write_data_sheet(book, form.title, layout, content, lists, styles)
        helping = [layout.sheet for layout, _ in sheets[len(form.sheets) :]]
        write_instructions(book, form, period, rules, styles, helping)
        lists.write(book, form, styles)


def _sheets(
    form: Form,
    lists: CodeLists,
    rows: Mapping[str, Sequence[Mapping[str, object]]],
    results: Mapping[str, Sequence[Mapping[str, object]]],
    prepared: Mapping[str, int],
    helpers: Sequence[Helper],
) -> Iterator[tuple[Layout, Content]]:
    """The data sheets and what stands there, and behind them the helper sheets."""
    with_names = bool(lists.schools)
    data = [
        (
            Layout.of(sheet, with_names=with_names),
            Content(
                rows=rows.get(sheet.table, ()),
                results=results.get(sheet.table, ()),
                # In a blank one schools are picked by their names.
                prepared=prepared.get(sheet.table, 0 if rows else PICKED_ROWS),
            ),
        )
        for sheet in form.sheets
    ]
    helping = [
        (layout, helper.content(layout)) for helper in helpers for layout in (helper.layout(with_names=with_names),)
    ]
    places = {layout.sheet.title: (layout, content.last_row) for layout, content in (*data, *helping)}
    titles = {sheet.table: sheet.title for sheet in form.sheets}
    for layout, content in data:
        follows = layout.sheet.follows if helpers or layout.sheet.table in prepared else ()
        formulas = followed(layout, follows, titles, places, lists)
        yield layout, replace(content, formulas=formulas, choices=chosen(follows, places))
    yield from helping


def _write_cover(
    book: xlsxwriter.Workbook, form: Form, period: Period | None, values: Mapping[str, str], styles: Styles
) -> None:
    sheet = book.add_worksheet(COVER)
    sheet.set_tab_color(BLUE)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 38)
    sheet.set_column(2, 2, 62)
    hints = _hints(form, period)
    given = {"报表代码", "报表名称", "模板版本"} | {label for label in ("填报单位代码", "填报单位") if values[label]}
    for row, label in enumerate(COVER_LABELS):
        sheet.set_row(row, 5 * LINE_HEIGHT if label == "情况说明" else 27)
        sheet.write_string(row, 0, label, styles.label)
        is_date = label == "填报日期"
        fill = KNOWN if values[label] else None if label == _OPTIONAL else TO_FILL
        cell = styles.value(DATE_FORMAT if is_date else "@", locked=label in given, fill=fill)
        day = _as_day(values[label]) if is_date else None
        if day is not None:
            sheet.write_datetime(row, 1, day, cell)
        elif values[label]:
            sheet.write_string(row, 1, values[label], cell)
        else:
            sheet.write_blank(row, 1, None, cell)
        if label in hints:
            sheet.write_string(row, 2, hints[label], styles.hint)
        elif label == "报表名称":
            sheet.write_rich_string(row, 2, *styles.cover_legend(), styles.hint)
    sheet.data_validation(
        *(COVER_LABELS.index("填报日期"), 1, COVER_LABELS.index("填报日期"), 1), date_rule(_filled_on(period))
    )
    sheet.data_validation(
        *(COVER_LABELS.index("无数据申报"), 1, COVER_LABELS.index("无数据申报"), 1),
        {"validate": "list", "source": list(YES_NO), "error_title": "无数据申报", "error_message": "请选“是”或“否”。"},
    )
    sheet.freeze_panes(0, 1)
    sheet.hide_gridlines(2)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    # The labels begin in the first row, so the title stands in the page header.
    sheet.set_margins(top=1.1)
    sheet.set_header(f"&C&18{form.title}")
    sheet.activate()
    sheet.set_selection(*(COVER_LABELS.index(FILLER), 1, COVER_LABELS.index(FILLER), 1))


def _hints(form: Form, period: Period | None) -> dict[str, str]:
    kind = CHINESE[form.period_kind]
    written = f"写作 {period.text if period else EXAMPLES[form.period_kind]}"
    return {
        "报表代码": "系统据此识别报表，请勿改动。",
        "模板版本": "请勿改动。",
        "填报单位代码": "6位代码，须与上报文件夹一致。",
        "报告期": f"{kind}报，{written}。",
        FILLER: "请填写姓名。",
        TELEPHONE: "有疑问时联系用。",
        "填报日期": f"如 {_filled_on(period).isoformat()}。",
        "无数据申报": (
            f"本{kind}确无数据的选“是”，数据表留空；有数据的选“否”。"
            if form.nil_allowed
            else "本报表不适用，请保持“否”。"
        ),
        "情况说明": "选填。对数据的说明写在这里。",
    }


def _filled_on(period: Period | None) -> date:
    """A day on which the workbook may be filled in, as an example."""
    return period.last_day + timedelta(days=2) if period else date(2020, 7, 2)


def _as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
