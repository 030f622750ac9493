"""What a report is to the ledger is said once, in views; ``lane`` is called by its common name, ``channel``.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
PAGES = "district_reports_pages"

RENAME = """
ALTER TABLE ledger.receipt RENAME COLUMN {old} TO {new};
ALTER TABLE ledger.submission RENAME COLUMN {old} TO {new};
ALTER VIEW findings.shown_rule_count RENAME COLUMN {old} TO {new};
"""
# With the rights of whoever asks, so that the pages see the rows of their viewer and no others.
VIEWS = f"""
CREATE VIEW ledger.report WITH (security_invoker) AS
SELECT
    submission_id, receipt_id, form, period, district_code, sha256, filler, telephone, nil_return, state, outcome,
    reason, rules_hash, checked_as, answered_as, duplicate_of, replaced_by, recheck_of, withdraws, restores,
    received_at, checked_at, decided_at, answered_at
FROM ledger.submission
WHERE channel = '上报' AND (withdraws IS NULL OR outcome IS DISTINCT FROM 'rejected');
COMMENT ON VIEW ledger.report IS
    'What a district has reported, withdrawals included; one that was refused changed nothing';

CREATE VIEW ledger.counted_report WITH (security_invoker) AS
SELECT * FROM ledger.report WHERE outcome IS DISTINCT FROM 'duplicate';
COMMENT ON VIEW ledger.counted_report IS
    'What counts as said: without duplicates, which have the content of the submission before them';

CREATE VIEW ledger.own_receipt WITH (security_invoker) AS
SELECT
    submission.submission_id,
    (
        WITH RECURSIVE own AS (
            SELECT submission.receipt_id, submission.recheck_of
            UNION ALL
            SELECT earlier.receipt_id, earlier.recheck_of
            FROM own JOIN ledger.submission AS earlier ON earlier.submission_id = own.recheck_of
        )
        SELECT receipt_id FROM own WHERE recheck_of IS NULL
    ) AS own_receipt_id
FROM ledger.submission;
COMMENT ON VIEW ledger.own_receipt IS
    'The receipt of the district''s own drop of what a submission decides on, however often it was checked again';
GRANT SELECT ON ledger.report, ledger.counted_report, ledger.own_receipt TO {PAGES};
"""
UNDO = "DROP VIEW ledger.own_receipt, ledger.counted_report, ledger.report;\n"


def upgrade() -> None:
    _as_owner(RENAME.format(old="lane", new="channel") + VIEWS)


def downgrade() -> None:
    _as_owner(UNDO + RENAME.format(old="channel", new="lane"))


def _as_owner(statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    connection.exec_driver_sql(statements)
    connection.exec_driver_sql("RESET ROLE")
