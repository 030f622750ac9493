"""The worklist as its viewer sees it, on a connection of :func:`.viewing.reading`: the database holds back the rest."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, text


class State(StrEnum):
    """How an item stands; ``reconciliation.items_as_known`` is what says so."""

    WAITING = "待核对"
    PARTLY_EXPLAINED = "部分已说明"
    EXPLAINED = "已说明"
    """All its districts have explained."""
    RULED = "已裁定"
    GONE = "已消除"
    """The data show it no more."""


OPEN = frozenset({State.WAITING, State.PARTLY_EXPLAINED})
CLOSABLE = OPEN | {State.EXPLAINED}
"""What an officer may rule on."""


class Item(NamedTuple):
    """An item; there are thousands of them.

    ``last_seen`` matters of one that is gone. ``unexplained``: those of its districts with a row of which nobody has
    said anything in this spell.
    """

    item_id: int
    rule: str
    first_seen: date
    last_seen: date
    spell: int
    spell_since: date
    state: State
    districts: Sequence[str]
    unexplained: Collection[str]

    def days(self, today: date) -> int:
        """已挂天数."""
        return (today - self.first_seen).days


@dataclass(frozen=True)
class OpenItems:
    """How many items are open: of those that touch the same districts, their number and when the first was seen."""

    groups: Sequence[tuple[frozenset[str], int, date]]

    @property
    def number(self) -> int:
        return sum(items for _, items, _ in self.groups)

    @property
    def by_district(self) -> Mapping[str, int]:
        """An item counts once in each district that it touches."""
        found: Counter[str] = Counter()
        for districts, items, _ in self.groups:
            found.update(dict.fromkeys(districts, items))
        return found

    def touching(self, districts: Collection[str]) -> "OpenItems":
        """Those of them that touch any of `districts`."""
        return OpenItems([group for group in self.groups if group[0].intersection(districts)])

    def oldest_days(self, today: date) -> int:
        """已挂天数 of the oldest; 0 where there is none."""
        return max(((today - oldest).days for _, _, oldest in self.groups), default=0)


@dataclass(frozen=True)
class Side:
    """A row of Excel that an item is about. ``name`` and ``resident_id`` are masked but for the row's own district;
    None where the row is of no person. ``words`` fill the placeholders of the rule's text, and are shown nowhere else.
    ``others`` are the districts that play another part in the item than this row; where there is one part, all others.
    An explanation of any of ``speakers`` holds for the row.
    """

    item_id: int
    district_code: str
    form: str
    period: str
    submission_id: int
    table_name: str
    row_number: int
    part: str
    words: Mapping[str, Any]
    school_code: str | None
    name: str | None
    resident_id: str | None
    others: Sequence[str]
    speakers: Sequence[str]


@dataclass(frozen=True)
class Event:
    """What happened to an item: ``seen``, ``changed``, ``back``, ``gone`` on a day by the house clock; ``explained`` by
    a district; ``ruled``, ``reopened`` by an officer, whose reason districts don't see."""

    at: datetime
    day: date | None
    what: str
    spell: int
    who: str | None
    words: str | None


_ITEM = "item_id, rule, first_seen, last_seen, spell, spell_since, state, districts, unexplained"
_ITEMS = text(f"SELECT {_ITEM} FROM reconciliation.shown_items() ORDER BY first_seen, item_id")
_OPEN = text(
    "SELECT districts, count(*) AS items, min(first_seen) AS oldest FROM reconciliation.shown_items()"
    " WHERE state = ANY(:open) GROUP BY districts"
)
_SOME = text(f"SELECT {_ITEM} FROM reconciliation.shown_items_of(:items)")
_SIDES = text(
    "SELECT item_id, district_code, form, period, submission_id, table_name, row_number, part, words, school_code,"
    " name, resident_id, others, speakers FROM reconciliation.shown_sides(:items) ORDER BY item_id, place"
)
_HISTORY = text("SELECT at, day, what, spell, who, words FROM reconciliation.shown_history(:item) ORDER BY at")


def shown_items(connection: Connection, items: Collection[int] | None = None) -> list[Item]:
    """Every item that touches a district of the viewer's, or those of `items` that do; the oldest first."""
    asked = _ITEMS if items is None else _SOME
    return [_item(row) for row in connection.execute(asked, {} if items is None else {"items": list(items)})]


def sides_of(connection: Connection, items: Iterable[int]) -> dict[int, list[Side]]:
    """The rows that the viewer sees of each of `items`, in the order of their districts."""
    found: dict[int, list[Side]] = defaultdict(list)
    for row in connection.execute(_SIDES, {"items": list(items)}):
        found[row.item_id].append(Side(**row._mapping))
    return found


def history_of(connection: Connection, item: int) -> list[Event]:
    """What happened to an item, the earliest first."""
    return [Event(**row._mapping) for row in connection.execute(_HISTORY, {"item": item})]


def open_items(connection: Connection) -> OpenItems:
    """Those that wait for somebody."""
    rows = connection.execute(_OPEN, {"open": list(OPEN)})
    return OpenItems([(frozenset(row.districts), row.items, row.oldest) for row in rows])


def _item(row: Iterable[Any]) -> Item:
    item_id, rule, first_seen, last_seen, spell, spell_since, state, districts, unexplained = row
    return Item(item_id, rule, first_seen, last_seen, spell, spell_since, State(state), districts, unexplained)
