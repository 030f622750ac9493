"""The routes of this page."""

from collections.abc import Collection
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from district_reports import clock
from district_reports.ledger.shown_items import open_items
from district_reports.ledger.viewing import reading
from district_reports.pages.access import viewer_of
from district_reports.pages.city import board as boards
from district_reports.pages.city.board_line import Commitment
from district_reports.pages.city.cards import Footnotes, Mark, definitions, sources_of, units_of
from district_reports.pages.city.changes import panel
from district_reports.pages.city.face import SEES_OUTSIDE, CityTables, SeesFace
from district_reports.pages.city.releases import Releases, select_release
from district_reports.pages.city.table import KEY_PREFIX, PERIOD
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows_nothing
from district_reports.publish.caveats import Caveat
from district_reports.publish.commitment_status import BEHIND
from district_reports.publish.printed import period_named, short, unit_for

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
        unit_for=unit_for,
        unit_of=lambda each: known.commitments[each.key].unit if each.key in known.commitments else each.unit,
        period_named=partial(period_named, language=view.language),
        key=f"{KEY_PREFIX}{boards.KEY}",
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
            (
                known.words(table),
                [(card, sources_of(known, card)) for card in (*known.relative(table), *known.cards(table))],
            )
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
