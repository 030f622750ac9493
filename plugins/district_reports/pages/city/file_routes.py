"""The routes of a city table's files."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from district_reports.ledger.access_log import Kind
from district_reports.ledger.viewing import reading
from district_reports.pages.access import viewer_of
from district_reports.pages.attachments import CSV, XLSX, attachment
from district_reports.pages.city import download
from district_reports.pages.city.cards import definitions
from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.face import SEES_OUTSIDE, CityTables, Look, SeesFace
from district_reports.pages.city.notes_sheet import LANGUAGE
from district_reports.pages.city.releases import Published, select_release
from district_reports.pages.city.table import PERIOD, Excerpt, filters_in_words, find, has_areas, read_excerpt
from district_reports.pages.rendering import View
from district_reports.pages.showing import Declared, shows
from district_reports.pages.words import say
from district_reports.publish.caveats import Caveats, PublishedRows
from district_reports.publish.summary import Summary

router = APIRouter(prefix="/city", route_class=Declared, dependencies=[SEES_OUTSIDE])


@router.get("/tables/{table}.xlsx")
@shows(Kind.TABLE_DOWNLOAD, "table", "release", "face")
def fetch_workbook(request: Request, look: SeesFace, table: str) -> Response:
    """The table as a workbook: the excerpt on the page, or the whole table of the release with ``whole=yes``."""
    known = definitions(LANGUAGE)
    summary, words = find(table), known.words(table)
    with reading(viewer_of(request)) as connection:
        tables = CityTables(connection, look)
        release, rows, excerpt = _of_file(tables, request, summary, words)
        filters = [] if excerpt is None else filters_in_words(excerpt, words)
        notes = download.notes_of(tables, summary, release, words, filters)
        columns = download.columns_of_file(summary, tables.columns(table))
        caveats = Caveats(known, PublishedRows(connection, release.release_id, tables.relation).find)
        content = download.as_xlsx(summary, columns, rows, known, caveats, notes)
    return attachment(content, XLSX, _file_name(words, look, release, excerpt, "xlsx"), f"{table}.xlsx")


@router.get("/tables/{table}.csv")
@shows(Kind.TABLE_DOWNLOAD, "table", "release", "face")
def fetch_csv(request: Request, look: SeesFace, table: str) -> Response:
    """The same as CSV."""
    known = definitions(LANGUAGE)
    summary, words = find(table), known.words(table)
    with reading(viewer_of(request)) as connection:
        tables = CityTables(connection, look)
        release, rows, excerpt = _of_file(tables, request, summary, words)
        caveats = Caveats(known, PublishedRows(connection, release.release_id, tables.relation).find)
        columns = download.columns_of_file(summary, tables.columns(table))
        content = download.as_csv(summary, columns, rows, words, caveats)
    return attachment(content, CSV, _file_name(words, look, release, excerpt, "csv"), f"{table}.csv")


def _of_file(
    tables: CityTables, request: Request, summary: Summary, words: TableWords
) -> tuple[Published, Any, Excerpt | None]:
    """The release, the rows, and the view that they are of (None for the whole table).

    Raises:
        HTTPException: 404, the release has nothing of the table.
    """
    query = View.of(request).query
    releases = select_release(tables.connection, tables.look, query)
    if releases.selected is None or not tables.columns(summary.table):
        raise HTTPException(404)
    if query.get("whole") or not has_areas(summary):
        return releases.selected, download.every_row(tables, summary, releases.selected.release_id), None
    excerpt = read_excerpt(tables, summary, releases.selected.release_id, query, words)
    if excerpt is None:
        raise HTTPException(404)
    return releases.selected, [*excerpt.rows, *excerpt.totals], excerpt


def _file_name(words: TableWords, look: Look, release: Published, excerpt: Excerpt | None, suffix: str) -> str:
    """Its name says which face it shows: a file lies about without the page that it came from."""
    what = say(words.language, "city.file.whole") if excerpt is None else "" if excerpt.by == PERIOD else excerpt.period
    number = say(words.language, "city.file.number", number=release.release_id)
    called = f"{release.period} {release.version}" if release.version else number
    face = say(words.language, f"city.file.face.{look.kind}")
    return "_".join(part for part in (words.title, what, called, face) if part) + f".{suffix}"
