"""The routes of a city table's files."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from sqlalchemy import Connection
from starlette.responses import Response

from district_reports.ledger.access_log import Kind
from district_reports.ledger.viewing import reading
from district_reports.pages.access import SeesCity
from district_reports.pages.attachments import CSV, attachment
from district_reports.pages.city import download
from district_reports.pages.city.cards import definitions
from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.notes_sheet import LANGUAGE
from district_reports.pages.city.releases import Published, select_release
from district_reports.pages.city.table import PERIOD, Excerpt, filters_in_words, find, has_areas, read_excerpt
from district_reports.pages.rendering import View
from district_reports.pages.showing import Declared, shows
from district_reports.pages.words import say
from district_reports.publish.caveats import Caveats, PublishedRows
from district_reports.publish.city_tables import columns_of
from district_reports.publish.summary import Summary

router = APIRouter(prefix="/city", route_class=Declared)


@router.get("/tables/{table}.xlsx")
@shows(Kind.TABLE_DOWNLOAD, "table", "release")
def fetch_workbook(request: Request, viewer: SeesCity, table: str) -> Response:
    """The table as a workbook: the excerpt on the page, or the whole table of the release with ``whole=yes``."""
    known = definitions(LANGUAGE)
    summary, words = find(table), known.words(table)
    with reading(viewer) as connection:
        release, kinds, rows, excerpt = _of_file(connection, request, summary, words)
        filters = [] if excerpt is None else filters_in_words(excerpt, words)
        notes = download.notes_of(connection, summary, release, words, filters)
        columns = download.columns_of_file(summary, kinds)
        caveats = Caveats(known, PublishedRows(connection, release.release_id).find)
        content = download.as_xlsx(summary, columns, rows, known, caveats, notes)
    return attachment(content, download.XLSX, _file_name(words, release, excerpt, "xlsx"), f"{table}.xlsx")


@router.get("/tables/{table}.csv")
@shows(Kind.TABLE_DOWNLOAD, "table", "release")
def fetch_csv(request: Request, viewer: SeesCity, table: str) -> Response:
    """The same as CSV."""
    known = definitions(LANGUAGE)
    summary, words = find(table), known.words(table)
    with reading(viewer) as connection:
        release, kinds, rows, excerpt = _of_file(connection, request, summary, words)
        caveats = Caveats(known, PublishedRows(connection, release.release_id).find)
        content = download.as_csv(summary, download.columns_of_file(summary, kinds), rows, words, caveats)
    return attachment(content, CSV, _file_name(words, release, excerpt, "csv"), f"{table}.csv")


def _of_file(
    connection: Connection, request: Request, summary: Summary, words: TableWords
) -> tuple[Published, Mapping[str, str], Any, Excerpt | None]:
    """The release, the columns with their types, the rows, and the view that they are of (None for the whole table).

    Raises:
        HTTPException: 404, the release has nothing of the table.
    """
    query = View.of(request).query
    releases = select_release(connection, query)
    kinds = columns_of(connection, "city", summary.table)
    if releases.selected is None or not kinds:
        raise HTTPException(404)
    if query.get("whole") or not has_areas(summary):
        return releases.selected, kinds, download.every_row(connection, summary, releases.selected.release_id), None
    excerpt = read_excerpt(connection, summary, releases.selected.release_id, query, words)
    if excerpt is None:
        raise HTTPException(404)
    return releases.selected, kinds, [*excerpt.rows, *excerpt.totals], excerpt


def _file_name(words: TableWords, release: Published, excerpt: Excerpt | None, suffix: str) -> str:
    what = say(words.language, "city.file.whole") if excerpt is None else "" if excerpt.by == PERIOD else excerpt.period
    number = say(words.language, "city.file.number", number=release.release_id)
    return "_".join(part for part in (words.title, what, number) if part) + f".{suffix}"
