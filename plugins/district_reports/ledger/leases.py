"""Who works on which submission: signals, leases, and writes that only the holder of a lease can make.

Leases and signals go by the database's clock. Every write of a worker is fenced: it carries the lease token of its
claim, and where another has claimed since, it raises :class:`~district_reports.errors.LeaseLost` and writes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.errors import LeaseLost, SystemFault

FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=4)
KEYS_AT_ONCE = 6
"""Of one district; a pool holds 8 runs, and a machine with two cores works on four at a time."""
# After so many attempts a submission that brings its worker down lets the later ones of its key go first.
ATTEMPTS_BEFORE_OTHERS = 3


@dataclass(frozen=True)
class Claim:
    """The right to work on one submission until ``lease_until``, or until another claims it."""

    submission_id: int
    receipt_id: int
    form: str
    district_code: str
    period: str
    channel: str
    sha256: str
    state: str
    received_at: datetime
    archived_as: str
    file_name: str
    checked_as: str | None
    lease_token: int
    lease_until: datetime
    attempts: int
    withdraws: int | None


def keys_to_signal(connection: Connection, form: str, now: datetime | None = None) -> list[str]:
    """The keys (``"district|period"``) of `form` that have work and nobody at it, marked as signalled by this call.

    A new submission is signalled at once; the next signal waits 10 minutes, each later one twice as long as the one
    before, up to 4 hours, since each re-send starts one more run. Keys with a report come before those with files that
    are only to be checked. No district has more than :data:`KEYS_AT_ONCE` keys of all forms signalled within a minute
    and not finished, so that its runs don't fill the pool; its other keys stay due. `now` is for tests; otherwise the
    database's clock.
    """
    rows = connection.execute(
        text(
            """
            WITH moment AS (SELECT coalesce(CAST(:now AS timestamptz), clock_timestamp()) AS now),
            waiting AS (
                SELECT submission_id, district_code, period, channel = '上报' AS reported
                FROM ledger.submission AS waiting, moment
                WHERE form = :form AND state <> 'answered'
                    AND (next_signal_at IS NULL OR next_signal_at <= moment.now)
                    AND NOT EXISTS (
                        SELECT FROM ledger.submission AS held
                        WHERE held.form = waiting.form AND held.district_code = waiting.district_code
                            AND held.period = waiting.period AND held.state <> 'answered'
                            AND held.lease_until > moment.now
                    )
            ),
            under_way AS (
                SELECT district_code, count(DISTINCT (form, period)) AS keys
                FROM ledger.submission, moment
                WHERE state <> 'answered' AND next_signal_at > moment.now
                    AND signalled_at > moment.now - interval '1 minute'
                GROUP BY district_code
            ),
            in_turn AS (
                SELECT district_code, period,
                    row_number() OVER (PARTITION BY district_code ORDER BY NOT bool_or(reported), min(submission_id))
                        + coalesce(max(keys), 0) AS turn
                FROM waiting LEFT JOIN under_way USING (district_code)
                GROUP BY district_code, period
            ),
            due AS (
                SELECT s.submission_id, moment.now
                FROM waiting JOIN in_turn USING (district_code, period)
                    JOIN ledger.submission AS s USING (submission_id), moment
                WHERE turn <= :keys_at_once
                FOR UPDATE OF s SKIP LOCKED
            )
            UPDATE ledger.submission AS s
            SET signalled_at = due.now,
                signal_count = signal_count + 1,
                next_signal_at = due.now + least(:first * power(2, least(signal_count, 20)), :longest)
            FROM due
            WHERE s.submission_id = due.submission_id
            RETURNING district_code || '|' || period AS key, channel = '上报' AS reported
            """
        ),
        {"form": form, "now": now, "keys_at_once": KEYS_AT_ONCE, "first": FIRST_WAIT, "longest": LONGEST_WAIT},
    ).all()
    reported = {row.key for row in rows if row.reported}
    return sorted({row.key for row in rows}, key=lambda key: (key not in reported, key))


def forms_to_signal(connection: Connection) -> list[str]:
    """The forms that have a key due for a signal; marks nothing."""
    return list(
        connection.scalars(
            text(
                "SELECT DISTINCT form FROM ledger.submission WHERE form IS NOT NULL AND state <> 'answered'"
                " AND (next_signal_at IS NULL OR next_signal_at <= clock_timestamp())"
                " AND (lease_until IS NULL OR lease_until <= clock_timestamp()) ORDER BY form"
            )
        )
    )


def claim(
    connection: Connection, form: str, district: str, period: str, holder: str, lease_seconds: float
) -> Claim | None:
    """Take the next submission of a key under a new lease token; None if there is none, or somebody is at the key.

    The next is the oldest undecided one; decided ones that lack their answer come after, since an answer never holds
    up a load. What is only to be checked comes after all that was reported. A withdrawal waits for every report that
    was received before it, since what it brings back hangs on that. One worker at a time works on a key; the same
    `holder` (a task tried again after it was killed) takes its own lease over, under a new token.
    """
    row = connection.execute(
        text(
            """
            WITH unfinished AS (
                SELECT submission_id, receipt_id, channel, state, attempts, withdraws,
                    lease_until > clock_timestamp() AND lease_holder <> :holder AS held
                FROM ledger.submission
                WHERE form = :form AND district_code = :district AND period = :period AND state <> 'answered'
            ),
            next AS (
                SELECT s.submission_id
                FROM ledger.submission AS s
                WHERE s.submission_id = (
                        SELECT submission_id FROM unfinished AS u
                        WHERE withdraws IS NULL OR state = 'decided' OR NOT EXISTS (
                            SELECT FROM unfinished AS older
                            WHERE older.receipt_id < u.receipt_id AND older.state <> 'decided'
                                AND older.channel = u.channel
                        )
                        ORDER BY attempts >= :patience, channel <> '上报', state = 'decided', receipt_id
                        LIMIT 1
                    )
                    AND NOT EXISTS (SELECT FROM unfinished WHERE held)
                    -- Once more on the row itself: it may have been taken or finished since the snapshot.
                    AND s.state <> 'answered'
                    AND (s.lease_until IS NULL OR s.lease_until <= clock_timestamp() OR s.lease_holder = :holder)
                FOR UPDATE OF s SKIP LOCKED
            )
            UPDATE ledger.submission AS s
            SET lease_holder = :holder,
                lease_token = nextval('ledger.lease_token'),
                lease_until = clock_timestamp() + :lease,
                attempts = s.attempts + 1
            FROM next, ledger.receipt AS r
            WHERE s.submission_id = next.submission_id AND r.receipt_id = s.receipt_id
            RETURNING s.submission_id, s.receipt_id, s.form, s.district_code, s.period, s.channel, s.sha256, s.state,
                s.received_at, r.archived_as, r.file_name, s.checked_as, s.lease_token, s.lease_until, s.attempts,
                s.withdraws
            """
        ),
        {
            "form": form,
            "district": district,
            "period": period,
            "holder": holder,
            "lease": timedelta(seconds=lease_seconds),
            "patience": ATTEMPTS_BEFORE_OTHERS,
        },
    ).one_or_none()
    return None if row is None else Claim(*row)


def resume(connection: Connection, submission_id: int, lease_token: int, lease_seconds: float) -> Claim:
    """The claim that an earlier step of the same worker made, renewed for `lease_seconds`.

    Raises:
        LeaseLost: another has claimed the submission since, or it is finished.
    """
    row = connection.execute(
        text(
            """
            UPDATE ledger.submission AS s
            SET lease_until = clock_timestamp() + :lease
            FROM ledger.receipt AS r
            WHERE s.submission_id = :id AND s.lease_token = :token AND s.state <> 'answered'
                AND r.receipt_id = s.receipt_id
            RETURNING s.submission_id, s.receipt_id, s.form, s.district_code, s.period, s.channel, s.sha256, s.state,
                s.received_at, r.archived_as, r.file_name, s.checked_as, s.lease_token, s.lease_until, s.attempts,
                s.withdraws
            """
        ),
        {"id": submission_id, "token": lease_token, "lease": timedelta(seconds=lease_seconds)},
    ).one_or_none()
    if row is None:
        raise LeaseLost(f"submission {submission_id} is finished, or another has claimed it since")
    return Claim(*row)


def held(connection: Connection, claim: Claim) -> Row[Any]:
    """The claimed submission as it is now, locked until the end of the transaction.

    Raises:
        LeaseLost: another has claimed it since.
    """
    row = connection.execute(
        text("SELECT * FROM ledger.submission WHERE submission_id = :id FOR UPDATE"), {"id": claim.submission_id}
    ).one()
    if row.lease_token != claim.lease_token:
        raise LeaseLost(f"submission {claim.submission_id} has been claimed by {row.lease_holder or 'another'} since")
    return row


def renew(connection: Connection, claim: Claim, lease_seconds: float) -> None:
    """Keep the claim for another `lease_seconds` from now. Raises LeaseLost."""
    held(connection, claim)
    _update(
        connection,
        claim,
        "lease_until = clock_timestamp() + :lease",
        {"lease": timedelta(seconds=lease_seconds)},
    )


def release(connection: Connection, claim: Claim) -> None:
    """Let the submission go unfinished: the next to ask may claim it. Raises LeaseLost."""
    held(connection, claim)
    _update(connection, claim, "lease_until = NULL, lease_holder = NULL", {})


def mark_checked(connection: Connection, claim: Claim, checked_as: str) -> None:
    """Note where the checked snapshot lies; a decided submission keeps its own. Raises LeaseLost."""
    if held(connection, claim).state in ("received", "checked"):
        _update(
            connection,
            claim,
            "state = 'checked', checked_as = :checked_as, checked_at = clock_timestamp()",
            {"checked_as": checked_as},
        )


def mark_answered(connection: Connection, claim: Claim, answered_as: str | None) -> None:
    """Note the answer and let the lease go; a second call changes nothing.

    Raises:
        LeaseLost: another has claimed it since.
        SystemFault: it is not decided yet.
    """
    state = held(connection, claim).state
    if state == "answered":
        return
    if state != "decided":
        raise SystemFault(f"submission {claim.submission_id} is {state}; only a decided one can be answered")
    _update(
        connection,
        claim,
        "state = 'answered', answered_as = :answered_as, answered_at = clock_timestamp(),"
        " lease_until = NULL, lease_holder = NULL",
        {"answered_as": answered_as},
    )


def more_waiting(connection: Connection, form: str, district: str, period: str) -> bool:
    """Whether the key has more work; if so, it is due for a signal at once."""
    waiting = connection.execute(
        text(
            "UPDATE ledger.submission SET next_signal_at = NULL, signal_count = 0"
            " WHERE form = :form AND district_code = :district AND period = :period AND state <> 'answered'"
            " AND (lease_until IS NULL OR lease_until <= clock_timestamp())"
        ),
        {"form": form, "district": district, "period": period},
    )
    return waiting.rowcount > 0


def make_all_due(connection: Connection) -> int:
    """Make every unfinished submission that nobody holds due for a signal at once; how many."""
    return connection.execute(
        text(
            "UPDATE ledger.submission SET next_signal_at = NULL, signal_count = 0 WHERE form IS NOT NULL"
            " AND state <> 'answered' AND (lease_until IS NULL OR lease_until <= clock_timestamp())"
        )
    ).rowcount


def _update(connection: Connection, claim: Claim, assignments: str, values: dict[str, object]) -> None:
    connection.execute(
        text(f"UPDATE ledger.submission SET {assignments} WHERE submission_id = :id"),
        {"id": claim.submission_id, **values},
    )
