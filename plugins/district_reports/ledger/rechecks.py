"""The content of a decided report taken in once more, where the register or a rule has changed since."""

from sqlalchemy import Connection, text

from district_reports.database.moments import known_in_turn
from district_reports.ledger.receipts import after_every_receipt


def record_recheck(connection: Connection, submission_id: int) -> int | None:
    """Take the content of a decided report in again, as the key's next one; the new submission's id.

    The new receipt is settled, for nothing lies in the folder, and has the first one's moment of receipt: what the
    register does must not make a district late. None if the key has a later file: that one speaks for the district.
    Of a withdrawal it is the content of the version that it restores.
    """
    known_in_turn(connection)
    after_every_receipt(connection)
    made: int | None = connection.scalar(
        text(
            """
            WITH source AS (
                SELECT content.*, folder, file_name, size_bytes, inode, modified_ns, archived_as
                FROM ledger.submission AS s
                JOIN ledger.submission AS content ON content.submission_id = coalesce(s.restores, s.submission_id)
                JOIN ledger.receipt ON receipt.receipt_id = content.receipt_id
                WHERE s.submission_id = :id AND NOT EXISTS (
                    SELECT FROM ledger.counted_report AS later
                    WHERE later.form = s.form AND later.district_code = s.district_code AND later.period = s.period
                        AND later.receipt_id > s.receipt_id
                )
            ),
            made AS (
                INSERT INTO ledger.receipt (district_code, folder, file_name, channel, sha256, size_bytes, inode,
                    modified_ns, received_at, archived_as, settled_at)
                SELECT district_code, folder, file_name, channel, sha256, size_bytes, inode,
                    modified_ns, received_at, archived_as, clock_timestamp()
                FROM source
                RETURNING receipt_id
            )
            INSERT INTO ledger.submission (receipt_id, form, period, district_code, channel, sha256, filler, telephone,
                received_at, recheck_of)
            SELECT made.receipt_id, form, period, district_code, channel, sha256, filler, telephone,
                received_at, submission_id
            FROM source, made
            RETURNING submission_id
            """
        ),
        {"id": submission_id},
    )
    return made
