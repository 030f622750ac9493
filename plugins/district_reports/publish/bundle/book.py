"""The workbook of a bundle: 封面, 说明, a sheet for each table, and 修订. The same content gives the same bytes."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from district_reports import clock
from district_reports.publish.bundle.blanks import MEANINGS, Blank
from district_reports.publish.bundle.changes_files import causes_of
from district_reports.publish.bundle.content import Content, Table
from district_reports.publish.bundle.dictionary import LEVELS
from district_reports.publish.bundle.package import title
from district_reports.publish.bundle.table_file import NOW, title_of
from district_reports.publish.bundle.wording import LANGUAGE, LEVEL_WORDS, Wording, boundaries_of
from district_reports.workbook.formats import DATE_FORMAT, HIGHEST_ROW, LINE_HEIGHT, fit_to_paper, lines_needed
from district_reports.workbook.new_book import CREATED, row_by_row

COVER, NOTES, CHANGES = "封面", "说明", "修订"
_PAPER = 8
"""A3, of which a city table takes the width."""
_WIDTH, _LONG = 13, 40
_LONG_TEXT = 26
"""In columns of a half-width digit: what is longer gets a wide column."""
_CODES = {
    Blank.WITHHELD: "因保护个人信息不公布的数字。",
    Blank.NO_DATA: "没有通过的报表，或没有可比较的更早报表。",
    Blank.NOT_APPLICABLE: "这一行没有这个指标，或没有可计量的对象。",
}
_NOTES = {
    "表": 18, "列": 22, "英文名称": 22, "单位": 8, "定义": 50, "分子": 18, "分母": 18, "各级关系": 16, "注意": 44,
}  # fmt: skip
_CHANGES = {"表": 18, "报告期": 10, "区域": 14, "分类": 24, "指标": 22, "原数": 12, "现数": 12, "原因": 16}


class _Looks:
    """The formats of the book, one of each kind."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        top = {"valign": "top", "text_wrap": True}
        self.title = book.add_format({"bold": True, "font_size": 20, "font_color": "#1F3A5F"})
        self.label = book.add_format({"bold": True, **top})
        self.text = book.add_format(top)
        self.head = book.add_format({**top, "bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF"})
        self.whole, self.decimals = (
            book.add_format({"valign": "top", "num_format": each}) for each in ("#,##0", "#,##0.00")
        )
        self.date = book.add_format({"valign": "top", "align": "left", "num_format": DATE_FORMAT})
        self.blank = book.add_format({"valign": "top", "align": "right", "font_color": "#8A94A3"})
        self.withheld = book.add_format({"valign": "top", "align": "right", "font_color": "#9A3412", "italic": True})

    def of_blank(self, blank: Blank) -> Format:
        return self.withheld if blank is Blank.WITHHELD else self.blank


def workbook(content: Content) -> bytes:
    """The whole workbook.

    Every text goes out as a string cell, every figure as a number; what is withheld as the word 已隐去.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, row_by_row()) as book:
        book.set_properties({"title": title(content), "created": CREATED})
        looks = _Looks(book)
        _write_cover(book, content, looks)
        _write_notes(book, content, looks)
        for table in content.every_table:
            _write_table(book, content, table, looks)
        if content.against is not None:
            _write_changes(book, content, looks)
    return out.getvalue()


def _write_cover(book: xlsxwriter.Workbook, content: Content, looks: _Looks) -> None:
    sheet = book.add_worksheet(COVER)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 90)
    fit_to_paper(sheet)
    version = content.version
    moments = [f"{each.astimezone(clock.ZONE):%Y-%m-%d %H:%M}" for each in (version.left_at, version.known_at)]
    hidden = sum(1 for table in content.every_table for _ in table.withheld())
    facts = [
        ("报告期", version.period),
        (
            "版本",
            version.version
            if content.against is None
            else f"{version.version}（与 {content.against} 相比的修订见“{CHANGES}”）",
        ),
        ("对外发布", moments[0]),
        ("数据截至", f"{moments[1]}（第 {version.release_id} 次发布）"),
        ("已隐去的数字", f"{hidden:,} 个"),
        ("表格", "、".join(title_of(content, table) for table in content.every_table)),
        *((MEANINGS[blank][LANGUAGE], said) for blank, said in _CODES.items()),
        ("0", "就是零。"),
        ("定义", f"各列的定义、分子、分母和单位见“{NOTES}”。"),
    ]
    sheet.set_row(0, 34)
    sheet.write_string(0, 0, title(content), looks.title)
    for row, (name, value) in enumerate(facts, 2):
        sheet.set_row(row, LINE_HEIGHT * lines_needed(value, 90))
        sheet.write_string(row, 0, name, looks.label)
        sheet.write_string(row, 1, value, looks.text)


def _write_notes(book: xlsxwriter.Workbook, content: Content, looks: _Looks) -> None:
    rows: list[tuple[str, ...]] = []
    for table in content.tables:
        words, english = content.chinese.words(table.name), content.english.words(table.name)
        rows.append((words.title, "", english.title, "", words.definition(table.name), "", "", "", ""))
        for name in table.columns:
            card = content.chinese.card(table.name, name)
            made_of = ["" if each is None else each.title for each in (card.numerator, card.denominator)]
            caveats = "；".join(card.caveats)
            unit = "" if card.unit.startswith("{") else card.unit
            rows.append(
                (
                    words.title,
                    card.title,
                    english.of(name),
                    unit,
                    card.definition,
                    *made_of,
                    LEVELS[card.level],
                    caveats,
                )
            )
    _write_list(book, NOTES, _NOTES, rows, looks)


def _write_changes(book: xlsxwriter.Workbook, content: Content, looks: _Looks) -> None:
    wording = Wording(content)
    rows: list[tuple[str, ...]] = []
    for each in content.changes:
        words = content.chinese.words(each.table)
        now = NOW[LANGUAGE] if boundaries_of(each.schema) == "now" else ""
        figures = (wording.figure(each.table, each.column, value) for value in (each.before, each.after))
        rows.append(
            (
                *(words.title + now, each.period or "", wording.area(each.period, each.area_code)),
                *(wording.parts(each.table, each.key), words.of(each.column), *figures, causes_of(each)),
            )
        )
    _write_list(book, CHANGES, _CHANGES, rows, looks)


def _write_list(
    book: xlsxwriter.Workbook, name: str, columns: Mapping[str, int], rows: Iterable[Sequence[str]], looks: _Looks
) -> None:
    sheet = book.add_worksheet(name)
    _lay_out(sheet, list(columns.values()), 1)
    sheet.fit_to_pages(1, 0)
    for place, header in enumerate(columns):
        sheet.write_string(0, place, header, looks.head)
    for number, row in enumerate(rows, 1):
        _make_room(sheet, number, row, list(columns.values()))
        for place, value in enumerate(row):
            sheet.write_string(number, place, value, looks.text)


def _write_table(book: xlsxwriter.Workbook, content: Content, table: Table, looks: _Looks) -> None:
    sheet = book.add_worksheet(title_of(content, table))
    words = content.chinese.words(table.name)
    columns = list(table.columns)
    widths = [_width(table, name) for name in columns]
    _lay_out(sheet, widths, columns.index("area_name") + 1 if "area_name" in columns else 1)
    heads = [words.headed(name) for name in columns]
    _make_room(sheet, 0, heads, widths)
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head, looks.head)
    number = 0
    for number, row in enumerate(table.rows, 1):
        cells = [_cell(words.value, name, row[name]) for name in columns]
        _make_room(sheet, number, [each if isinstance(each, str) else "" for each in cells], widths)
        for place, (cell, name) in enumerate(zip(cells, columns, strict=True)):
            if isinstance(row[name], Blank):
                sheet.write_string(number, place, MEANINGS[row[name]][LANGUAGE], looks.of_blank(row[name]))
            elif isinstance(cell, Decimal):
                sheet.write_number(number, place, cell, looks.decimals)
            elif isinstance(cell, int):
                sheet.write_number(number, place, cell, looks.whole)
            elif isinstance(cell, date):
                sheet.write_datetime(number, place, cell, looks.date)
            else:
                sheet.write_string(number, place, cell, looks.text)
    sheet.autofilter(0, 0, max(1, number), len(columns) - 1)


def _cell(say: Callable[[str, str], str], name: str, value: object) -> str | int | Decimal | date:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, Decimal, date)):
        return value
    text = str(value)
    return LEVEL_WORDS.get(text, text) if name == "level" else say(name, text)


def _width(table: Table, name: str) -> int:
    """Wide where the column holds sentences."""
    longest = max((len(row[name]) for row in table.rows if isinstance(row[name], str)), default=0)
    return _LONG if 2 * longest > _LONG_TEXT else _WIDTH


def _lay_out(sheet: Worksheet, widths: Sequence[int], fixed: int) -> None:
    sheet.freeze_panes(1, fixed)
    sheet.set_landscape()
    sheet.set_paper(_PAPER)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0, fixed - 1)
    sheet.set_footer("&L&A&R第 &P 页，共 &N 页")
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)


def _make_room(sheet: Worksheet, row: int, texts: Sequence[str], widths: Sequence[int]) -> None:
    """Programs other than Excel do not fit rows to wrapped text that they did not type themselves."""
    lines = max(lines_needed(each, width) for each, width in zip(texts, widths, strict=True))
    sheet.set_row(row, min(HIGHEST_ROW, LINE_HEIGHT * lines))
