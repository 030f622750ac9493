"""Who may not see values is told where a finding is in our own words: a header or a sheet's name may be a child's.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"

# What was stored before has a declared column where it has a field, and the cover's labels are ours.
COLUMNS = """
ALTER TABLE findings.finding ADD COLUMN told_sheet text, ADD COLUMN told_column text;
COMMENT ON COLUMN findings.finding.sheet IS 'As it stands in the workbook: private, like all that quotes it';
COMMENT ON COLUMN findings.finding.column_title IS 'As it stands in the workbook: private, like all that quotes it';
COMMENT ON COLUMN findings.finding.told_sheet IS 'A title that we declare, in place of what the sheet is called';
COMMENT ON COLUMN findings.finding.told_column IS 'A title that we declare, or the letter of the column';
UPDATE findings.finding SET
    told_sheet = CASE
        WHEN sheet = '封面' OR sheet IN (SELECT sheet_count.sheet FROM ledger.sheet_count) THEN sheet
        WHEN sheet IS NOT NULL THEN '其他工作表'
    END,
    told_column = CASE
        WHEN field IS NOT NULL OR sheet = '封面' THEN column_title
        WHEN column_title IS NOT NULL THEN substring(cell FROM '^([A-Z]{1,3})[0-9]{1,7}$') || ' 列'
    END
WHERE sheet IS NOT NULL OR column_title IS NOT NULL;
"""
VIEW = """
CREATE OR REPLACE VIEW findings.shown_finding AS
SELECT
    submission_id, position, rule, finding.severity,
    {sheet} AS sheet,
    {cell} AS cell,
    {column} AS column_title,
    field, row_number,
    warning_id IS NOT NULL AND finding.explanation IS NOT NULL AS explained,
    CASE WHEN findings.values_shown() THEN message END AS message,
    CASE WHEN findings.values_shown() THEN fix END AS fix,
    CASE WHEN findings.values_shown() THEN value END AS value,
    CASE WHEN findings.values_shown() THEN explanation END AS explanation
FROM findings.finding
WHERE EXISTS (
    SELECT FROM ledger.submission
    WHERE submission.submission_id = finding.submission_id AND ledger.shown(submission.district_code)
);
COMMENT ON VIEW findings.shown_finding IS
    'The findings of the districts that the viewer sees; without what quotes the workbook, unless values are shown';
"""
# A crafted file may call a cell what it likes.
TOLD = {
    "sheet": "CASE WHEN findings.values_shown() THEN sheet ELSE told_sheet END",
    "cell": "CASE WHEN findings.values_shown() OR cell ~ '^[A-Z]{1,3}[0-9]{1,7}$' THEN cell END",
    "column": "CASE WHEN findings.values_shown() THEN column_title ELSE told_column END",
}
BEFORE = {"sheet": "sheet", "cell": "cell", "column": "column_title"}


def upgrade() -> None:
    _as_owner(COLUMNS + VIEW.format(**TOLD))


def downgrade() -> None:
    _as_owner(VIEW.format(**BEFORE) + "ALTER TABLE findings.finding DROP COLUMN told_column, DROP COLUMN told_sheet;")


def _as_owner(statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    connection.exec_driver_sql(statements)
    connection.exec_driver_sql("RESET ROLE")
