"""Whom an officer has called about a report, which files somebody has looked at, and when an extension was recorded.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
LOADER, READER, PAGES = (f"district_reports_{name}" for name in ("loader", "reader", "pages"))
SEES_ALL = "coalesce(current_setting('district_reports.sees', true) = '*', false)"

TABLES = """
CREATE TABLE ledger.reminder (
    reminder_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    form text NOT NULL,
    district_code text NOT NULL,
    period text NOT NULL,
    note text NOT NULL CHECK (length(note) <= 100),
    reminded_by text NOT NULL CHECK (reminded_by ~ '\\S'),
    reminded_at timestamptz NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON ledger.reminder (form, period);
COMMENT ON TABLE ledger.reminder IS 'Append only: that an officer has called about a report. No district reads it';

CREATE TABLE ledger.seen_files (
    seen_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_code text NOT NULL,
    up_to bigint NOT NULL REFERENCES ledger.submission,
    seen_by text NOT NULL CHECK (seen_by ~ '\\S'),
    seen_at timestamptz NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON ledger.seen_files (seen_by, district_code, up_to);
COMMENT ON TABLE ledger.seen_files IS 'Append only: that somebody has looked at what of a district could not be taken';
COMMENT ON COLUMN ledger.seen_files.up_to IS 'The latest of those files; what comes later is new to them';
"""

# As of receipts: one moment by the house clock, on which days are counted, and one by the real clock.
EXTENSIONS = f"""
ALTER TABLE ledger.lock_exception ADD COLUMN noted_at timestamptz NOT NULL DEFAULT clock_timestamp();
UPDATE ledger.lock_exception SET noted_at = granted_at;
COMMENT ON COLUMN ledger.lock_exception.granted_at IS 'By the house clock, as the days that it is about';
COMMENT ON COLUMN ledger.lock_exception.noted_at IS 'By the real clock';
GRANT INSERT (granted_at) ON ledger.lock_exception TO {PAGES};
"""

RIGHTS = f"""
REVOKE ALL ON ledger.reminder, ledger.seen_files FROM {LOADER}, {READER};
GRANT SELECT ON ledger.reminder, ledger.seen_files TO {PAGES};
GRANT INSERT (form, district_code, period, note, reminded_by, reminded_at) ON ledger.reminder TO {PAGES};
GRANT INSERT (district_code, up_to, seen_by, seen_at) ON ledger.seen_files TO {PAGES};
ALTER TABLE ledger.reminder ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.seen_files ENABLE ROW LEVEL SECURITY;
CREATE POLICY viewer ON ledger.reminder FOR SELECT TO {PAGES} USING ({SEES_ALL});
CREATE POLICY viewer_adds ON ledger.reminder FOR INSERT TO {PAGES} WITH CHECK ({SEES_ALL});
CREATE POLICY viewer ON ledger.seen_files FOR SELECT TO {PAGES} USING (ledger.shown(district_code));
CREATE POLICY viewer_adds ON ledger.seen_files FOR INSERT TO {PAGES} WITH CHECK (ledger.shown(district_code));
"""

UNDO = f"""
DROP TABLE ledger.reminder, ledger.seen_files;
REVOKE INSERT (granted_at) ON ledger.lock_exception FROM {PAGES};
ALTER TABLE ledger.lock_exception DROP COLUMN noted_at;
"""


def upgrade() -> None:
    _as_owner(TABLES + EXTENSIONS + RIGHTS)


def downgrade() -> None:
    _as_owner(UNDO)


def _as_owner(statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    connection.exec_driver_sql(statements)
    connection.exec_driver_sql("RESET ROLE")
