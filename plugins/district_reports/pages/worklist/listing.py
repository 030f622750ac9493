"""The list: the items that are asked for, oldest first, a page at a time; and how many there are of each kind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from district_reports.ledger.shown_items import Item, shown_items, sides_of
from district_reports.pages.worklist.filters import STATES, Filters
from district_reports.pages.worklist.told import Part, parts_of
from district_reports.reconciliation.rules import cross_rules

PAGE = 50
DISTRICTS_PAGE = 20
"""A district reads the words of each item in the list itself."""


@dataclass(frozen=True)
class Listing:
    """A page of the list. ``by_state`` (keys of the address) and ``by_rule`` count the items that the other filters
    keep. ``parts``: of each item on the page the viewer's own rows, where the viewer is of one district."""

    items: Sequence[Item]
    total: int
    page: int
    pages: int
    by_state: Mapping[str, int]
    by_rule: Mapping[str, int]
    parts: Mapping[int, Sequence[Part]]


def read_listing(
    connection: Connection, filters: Filters, district_code: str | None, names: Mapping[str, str], today: date
) -> Listing:
    """The page of `filters`, for a viewer of all districts or of one."""
    refused = [(item, filters.refused_by(item, today)) for item in shown_items(connection)]
    found = [item for item, by in refused if not by]
    length = DISTRICTS_PAGE if district_code else PAGE
    states = Counter(item.state for item, by in refused if by in ([], ["state"]))
    pages = max(1, -(-len(found) // length))
    # What is ruled leaves the list of the open ones, which may be a page shorter then.
    number = min(filters.page, pages)
    items = found[length * (number - 1) : length * number]
    rules = cross_rules()
    sides = sides_of(connection, [item.item_id for item in items]) if district_code and items else {}
    return Listing(
        items=items,
        total=len(found),
        page=number,
        pages=pages,
        by_state={key: sum(states[state] for state in each) for key, each in STATES.items()},
        by_rule=Counter(item.rule for item, by in refused if by in ([], ["rule"])),
        parts={item.item_id: parts_of(item, sides.get(item.item_id, ()), rules, names) for item in items if sides},
    )
