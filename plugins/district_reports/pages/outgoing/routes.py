"""The routes of this page. An address names a release on its way outside by the request to prepare it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi import Form as Sent
from starlette.responses import HTMLResponse, RedirectResponse, Response

from district_reports.database.engine import Role, engine
from district_reports.ledger.access_log import Kind
from district_reports.ledger.locks import REASON_LENGTH, objection_to_reason, typed
from district_reports.ledger.viewing import reading
from district_reports.pages import csrf
from district_reports.pages.access import Needs, viewer_of
from district_reports.pages.attachments import attachment
from district_reports.pages.outgoing.asking import DAG, asked
from district_reports.pages.outgoing.checklist import checklist_in_words
from district_reports.pages.outgoing.standing import TONES, is_outdated, offered, word_of
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows, shows_nothing
from district_reports.pages.submissions.files import SANDBOX
from district_reports.publish.bundle.content import read_content
from district_reports.publish.bundle.files import bundle_files, zipped
from district_reports.publish.bundle.summary_page import summary_page
from district_reports.publish.outgoing.ledger import Outgoing, State, outgoing_of
from district_reports.publish.outgoing.ledger import outgoing as every
from district_reports.publish.outgoing.requests import Rule, What
from district_reports.users import Permission, Viewer

router = APIRouter(prefix="/outgoing", route_class=Declared)
Id = Annotated[int, Path(ge=1, lt=1 << 63)]
Reason = Annotated[str, Sent()]
Decision = Literal[What.APPROVE, What.RETURN, What.REVOKE]
Preparer = Annotated[Viewer, Depends(Needs(Permission.PREPARE_RELEASE))]
# In this order: who may not is told so, whatever the form holds.
_MAY_PREPARE = [Depends(Needs(Permission.PREPARE_RELEASE)), Depends(csrf.checked)]
_MAY_DECIDE = [Depends(Needs(Permission.APPROVE_RELEASE)), Depends(csrf.checked)]


@router.get("")
@shows_nothing
def outgoing(request: Request, viewer: Preparer) -> Response:
    """Every version, and the way to prepare another one."""
    return _list(request, viewer)


@router.post("", dependencies=_MAY_PREPARE)
@shows(Kind.RELEASE_OUTSIDE)
def prepare(request: Request, release: Annotated[int, Sent(ge=1, lt=1 << 63)]) -> Response:
    """Ask that a release of a night be prepared for outside."""
    viewer = viewer_of(request)
    number = asked(viewer, What.PREPARE, release_id=release)
    if isinstance(number, Rule):
        return _list(request, viewer, number)
    return RedirectResponse(View.of(request).url(f"/outgoing/{number}"), 303)


@router.get("/{request_id}")
@shows_nothing
def show_one(request: Request, viewer: Preparer, request_id: Id) -> Response:
    """One version: what it holds, what is withheld, and what the viewer may do with it."""
    return _one(request, viewer, request_id)


@router.get("/{request_id}/bundle.zip")
@shows(Kind.BUNDLE, "request_id")
def fetch_bundle(request: Request, viewer: Preparer, request_id: Id) -> Response:
    """What is outside, as one file to take along."""
    found = _outside(viewer, request_id)
    with engine(Role.READER).begin() as connection:
        files = bundle_files(connection, found.release_id)
    content = zipped(files, f"{found.period}/{found.version}")
    return attachment(content, "application/zip", f"{found.name}.zip", f"{found.period}-{found.version}.zip")


@router.get("/{request_id}/summary")
@shows_nothing
def show_summary(request: Request, viewer: Preparer, request_id: Id) -> Response:
    """The summary for the mayor, as it lies in the bundle; a page of its own, to print."""
    found = _outside(viewer, request_id)
    with engine(Role.READER).begin() as connection:
        told = summary_page(read_content(connection, found.release_id))
    return HTMLResponse(told, headers={"Content-Security-Policy": SANDBOX})


@router.post("/{request_id}/{what}", dependencies=_MAY_DECIDE)
@shows(Kind.RELEASE_OUTSIDE, "request_id", "what")
def decide(
    request: Request,
    request_id: Id,
    what: Decision,
    reason: Reason = "",
    sure: Annotated[str, Sent()] = "",
) -> Response:
    """Let it out, send it back, or take back what is outside."""
    viewer, why = viewer_of(request), typed(reason)
    with reading(viewer) as connection:
        found = outgoing_of(connection, request_id)
    if found is None or found.prepared_id is None:
        raise HTTPException(404)
    objection = None if what is What.APPROVE else objection_to_reason(why)
    wrong = str(objection) if objection is not None else "" if sure else "not_sure"
    if wrong:
        return _one(request, viewer, request_id, what=what, wrong=wrong, reason=reason)
    number = asked(viewer, what, prepared_id=found.prepared_id, reason=why)
    if isinstance(number, Rule):
        return _one(request, viewer, request_id, what=what, refused=number, reason=reason)
    return RedirectResponse(View.of(request).url(f"/outgoing/{request_id}", said=what), 303)


def _outside(viewer: Viewer, request_id: int) -> Outgoing:
    """What is outside: its bundle is made of that alone, read by who sees the version before as well.

    Raises:
        HTTPException: 404, it is not outside.
    """
    with reading(viewer) as connection:
        found = outgoing_of(connection, request_id)
    if found is None or found.state is not State.LEFT:
        raise HTTPException(404)
    return found


def _list(request: Request, viewer: Viewer, refused: str = "") -> Response:
    with reading(viewer) as connection:
        listed, may_be_prepared = every(connection), offered(connection)
    return page(
        request,
        "outgoing/list.html.j2",
        status=409 if refused else 200,
        listed=listed,
        offered=may_be_prepared,
        tones=TONES,
        word_of=word_of,
        refused=refused,
    )


def _one(
    request: Request,
    viewer: Viewer,
    request_id: int,
    *,
    what: str = "",
    wrong: str = "",
    refused: str = "",
    reason: str = "",
) -> Response:
    view = View.of(request)
    with reading(viewer) as connection:
        found = outgoing_of(connection, request_id)
        if found is None:
            raise HTTPException(404)
        outdated = is_outdated(connection, found)
    return page(
        request,
        "outgoing/one.html.j2",
        status=409 if refused else 422 if wrong else 200,
        one=found,
        checklist=None if found.checklist is None else checklist_in_words(found.checklist, view.language),
        tones=TONES,
        word_of=word_of,
        is_own=_same(viewer.name, found.drafted_by),
        outdated=outdated,
        what=what,
        wrong=wrong,
        refused=refused,
        reason=reason,
        reason_length=REASON_LENGTH,
        said=view.query.get("said", ""),
        job=f"{view.airflow}/dags/{DAG}" if viewer.may(Permission.OPERATE) else "",
    )


def _same(name: str, other: str) -> bool:
    """Whether both are the same person, as the database looks at it."""
    return name.strip().lower() == other.strip().lower()
