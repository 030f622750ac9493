"""The routes of a city table: its page, and its chart or map as a picture."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from district_reports.errors import ReferenceDataError
from district_reports.ledger.access_log import Kind
from district_reports.ledger.viewing import reading
from district_reports.pages import charts
from district_reports.pages.access import viewer_of
from district_reports.pages.attachments import PNG, attachment
from district_reports.pages.chart_renderer import ChartFault
from district_reports.pages.city import comparison as comparisons
from district_reports.pages.city import picture
from district_reports.pages.city.cards import Footnotes, Mark, card_of, definitions, sources_of
from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.comparison import Comparison, read_comparison
from district_reports.pages.city.drawing import MOST_PANELS, NARROW, WIDE, Panels, spec_of
from district_reports.pages.city.face import SEES_OUTSIDE, CityTables, SeesFace, is_withheld
from district_reports.pages.city.releases import Releases, select_release
from district_reports.pages.city.table import (
    ALL,
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
from district_reports.pages.city.target import Target, target_of
from district_reports.pages.city.values import Printer, compact, sortable
from district_reports.pages.city.version import version_of
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows, shows_nothing
from district_reports.pages.words import say
from district_reports.publish import tile_map
from district_reports.publish.caveats import Caveat
from district_reports.publish.commitments import AREA_KEY, LEVELS, PERCENT
from district_reports.publish.definitions import Definitions
from district_reports.publish.printed import exact, measured, period_named, short
from district_reports.publish.summary import Summary
from district_reports.reference.english import called

log = logging.getLogger(__name__)

router = APIRouter(prefix="/city", route_class=Declared, dependencies=[SEES_OUTSIDE])


@dataclass(frozen=True)
class _Shown:
    """What an address of a table shows of a release."""

    excerpt: Excerpt
    comparison: Comparison
    target: Target | None
    printer: Printer

    def spec(self, words: TableWords, panels: Panels = WIDE) -> dict[str, Any] | None:
        """Its chart, if there is a figure to draw."""
        return spec_of(self.excerpt, words, self.printer, self.comparison, self.target, panels)

    def measured(self, value: object) -> str:
        """A value of the shown measure."""
        return self.printer(self.excerpt.rows[0] if self.excerpt.rows else {}, self.excerpt.measure, value)

    def query(self) -> dict[str, str]:
        return {**self.excerpt.query(), **self.comparison.query()}


@router.get("/tables/{table}.png")
@shows(Kind.TABLE_DOWNLOAD, "table", "release", "face")
def fetch_picture(request: Request, look: SeesFace, table: str) -> Response:
    """The chart of the page with the same query as a PNG, or its map with ``picture=map``."""
    view = View.of(request)
    known = definitions(view.language)
    summary, words = find(table), known.words(table)
    with reading(viewer_of(request)) as connection:
        releases, tables = select_release(connection, look, view.query), CityTables(connection, look)
        shown = _read(tables, releases, summary, known, view)
    if shown is None or releases.selected is None:
        raise HTTPException(404)
    excerpt, notes = shown.excerpt, picture.origin_of(releases.selected, look, view.language)
    if view.query.get("picture") == "map":
        laid_out = _map(excerpt)
        spec = None if laid_out is None else picture.of_map(laid_out, shown.measured, view.language)
    else:
        spec = shown.spec(words)
        notes.append(picture.lines_of(excerpt, shown.comparison, shown.target, view.language))
    if spec is None:
        raise HTTPException(404)
    title = picture.title_of(excerpt, words)
    try:
        drawn = charts.picture(picture.titled(spec, title, [note for note in notes if note]))
    except ChartFault as fault:
        log.error("a picture can't be drawn: %s", fault)
        raise HTTPException(503, "picture") from None
    return attachment(drawn, PNG, f"{title}_{say(view.language, f'city.file.face.{look.kind}')}.png", f"{table}.png")


@router.get("/tables/{table}")
@shows_nothing
def show_table(request: Request, look: SeesFace, table: str) -> Response:
    """One city table: map, chart and rows."""
    view = View.of(request)
    known = definitions(view.language)
    summary, words = find(table), known.words(table)
    shown, former, version, card, beside = None, {}, None, None, {}
    caveats: Collection[Caveat] = ()
    with reading(viewer_of(request)) as connection:
        releases, tables = select_release(connection, look, view.query), CityTables(connection, look)
        shown = _read(tables, releases, summary, known, view)
        if releases.selected is not None and look.inside:
            version = version_of(connection, summary.table, releases.selected.release_id, view.language)
        if shown is not None and releases.before is not None:
            former = former_figures(tables, shown.excerpt, releases.before.release_id)
        if shown is not None and releases.selected is not None:
            card = card_of(known, table, shown.excerpt.measure, shown.excerpt.selected)
            notes = Footnotes(tables, releases.selected.release_id, known)
            beside, caveats = _beside_rows(shown, notes), notes.listed
    excerpt = None if shown is None else shown.excerpt
    spec = None if shown is None else shown.spec(words)
    narrow = None if shown is None or not shown.excerpt.by else shown.spec(words, NARROW)
    return page(
        request,
        "city/table.html.j2",
        look=look,
        releases=releases,
        excerpt=excerpt,
        comparison=None if shown is None else shown.comparison,
        kept={} if shown is None else shown.query(),
        lines="" if shown is None else picture.lines_of(shown.excerpt, shown.comparison, shown.target, view.language),
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
        difference=comparisons.difference,
        incomplete=comparisons.incomplete,
        chart=None if spec is None else charts.chart(spec),
        narrow_chart=None if narrow is None else charts.chart(narrow),
        map=_map(excerpt),
        levels=LEVELS,
        by_period=PERIOD,
        percent=PERCENT,
        most_panels=MOST_PANELS,
        most_periods=MOST_PERIODS,
        key=KEY_PREFIX,
        trace_of=partial(_trace_of_row, view, releases, summary),
        exact=exact,
        short=short,
        measured=measured,
        printer=None if shown is None else shown.printer,
        of_measure=None if shown is None else shown.measured,
        compact=compact,
        sortable=sortable,
        period_named=partial(period_named, language=view.language),
    )


def _read(tables: CityTables, releases: Releases, summary: Summary, known: Definitions, view: View) -> _Shown | None:
    """What the address asks for; None where the release has no row of the table, or the table no areas."""
    if releases.selected is None or not has_areas(summary):
        return None
    number, words = releases.selected.release_id, known.words(summary.table)
    excerpt = read_excerpt(tables, summary, number, view.query, words)
    if excerpt is None:
        return None
    excerpt = in_language(excerpt, known)
    comparison = read_comparison(tables, excerpt, number, view.query)
    rows = (*excerpt.rows, *excerpt.totals, *comparison.before.values())
    printer = Printer.of(words, excerpt.kinds, rows)
    return _Shown(excerpt, comparison, target_of(tables, known, excerpt, number), printer)


def _beside_rows(shown: _Shown, notes: Footnotes) -> dict[tuple[tuple[str, ...], str], list[Mark]]:
    """By row and column, the caveats of each figure, the shown measure's first, and of what it is compared with."""
    excerpt = shown.excerpt
    columns = sorted(excerpt.figures, key=lambda name: name != excerpt.measure)
    found = {
        (excerpt.identity(row), name): notes.of(excerpt.summary.table, name, row)
        for row in (*excerpt.rows, *excerpt.totals)
        for name in columns
    }
    return found | {
        (excerpt.identity(row), excerpt.measure): notes.of(excerpt.summary.table, excerpt.measure, row)
        for row in shown.comparison.before.values()
    }


def _in_words(excerpt: Excerpt, words: TableWords) -> str:
    """What chooses a part of the table."""
    parts = (value for _, value in filters_in_words(excerpt, words) if value != called(ALL, words.language))
    return say(words.language, "city.comma").join(parts)


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
