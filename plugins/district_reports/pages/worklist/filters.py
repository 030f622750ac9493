"""The filters of the list, as its address gives them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import HTTPException, Request

from district_reports.ledger.shown_items import OPEN, Item, State
from district_reports.pages.access import require_district, viewer_of
from district_reports.pages.data import district_names
from district_reports.pages.submissions.listing import page_number
from district_reports.reconciliation.rules import cross_rules

STATES: Mapping[str, Collection[State]] = {
    "open": OPEN,
    "waiting": (State.WAITING,),
    "partly": (State.PARTLY_EXPLAINED,),
    "explained": (State.EXPLAINED,),
    "ruled": (State.RULED,),
    "gone": (State.GONE,),
    "all": tuple(State),
}
"""By the value in the address, where the first is left out."""
DEFAULT_STATE = next(iter(STATES))
KEY_OF = {states[0]: key for key, states in STATES.items() if isinstance(states, tuple) and len(states) == 1}
"""The value in the address that stands for one state."""
AGES: Mapping[str, tuple[int, int | None]] = {"0-7": (0, 7), "8-30": (8, 30), "31-90": (31, 90), "91-": (91, None)}
"""Days since first seen, both ends counted; by the value in the address."""


@dataclass(frozen=True)
class Filters:
    """Which items; empty is "all"."""

    rule: str = ""
    district: str = ""
    age: str = ""
    state: str = DEFAULT_STATE
    page: int = 1

    def refused_by(self, item: Item, today: date) -> list[str]:
        """The filters that leave `item` out, by the fields of this class."""
        refused = []
        if self.rule and item.rule != self.rule:
            refused.append("rule")
        if self.district and self.district not in item.districts:
            refused.append("district")
        if self.age:
            first, last = AGES[self.age]
            if item.days(today) < first or (last is not None and item.days(today) > last):
                refused.append("age")
        if item.state not in STATES[self.state]:
            refused.append("state")
        return refused


def filters_of(request: Request) -> Filters:
    """The filters in the address of `request`.

    Raises:
        HTTPException: 400, there is no such value; 404, the district is not the viewer's.
    """
    query = {name: request.query_params.get(name, "").strip() for name in ("rule", "district", "age", "state")}
    if query["district"]:
        require_district(viewer_of(request), query["district"])
    known = {
        "rule": {rule.code for rule in cross_rules().rules},
        "district": district_names(),
        "age": AGES,
        "state": STATES,
    }
    if any(value and value not in known[name] for name, value in query.items()):
        raise HTTPException(400)
    return Filters(**{**query, "state": query["state"] or DEFAULT_STATE}, page=page_number(request.query_params))
