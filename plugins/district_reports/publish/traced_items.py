"""The items of the worklist behind a figure: number, rule, districts and state, and nothing of what they are about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class TracedItem:
    """``item_id`` is the 编号. ``districts`` are codes and names of all that the item touches, in any area."""

    item_id: int
    rule: str
    state: str
    first_seen: date
    districts: tuple[str, ...]
    district_names: tuple[str, ...]


def traced_items(rows: Iterable[Any], names: Mapping[str, str]) -> Iterator[TracedItem]:
    """From rows of :func:`.trace_sql.items_statement` and the names of districts by code."""
    for row in rows:
        codes = tuple(row.districts)
        yield TracedItem(
            row.item_id, row.rule, row.state, row.first_seen, codes, tuple(names.get(code, code) for code in codes)
        )
