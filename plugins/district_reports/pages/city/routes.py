"""The routes of this page."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from sqlalchemy import Connection
from starlette.responses import Response

from district_reports.errors import ReferenceDataError
from district_reports.forms import forms
from district_reports.ledger.access_log import Kind
from district_reports.ledger.viewing import reading
from district_reports.pages.access import Needs
from district_reports.pages.attachments import CSV, attachment
from district_reports.pages.city import board as boards
from district_reports.pages.city import download, tile_map, tracing
from district_reports.pages.city.cards import Footnotes, card_of, definitions, sources_of
from district_reports.pages.city.changes import panel
from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.drawing import MOST_PANELS, draw
from district_reports.pages.city.notes_sheet import LANGUAGE
from district_reports.pages.city.releases import Published, Releases, select_release
from district_reports.pages.city.table import (
    KEY_PREFIX,
    MOST_PERIODS,
    PERIOD,
    Excerpt,
    Row,
    find,
    former_figures,
    has_areas,
    read_excerpt,
)
from district_reports.pages.city.values import compact, exact, period_named, short, sortable
from district_reports.pages.city.version import version_of
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows, shows_nothing
from district_reports.pages.words import say
from district_reports.printing import printable
from district_reports.publish.caveats import Caveats, PublishedRows
from district_reports.publish.city_tables import columns_of
from district_reports.publish.commitments import AREA_KEY, LEVELS
from district_reports.publish.summary import Summary
from district_reports.users import Permission, Viewer

log = logging.getLogger(__name__)


router = APIRouter(prefix="/city", route_class=Declared)
Seeing = Annotated[Viewer, Depends(Needs(Permission.SEE_CITY))]


@router.get("")
@shows_nothing
def show_board(request: Request, viewer: Seeing) -> Response:
    """The commitments, and the way to every table."""
    view = View.of(request)
    known = definitions(view.language)
    with reading(viewer) as connection:
        releases = select_release(connection, view.query)
        board, changes, beside = None, None, {}
        caveats: Sequence[str] = ()
        if releases.selected is not None:
            number = releases.selected.release_id
            board = boards.board(connection, number, view.query)
            area = "" if board is None else board.area.code
            changes = panel(connection, number, boards.TABLE, area, view.language)
            if board is not None:
                notes = Footnotes(connection, number, known)
                beside, caveats = _beside_commitments(board, notes), notes.texts
    return page(
        request,
        "city/board.html.j2",
        releases=releases,
        board=board,
        changes=changes,
        statuses=boards.STATUSES,
        no_target=boards.NO_TARGET,
        table=boards.TABLE,
        tables=[known.words(table) for table in known.tables],
        cards=known.commitments,
        beside=beside,
        caveats=caveats,
        trace_of=partial(_trace_of_commitment, view, releases, board),
        short=short,
        period_named=partial(period_named, language=view.language),
        key=f"{KEY_PREFIX}{boards.KEY}",
    )


@router.get("/tables/{table}.xlsx")
@shows(Kind.TABLE_DOWNLOAD, "table", "release")
def fetch_workbook(request: Request, viewer: Seeing, table: str) -> Response:
    """The table as a workbook: the excerpt on the page, or the whole table of the release with ``whole=yes``."""
    known = definitions(LANGUAGE)
    summary, words = find(table), known.words(table)
    with reading(viewer) as connection:
        release, kinds, rows, excerpt = _of_file(connection, request, summary, words)
        filters = [] if excerpt is None else _filters_in_words(excerpt, words)
        notes = download.notes_of(connection, summary, release, words, filters)
        columns = download.columns_of_file(summary, kinds)
        caveats = Caveats(known, PublishedRows(connection, release.release_id).find)
        content = download.as_xlsx(summary, columns, rows, known, caveats, notes)
    return attachment(content, download.XLSX, _file_name(words, release, excerpt, "xlsx"), f"{table}.xlsx")


@router.get("/tables/{table}.csv")
@shows(Kind.TABLE_DOWNLOAD, "table", "release")
def fetch_csv(request: Request, viewer: Seeing, table: str) -> Response:
    """The same as CSV."""
    known = definitions(LANGUAGE)
    summary, words = find(table), known.words(table)
    with reading(viewer) as connection:
        release, kinds, rows, excerpt = _of_file(connection, request, summary, words)
        caveats = Caveats(known, PublishedRows(connection, release.release_id).find)
        content = download.as_csv(summary, download.columns_of_file(summary, kinds), rows, words, caveats)
    return attachment(content, CSV, _file_name(words, release, excerpt, "csv"), f"{table}.csv")


@router.get("/tables/{table}")
@shows_nothing
def show_table(request: Request, viewer: Seeing, table: str) -> Response:
    """One city table: map, chart and rows."""
    view = View.of(request)
    known = definitions(view.language)
    summary, words = find(table), known.words(table)
    excerpt, former, version, card, beside = None, {}, None, None, {}
    caveats: Sequence[str] = ()
    with reading(viewer) as connection:
        releases = select_release(connection, view.query)
        if releases.selected is not None and has_areas(summary):
            excerpt = read_excerpt(connection, summary, releases.selected.release_id, view.query, words)
        if releases.selected is not None:
            version = version_of(connection, summary.table, releases.selected.release_id, view.language)
        if excerpt is not None and releases.before is not None:
            former = former_figures(connection, excerpt, releases.before.release_id)
        if excerpt is not None and releases.selected is not None:
            card = card_of(known, table, excerpt.measure, excerpt.selected)
            notes = Footnotes(connection, releases.selected.release_id, known)
            beside, caveats = _beside_rows(excerpt, notes), notes.texts
    return page(
        request,
        "city/table.html.j2",
        releases=releases,
        excerpt=excerpt,
        words=words,
        tables=[known.words(each) for each in known.tables],
        card=card,
        sources=() if card is None else sources_of(known, card),
        beside=beside,
        caveats=caveats,
        what="" if excerpt is None else "，".join(value for _, value in _filters_in_words(excerpt, words)),
        areas=has_areas(summary),
        former=former,
        version=version,
        chart=None if excerpt is None else draw(excerpt, words),
        map=_map(excerpt),
        levels=LEVELS,
        by_period=PERIOD,
        most_panels=MOST_PANELS,
        most_periods=MOST_PERIODS,
        key=KEY_PREFIX,
        trace_of=partial(_trace_of_row, view, releases, summary),
        exact=exact,
        short=short,
        compact=compact,
        sortable=sortable,
    )


@router.get("/definitions")
@shows_nothing
def show_definitions(request: Request, viewer: Seeing) -> Response:
    """Every card, by table."""
    known = definitions(View.of(request).language)
    return page(
        request,
        "city/definitions.html.j2",
        tables=[
            (known.words(table), [(card, sources_of(known, card)) for card in known.cards(table)])
            for table in known.tables
        ],
        commitments=list(known.commitments.values()),
    )


@router.get("/trace")
@shows(Kind.TRACE, "table", "column", "period", "area", "release")
def show_trace(request: Request, viewer: Seeing) -> Response:
    """What a figure rests on: counts and files, and never what a cell says."""
    view = View.of(request)
    known = definitions(view.language)
    table = view.query.get("table", "")
    if table not in known.tables:
        raise HTTPException(404)
    # The right was asked for above: from here on it is read as the reader, who sees the facts.
    found = tracing.find_trace(known.tables[table], view.query)
    figures = tracing.figures(found, known)
    with reading(viewer) as connection:
        names = tracing.key_names(connection, figures)
        notes = Footnotes(connection, found.release.release_id, known)
        beside = [notes.at(each.trace.table, each.trace.column, each.key) for each in figures]
    return page(
        request,
        "city/trace.html.j2",
        trace=found,
        figures=figures,
        names=names,
        beside=beside,
        words=known.words(table),
        form_title=lambda form: forms()[form].title if form in forms() else form,
        printable=printable,
        short=short,
        exact=exact,
    )


def _beside_commitments(board: boards.Board, notes: Footnotes) -> dict[str, list[tuple[int, str]]]:
    """By commitment, the caveats of its actual figure."""
    area = {"level": board.area.level, "area_code": board.area.code}
    return {
        each.key: notes.at(boards.TABLE, "actual", {boards.KEY: each.key, PERIOD: each.period, **area})
        for _, commitments in board.items
        for each in commitments
    }


def _beside_rows(excerpt: Excerpt, notes: Footnotes) -> dict[tuple[tuple[str, ...], str], list[tuple[int, str]]]:
    """By row and column, the caveats of each figure, the shown measure's first."""
    columns = sorted(excerpt.figures, key=lambda name: name != excerpt.measure)
    return {
        (excerpt.identity(row), name): notes.of(excerpt.summary.table, name, row)
        for row in (*excerpt.rows, *excerpt.totals)
        for name in columns
    }


def _map(excerpt: Excerpt | None) -> tile_map.TileMap | None:
    """The map of the districts, where there is one figure for each."""
    if excerpt is None or excerpt.by or excerpt.level != LEVELS[0]:
        return None
    try:
        return tile_map.lay_out([(row["area_code"], row["area_name"], row[excerpt.measure]) for row in excerpt.rows])
    except ReferenceDataError:
        # The figures stand in chart and table; only their places are missing.
        log.exception("the map of the districts cannot be read")
        return None


def _trace_of_row(view: View, releases: Releases, summary: Summary, row: Row) -> str:
    """The address of the trace of a row's figures, still without the column."""
    assert releases.selected is not None
    keys = {f"{KEY_PREFIX}{name}": row[name] for name in summary.key if name not in AREA_KEY}
    area = {"period": row["period"], "area": row["area_code"]}
    return view.url("/city/trace", table=summary.table, **area, **keys, release=releases.selected.release_id)


def _trace_of_commitment(
    view: View, releases: Releases, board: boards.Board | None, commitment: boards.Commitment, column: str
) -> str:
    assert releases.selected is not None
    assert board is not None
    return view.url(
        "/city/trace",
        table=boards.TABLE,
        column=column,
        period=commitment.period,
        area=board.area.code,
        **{f"{KEY_PREFIX}{boards.KEY}": commitment.key},
        release=releases.selected.release_id,
    )


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


def _filters_in_words(excerpt: Excerpt, words: TableWords) -> list[tuple[str, str]]:
    """What a view of a table is of, in words."""
    told = [] if excerpt.by == PERIOD else [(words.of("period"), excerpt.period)]
    told.append((words.of("level"), say(words.language, f"city.level.{excerpt.level}")))
    keys = [(words.of(key.column), dict(key.values)[key.selected]) for key in excerpt.keys if key.column != excerpt.by]
    return [*told, *keys]


def _file_name(words: TableWords, release: Published, excerpt: Excerpt | None, suffix: str) -> str:
    what = say(words.language, "city.file.whole") if excerpt is None else "" if excerpt.by == PERIOD else excerpt.period
    number = say(words.language, "city.file.number", number=release.release_id)
    return "_".join(part for part in (words.title, what, number) if part) + f".{suffix}"
