"""Who has looked at what: a table that can only be added to.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
LOADER = "district_reports_loader"
READER = "district_reports_reader"
PAGES = "district_reports_pages"

# The moment and the number are the database's own, so no row can be made to look older than it is.
TABLE = f"""
CREATE TABLE ledger.access_log (
    access_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    viewer text,
    role text,
    district_code text,
    address text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL CHECK (length(subject) <= 300),
    status smallint NOT NULL,
    CHECK ((viewer IS NULL) = (role IS NULL))
);
CREATE INDEX ON ledger.access_log (at);
CREATE INDEX ON ledger.access_log (viewer, access_id);
COMMENT ON TABLE ledger.access_log IS
    'Who has looked at what, and log-ins. Rows are only added; ledger.forget_access() removes those of long ago';
COMMENT ON COLUMN ledger.access_log.viewer IS 'As in the table of users; null for a name that it does not know';
COMMENT ON COLUMN ledger.access_log.subject IS 'A submission, table, release or period; never a person';
COMMENT ON COLUMN ledger.access_log.status IS 'The HTTP status of the answer: 200 shown, 403 or 404 refused';

REVOKE ALL ON ledger.access_log FROM {LOADER}, {READER};
GRANT INSERT (viewer, role, district_code, address, kind, subject, status) ON ledger.access_log TO {PAGES};
GRANT SELECT ON ledger.access_log TO {PAGES};
"""

# As elsewhere: who forgets to say for whom a page is gets an empty page.
ROWS = f"""
ALTER TABLE ledger.access_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY written ON ledger.access_log FOR INSERT TO {PAGES} WITH CHECK (true);
CREATE POLICY viewer ON ledger.access_log FOR SELECT TO {PAGES}
    USING (coalesce(current_setting('district_reports.access_log', true) = 'shown', false));
"""

# Rights alone would not bind the owner of the table.
KEPT = f"""
CREATE FUNCTION ledger.keep_access() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < clock_timestamp() - interval '180 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'ledger.access_log is only added to' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON ledger.access_log
    FOR EACH ROW EXECUTE FUNCTION ledger.keep_access();
CREATE TRIGGER keep_table BEFORE TRUNCATE ON ledger.access_log
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.keep_access();
ALTER TABLE ledger.access_log ENABLE ALWAYS TRIGGER keep_rows;
ALTER TABLE ledger.access_log ENABLE ALWAYS TRIGGER keep_table;

CREATE FUNCTION ledger.forget_access(kept interval) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    removed bigint;
BEGIN
    DELETE FROM ledger.access_log WHERE at < clock_timestamp() - greatest(kept, interval '180 days 1 second');
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$$;
COMMENT ON FUNCTION ledger.forget_access IS 'Removes rows older than this, and than 180 days in any case; how many';
REVOKE ALL ON FUNCTION ledger.keep_access, ledger.forget_access FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.forget_access TO {LOADER};
"""


def upgrade() -> None:
    _as_owner(TABLE + ROWS + KEPT)


def downgrade() -> None:
    _as_owner("DROP TABLE ledger.access_log; DROP FUNCTION ledger.forget_access, ledger.keep_access")


def _as_owner(statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    connection.exec_driver_sql(statements)
    connection.exec_driver_sql("RESET ROLE")
