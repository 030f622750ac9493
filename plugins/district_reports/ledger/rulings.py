"""Officers' rulings on items of the worklist. Rows are only added, and of an item and spell the latest holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from district_reports.database.moments import known_in_turn
from district_reports.ledger.shown_items import CLOSABLE, State, shown_items

_IN_TURN = 7_210_200_005
"""One ruling after the other: of the same form that was sent twice at once, the second finds what the first did."""


@dataclass(frozen=True)
class Ruled:
    """What became of the items: ruled as asked; so already, or by somebody else meanwhile; or no more as they were."""

    done: Sequence[int] = ()
    already: Sequence[int] = ()
    changed: Sequence[int] = ()


def rule(connection: Connection, spells: Mapping[int, int], *, closes: bool, reason: str, by: str) -> Ruled:
    """Close items, or open them again, each as it stood in the spell that the officer saw.

    On a connection of :func:`.viewing.writing`. An item of which a value has changed since, which is gone, or which the
    viewer does not see, is left as it is.
    """
    known_in_turn(connection)
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IN_TURN})
    now = {item.item_id: item for item in shown_items(connection, spells)}
    done, already, changed = [], [], []
    for number, spell in sorted(spells.items()):
        item = now.get(number)
        if item is None or item.spell != spell or item.state is State.GONE:
            changed.append(number)
        elif (item.state in CLOSABLE) == closes:
            done.append(number)
        else:
            already.append(number)
    if done:
        connection.execute(
            text(
                "INSERT INTO reconciliation.ruling (item_id, spell, closes, reason, ruled_by)"
                " VALUES (:item, :spell, :closes, :reason, :by)"
            ),
            [
                {"item": number, "spell": spells[number], "closes": closes, "reason": reason, "by": by}
                for number in done
            ],
        )
    return Ruled(done, already, changed)
