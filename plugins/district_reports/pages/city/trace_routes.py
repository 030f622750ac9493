"""The route of a figure's trace."""

from functools import partial

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from district_reports.forms import forms
from district_reports.ledger.access_log import Kind
from district_reports.ledger.viewing import reading
from district_reports.pages.access import SeesCity
from district_reports.pages.city import tracing
from district_reports.pages.city.cards import Footnotes, definitions
from district_reports.pages.city.face import INSIDE, CityTables, SeesFace
from district_reports.pages.city.releases import select_release
from district_reports.pages.city.trace_table import by_district
from district_reports.pages.city.trace_words import made_again, sum_of, title_of
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows
from district_reports.printing import printable
from district_reports.publish.lineage import Judged
from district_reports.publish.printed import period_named, short

router = APIRouter(prefix="/city", route_class=Declared)


@router.get("/trace")
@shows(Kind.TRACE, "table", "column", "period", "area", "release")
def show_trace(request: Request, viewer: SeesCity, look: SeesFace) -> Response:
    """What a figure rests on: counts and files, and never what a cell says.

    Also from the outside it tells what stands inside, since it is for those alone who see that; of a figure that is
    withheld outside it is not told there.
    """
    view = View.of(request)
    known = definitions(view.language)
    table = view.query.get("table", "")
    if table not in known.tables:
        raise HTTPException(404)
    query = view.query
    if not look.inside:
        with reading(viewer) as connection:
            left = select_release(connection, look, query).selected
        if left is None:
            raise HTTPException(404)
        query = {**query, "release": str(left.release_id)}
    # The right was asked for above: from here on it is read as the reader, who sees the facts.
    found = tracing.find_trace(known.tables[table], query)
    with reading(viewer) as connection:
        if not look.inside and tracing.is_withheld_outside(CityTables(connection, look), found):
            withheld = tracing.figures(found, known)[0]
            title = title_of(withheld, known, tracing.key_names(connection, [withheld]))
            return page(
                request,
                "city/trace_withheld.html.j2",
                status=403,
                look=look,
                words=known.words(table),
                trace=found,
                title=title,
            )
    figures = tracing.figures(found, known)
    with reading(viewer) as connection:
        tables = CityTables(connection, INSIDE)
        names = tracing.key_names(connection, figures)
        tables_by_district = by_district(tables, figures)
        notes = Footnotes(tables, found.release.release_id, known)
        beside = [notes.at(each.trace.table, each.trace.column, each.key) for each in figures]
    return page(
        request,
        "city/trace.html.j2",
        look=look,
        trace=found,
        figures=figures,
        title=title_of(figures[0], known, names),
        judged=isinstance(known.tables[table].origins.get(found.column), Judged),
        sum=sum_of(figures[0], known),
        made_again=made_again(figures),
        unreported=list(dict.fromkeys(missing for each in figures for missing in each.trace.unreported)),
        by_district=[each for each in tables_by_district if not each.of_coverage],
        coverage=[each for each in tables_by_district if each.of_coverage],
        names=names,
        caveats=list({caveat.text: caveat for marks in beside for mark in marks for caveat in mark.caveats}.values()),
        words=known.words(table),
        form_title=lambda form: forms()[form].title if form in forms() else form,
        printable=printable,
        short=short,
        period_named=partial(period_named, language=view.language),
    )
