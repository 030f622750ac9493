"""Each release keeps what it changed against the one before, figure by figure, and by which definitions it was made.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
PUBLISHER, READER, ANALYST = (f"district_reports_{name}" for name in ("publisher", "reader", "analyst"))

# No foreign key on column names: a column that is no longer published keeps its history.
REVISIONS = f"""
CREATE TABLE city.release_change (
    release_id bigint NOT NULL REFERENCES city.release,
    schema_name text NOT NULL CHECK (schema_name IN ('city', 'city_now')),
    table_name text NOT NULL,
    period text,
    level text,
    area_code text,
    key jsonb NOT NULL,
    column_name text NOT NULL,
    before jsonb,
    after jsonb,
    causes text[] NOT NULL CHECK (cardinality(causes) > 0),
    receipts bigint[] NOT NULL,
    CONSTRAINT something_changed CHECK (before IS DISTINCT FROM after)
);
CREATE INDEX release_change_by_area ON city.release_change (release_id, table_name, area_code);
COMMENT ON TABLE city.release_change IS
    'Each figure that differs from the ordinary release before; one that is not here did not change';
COMMENT ON COLUMN city.release_change.schema_name IS
    'city_now only where boundaries then and now differ in one of the two releases: else what is said of city holds';
COMMENT ON COLUMN city.release_change.key IS 'The columns of the key that are neither period nor area';
COMMENT ON COLUMN city.release_change.before IS 'Empty where the release before had no such row, or the row no figure';
COMMENT ON COLUMN city.release_change.after IS 'Empty where this release has no such row, or the row no figure';
COMMENT ON COLUMN city.release_change.receipts IS 'Of the submissions that are the cause, as far as submissions are';

CREATE TABLE city.release_definition (
    release_id bigint NOT NULL REFERENCES city.release,
    table_name text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{{64}}$'),
    PRIMARY KEY (release_id, table_name)
);
COMMENT ON TABLE city.release_definition IS
    'By which version of its definition (sql/summaries/versions.csv) a release made each city table';
COMMENT ON COLUMN city.release_definition.sha256 IS 'Over key, SELECT and origins of the summary';

ALTER TABLE city.release_source ADD COLUMN areas_now text[];
COMMENT ON COLUMN city.release_source.areas_now IS
    'The same in the boundaries of the release''s day; empty in all rows where these were those of each period';

GRANT SELECT, INSERT ON city.release_change, city.release_definition TO {PUBLISHER};
GRANT SELECT ON city.release_change, city.release_definition TO {ANALYST}, {READER};
"""


def upgrade() -> None:
    _as_owner(REVISIONS)


def downgrade() -> None:
    _as_owner(
        "ALTER TABLE city.release_source DROP COLUMN areas_now;DROP TABLE city.release_definition, city.release_change;"
    )


def _as_owner(statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    connection.exec_driver_sql(statements)
    connection.exec_driver_sql("RESET ROLE")
