"""Schemas, grants, and the tables that do not come from a form. The roles are there before (database/bootstrap.py).

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
LOADER = "district_reports_loader"
PUBLISHER = "district_reports_publisher"
ANALYST = "district_reports_analyst"
SCHEMAS = {
    "ledger": "What was dropped, and what became of it",
    "findings": "What was wrong; holds values of the district that reported them",
    "quarantine": "Rows with critical findings, as typed",
    "facts": "Rows of accepted workbooks, with tokens in place of identifiers",
    "identities": "Names and identifiers of the rows in facts",
    "reference": "The CSV files of sql/reference",
    "city_draft": "Tonight's summaries before disclosure control; not for analysts",
    "city": "What is published, release by release",
}

GRANTS = f"""
GRANT USAGE ON SCHEMA ledger, findings, quarantine, facts, identities, reference TO {LOADER};
GRANT USAGE ON SCHEMA ledger, facts, reference TO {PUBLISHER};
GRANT USAGE, CREATE ON SCHEMA city, city_draft TO {PUBLISHER};
GRANT USAGE ON SCHEMA city TO {ANALYST};

ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA ledger GRANT SELECT, INSERT, UPDATE ON TABLES TO {LOADER};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA ledger GRANT USAGE ON SEQUENCES TO {LOADER};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA findings GRANT SELECT, INSERT ON TABLES TO {LOADER};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA quarantine GRANT SELECT, INSERT ON TABLES TO {LOADER};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA facts GRANT SELECT, INSERT, UPDATE ON TABLES TO {LOADER};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA facts GRANT SELECT ON TABLES TO {PUBLISHER};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA identities GRANT SELECT, INSERT, UPDATE ON TABLES TO {LOADER};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA reference GRANT SELECT ON TABLES TO {LOADER}, {PUBLISHER};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city GRANT SELECT ON TABLES TO {ANALYST};
"""

LEDGER = """
CREATE TABLE ledger.receipt (
    receipt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    district_code text NOT NULL,
    folder text NOT NULL,
    file_name text NOT NULL,
    lane text NOT NULL CHECK (lane IN ('上报', '预检')),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    inode bigint NOT NULL,
    modified_ns bigint NOT NULL,
    received_at timestamptz NOT NULL,
    archived_as text NOT NULL,
    settled_at timestamptz
);
COMMENT ON TABLE ledger.receipt IS 'One row a drop. settled_at: the original has left the folder';
-- A crash between this commit and the move of the original must not make a second receipt of the same drop.
CREATE UNIQUE INDEX receipt_unsettled ON ledger.receipt (folder, lane, file_name) WHERE settled_at IS NULL;

CREATE SEQUENCE ledger.lease_token;

CREATE TABLE ledger.submission (
    submission_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt_id bigint NOT NULL UNIQUE REFERENCES ledger.receipt,
    form text,
    period text,
    district_code text NOT NULL,
    lane text NOT NULL CHECK (lane IN ('上报', '预检')),
    sha256 text NOT NULL,
    filler text,
    telephone text,
    nil_return boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'checked', 'decided', 'answered')),
    outcome text CHECK (outcome IN ('rejected', 'accepted_with_errors', 'accepted', 'duplicate')),
    reason text,
    rules_hash text,
    library_version text,
    token_key_version integer,
    checked_as text,
    answered_as text,
    duplicate_of bigint REFERENCES ledger.submission,
    replaced_by bigint REFERENCES ledger.submission,
    lease_holder text,
    lease_token bigint,
    lease_until timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    signalled_at timestamptz,
    signal_count integer NOT NULL DEFAULT 0,
    next_signal_at timestamptz,
    received_at timestamptz NOT NULL,
    checked_at timestamptz,
    decided_at timestamptz,
    answered_at timestamptz,
    CONSTRAINT identity_whole CHECK ((form IS NULL) = (period IS NULL)),
    CONSTRAINT outcome_when_decided CHECK ((outcome IS NOT NULL) = (state IN ('decided', 'answered'))),
    CONSTRAINT decision_explained CHECK (
        outcome IS NULL
        OR (reason ~ '\\S' AND decided_at IS NOT NULL AND rules_hash IS NOT NULL AND library_version IS NOT NULL)
    ),
    CONSTRAINT answered_dated CHECK ((state = 'answered') = (answered_at IS NOT NULL)),
    CONSTRAINT duplicate_of_what CHECK ((outcome IS NOT DISTINCT FROM 'duplicate') = (duplicate_of IS NOT NULL)),
    CONSTRAINT unknown_is_rejected CHECK (form IS NOT NULL OR outcome IS NULL OR outcome = 'rejected')
);
COMMENT ON TABLE ledger.submission IS 'The content of a receipt under its (form, district, period), and its fate';
COMMENT ON COLUMN ledger.submission.received_at IS 'By the house clock, which may play another day; all else is real';
CREATE INDEX submission_unfinished ON ledger.submission (form, district_code, period, receipt_id)
    WHERE state <> 'answered';
CREATE INDEX submission_of_key ON ledger.submission (form, district_code, period, receipt_id DESC);

CREATE TABLE ledger.sheet_count (
    submission_id bigint NOT NULL REFERENCES ledger.submission,
    table_name text NOT NULL,
    sheet text NOT NULL,
    rows_read integer NOT NULL CHECK (rows_read >= 0),
    loaded integer NOT NULL CHECK (loaded >= 0),
    quarantined integer NOT NULL CHECK (quarantined >= 0),
    ignored integer NOT NULL CHECK (ignored >= 0),
    PRIMARY KEY (submission_id, table_name),
    CONSTRAINT every_row_accounted_for CHECK (rows_read = loaded + quarantined + ignored)
);

CREATE TABLE ledger.token_key (
    version integer PRIMARY KEY,
    fingerprint text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ledger.token_key IS 'Tells a lost or exchanged key from the one that made the tokens; never the key';

CREATE VIEW ledger.in_force AS
SELECT DISTINCT ON (form, district_code, period)
    form, district_code, period, submission_id, receipt_id, outcome, nil_return, received_at, decided_at
FROM ledger.submission
WHERE lane = '上报' AND outcome IN ('accepted', 'accepted_with_errors')
ORDER BY form, district_code, period, receipt_id DESC;
COMMENT ON VIEW ledger.in_force IS 'The latest accepted submission of each key, in the order of receipt';
"""

FINDINGS_AND_QUARANTINE = """
CREATE TABLE findings.finding (
    submission_id bigint NOT NULL REFERENCES ledger.submission,
    position integer NOT NULL,
    rule text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('critical', 'warning', 'info')),
    message text NOT NULL,
    fix text NOT NULL,
    sheet text,
    cell text,
    column_title text,
    field text,
    row_number integer,
    value text,
    PRIMARY KEY (submission_id, position)
);

CREATE TABLE quarantine.quarantined_row (
    submission_id bigint NOT NULL REFERENCES ledger.submission,
    table_name text NOT NULL,
    row_number integer NOT NULL,
    cells jsonb NOT NULL,
    PRIMARY KEY (submission_id, table_name, row_number)
);
"""

REFERENCE = """
CREATE TABLE reference.loaded_file (
    table_name text PRIMARY KEY,
    sha256 text NOT NULL,
    row_count integer NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);
"""

RELEASES = """
CREATE TABLE city.release (
    release_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    released_at timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    rules_hash text NOT NULL,
    library_version text NOT NULL,
    note text
);
COMMENT ON COLUMN city.release.known_at IS 'The release tells what was decided up to this moment, and no more';
COMMENT ON COLUMN city.release.rules_hash IS 'SHA-256 over the summaries and the reference data behind the figures';
"""

# The publisher reads the ledger without the clerk's name and telephone; a new column is granted by its migration.
PUBLISHER_READS = f"""
GRANT SELECT ON ledger.sheet_count, ledger.in_force TO {PUBLISHER};
GRANT SELECT (
    submission_id, receipt_id, form, period, district_code, lane, nil_return, state, outcome, rules_hash,
    library_version, duplicate_of, replaced_by, received_at, checked_at, decided_at, answered_at
) ON ledger.submission TO {PUBLISHER};
GRANT SELECT, INSERT ON city.release TO {PUBLISHER};
GRANT SELECT ON city.release TO {ANALYST};
"""


def upgrade() -> None:
    for schema, purpose in SCHEMAS.items():
        op.execute(f"CREATE SCHEMA {schema} AUTHORIZATION {OWNER}")
        op.execute(f"COMMENT ON SCHEMA {schema} IS '{purpose.replace(chr(39), chr(39) * 2)}'")
    connection = op.get_bind()
    connection.exec_driver_sql(GRANTS)
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    for part in (LEDGER, FINDINGS_AND_QUARANTINE, REFERENCE, RELEASES, PUBLISHER_READS):
        connection.exec_driver_sql(part)
    connection.exec_driver_sql("RESET ROLE")


def downgrade() -> None:
    for schema in reversed(SCHEMAS):
        op.execute(f"DROP SCHEMA {schema} CASCADE")
