"""Of the rows ignored, those that hold no data: the rest of a rejected workbook's are sound rows.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"

# T09 is a finding a row. A duplicate keeps no finding but F17: its rows are those of the submission that it repeats.
COLUMN = """
ALTER TABLE ledger.sheet_count ADD COLUMN no_data integer NOT NULL DEFAULT 0;
WITH RECURSIVE same AS (
    SELECT submission_id, submission_id AS judged FROM ledger.submission WHERE duplicate_of IS NULL
    UNION ALL
    SELECT again.submission_id, judged
    FROM ledger.submission AS again
    JOIN same ON same.submission_id = again.duplicate_of
),
without_data AS (
    SELECT same.submission_id, sheet, count(*) AS rows
    FROM findings.finding
    JOIN same ON judged = finding.submission_id
    WHERE rule = 'T09'
    GROUP BY same.submission_id, sheet
)
UPDATE ledger.sheet_count SET no_data = least(rows, ignored)
FROM without_data
WHERE (without_data.submission_id, without_data.sheet) = (sheet_count.submission_id, sheet_count.sheet);
ALTER TABLE ledger.sheet_count
    ADD CONSTRAINT without_data_among_ignored CHECK (no_data BETWEEN 0 AND ignored);
COMMENT ON COLUMN ledger.sheet_count.no_data IS 'Totals, footers and the like (T09), which nobody judges';
"""


def upgrade() -> None:
    _as_owner(COLUMN)


def downgrade() -> None:
    _as_owner("ALTER TABLE ledger.sheet_count DROP COLUMN no_data;")


def _as_owner(statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    connection.exec_driver_sql(statements)
    connection.exec_driver_sql("RESET ROLE")
