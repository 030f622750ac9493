"""Which contents broke the limited child is a table, and no longer files of one deployment's folder.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
LOADER = "district_reports_loader"

TABLE = f"""
CREATE TABLE ledger.reader_run (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 text NOT NULL,
    task text NOT NULL CHECK (task IN ('inspect', 'read')),
    reader text NOT NULL,
    problem jsonb,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON ledger.reader_run (sha256);
COMMENT ON TABLE ledger.reader_run IS
    'Runs of the limited child: those that go on, those that died with their worker, and those that a content broke';
COMMENT ON COLUMN ledger.reader_run.reader IS 'The version of the reader; another one tries again';
COMMENT ON COLUMN ledger.reader_run.problem IS 'How a content broke the run: rule, variant and limit, nothing of it';
GRANT DELETE ON ledger.reader_run TO {LOADER};
"""


def upgrade() -> None:
    _as_owner(TABLE)


def downgrade() -> None:
    _as_owner("DROP TABLE ledger.reader_run")


def _as_owner(statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    connection.exec_driver_sql(statements)
    connection.exec_driver_sql("RESET ROLE")
