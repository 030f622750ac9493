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
KNOWN = f"""
CREATE TABLE reference.version (
    version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    sha256 text NOT NULL,
    columns text[] NOT NULL,
    rows jsonb NOT NULL,
    known_from timestamptz NOT NULL
);
COMMENT ON TABLE reference.version IS 'Every content that a reference table has had; the latest one stands';
COMMENT ON COLUMN reference.version.rows IS 'An array of rows, each an array of texts or nulls in the order of columns';
CREATE INDEX version_of_table ON reference.version (table_name, version_id DESC);

-- received_at goes by the house clock; what was known at a moment goes by the real one. A receipt of before this
-- column was there at the latest when its original was moved away, or when it was decided.
ALTER TABLE ledger.receipt ADD COLUMN noted_at timestamptz;
UPDATE ledger.receipt SET noted_at = least(settled_at, checked_at, decided_at, clock_timestamp())
FROM ledger.submission WHERE submission.receipt_id = receipt.receipt_id;
UPDATE ledger.receipt SET noted_at = coalesce(settled_at, clock_timestamp()) WHERE noted_at IS NULL;
ALTER TABLE ledger.receipt
    ALTER COLUMN noted_at SET DEFAULT clock_timestamp(),
    ALTER COLUMN noted_at SET NOT NULL;
COMMENT ON COLUMN ledger.receipt.noted_at IS 'By the real clock: the moment from which the drop was known';
GRANT SELECT (receipt_id, noted_at) ON ledger.receipt TO {PUBLISHER};

ALTER TABLE city.release
    ADD COLUMN day date,
    ADD COLUMN as_of timestamptz;
COMMENT ON COLUMN city.release.day IS 'The day by the house clock: up to it reporting periods have ended';
COMMENT ON COLUMN city.release.as_of IS
    'Set where the release was made later to tell what was known at this moment; it is never the current one';
"""

# The city's tables once more, in the boundaries of the release's day; and what each correction changed.
SCHEMAS = {
    "city_now": "What is published, in the boundaries of the day of the release",
    "history": "What each report changed against the one before it, by row; without names and IDs",
}
RIGHTS = f"""
GRANT USAGE, CREATE ON SCHEMA city_now TO {PUBLISHER};
GRANT USAGE ON SCHEMA city_now TO {ANALYST};
GRANT USAGE ON SCHEMA history TO {LOADER}, {PUBLISHER};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city_now GRANT SELECT ON TABLES TO {ANALYST};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA history GRANT SELECT ON TABLES TO {LOADER}, {PUBLISHER};
"""

# The version that another took the place of: one that was decided before it. A version that comes to its decision after
# a later one took nobody's place, and nobody took its.
CORRECTIONS = """
CREATE VIEW history.correction AS
SELECT
    later.submission_id, later.receipt_id, later.form, later.district_code, later.period, later.decided_at,
    replaced.submission_id AS replaced_submission_id, replaced.receipt_id AS replaced_receipt_id
FROM ledger.submission AS later
CROSS JOIN LATERAL (
    SELECT submission_id, receipt_id
    FROM ledger.submission AS earlier
    WHERE earlier.form = later.form AND earlier.district_code = later.district_code AND earlier.period = later.period
        AND earlier.replaced_by = later.submission_id AND earlier.decided_at < later.decided_at
    ORDER BY receipt_id DESC LIMIT 1
) AS replaced
WHERE later.lane = '上报' AND later.outcome IN ('accepted', 'accepted_with_errors');
COMMENT ON VIEW history.correction IS 'Each submission that took the place of another one, and which';
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

# What a release made under this migration: it knows no release that is not the current one.
FORMER_VIEWS = """
DO $$
DECLARE
    city_table text;
BEGIN
    FOR city_table IN SELECT tablename FROM pg_tables WHERE schemaname = 'city' AND tablename ~ '^city_' LOOP
        EXECUTE 'DROP FUNCTION IF EXISTS city.' || quote_ident(city_table || '_as_known') || '(timestamptz)';
        EXECUTE 'CREATE OR REPLACE VIEW city.' || quote_ident('current_' || city_table)
            || ' AS SELECT * FROM city.' || quote_ident(city_table)
            || ' WHERE release_id = (SELECT max(release_id) FROM city.release)';
    END LOOP;
END
$$
"""
UNDO = """
DROP VIEW ledger.release_file, ledger.submission_file;
DROP TABLE city.release_source;
ALTER TABLE city.release DROP COLUMN day, DROP COLUMN as_of;
ALTER TABLE ledger.receipt DROP COLUMN noted_at;
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
    for schema, purpose in SCHEMAS.items():
        op.execute(f"CREATE SCHEMA {schema} AUTHORIZATION {OWNER}")
        op.execute(f"COMMENT ON SCHEMA {schema} IS '{purpose.replace(chr(39), chr(39) * 2)}'")
    op.get_bind().exec_driver_sql(RIGHTS)
    _as(OWNER, WITHDRAWAL, LOCKS, KNOWN, CORRECTIONS, SOURCES)


def downgrade() -> None:
    for schema in SCHEMAS:
        op.execute(f"DROP SCHEMA {schema} CASCADE")
    _as(PUBLISHER, FORMER_VIEWS)
    _as(OWNER, UNDO)


def _as(role: str, *statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("RESET ROLE")
