"""The routes of this page: all reports in view, and what is done to several of them at once."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Form as Sent
from starlette.responses import RedirectResponse, Response

from district_reports import clock
from district_reports.forms import forms
from district_reports.ledger.access_log import Kind
from district_reports.ledger.locks import REASON_LENGTH
from district_reports.ledger.reminders import NOTE_LENGTH
from district_reports.ledger.seen_files import see
from district_reports.ledger.viewing import writing
from district_reports.pages import csrf
from district_reports.pages.access import Needs, viewer_of
from district_reports.pages.data import register
from district_reports.pages.progress import reminder_list
from district_reports.pages.progress.overview import overview, steps
from district_reports.pages.progress.punctuality import PERIODS
from district_reports.pages.progress.query import Filters, filters_of, recent_periods
from district_reports.pages.progress.several import (
    Given,
    What,
    done,
    extend_ticked,
    key_of_status,
    keys_of,
    remind_ticked,
    ticked,
)
from district_reports.pages.progress.templates import offered
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows, shows_nothing
from district_reports.users import Permission, Viewer

router = APIRouter(prefix="/progress", route_class=Declared)
Reader = Annotated[Viewer, Depends(Needs(Permission.SEE_REPORTS))]
Chosen = Annotated[Filters, Depends(filters_of)]
Field = Annotated[str, Sent()]
Several = Annotated[list[str], Sent(default_factory=list)]
# In this order: who may not do it is told so, whatever the form holds.
_MAY_CHANGE = [Depends(Needs(Permission.GRANT_EXTENSIONS)), Depends(csrf.checked)]


@router.get("")
@shows(Kind.CONTACTS, "district", "form", "period")
def progress(
    request: Request,
    viewer: Reader,
    filters: Chosen,
    extended: Annotated[str, Query()] = "",
    reminded: Annotated[str, Query()] = "",
) -> Response:
    """Who must act, the matrix of districts and forms, how much came on time, and the exceptions in force."""
    return _progress(request, viewer, filters, None, extended, reminded)


@router.post("", dependencies=_MAY_CHANGE)
@shows(Kind.CONTACTS, "district", "form", "period")
def act_on_some(
    request: Request,
    filters: Chosen,
    report: Several,
    group: Field = "",
    what: Annotated[What, Sent()] = "remind",
    one: Field = "",
    until: Field = "",
    reason: Field = "",
    note: Field = "",
) -> Response:
    """Extend the reports that are ticked, or record that one has called about them, or about `one`."""
    viewer = viewer_of(request)
    keys = keys_of([one] if one else report, viewer, register())
    if what == "extend":
        errors = extend_ticked(keys, until, reason, viewer, clock.today())
    else:
        errors = remind_ticked(keys, "" if one else note, viewer)
    if errors:
        kept = frozenset(report)
        given = Given(group=group, what=what, ticked=kept, until=until, reason=reason, note=note, errors=errors)
        return _progress(request, viewer, filters, given)
    outcome = {"extended" if what == "extend" else "reminded": ",".join(ticked(key.report) for key in keys)}
    return RedirectResponse(View.of(request).url("/progress", **filters.query, **outcome), 303)


@router.post("/seen", dependencies=[Depends(Needs(Permission.SEE_REPORTS)), Depends(csrf.checked)])
@shows_nothing
def mark_as_seen(
    request: Request, filters: Chosen, district: Several, up_to: Annotated[int, Sent(ge=0, lt=1 << 63)]
) -> Response:
    """Record that the viewer has looked at the files of these districts that could not be taken, up to this one."""
    viewer = viewer_of(request)
    with writing(viewer) as connection:
        see(connection, district, up_to, by=viewer.name)
    return RedirectResponse(View.of(request).url("/progress", **filters.query), 303)


@router.get("/reminders.xlsx")
@shows(Kind.CONTACTS, "district", "form", "period")
def reminders(request: Request, viewer: Reader, filters: Chosen) -> Response:
    """Whom to call about what, as a workbook."""
    told = overview(viewer, register(), filters, clock.today())
    return reminder_list.answer(told, View.of(request).language)


def _progress(
    request: Request, viewer: Viewer, filters: Filters, given: Given | None, extended: str = "", reminded: str = ""
) -> Response:
    today, known, language = clock.today(), register(), View.of(request).language
    told = overview(viewer, known, filters, today)
    return page(
        request,
        "progress/index.html.j2",
        status=422 if given else 200,
        today=today,
        filters=filters,
        told=told,
        given=given,
        done=done(told, extended, reminded),
        forms=forms(),
        periods=recent_periods(today),
        all_districts=[each for each in known.districts_on(today) if viewer.sees(each.code)],
        steps=steps(told.columns, [filters.form] if filters.form else forms().values(), today),
        trend_length=PERIODS,
        has_template=offered(viewer),
        reminder=partial(reminder_list.reminder, language=language),
        ticked=lambda status: ticked(key_of_status(status)),
        key_of=key_of_status,
        reason_length=REASON_LENGTH,
        note_length=NOTE_LENGTH,
    )
