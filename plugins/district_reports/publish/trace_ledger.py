"""The rows of the ledger and of the worklist that a figure may be traced to, as a release told them.

Each is a relation for one row of the scope that a source looks through (``reached``): a district, and what it had sent.
"""

from district_reports.ledger.first_tries import first_decided
from district_reports.publish.lineage import DISTRICT, DROP, FIRST_SUBMISSION, ITEM, REPORT, SHEET_COUNT, UNIT

# What had been decided by the moment of the release; a submission that waited then may be decided now. Of what came, a
# report is what the district did not take back.
_DROP = """(
            SELECT submission_id, receipt_id, form, period, district_code, recheck_of, withdraws, restores, nil_return,
                received_at, CASE WHEN decided_at <= reached.known_at THEN outcome END AS outcome
            FROM ledger.submission WHERE submission_id = ANY (reached.received)
        )"""
LEDGER = {
    REPORT: """(
            SELECT coalesce(reached.submission_id, reached.received[cardinality(reached.received)]) AS submission_id,
                reached.outcome, reached.nil_return, count(*) > 0 AS came, coalesce(bool_or(known), false) AS decided,
                coalesce(bool_or(known AND drops.outcome IN ('accepted', 'accepted_with_errors')
                    AND (received_at AT TIME ZONE 'Asia/Shanghai')::date <= reached.due_on), false) AS on_time
            FROM (
                SELECT outcome, received_at, withdraws, coalesce(decided_at <= reached.known_at, false) AS known,
                    receipt_id > coalesce(max(receipt_id) FILTER (
                        WHERE withdraws IS NOT NULL AND restores IS NULL AND outcome = 'accepted'
                            AND decided_at <= reached.known_at
                    ) OVER (), 0) AS stands
                FROM ledger.submission WHERE submission_id = ANY (reached.received)
            ) AS drops
            WHERE stands AND withdraws IS NULL
        )""",
    DROP: _DROP,
    FIRST_SUBMISSION: f"({first_decided(_DROP)})",
    SHEET_COUNT: "(SELECT * FROM ledger.sheet_count AS each WHERE each.submission_id = reached.submission_id)",
    UNIT: """(
            SELECT reached.submission_id, key AS sheet, (value ->> 'expected')::integer AS expected,
                (value ->> 'reported')::integer AS reported
            FROM jsonb_each(reached.units)
        )""",
    ITEM: """(
            SELECT *, NULL::bigint AS submission_id FROM known_item
            WHERE known_item.district_code = reached.district_code
        )""",
    DISTRICT: """(
            SELECT reached.district_code, NULL::bigint AS submission_id,
                EXISTS (SELECT FROM reconciliation.run WHERE run.known_at <= reached.known_at)
                AND EXISTS (
                    SELECT FROM city.release_source
                    WHERE release_id = :release_id AND submission_id IS NOT NULL
                        AND release_source.district_code = ANY (reached.answers_for)
                ) AS compared
        )""",
}
