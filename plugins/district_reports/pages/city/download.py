"""A city table as a file for Excel: what is shown, or the whole table of a release."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter
from sqlalchemy import Connection, text

from district_reports import clock
from district_reports.forms import forms
from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.face import CityTables, is_withheld
from district_reports.pages.city.notes_sheet import LANGUAGE, PAPER, write_notes
from district_reports.pages.city.releases import Published
from district_reports.pages.words import say
from district_reports.publish.caveats import Caveats
from district_reports.publish.city_tables import RELEASE
from district_reports.publish.definitions import Definitions
from district_reports.publish.summary import Summary
from district_reports.workbook.csv_file import csv_bytes
from district_reports.workbook.formats import HIGHEST_ROW, LINE_HEIGHT, lines_needed
from district_reports.workbook.new_book import row_by_row

_WIDTH, _WIDTH_OF_CAVEATS = 13, 60
_BATCH = 2000
_LEVEL = "level"
HIDDEN_IN_CSV = "c"
"""What stands in the place of a withheld figure, as in the CSV of a bundle."""

Row = Mapping[str, Any]


def columns_of_file(summary: Summary, kinds: Mapping[str, str]) -> tuple[str, ...]:
    """The key and the area's name, then the figures; the release stands in the notes."""
    key = [name for name in summary.key if name not in ("area_code",)]
    named = [name for name in ("area_code", "area_name") if name in kinds]
    return (*key, *named, *summary.figures(kinds))


def every_row(tables: CityTables, summary: Summary, release_id: int) -> Iterator[Row]:
    """The rows of the release, by key, a batch at a time."""
    order = ", ".join(f'"{name}"' for name in summary.key)
    relation = tables.relation(summary.table)
    statement = text(f"SELECT * FROM {relation} WHERE {RELEASE} = :release_id ORDER BY {order}")
    found = tables.connection.execution_options(yield_per=_BATCH).execute(statement, {"release_id": release_id})
    for row in found.mappings():
        yield dict(row)


def as_csv(summary: Summary, columns: Sequence[str], rows: Iterable[Row], words: TableWords, caveats: Caveats) -> bytes:
    """The rows under the titles of their columns, and what has to be said of each row at its end."""
    listed = (
        [*(_cell(words, name, row, HIDDEN_IN_CSV) for name in columns), _said(summary, columns, row, words, caveats)]
        for row in rows
    )
    return csv_bytes([*(words.headed(name) for name in columns), say(LANGUAGE, "city.file.caveats")], listed)


def as_xlsx(
    summary: Summary,
    columns: Sequence[str],
    rows: Iterable[Row],
    known: Definitions,
    caveats: Caveats,
    notes: Sequence[tuple[str, str]],
) -> bytes:
    """A workbook: 数据 with a row of titles and 注意 at the end of each row, and 说明 with `notes` and the cards."""
    words, hidden = known.words(summary.table), say(LANGUAGE, "city.hidden")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, row_by_row()) as book:
        top = {"valign": "top", "text_wrap": True}
        head = book.add_format({**top, "bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF"})
        wrapped = book.add_format(top)
        whole, decimals = (book.add_format({"valign": "top", "num_format": each}) for each in ("#,##0", "#,##0.00"))
        sheet = book.add_worksheet(say(LANGUAGE, "city.file.data"))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(PAPER)
        sheet.repeat_rows(0)
        sheet.repeat_columns(0, columns.index("area_name") if "area_name" in columns else 0)
        sheet.set_column(0, len(columns) - 1, _WIDTH)
        sheet.set_column(len(columns), len(columns), _WIDTH_OF_CAVEATS)
        titles = [*(words.headed(name) for name in columns), say(LANGUAGE, "city.file.caveats")]
        _set_height(sheet, 0, titles)
        for place, title in enumerate(titles):
            sheet.write_string(0, place, title, head)
        last = 0
        for last, row in enumerate(rows, 1):
            values = [_cell(words, name, row, hidden) for name in columns]
            values.append(_said(summary, columns, row, words, caveats))
            _set_height(sheet, last, [value if isinstance(value, str) else "" for value in values])
            for place, value in enumerate(values):
                if isinstance(value, int):
                    sheet.write_number(last, place, value, whole)
                elif isinstance(value, Decimal):
                    sheet.write_number(last, place, value, decimals)
                elif value:
                    sheet.write_string(last, place, value, wrapped)
        sheet.autofilter(0, 0, last, len(columns))
        write_notes(book, notes, columns, known, summary)
    return out.getvalue()


def _set_height(sheet: xlsxwriter.worksheet.Worksheet, row: int, texts: Sequence[str]) -> None:
    """Room for the texts of a row, the caveats last: programs other than Excel do not make it by themselves."""
    *figures, caveats = texts
    lines = max(lines_needed(caveats, _WIDTH_OF_CAVEATS), *(lines_needed(each, _WIDTH) for each in figures))
    sheet.set_row(row, min(HIGHEST_ROW, LINE_HEIGHT * lines))


def _said(summary: Summary, columns: Sequence[str], row: Row, words: TableWords, caveats: Caveats) -> str:
    """The caveats that hold in this row and not in every one; those of a column stand with its definition."""
    told = [
        f"{'、'.join(words.of(name) for name in holding)}：{said}" if holding else said
        for holding, said in caveats.of_row(summary.table, columns, row)
    ]
    return "；".join(told)


def notes_of(
    tables: CityTables, summary: Summary, release: Published, words: TableWords, filters: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """What the file says of itself: its face, its release, its filters, what it rests on, what an empty cell means."""
    look = tables.look
    night = f"{release.known_at.astimezone(clock.ZONE):%Y-%m-%d %H:%M}"
    rests = [
        say(
            LANGUAGE,
            "city.file.rests",
            form=forms()[form].title if form in forms() else form,
            accepted=accepted,
            owed=owed,
        )
        for form, accepted, owed in (_rests_on(tables.connection, summary, release.release_id) if look.inside else ())
    ]
    of_release = say(LANGUAGE, "city.file.release_of", number=release.release_id, night=night, day=release.day)
    left = f"{release.period} {release.version}：" if release.version else ""
    told = [
        ("table", f"{words.title}（{summary.table}）"),
        ("face", say(LANGUAGE, f"city.file.face_of.{look.kind}")),
        ("release", f"{left}{of_release}"),
        *((("made_later", say(LANGUAGE, "city.file.made_later_of")),) if release.as_of is not None else ()),
        *((("shown", "；".join(f"{name}：{value}" for name, value in filters)),) if filters else ()),
        *((("rests_on", "；".join(rests)),) if rests else ()),
        ("empty", say(LANGUAGE, "city.file.empty_means")),
        *((("hidden", say(LANGUAGE, "city.file.hidden_means")),) if not look.inside else ()),
        *((("trace", say(LANGUAGE, "city.file.trace_how")),) if look.switches else ()),
    ]
    return [(say(LANGUAGE, f"city.file.{key}"), value) for key, value in told]


def _rests_on(connection: Connection, summary: Summary, release_id: int) -> list[tuple[str, int, int]]:
    """Form, reports in force and reports owed, of the forms that the table tells of."""
    rows = connection.execute(
        text(
            "SELECT form, count(submission_id), count(*) FILTER (WHERE areas <> '{}') FROM city.release_source"
            " WHERE release_id = :release_id AND (CAST(:form AS text) IS NULL OR form = :form)"
            " GROUP BY form ORDER BY form"
        ),
        {"release_id": release_id, "form": summary.form},
    )
    return [(form, accepted, owed) for form, accepted, owed in rows]


def _cell(words: TableWords, column: str, row: Row, hidden: str) -> str | int | Decimal:
    return hidden if is_withheld(row, column) else _value(words, column, row.get(column))


def _value(words: TableWords, column: str, value: object) -> str | int | Decimal:
    """A number as a number; all else as people read it, and nothing as the empty text."""
    if value is None:
        return ""
    if isinstance(value, (int, Decimal)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if column == _LEVEL and value in ("district", "zone", "city"):
        return say(words.language, f"city.level.{value}")
    return words.value(column, str(value))
