"""Withdrawals: what a receipt is filed under, taking it back without a file in a folder, and what stands in its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.errors import SystemFault
from district_reports.ledger.receipts import Drop, Identity, after_every_receipt, record_receipt, settle_receipt
from district_reports.ledger.versions import Version


@dataclass(frozen=True)
class Reported:
    """What a receipt is filed under."""

    receipt_id: int
    submission_id: int
    district_code: str
    folder: str
    channel: str
    sha256: str
    form: str | None
    period: str | None
    withdraws: int | None


def reported(connection: Connection, receipt_id: int) -> Reported | None:
    """What was received under the number, if anything."""
    row = connection.execute(
        text(
            "SELECT receipt_id, submission_id, s.district_code, folder, s.channel, s.sha256, form, period, withdraws"
            " FROM ledger.receipt JOIN ledger.submission s USING (receipt_id) WHERE receipt_id = :id"
        ),
        {"id": receipt_id},
    ).one_or_none()
    return None if row is None else Reported(*row)


def record_withdrawal(connection: Connection, drop: Drop, identity: Identity) -> tuple[int, int]:
    """Note a withdrawal for which nothing lies in a folder; (receipt_id, submission_id).

    One that is noted already, and was not refused, is found again.
    """
    after_every_receipt(connection)
    found = connection.execute(
        text(
            "SELECT receipt_id, submission_id FROM ledger.submission"
            " WHERE withdraws = :withdraws AND outcome IS DISTINCT FROM 'rejected' ORDER BY receipt_id LIMIT 1"
        ),
        {"withdraws": identity.withdraws},
    ).one_or_none()
    if found is not None:
        return found.receipt_id, found.submission_id
    receipt_id, submission_id = record_receipt(connection, drop, identity)
    settle_receipt(connection, receipt_id)
    return receipt_id, submission_id


def require_all_before_decided(connection: Connection, withdrawal: Row[Any]) -> None:
    """Make sure that every report before the withdrawal is decided, as leases see to: what comes back must never hang
    on which of two was quicker.

    Raises:
        SystemFault: one is not.
    """
    waiting = connection.scalar(
        text(
            "SELECT min(receipt_id) FROM ledger.submission WHERE form = :form AND district_code = :district_code"
            " AND period = :period AND channel = :channel AND receipt_id < :receipt_id AND outcome IS NULL"
        ),
        dict(withdrawal._mapping),
    )
    if waiting is not None:
        raise SystemFault(f"withdrawal {withdrawal.submission_id} must wait for receipt {waiting}")


def is_among(connection: Connection, target: Row[Any], versions: Sequence[Version]) -> bool:
    """Whether the target is one of `versions`, a duplicate of one, or what one of them is a re-check of.

    The same bytes sent anew after they were taken back are another one: an old notice must not take those back.
    """
    found: bool = connection.execute(
        text(
            """
            WITH RECURSIVE sent AS (
                SELECT submission_id, duplicate_of FROM ledger.submission WHERE submission_id = :target
                UNION ALL
                SELECT s.submission_id, s.duplicate_of FROM ledger.submission s JOIN sent
                    ON s.submission_id = sent.duplicate_of
            ),
            standing AS (
                SELECT submission_id, recheck_of FROM ledger.submission WHERE submission_id = ANY(:versions)
                UNION ALL
                SELECT s.submission_id, s.recheck_of FROM ledger.submission s JOIN standing
                    ON s.submission_id = standing.recheck_of
            )
            SELECT EXISTS (SELECT FROM sent JOIN standing USING (submission_id))
            """
        ),
        {"target": target.submission_id, "versions": [version.submission_id for version in versions]},
    ).scalar_one()
    return found
