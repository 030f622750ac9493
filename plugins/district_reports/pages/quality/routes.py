"""The routes of this page."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from district_reports.ledger.access_log import Kind
from district_reports.ledger.viewing import hide_values, reading
from district_reports.pages.access import Needs
from district_reports.pages.quality import data_docs, downloads
from district_reports.pages.quality.filters import filters_of
from district_reports.pages.quality.mistakes import read_mistakes
from district_reports.pages.quality.overview import content_rules, read_overview
from district_reports.pages.quality.presentation import context, overview_charts, rule_charts
from district_reports.pages.quality.rule_view import read_rule_view
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows, shows_nothing
from district_reports.users import Permission, Viewer

router = APIRouter(prefix="/quality", route_class=Declared)
Reader = Annotated[Viewer, Depends(Needs(Permission.SEE_REPORTS))]
CityReader = Annotated[Viewer, Depends(Needs(Permission.SEE_CITY))]


@router.get("")
@shows_nothing
def quality(request: Request, viewer: Reader) -> Response:
    """The figures of what the address asks for; with ``rule``, the view of that rule."""
    view, filters = View.of(request), filters_of(request)
    if filters.rule:
        with reading(viewer) as connection:
            rule_view = read_rule_view(connection, filters)
        drawings = rule_charts(rule_view)
        return page(request, "quality/rule.html.j2", rule_view=rule_view, drawings=drawings, **context(view, filters))
    with reading(viewer) as connection:
        overview = read_overview(connection, filters)
    return page(
        request,
        "quality/overview.html.j2",
        overview=overview,
        content_rules=content_rules(overview.rules),
        drawings=overview_charts(view, overview),
        docs_made_at=data_docs.made_at() if viewer.may(Permission.SEE_CITY) else None,
        **context(view, filters),
    )


@router.get("/mistakes")
@shows_nothing
def mistakes(request: Request, viewer: Reader) -> Response:
    """What one district had wrong most, and whether it learns; who sees several chooses one."""
    view, filters = View.of(request), filters_of(request)
    found = None
    if filters.district:
        with reading(viewer) as connection:
            hide_values(connection)
            found = read_mistakes(connection, filters)
    return page(request, "quality/mistakes.html.j2", found=found, **context(view, filters))


@router.get("/figures/{table}.csv")
@shows(Kind.TABLE_DOWNLOAD, "table")
def figures(request: Request, viewer: Reader, table: str) -> Response:
    """A table of the page as CSV for Excel."""
    if table not in downloads.TABLES:
        raise HTTPException(404)
    filters = filters_of(request)
    with reading(viewer) as connection:
        return downloads.answer(connection, filters, table, View.of(request).language)


@router.get("/data-docs")
@router.get("/data-docs/")
@shows_nothing
def data_docs_home(request: Request, _: CityReader) -> Response:
    """On to the index: the site's links are relative to it."""
    return RedirectResponse(View.of(request).url("/quality/data-docs/index.html"))


@router.get("/data-docs/{path:path}")
@shows(Kind.DATA_DOCS)
def data_docs_page(request: Request, _: CityReader, path: str) -> Response:
    """A page of Great Expectations' Data Docs, which show every district's counts and no value."""
    if data_docs.made_at() is None:
        return page(request, "quality/no_data_docs.html.j2", status=404)
    return data_docs.answer(path)
