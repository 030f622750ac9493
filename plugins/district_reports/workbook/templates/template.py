"""Write the workbook that a district fills in, from the form's declaration (docs/contract.md, "Layout of a workbook").

xlsxwriter rather than openpyxl: formats and validation of a whole column are one entry each, and the same input gives
the same bytes. Nothing below row 3 is a cell until the clerk types one.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from district_reports.model.form import Form
from district_reports.model.period import CHINESE, EXAMPLES, Period
from district_reports.reference.register import District, Register
from district_reports.workbook.formats import BLUE, DATE_FORMAT, FONT, LINE_HEIGHT, TO_FILL, Styles
from district_reports.workbook.templates.code_lists import YES_NO, CodeLists
from district_reports.workbook.templates.data_sheet import DATE_RULE, write_data_sheet
from district_reports.workbook.templates.instructions import Rule, write_instructions
from district_reports.workbook.templates.roster import RosterSheet, write_roster

COVER = "封面"
FILLER, TELEPHONE = "填报人", "联系电话"
COVER_LABELS = (
    *("报表代码", "报表名称", "模板版本", "填报单位代码", "填报单位", "报告期"),
    *(FILLER, TELEPHONE, "填报日期", "无数据申报", "情况说明"),
)
_MAY_BE_KNOWN = ("报告期", FILLER, TELEPHONE)
_CREATED = datetime(2020, 1, 1)  # noqa: DTZ001 (xlsxwriter wants it naive)
"""Fixed, so that the same template is the same file, byte for byte."""


def write_template(
    form: Form,
    register: Register,
    district: District | None,
    period: Period | None,
    path: Path,
    rows: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    cover: Mapping[str, str] | None = None,
    rules: Sequence[Rule] = (),
    rosters: Sequence[RosterSheet] = (),
    notes: Mapping[str, Sequence[str]] | None = None,
    look: Callable[[xlsxwriter.Workbook], Styles] = Styles,
) -> None:
    """Write a template for `form` to `path`, blank or with `rows` (table → rows → column name → value).

    `district` and `period` are filled in on the cover where they are known. `cover` gives further values by label, or
    other ones. Values are str, int, float, Decimal, date or None (left blank); a text is always written as text, even
    one that begins with ``=``. `rosters` are sheets to copy from, behind the data sheets;
    `notes` gives a comment for the first key cell of each row of a table.

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
        book.set_properties({"title": form.title, "subject": values["报告期"], "created": _CREATED})
        styles = look(book)
        _write_cover(book, form, values, styles)
        for sheet in form.sheets:
            write_data_sheet(
                book, form, sheet, rows.get(sheet.table, ()), lists, styles, (notes or {}).get(sheet.table, ())
            )
        for roster in rosters:
            write_roster(book, roster, styles)
        write_instructions(book, form, period, rules, styles)
        lists.write(book, form, styles)


def _write_cover(book: xlsxwriter.Workbook, form: Form, values: Mapping[str, str], styles: Styles) -> None:
    sheet = book.add_worksheet(COVER)
    sheet.set_tab_color(BLUE)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 38)
    sheet.set_column(2, 2, 62)
    hints = _hints(form)
    given = {"报表代码", "报表名称", "模板版本"} | {label for label in ("填报单位代码", "填报单位") if values[label]}
    for row, label in enumerate(COVER_LABELS):
        sheet.set_row(row, 5 * LINE_HEIGHT if label == "情况说明" else 27)
        sheet.write_string(row, 0, label, styles.label)
        is_date = label == "填报日期"
        known = label in given or (label in _MAY_BE_KNOWN and values[label])
        cell = styles.value(DATE_FORMAT if is_date else "@", locked=label in given, fill=None if known else TO_FILL)
        day = _as_day(values[label]) if is_date else None
        if day is not None:
            sheet.write_datetime(row, 1, day, cell)
        elif values[label]:
            sheet.write_string(row, 1, values[label], cell)
        else:
            sheet.write_blank(row, 1, None, cell)
        if label in hints:
            sheet.write_string(row, 2, hints[label], styles.hint)
    sheet.data_validation(COVER_LABELS.index("填报日期"), 1, COVER_LABELS.index("填报日期"), 1, DATE_RULE)
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


def _hints(form: Form) -> dict[str, str]:
    kind = CHINESE[form.period_kind]
    return {
        "报表代码": "系统据此识别报表，请勿改动。",
        "模板版本": "请勿改动。",
        "填报单位代码": "6位代码，须与上报文件夹一致。",
        "报告期": f"{kind}报，写作 {EXAMPLES[form.period_kind]}。",
        FILLER: "请填写姓名。",
        TELEPHONE: "有疑问时联系用。",
        "填报日期": "如 2020-07-02。",
        "无数据申报": (
            f"本{kind}确无数据的选“是”，数据表留空；有数据的选“否”。"
            if form.nil_allowed
            else "本报表不适用，请保持“否”。"
        ),
        "情况说明": "选填。对数据的说明写在这里。",
    }


def _as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
