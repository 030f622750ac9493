"""The routes of this page. An address names a submission by its number, never a file."""

import logging
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Request
from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from district_reports import clock
from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.feedback.compared import compared
from district_reports.forms import forms
from district_reports.ledger.access_log import Kind
from district_reports.ledger.file_history import file_history, in_force
from district_reports.ledger.findings_by_rule import findings_by_rule
from district_reports.ledger.story import next_step, steps, verdict_of
from district_reports.ledger.viewing import reading
from district_reports.model.channel import PRECHECK_CHANNEL
from district_reports.pages import csrf
from district_reports.pages.access import Needs
from district_reports.pages.data import district_names
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows, shows_nothing
from district_reports.pages.submissions import airflow_runs
from district_reports.pages.submissions.files import download, sandboxed_page
from district_reports.pages.submissions.listing import (
    OUTCOMES,
    Filters,
    finding_numbers,
    page_number,
    periods,
    read_listing,
)
from district_reports.pages.submissions.lookup import find, find_with
from district_reports.processing.redelivery import (
    NotAnsweredAgain,
    Obstacle,
    answer_again,
    obstacle_to,
    what_lies_there,
)
from district_reports.publish.printed import aligned, decimals_of
from district_reports.settings import settings
from district_reports.storage import archive
from district_reports.storage.folders import answer_at
from district_reports.storage.share import Place
from district_reports.users import Permission, Viewer
from district_reports.warehouse.corrections import comparison_of

log = logging.getLogger(__name__)
router = APIRouter(prefix="/submissions", route_class=Declared)

Id = Annotated[int, Path(ge=1, lt=1 << 63)]
Reader = Annotated[Viewer, Depends(Needs(Permission.SEE_REPORTS))]
Opener = Annotated[Viewer, Depends(Needs(Permission.OPEN_FILES))]
_operates = Needs(Permission.OPERATE)
Operator = Annotated[Viewer, Depends(_operates)]
Seen = Annotated[str, Form(max_length=100)]
# In this order: who may not change it is told so, whatever the form holds.
CHANGES = [Depends(_operates), Depends(csrf.checked)]

DONE = frozenset({"rehearsing", "restating", "answered", "answered_kept"})
NOT_DONE = frozenset({"not_started", "no_answer", *Obstacle})
"""What a page can say of a button that was pressed: ``submissions.said.…``."""


@dataclass(frozen=True)
class Answering:
    """Why the answer can't be written again, or what lies in its place: empty for nothing. ``unreachable``: the share
    does not say."""

    obstacle: Obstacle | None
    seen: str = ""
    unreachable: bool = False


@router.get("")
@shows(Kind.SUBMISSIONS, "district", "form", "period")
def _list(request: Request, viewer: Reader) -> HTMLResponse:
    filters = Filters.of(request.query_params)
    with reading(viewer) as connection:
        listing = read_listing(connection, filters)
        known_periods = periods(connection)
    return page(
        request,
        "submissions/list.html.j2",
        filters=filters,
        listing=listing,
        periods=known_periods,
        titles=[(form.key, form.title) for form in forms().values()],
        forms=forms(),
        districts=district_names(),
        outcomes=OUTCOMES,
        verdict_of=verdict_of,
    )


@router.get("/{submission_id}")
@shows(Kind.FINDINGS, "submission_id")
def _one(request: Request, viewer: Reader, submission_id: Id) -> HTMLResponse:
    query = request.query_params
    with reading(viewer) as connection:
        one = file_history(connection, find_with(connection, viewer, submission_id))
        requested = (query.get("rule", ""), query.get("severity", ""))
        findings = findings_by_rule(connection, submission_id, one.row.form, requested, page_number(query))
        numbers = finding_numbers(connection, [version.submission_id for version in one.versions])
    run, said = query.get("run", ""), query.get("said", "")
    return page(
        request,
        "submissions/one.html.j2",
        one=one,
        steps=steps(one.row, one.by_id),
        next_step=next_step(one, clock.today()),
        findings=findings,
        numbers=numbers,
        in_force=in_force(one.row),
        form=forms().get(one.row.form or ""),
        districts=district_names(),
        verdict=verdict_of(one.row),
        verdict_of=verdict_of,
        said=said if said in DONE | NOT_DONE else None,
        is_done=said in DONE,
        run_path=airflow_runs.run_path(airflow_runs.RESTATE, run) if airflow_runs.is_run_id(run) else None,
        answering=_answering(one.row) if viewer.may(Permission.OPERATE) else None,
    )


@router.get("/{submission_id}/changes")
@shows(Kind.CHANGES, "submission_id")
def _changes(request: Request, viewer: Reader, submission_id: Id) -> HTMLResponse:
    with reading(viewer) as connection:
        one = file_history(connection, find_with(connection, viewer, submission_id))
    with engine(Role.READER).begin() as connection:
        comparison = comparison_of(connection, one.row.receipt_id)
    return page(
        request,
        "submissions/changes.html.j2",
        one=one,
        form=forms().get(one.row.form or ""),
        districts=district_names(),
        replaced=one.by_id.get(comparison.replaced_submission_id) if comparison else None,
        sheets=compared(comparison) if comparison else None,
        aligned=aligned,
        decimals_of=decimals_of,
        verdict_of=verdict_of,
    )


@router.get("/{submission_id}/original")
@shows(Kind.ORIGINAL, "submission_id")
def _original(request: Request, viewer: Opener, submission_id: Id) -> Response:
    row = find(viewer, submission_id)
    try:
        file = archive.original(settings().archive, row.sha256).open("rb")
    except (SystemFault, OSError):
        log.error("submission %d: its archived original can't be handed out", submission_id)
        return _missing(request, row, "original")
    return download(file, row.file_name)


@router.get("/{submission_id}/answer")
@shows(Kind.ANSWER, "submission_id")
def _answer(request: Request, viewer: Opener, submission_id: Id) -> Response:
    row = find(viewer, submission_id)
    try:
        file = _placed(row, ".xlsx").open_file()
    except (SystemFault, OSError):
        return _missing(request, row, "answer")
    return download(file, FilePath(row.answered_as).name)


@router.get("/{submission_id}/report")
@shows(Kind.REPORT, "submission_id")
def _report(request: Request, viewer: Opener, submission_id: Id) -> Response:
    row = find(viewer, submission_id)
    try:
        file = _placed(row, ".html").open_file()
    except (SystemFault, OSError):
        return _missing(request, row, "report")
    return sandboxed_page(file)


@router.get("/{submission_id}/run")
@shows_nothing
async def _run(request: Request, viewer: Operator, submission_id: Id) -> Response:
    row = await run_in_threadpool(find, viewer, submission_id)
    if row.form is None:
        raise HTTPException(404)
    return RedirectResponse(View.of(request).airflow + await airflow_runs.path_of_run(request, row), 303)


@router.post("/{submission_id}/restate", dependencies=CHANGES)
@shows_nothing
async def _restate(
    request: Request,
    viewer: Operator,
    submission_id: Id,
    kind: Annotated[Literal["rehearse", "restate"], Form()],
    publish: Annotated[bool, Form()] = False,
) -> Response:
    row = await run_in_threadpool(find, viewer, submission_id)
    if row.form is None or row.channel == PRECHECK_CHANNEL:
        raise HTTPException(404)
    rehearse = kind == "rehearse"
    reply = await airflow_runs.restate(request, row, dry_run=rehearse, publish=publish and not rehearse)
    if not reply.ok:
        log.warning("submission %d: Airflow did not start a restatement: status %d", submission_id, reply.status)
        return _done(request, submission_id, "not_started")
    run_id = reply.body["dag_run_id"]
    log.info("%s started the restatement %s from submission %d", viewer.name, run_id, submission_id)
    return _done(request, submission_id, "rehearsing" if rehearse else "restating", run=run_id)


@router.post("/{submission_id}/answer", dependencies=CHANGES)
@shows_nothing
def _answer_again(request: Request, viewer: Operator, submission_id: Id, seen: Seen = "") -> Response:
    find(viewer, submission_id)
    log.info("%s asked for the answer to submission %d again", viewer.name, submission_id)
    try:
        told = answer_again(submission_id, seen)
    except NotAnsweredAgain as why:
        return _done(request, submission_id, why.obstacle.value)
    except (SystemFault, OSError) as error:
        # Without its message: it may name a clerk's file.
        log.error("submission %d: not answered again: %s", submission_id, type(error).__name__)
        return _done(request, submission_id, "no_answer")
    return _done(request, submission_id, "answered_kept" if told.kept_as else "answered")


def _answering(row: Row[Any]) -> Answering:
    """Whether the answer can be written again, and over what; as things stand when the page is made."""
    with engine(Role.READER).begin() as connection:
        obstacle = obstacle_to(connection, row.submission_id)
    if obstacle is not None:
        return Answering(obstacle)
    try:
        return Answering(None, what_lies_there(row.answered_as))
    except (SystemFault, OSError):
        return Answering(None, unreachable=True)


def _placed(row: Row[Any], suffix: str) -> Place:
    if row.answered_as is None:
        raise FileNotFoundError
    return answer_at(settings().uploads, str(FilePath(row.answered_as).with_suffix(suffix)))


def _missing(request: Request, row: Row[Any], what: str) -> HTMLResponse:
    return page(request, "submissions/missing.html.j2", status=404, row=row, what=what)


def _done(request: Request, submission_id: int, said: str, **more: object) -> RedirectResponse:
    return RedirectResponse(View.of(request).url(f"/submissions/{submission_id}", said=said, **more), 303)
