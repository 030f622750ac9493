"""The routes of this page."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi import Form as Sent
from starlette.responses import RedirectResponse, Response

from district_reports import clock
from district_reports.ledger.access_log import Kind
from district_reports.ledger.locks import REASON_LENGTH
from district_reports.ledger.rulings import Ruled
from district_reports.ledger.shown_items import CLOSABLE, history_of, shown_items, sides_of
from district_reports.ledger.viewing import reading
from district_reports.pages import csrf
from district_reports.pages.access import Needs, viewer_of
from district_reports.pages.data import district_names, register
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows
from district_reports.pages.worklist.filters import AGES, DEFAULT_STATE, KEY_OF, STATES, filters_of
from district_reports.pages.worklist.listing import read_listing
from district_reports.pages.worklist.ruling import Given, numbers, ruled_by, ticked
from district_reports.pages.worklist.told import others_of, parts_of
from district_reports.reconciliation.rules import cross_rules
from district_reports.users import Permission, Viewer

router = APIRouter(prefix="/worklist", route_class=Declared)
Reader = Annotated[Viewer, Depends(Needs(Permission.SEE_REPORTS))]
Id = Annotated[int, Path(ge=1, lt=1 << 63)]
Reason = Annotated[str, Sent()]
Items = Annotated[list[str], Sent(default_factory=list)]
# In this order: who may not rule is told so, whatever the form holds.
_MAY_RULE = [Depends(Needs(Permission.RULE)), Depends(csrf.checked)]


@router.get("")
@shows(Kind.WORKLIST, "rule", "district", "state", "page")
def worklist(request: Request, viewer: Reader) -> Response:
    """The items that the address asks for."""
    return _list(request, viewer, Given())


@router.post("", dependencies=_MAY_RULE)
@shows(Kind.RULING)
def rule_on_some(request: Request, item: Items, reason: Reason = "") -> Response:
    """Close the items that are ticked."""
    viewer = viewer_of(request)
    ruled = ruled_by(viewer, item, reason, closes=True)
    if isinstance(ruled, Given):
        return _list(request, viewer, ruled)
    return RedirectResponse(View.of(request).here(**_outcome(ruled, "ruled")), 303)


@router.get("/{item_id}")
@shows(Kind.WORKLIST, "item_id")
def one(request: Request, viewer: Reader, item_id: Id) -> Response:
    """One item: the rows that the viewer sees of it, and its history."""
    return _one(request, viewer, item_id, Given())


@router.post("/{item_id}", dependencies=_MAY_RULE)
@shows(Kind.RULING, "item_id")
def rule_on_one(
    request: Request,
    item_id: Id,
    item: Annotated[str, Sent()],
    what: Annotated[Literal["close", "reopen"], Sent()],
    reason: Reason = "",
) -> Response:
    """Close the item, or open it again."""
    viewer = viewer_of(request)
    if item.partition(".")[0] != str(item_id):
        raise HTTPException(400)
    ruled = ruled_by(viewer, [item], reason, closes=what == "close")
    if isinstance(ruled, Given):
        return _one(request, viewer, item_id, ruled)
    said = _outcome(ruled, "ruled" if what == "close" else "reopened")
    return RedirectResponse(View.of(request).url(f"/worklist/{item_id}", **said), 303)


def _list(request: Request, viewer: Viewer, given: Given) -> Response:
    filters, names, today = filters_of(request), district_names(), clock.today()
    with reading(viewer) as connection:
        listing = read_listing(connection, filters, viewer.district_code, names, today)
    return page(
        request,
        "worklist/list.html.j2",
        status=422 if given.errors else 200,
        filters=filters,
        listing=listing,
        states=list(STATES),
        default_state=DEFAULT_STATE,
        ages=list(AGES),
        all_districts=[each for each in register().districts_on(today) if viewer.sees(each.code)],
        given=given,
        **_shared(request, names),
    )


def _one(request: Request, viewer: Viewer, item_id: int, given: Given) -> Response:
    names = district_names()
    with reading(viewer) as connection:
        found = shown_items(connection, [item_id])
        if not found:
            raise HTTPException(404)
        sides, history = sides_of(connection, [item_id])[item_id], history_of(connection, item_id)
    return page(
        request,
        "worklist/one.html.j2",
        status=422 if given.errors else 200,
        item=found[0],
        parts=parts_of(found[0], sides, cross_rules(), names, history),
        history=history,
        given=given,
        **_shared(request, names),
    )


def _shared(request: Request, names: dict[str, str]) -> dict[str, Any]:
    query = request.query_params
    return {
        "today": clock.today(),
        "names": names,
        "rules": {rule.code: rule for rule in cross_rules().rules},
        "key_of": KEY_OF,
        "closable": CLOSABLE,
        "others_of": others_of,
        "ticked": ticked,
        "reason_length": REASON_LENGTH,
        "outcome": {name: numbers(query.get(name, "")) for name in ("ruled", "reopened", "already", "changed")},
    }


def _outcome(ruled: Ruled, done: str) -> dict[str, object]:
    """What the next page tells, as it stands in its address; what an earlier one told is taken out."""
    told = {"ruled": (), "reopened": (), done: ruled.done, "already": ruled.already, "changed": ruled.changed}
    return {name: ",".join(map(str, each)) for name, each in told.items()}
