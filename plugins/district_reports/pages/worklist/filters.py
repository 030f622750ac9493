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

    def keeps(self, item: Item, today: date, *, but_for: str = "") -> bool:
        """Whether `item` is asked for, the filter `but_for` left aside."""
        first, last = AGES.get(self.age, (0, None))
        asked = {
            "rule": not self.rule or item.rule == self.rule,
            "district": not self.district or self.district in item.districts,
            "age": not self.age or (first <= item.days(today) and (last is None or item.days(today) <= last)),
            "state": item.state in STATES[self.state],
        }
        return all(kept for name, kept in asked.items() if name != but_for)


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
