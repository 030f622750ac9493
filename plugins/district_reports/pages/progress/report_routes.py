"""The routes of one report: its template, and extensions."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi import Form as Sent
from starlette.responses import RedirectResponse, Response

from district_reports import clock
from district_reports.errors import SystemFault
from district_reports.forms import forms
from district_reports.ledger.access_log import Kind
from district_reports.ledger.locks import REASON_LENGTH
from district_reports.model.form import Form
from district_reports.pages import csrf
from district_reports.pages.access import Needs, viewer_of
from district_reports.pages.data import register
from district_reports.pages.progress.extensions import Given, case_of, extend, take_back
from district_reports.pages.progress.query import Key, key_of, period_of, recent_periods
from district_reports.pages.progress.templates import template_of
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows, shows_nothing
from district_reports.pages.submissions.files import download
from district_reports.users import Permission, Viewer

router = APIRouter(prefix="/progress", route_class=Declared)
Field = Annotated[str, Sent()]
_MAY_GRANT = Depends(Needs(Permission.GRANT_EXTENSIONS))
_MAY_CHANGE = [_MAY_GRANT, Depends(csrf.checked)]


@router.get("/template")
@shows(Kind.TEMPLATE, "district", "form", "period")
def template(
    viewer: Annotated[Viewer, Depends(Needs(Permission.OPEN_FILES))],
    form: str = "",
    district: str = "",
    period: str = "",
) -> Response:
    """The workbook of a report to fill in, as it lies in the district's folder 模板."""
    key = key_of(form, district, period, viewer, register())
    try:
        file, name = template_of(key)
    except (SystemFault, OSError):
        raise HTTPException(404) from None
    return download(file, name)


@router.get("/extension")
@shows_nothing
def extension(request: Request, viewer: Annotated[Viewer, _MAY_GRANT]) -> Response:
    """Grant an extension for one report, or take it back; where none is named, ask for one first."""
    query = {name: request.query_params.get(name, "") for name in ("form", "district", "period")}
    form = forms().get(query["form"])
    kind = period_of(query["period"]).kind if query["period"] else None
    if form is not None and kind not in (None, form.period_kind):
        return _choose_report(request, query, form)
    if not all(query.values()):
        return _choose_report(request, query)
    key = key_of(query["form"], query["district"], query["period"], viewer, register())
    return _extension(request, key)


@router.post("/extension", dependencies=_MAY_CHANGE)
@shows_nothing
def grant_extension(
    request: Request,
    form: Field = "",
    district: Field = "",
    period: Field = "",
    until: Field = "",
    reason: Field = "",
) -> Response:
    """Record an extension."""
    viewer = viewer_of(request)
    key = key_of(form, district, period, viewer, register())
    refused = extend([key], until, reason, viewer, clock.today())
    return _extension(request, key, refused) if refused else _done(request, key, "granted")


@router.post("/extension/revoke", dependencies=_MAY_CHANGE)
@shows_nothing
def revoke_extension(
    request: Request, form: Field = "", district: Field = "", period: Field = "", reason: Field = ""
) -> Response:
    """Record that an extension has ended."""
    viewer = viewer_of(request)
    key = key_of(form, district, period, viewer, register())
    refused = take_back(key, reason, viewer, clock.today())
    return _extension(request, key, refused) if refused else _done(request, key, "revoked")


def _choose_report(request: Request, query: dict[str, str], of_another_kind: Form | None = None) -> Response:
    today = clock.today()
    return page(
        request,
        "progress/choose.html.j2",
        query=query,
        of_another_kind=of_another_kind,
        forms=forms(),
        periods=recent_periods(today),
        all_districts=register().districts_on(today),
    )


def _extension(request: Request, key: Key, given: Given | None = None) -> Response:
    today = clock.today()
    return page(
        request,
        "progress/extension.html.j2",
        status=422 if given else 200,
        case=case_of(viewer_of(request), register(), key, today),
        given=given or Given(errors={}),
        today=today,
        reason_length=REASON_LENGTH,
    )


def _done(request: Request, key: Key, what: str) -> Response:
    # 303: the page that says so is got, and can be loaded again.
    return RedirectResponse(View.of(request).url("/progress/extension", **key.query, done=what), 303)
