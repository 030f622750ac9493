"""What :mod:`.verify` asks the warehouse: each question returns the ids for which its sentence is true."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

CHECKS = {
    "a receipt without a submission, receipt": """
        SELECT receipt_id FROM ledger.receipt AS r
        WHERE NOT EXISTS (SELECT FROM ledger.submission AS s WHERE s.receipt_id = r.receipt_id)
            AND NOT EXISTS (SELECT FROM reconciliation.returned AS w WHERE w.receipt_id = r.receipt_id)
    """,
    "a worklist that came back, and a report as well, receipt": """
        SELECT receipt_id FROM reconciliation.returned JOIN ledger.submission USING (receipt_id)
    """,
    "an explanation that the file which it came with does not tell of, receipt": """
        SELECT e.receipt_id FROM reconciliation.explanation AS e
        WHERE NOT EXISTS (
            SELECT FROM reconciliation.returned_row AS w
            WHERE w.receipt_id = e.receipt_id AND w.explanation_id = e.explanation_id
        )
    """,
    "the original still lies in its folder, receipt": """
        SELECT receipt_id FROM ledger.receipt WHERE settled_at IS NULL AND received_at <= :now - :patience
    """,
    "not decided yet, submission": """
        SELECT submission_id FROM ledger.submission WHERE outcome IS NULL AND received_at <= :now - :patience
    """,
    "decided and not answered yet, submission": """
        SELECT submission_id FROM ledger.submission
        WHERE state = 'decided' AND decided_at <= clock_timestamp() - :patience
    """,
    "a lease ended long ago and nobody went on, submission": """
        SELECT submission_id FROM ledger.submission
        WHERE state <> 'answered' AND lease_until <= clock_timestamp() - :patience
    """,
    "its receipt says something else, submission": """
        SELECT submission_id FROM ledger.submission AS s JOIN ledger.receipt AS r USING (receipt_id)
        WHERE (s.sha256, s.district_code, s.channel) IS DISTINCT FROM (r.sha256, r.district_code, r.channel)
    """,
    "accepted, but not as the one in force and not replaced either, submission": """
        SELECT submission_id FROM ledger.submission AS s
        WHERE channel = '上报' AND outcome IN ('accepted', 'accepted_with_errors') AND replaced_by IS NULL
            AND withdraws IS NULL
            AND NOT EXISTS (SELECT FROM ledger.in_force AS i WHERE i.submission_id = s.submission_id)
    """,
    "in force and replaced, submission": """
        SELECT submission_id FROM ledger.in_force JOIN ledger.submission USING (submission_id)
        WHERE replaced_by IS NOT NULL
    """,
    "decided without counts, submission": """
        SELECT submission_id FROM ledger.submission AS s
        WHERE outcome IS NOT NULL AND form IS NOT NULL AND withdraws IS NULL
            AND NOT EXISTS (SELECT FROM ledger.sheet_count AS c WHERE c.submission_id = s.submission_id)
    """,
    "not decided, or nothing of it was to be loaded, and counts say otherwise, submission": """
        SELECT submission_id FROM ledger.sheet_count JOIN ledger.submission USING (submission_id)
        WHERE outcome IS NULL OR loaded > 0 AND (outcome IN ('rejected', 'duplicate') OR channel <> '上报')
    """,
    "quarantined rows are not as many as the counts say, submission": """
        SELECT submission_id
        FROM (
            SELECT submission_id, table_name, count(*) AS rows FROM quarantine.quarantined_row GROUP BY 1, 2
        ) AS q
        FULL JOIN ledger.sheet_count AS c USING (submission_id, table_name)
        WHERE coalesce(q.rows, 0) <> coalesce(c.quarantined, 0)
    """,
    "findings are not whole, or not those of the outcome, submission": """
        SELECT s.submission_id
        FROM ledger.submission AS s
        LEFT JOIN (
            SELECT submission_id, count(*) AS all, max(position) AS last,
                count(*) FILTER (WHERE severity = 'critical') AS critical
            FROM findings.finding GROUP BY 1
        ) AS f USING (submission_id)
        WHERE outcome IS NULL AND f.all > 0
            OR f.last + 1 <> f.all
            OR withdraws IS NULL AND CASE outcome
                WHEN 'accepted' THEN f.critical > 0
                WHEN 'duplicate' THEN f.all IS NULL
                WHEN 'accepted_with_errors' THEN coalesce(f.critical, 0) = 0
                WHEN 'rejected' THEN coalesce(f.critical, 0) = 0
            END
    """,
}

# One pass over the table: a row under another district or period than its submission's finds no count either.
FACTS = """
    SELECT submission_id
    FROM (
        SELECT submission_id, period, district_code, count(*) AS rows,
            count(*) FILTER (WHERE known_until IS NULL) AS open
        FROM {facts} GROUP BY 1, 2, 3
    ) AS f
    FULL JOIN (
        SELECT c.submission_id, s.period, s.district_code, c.loaded,
            CASE WHEN i.submission_id IS NULL THEN 0 ELSE c.loaded END AS in_force
        FROM ledger.sheet_count AS c
        JOIN ledger.submission AS s USING (submission_id)
        LEFT JOIN ledger.in_force AS i USING (submission_id)
        WHERE c.table_name = :table AND c.loaded > 0
    ) AS said USING (submission_id, period, district_code)
    WHERE f.rows IS DISTINCT FROM said.loaded OR f.open IS DISTINCT FROM said.in_force
"""

IDENTITIES = """
    SELECT submission_id
    FROM {facts} AS f FULL JOIN {identities} AS i USING (submission_id, row_number)
    WHERE f.submission_id IS NULL OR i.submission_id IS NULL OR {differ}
"""


@dataclass(frozen=True)
class Archived:
    """An original in the archive, and the first receipt of it."""

    archived_as: str
    sha256: str
    size_bytes: int
    receipt_id: int


def archived_originals(connection: Connection) -> list[Archived]:
    """Every original that a receipt names."""
    rows = connection.execute(
        text("SELECT archived_as, sha256, size_bytes, min(receipt_id) FROM ledger.receipt GROUP BY 1, 2, 3")
    )
    return [Archived(*row) for row in rows]


def counts(connection: Connection) -> tuple[int, int]:
    """How many receipts and submissions there are."""
    receipts, submissions = connection.execute(
        text("SELECT (SELECT count(*) FROM ledger.receipt), (SELECT count(*) FROM ledger.submission)")
    ).one()
    return receipts, submissions
