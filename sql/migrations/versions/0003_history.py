"""A district may take a report back, a locked period may be reopened, and what was known stays known.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
LOADER = "district_reports_loader"
PUBLISHER = "district_reports_publisher"
ANALYST = "district_reports_analyst"

# A withdrawal is a submission of its own, in the order of receipts like any other. Where an earlier version comes back
# into force it carries that version's rows; otherwise nothing of its key is in force from then on.
WITHDRAWAL = f"""
ALTER TABLE ledger.submission
    ADD COLUMN withdraws bigint REFERENCES ledger.submission,
    ADD COLUMN restores bigint REFERENCES ledger.submission,
    ADD COLUMN withdrawn_by text CHECK (withdrawn_by ~ '\\S'),
    ADD COLUMN withdrawn_because text CHECK (withdrawn_because ~ '\\S'),
    ADD CONSTRAINT restores_by_withdrawing CHECK (restores IS NULL OR withdraws IS NOT NULL),
    ADD CONSTRAINT withdraws_a_report CHECK (withdraws IS NULL OR (form IS NOT NULL AND lane = '上报')),
    ADD CONSTRAINT office_says_why CHECK (
        (withdrawn_by IS NULL) = (withdrawn_because IS NULL) AND (withdrawn_by IS NULL OR withdraws IS NOT NULL)
    );
COMMENT ON COLUMN ledger.submission.withdraws IS 'The submission that the district takes back with this one';
COMMENT ON COLUMN ledger.submission.restores IS 'The earlier workbook whose rows this withdrawal carries';
COMMENT ON COLUMN ledger.submission.withdrawn_by IS 'Who in the office asked for it; null where the district did';
GRANT SELECT (withdraws, restores) ON ledger.submission TO {PUBLISHER};

CREATE OR REPLACE VIEW ledger.in_force AS
SELECT form, district_code, period, submission_id, receipt_id, outcome, nil_return, received_at, decided_at
FROM (
    SELECT DISTINCT ON (form, district_code, period) *
    FROM ledger.submission
    WHERE lane = '上报' AND outcome IN ('accepted', 'accepted_with_errors')
    ORDER BY form, district_code, period, receipt_id DESC
) AS latest
WHERE withdraws IS NULL OR restores IS NOT NULL;
"""

LOCKS = f"""
CREATE TABLE ledger.lock_exception (
    exception_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    form text NOT NULL,
    district_code text NOT NULL,
    period text NOT NULL,
    until date NOT NULL,
    reason text NOT NULL CHECK (reason ~ '\\S'),
    granted_by text NOT NULL CHECK (granted_by ~ '\\S'),
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ledger.lock_exception IS
    'Append only: the latest row of a key holds. until: the last day on which the locked period takes a report';
CREATE INDEX lock_exception_of_key ON ledger.lock_exception (form, district_code, period, exception_id DESC);
REVOKE UPDATE ON ledger.lock_exception FROM {LOADER};
GRANT SELECT ON ledger.lock_exception TO {PUBLISHER};
"""

# What a table of the register held at any time: its whole content, since the columns are the file's own.
KNOWN = """
CREATE TABLE reference.version (
    version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    sha256 text NOT NULL,
    columns text[] NOT NULL,
    rows jsonb NOT NULL,
    known_from timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE reference.version IS 'Every content that a reference table has had; the latest one stands';
CREATE INDEX version_of_table ON reference.version (table_name, known_from DESC);

ALTER TABLE city.release
    ADD COLUMN day date,
    ADD COLUMN as_of timestamptz;
COMMENT ON COLUMN city.release.day IS 'The day by the house clock: up to it reporting periods have ended';
COMMENT ON COLUMN city.release.as_of IS
    'Set where the release was made later to tell what was known at this moment; it is never the current one';
"""

# Which files a release stands on, so that a figure can be explained long after. Corrections, withdrawals, new districts
# and due days come later; this is what they were.
SOURCES = f"""
CREATE TABLE city.release_source (
    release_id bigint NOT NULL REFERENCES city.release,
    form text NOT NULL,
    period text NOT NULL,
    district_code text NOT NULL,
    areas text[] NOT NULL,
    due_on date,
    submission_id bigint,
    previous bigint[] NOT NULL,
    year_to_date bigint[] NOT NULL,
    latest_of_year bigint[] NOT NULL,
    received bigint[] NOT NULL,
    PRIMARY KEY (release_id, form, period, district_code)
);
COMMENT ON TABLE city.release_source IS 'Where the report of each key stood when the release was made';
COMMENT ON COLUMN city.release_source.areas IS 'The area codes of the city tables in which the district counts';
COMMENT ON COLUMN city.release_source.submission_id IS 'The submission in force; empty where there was none';
COMMENT ON COLUMN city.release_source.previous IS 'What it was compared with, the latest period first';
COMMENT ON COLUMN city.release_source.year_to_date IS 'The reports in force of its year, up to this one';
COMMENT ON COLUMN city.release_source.latest_of_year IS 'Of these, the latest of each district that is not nil';
COMMENT ON COLUMN city.release_source.received IS 'Every submission of the key that had come, in order of receipt';
GRANT SELECT, INSERT ON city.release_source TO {PUBLISHER};
GRANT SELECT ON city.release_source TO {ANALYST};

CREATE VIEW ledger.submission_file AS
WITH RECURSIVE carried AS (
    SELECT submission_id, submission_id AS origin_id, restores FROM ledger.submission
    UNION ALL
    SELECT carried.submission_id, earlier.submission_id, earlier.restores
    FROM carried JOIN ledger.submission AS earlier ON earlier.submission_id = carried.restores
)
SELECT
    carried.submission_id, own.receipt_id, own.form, own.period, own.district_code, own.outcome, own.nil_return,
    own.received_at, own.decided_at, own.recheck_of, own.withdraws,
    origin_id, receipt.receipt_id AS origin_receipt_id, receipt.received_at AS origin_received_at,
    receipt.file_name, receipt.archived_as
FROM carried
JOIN ledger.submission AS own USING (submission_id)
JOIN ledger.submission AS origin ON origin.submission_id = origin_id
JOIN ledger.receipt AS receipt ON receipt.receipt_id = origin.receipt_id
WHERE carried.restores IS NULL;
COMMENT ON VIEW ledger.submission_file IS
    'The file whose rows a submission has: its own, or that of the one which a withdrawal brought back';

CREATE VIEW ledger.release_file AS
SELECT release_id, form, period, district_code, areas, file.submission_id, file.receipt_id, file.outcome,
    file.nil_return, file.received_at, origin_id, origin_receipt_id, file_name, archived_as
FROM city.release_source
JOIN ledger.submission_file AS file USING (submission_id, form, period, district_code);
COMMENT ON VIEW ledger.release_file IS 'The files that a release stands on';
GRANT SELECT ON ledger.submission_file, ledger.release_file TO {PUBLISHER};
"""

UNDO = """
DROP VIEW ledger.release_file, ledger.submission_file;
DROP TABLE city.release_source;
ALTER TABLE city.release DROP COLUMN day, DROP COLUMN as_of;
DROP TABLE reference.version;
DROP TABLE ledger.lock_exception;
CREATE OR REPLACE VIEW ledger.in_force AS
SELECT DISTINCT ON (form, district_code, period)
    form, district_code, period, submission_id, receipt_id, outcome, nil_return, received_at, decided_at
FROM ledger.submission
WHERE lane = '上报' AND outcome IN ('accepted', 'accepted_with_errors')
ORDER BY form, district_code, period, receipt_id DESC;
ALTER TABLE ledger.submission
    DROP CONSTRAINT withdraws_a_report, DROP CONSTRAINT office_says_why, DROP COLUMN withdrawn_because,
    DROP COLUMN withdrawn_by, DROP COLUMN restores, DROP COLUMN withdraws;
"""


def upgrade() -> None:
    _as_owner(WITHDRAWAL, LOCKS, KNOWN, SOURCES)


def downgrade() -> None:
    _as_owner(UNDO)


def _as_owner(*statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("RESET ROLE")
