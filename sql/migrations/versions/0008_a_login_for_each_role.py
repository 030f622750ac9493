"""Each role logs in as itself: who reads for the pages writes nothing, and no function is anybody's.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
PUBLISHER = "district_reports_publisher"
READER = "district_reports_reader"
ANALYST = "district_reports_analyst"
PAGES = "district_reports_pages"
# Whose tables there are made later, by schema.
READ = {
    OWNER: ("ledger", "findings", "quarantine", "facts", "identities", "reference", "history"),
    PUBLISHER: ("city", "city_now"),
}
SCHEMAS = ", ".join(schema for schemas in READ.values() for schema in schemas)
TABLES = ("receipt", "submission", "lock_exception")

READS = f"""
GRANT USAGE ON SCHEMA {SCHEMAS} TO {READER};
GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMAS} TO {READER};
""" + "".join(
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {', '.join(schemas)} GRANT SELECT ON TABLES TO {READER};\n"
    for owner, schemas in READ.items()
)
ROWS = "".join(f"CREATE POLICY reader ON ledger.{table} FOR SELECT TO {READER} USING (true);\n" for table in TABLES)

# An officer reopens a period on a page, for the districts that the request names.
EXCEPTIONS = f"""
GRANT INSERT (form, district_code, period, until, reason, granted_by) ON ledger.lock_exception TO {PAGES};
CREATE POLICY viewer_adds ON ledger.lock_exception FOR INSERT TO {PAGES} WITH CHECK (ledger.shown(district_code));
"""

# RETURN binds every name and operator now; a body in quotes would look for them along the path of whoever asks.
FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION ledger.shown(district_code text) RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce(current_setting('district_reports.sees', true) IN ('*', district_code), false);
CREATE OR REPLACE FUNCTION findings.values_shown() RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce(current_setting('district_reports.values', true) = 'shown', false);
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger, findings, city, city_now FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.shown, findings.values_shown TO {PAGES};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA city, city_now TO {ANALYST}, {READER};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city, city_now
    GRANT EXECUTE ON FUNCTIONS TO {ANALYST}, {READER};
"""

UNDO = f"""
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city, city_now
    REVOKE EXECUTE ON FUNCTIONS FROM {ANALYST}, {READER};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA city, city_now FROM {ANALYST}, {READER};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA city, city_now TO PUBLIC;
REVOKE EXECUTE ON FUNCTION ledger.shown, findings.values_shown FROM {PAGES};
GRANT EXECUTE ON FUNCTION ledger.shown, findings.values_shown TO PUBLIC;
DROP POLICY viewer_adds ON ledger.lock_exception;
REVOKE INSERT (form, district_code, period, until, reason, granted_by) ON ledger.lock_exception FROM {PAGES};
""" + "".join(
    [
        *(f"DROP POLICY reader ON ledger.{table};\n" for table in TABLES),
        *(
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {', '.join(schemas)}"
            f" REVOKE SELECT ON TABLES FROM {READER};\n"
            for owner, schemas in READ.items()
        ),
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMAS} FROM {READER};\n",
        f"REVOKE ALL ON SCHEMA {SCHEMAS} FROM {READER};\n",
    ]
)


def upgrade() -> None:
    op.get_bind().exec_driver_sql(READS + ROWS + EXCEPTIONS + FUNCTIONS)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(UNDO)
