"""A warning has a name, and what the district says of it keeps it quiet.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"

# The loader may read and append, as everywhere in this schema; nobody else may do anything.
EXPLANATIONS = """
ALTER TABLE findings.finding
    ADD COLUMN warning_id text,
    ADD COLUMN explanation text,
    ADD CONSTRAINT only_warnings_are_named CHECK (warning_id IS NULL OR severity = 'warning'),
    ADD CONSTRAINT explained_by_name CHECK (explanation IS NULL OR warning_id IS NOT NULL);
COMMENT ON COLUMN findings.finding.warning_id IS
    'The same as long as what the warning is about keeps its value. A hash over IDs among others, and as private';
COMMENT ON COLUMN findings.finding.explanation IS 'What the district had said of it when the submission was decided';

CREATE TABLE findings.explanation (
    submission_id bigint NOT NULL REFERENCES ledger.submission,
    warning_id text NOT NULL,
    explanation text,
    PRIMARY KEY (submission_id, warning_id)
);
COMMENT ON TABLE findings.explanation IS
    'What each workbook says of warnings; of one warning, the latest receipt of the key holds. Append only';
COMMENT ON COLUMN findings.explanation.explanation IS 'Null: what was said before is taken back';
"""
UNDO = """
DROP TABLE findings.explanation;
ALTER TABLE findings.finding
    DROP CONSTRAINT explained_by_name, DROP CONSTRAINT only_warnings_are_named,
    DROP COLUMN explanation, DROP COLUMN warning_id;
"""


def upgrade() -> None:
    _as_owner(EXPLANATIONS)


def downgrade() -> None:
    _as_owner(UNDO)


def _as_owner(statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    connection.exec_driver_sql(statements)
    connection.exec_driver_sql("RESET ROLE")
