"""What may be prepared for outside, and how it is told where a release stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from district_reports.publish.outgoing.ledger import Outgoing, State

_MOST = 30

TONES: Mapping[State, str] = {
    State.REQUESTED: "busy",
    State.READY: "warn",
    State.IMPOSSIBLE: "bad",
    State.REFUSED: "bad",
    State.RETURNED: "calm",
    State.APPROVED: "busy",
    State.LEFT: "good",
    State.REVOKED: "calm",
}


@dataclass(frozen=True)
class Offered:
    """A release of a night that may be prepared."""

    release_id: int
    known_at: datetime
    day: date
    newest: bool


def offered(connection: Connection) -> list[Offered]:
    """The latest ordinary releases that have never left and are not on their way, the latest first.

    None is older than what is outside: a version would tell less than the one before it.
    """
    rows = connection.execute(
        text(
            "SELECT release_id, known_at, day,"
            " release_id = (SELECT max(release_id) FROM city.release WHERE as_of IS NULL) AS newest"
            " FROM city.release WHERE as_of IS NULL"
            " AND release_id > coalesce((SELECT max(release_id) FROM outside.release), 0)"
            " AND release_id NOT IN (SELECT release_id FROM outside.revoked)"
            " AND release_id NOT IN"
            " (SELECT release_id FROM outgoing.state WHERE state IN ('requested', 'ready', 'approved'))"
            " ORDER BY release_id DESC LIMIT :most"
        ),
        {"most": _MOST},
    )
    return [Offered(*row) for row in rows]


def word_of(each: Outgoing) -> str:
    """What the words of its state are named by: one that is being revoked is still outside."""
    revoking = each.state is State.LEFT and each.revocation_asked_at is not None
    return "revoking" if revoking else each.state.value


def is_outdated(connection: Connection, each: Outgoing) -> bool:
    """Whether another release has left since it was prepared, so that nobody can approve it."""
    if each.state is not State.READY:
        return False
    # The pages do not see the rows of what was revoked, but its notice.
    left = "SELECT release_id FROM outside.release UNION SELECT release_id FROM outside.revoked"
    knew = connection.scalar(
        text("SELECT knew FROM outgoing.prepared WHERE prepared_id = :prepared"), {"prepared": each.prepared_id}
    )
    return not set(connection.scalars(text(left))) <= set(knew or ())
