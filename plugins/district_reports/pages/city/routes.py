"""The routes of this page."""

import logging
from collections.abc import Collection
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from district_reports import clock
from district_reports.errors import ReferenceDataError
from district_reports.ledger.shown_items import open_items
from district_reports.ledger.viewing import reading
from district_reports.pages.access import viewer_of
from district_reports.pages.city import board as boards
from district_reports.pages.city.board_line import Commitment
from district_reports.pages.city.cards import Footnotes, Mark, card_of, definitions, sources_of, units_of
from district_reports.pages.city.changes import panel
from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.drawing import MOST_PANELS, draw
from district_reports.pages.city.face import SEES_OUTSIDE, CityTables, SeesFace, is_withheld
from district_reports.pages.city.releases import Releases, select_release
from district_reports.pages.city.table import (
    KEY_PREFIX,
    MOST_PERIODS,
    PERIOD,
    Excerpt,
    Row,
    filters_in_words,
    find,
    former_figures,
    has_areas,
    in_language,
    read_excerpt,
)
from district_reports.pages.city.values import compact, sortable
from district_reports.pages.city.version import version_of
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows_nothing
from district_reports.pages.words import say
from district_reports.publish import tile_map
from district_reports.publish.caveats import Caveat
from district_reports.publish.commitment_status import BEHIND
from district_reports.publish.commitments import AREA_KEY, LEVELS
from district_reports.publish.printed import exact, period_named, short
from district_reports.publish.summary import Summary

log = logging.getLogger(__name__)


router = APIRouter(prefix="/city", route_class=Declared, dependencies=[SEES_OUTSIDE])


@router.get("")
@shows_nothing
def show_board(request: Request, look: SeesFace) -> Response:
    """The commitments, and the way to every table."""
    view = View.of(request)
    known = definitions(view.language)
    with reading(viewer_of(request)) as connection:
        releases, tables = select_release(connection, look, view.query), CityTables(connection, look)
        waiting = open_items(connection) if look.inside else None
        board, changes, beside = None, None, {}
        caveats: Collection[Caveat] = ()
        if releases.selected is not None:
            number = releases.selected.release_id
            board = boards.board(tables, number, view.query)
            area = "" if board is None else board.area.code
            changes = panel(tables, releases, boards.TABLE, area, view.language)
            if board is not None:
                notes = Footnotes(tables, number, known)
                beside, caveats = _beside_commitments(board, notes), notes.listed
    return page(
        request,
        "city/board.html.j2",
        look=look,
        releases=releases,
        open_items=waiting,
        today=clock.today(),
        board=board,
        changes=changes,
        statuses=boards.statuses_in(tables),
        behind=BEHIND,
        no_target=boards.NO_TARGET,
        table=boards.TABLE,
        tables=[known.words(table) for table in known.tables],
        cards=known.commitments,
        units=units_of(known, view.language),
        beside=beside,
        caveats=caveats,
        trace_of=partial(_trace_of_commitment, view, releases, board),
        short=short,
        period_named=partial(period_named, language=view.language),
        key=f"{KEY_PREFIX}{boards.KEY}",
    )


@router.get("/tables/{table}")
@shows_nothing
def show_table(request: Request, look: SeesFace, table: str) -> Response:
    """One city table: map, chart and rows."""
    view = View.of(request)
    known = definitions(view.language)
    summary, words = find(table), known.words(table)
    excerpt, former, version, card, beside = None, {}, None, None, {}
    caveats: Collection[Caveat] = ()
    with reading(viewer_of(request)) as connection:
        releases, tables = select_release(connection, look, view.query), CityTables(connection, look)
        if releases.selected is not None and has_areas(summary):
            excerpt = read_excerpt(tables, summary, releases.selected.release_id, view.query, words)
            excerpt = None if excerpt is None else in_language(excerpt, view.language)
        if releases.selected is not None and look.inside:
            version = version_of(connection, summary.table, releases.selected.release_id, view.language)
        if excerpt is not None and releases.before is not None:
            former = former_figures(tables, excerpt, releases.before.release_id)
        if excerpt is not None and releases.selected is not None:
            card = card_of(known, table, excerpt.measure, excerpt.selected)
            notes = Footnotes(tables, releases.selected.release_id, known)
            beside, caveats = _beside_rows(excerpt, notes), notes.listed
    return page(
        request,
        "city/table.html.j2",
        look=look,
        releases=releases,
        excerpt=excerpt,
        words=words,
        tables=[known.words(each) for each in known.tables],
        card=card,
        sources=() if card is None else sources_of(known, card),
        beside=beside,
        caveats=caveats,
        what="" if excerpt is None else _in_words(excerpt, words),
        areas=has_areas(summary),
        former=former,
        version=version,
        is_withheld=is_withheld,
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
def show_definitions(request: Request, look: SeesFace) -> Response:
    """Every card, by table."""
    known = definitions(View.of(request).language)
    return page(
        request,
        "city/definitions.html.j2",
        look=look,
        tables=[
            (known.words(table), [(card, sources_of(known, card)) for card in known.cards(table)])
            for table in known.tables
        ],
        commitments=list(known.commitments.values()),
    )


def _beside_commitments(board: boards.Board, notes: Footnotes) -> dict[tuple[str, str], list[Mark]]:
    """By commitment and column, the caveats of its actual figure, and what else there is to say of its status."""
    area = {"level": board.area.level, "area_code": board.area.code}
    found = {}
    for each in board.shown:
        row = notes.find(boards.TABLE, {boards.KEY: each.key, PERIOD: each.period, **area})
        if row is not None:
            actual = found[each.key, "actual"] = notes.of(boards.TABLE, "actual", row)
            numbers = {mark.number for mark in actual}
            judged = notes.of(boards.TABLE, "status", row)
            found[each.key, "status"] = [mark for mark in judged if mark.number not in numbers]
    return found


def _beside_rows(excerpt: Excerpt, notes: Footnotes) -> dict[tuple[tuple[str, ...], str], list[Mark]]:
    """By row and column, the caveats of each figure, the shown measure's first."""
    columns = sorted(excerpt.figures, key=lambda name: name != excerpt.measure)
    return {
        (excerpt.identity(row), name): notes.of(excerpt.summary.table, name, row)
        for row in (*excerpt.rows, *excerpt.totals)
        for name in columns
    }


def _in_words(excerpt: Excerpt, words: TableWords) -> str:
    return say(words.language, "city.comma").join(value for _, value in filters_in_words(excerpt, words))


def _map(excerpt: Excerpt | None) -> tile_map.TileMap | None:
    """The map of the districts, where there is one figure for each."""
    if excerpt is None or excerpt.by or excerpt.level != LEVELS[0]:
        return None
    try:
        return tile_map.lay_out(
            [(row["area_code"], row["area_name"], row[excerpt.measure]) for row in excerpt.rows],
            {row["area_code"] for row in excerpt.rows if is_withheld(row, excerpt.measure)},
        )
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
    view: View, releases: Releases, board: boards.Board | None, commitment: Commitment, column: str
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
