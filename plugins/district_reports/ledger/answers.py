"""Where answers lie, as the ledger knows it, and which of them a later one supersedes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

_PLACED = """
    SELECT s.receipt_id, s.form, s.period, s.district_code, s.channel, s.answered_at,
        coalesce(s.answered_as, CASE WHEN s.submission_id = :placed THEN :placed_as END) AS answered_as,
        r.folder, r.file_name,
        s.outcome = 'duplicate' OR s.withdraws IS NOT NULL AND s.outcome = 'rejected' AS changes_nothing
    FROM ledger.submission AS s JOIN ledger.receipt AS r USING (receipt_id)
    WHERE s.form IS NOT NULL AND (s.answered_as IS NOT NULL OR s.submission_id = :placed)
"""
# A pre-check supersedes no report. What changed nothing supersedes only its like: what it repeats or leaves in force
# is still what the district has to know.
_SUPERSEDED = f"""
    WITH placed AS ({_PLACED}
        AND (CAST(:form AS text) IS NULL OR s.form = :form AND s.district_code = :district AND s.period = :period)
    )
    SELECT folder, answered_as, file_name, receipt_id FROM placed AS s
    WHERE EXISTS (
        SELECT FROM placed AS later
        WHERE later.form = s.form AND later.district_code = s.district_code AND later.period = s.period
            AND later.receipt_id > s.receipt_id
            AND (later.channel = '上报' OR s.channel = '预检')
            AND (s.changes_nothing OR NOT later.changes_nothing)
    )
    ORDER BY receipt_id
"""


def superseded_of_key(
    connection: Connection, form: str, district_code: str, period: str, submission_id: int, name: str
) -> Sequence[Row[Any]]:
    """folder, answered_as, file_name and receipt_id of the answers of a key that a later one supersedes.

    That of `submission_id`, which the ledger does not have yet, lies there as `name`.
    """
    values = {"form": form, "district": district_code, "period": period, "placed": submission_id, "placed_as": name}
    return connection.execute(text(_SUPERSEDED), values).all()


def all_superseded(connection: Connection) -> Sequence[Row[Any]]:
    """As :func:`superseded_of_key`, of every key."""
    anything = dict.fromkeys(("form", "district", "period", "placed", "placed_as"))
    return connection.execute(text(_SUPERSEDED), anything).all()


def answered_before(connection: Connection, age: timedelta, *, without_identity: bool) -> Sequence[Row[Any]]:
    """folder, answered_as, file_name and receipt_id of the answers older than `age`.

    Only those to files `without_identity`, or all.
    """
    return connection.execute(
        text(
            "SELECT r.folder, s.answered_as, r.file_name, r.receipt_id"
            " FROM ledger.submission AS s JOIN ledger.receipt AS r USING (receipt_id)"
            " WHERE s.answered_as IS NOT NULL AND s.answered_at < clock_timestamp() - :age"
            " AND (s.form IS NULL OR NOT :without_identity) ORDER BY receipt_id"
        ),
        {"age": age, "without_identity": without_identity},
    ).all()


def answered_within(connection: Connection, age: timedelta) -> list[tuple[int, str]]:
    """Submission and place of every answer that is not older than `age`."""
    rows = connection.execute(
        text(
            "SELECT submission_id, answered_as FROM ledger.submission"
            " WHERE answered_as IS NOT NULL AND answered_at >= clock_timestamp() - :age"
        ),
        {"age": age},
    )
    return [(row.submission_id, row.answered_as) for row in rows]


def answers_since(connection: Connection, receipt_id: int, most: int) -> Sequence[str]:
    """Where the answers lie that have something to tell, of later receipts; those with errors in some rows first."""
    return connection.scalars(
        text(
            "SELECT answered_as FROM ledger.submission WHERE receipt_id > :after AND outcome <> 'accepted'"
            " ORDER BY outcome = 'accepted_with_errors' DESC, receipt_id LIMIT :most"
        ),
        {"after": receipt_id, "most": most},
    ).all()


def later_under_way(connection: Connection, submission: Row[Any]) -> bool:
    """Whether a later file of the same key, which may supersede the answer to this one, is still to be answered."""
    found: bool = connection.execute(
        text(
            "SELECT EXISTS (SELECT FROM ledger.submission AS later WHERE later.form = :form"
            " AND later.district_code = :district_code AND later.period = :period"
            " AND later.receipt_id > :receipt_id AND later.state <> 'answered'"
            " AND (later.channel = '上报' OR :channel = '预检'))"
        ),
        dict(submission._mapping),
    ).scalar_one()
    return found
