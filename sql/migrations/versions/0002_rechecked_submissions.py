"""A submission may be an earlier one checked again, because the register has changed.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
PUBLISHER = "district_reports_publisher"

RECHECK = f"""
ALTER TABLE ledger.submission ADD COLUMN recheck_of bigint REFERENCES ledger.submission;
COMMENT ON COLUMN ledger.submission.recheck_of IS
    'The submission whose archived content this is, taken in again by the system and not dropped by the district';
GRANT SELECT (recheck_of) ON ledger.submission TO {PUBLISHER};
"""


def upgrade() -> None:
    _as_owner(RECHECK)


def downgrade() -> None:
    _as_owner("ALTER TABLE ledger.submission DROP COLUMN recheck_of")


def _as_owner(statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    connection.exec_driver_sql(statements)
    connection.exec_driver_sql("RESET ROLE")
