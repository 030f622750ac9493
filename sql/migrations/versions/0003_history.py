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
    ADD CONSTRAINT restores_by_withdrawing CHECK (restores IS NULL OR withdraws IS NOT NULL);
COMMENT ON COLUMN ledger.submission.withdraws IS 'The submission that the district takes back with this one';
COMMENT ON COLUMN ledger.submission.restores IS 'The earlier submission whose rows this withdrawal carries';
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

# Which files a release stands on, so that a figure can be explained long after.
SOURCES = f"""
CREATE TABLE city.release_source (
    release_id bigint NOT NULL REFERENCES city.release,
    form text NOT NULL,
    period text NOT NULL,
    district_code text NOT NULL,
    submission_id bigint NOT NULL,
    PRIMARY KEY (release_id, form, period, district_code)
);
COMMENT ON TABLE city.release_source IS 'The submission in force for each key when the release was made';
GRANT SELECT, INSERT ON city.release_source TO {PUBLISHER};
GRANT SELECT ON city.release_source TO {ANALYST}, {LOADER};
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
ALTER TABLE ledger.submission DROP COLUMN restores, DROP COLUMN withdraws;
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
