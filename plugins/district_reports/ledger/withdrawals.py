"""The ledger's part in withdrawals: what a receipt is filed under, and taking it back without a file in a folder."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from district_reports.ledger.receipts import Drop, Identity, after_every_receipt, record_receipt, settle_receipt


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
