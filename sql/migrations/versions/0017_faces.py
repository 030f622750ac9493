"""Two faces of every city table: the night's figures for those inside, and what was approved for outside.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
PUBLISHER, READER, ANALYST, PAGES, INSIDER = (
    f"district_reports_{name}" for name in ("publisher", "reader", "analyst", "pages", "insider")
)

CONTENT = f"""
ALTER TABLE city.release ADD COLUMN content_sha256 text CHECK (content_sha256 ~ '^[0-9a-f]{{64}}$');
COMMENT ON COLUMN city.release.content_sha256 IS
    'SHA-256 over the lines of release_content; empty where the release was made before they were kept';

CREATE TABLE city.release_content (
    release_id bigint NOT NULL REFERENCES city.release,
    schema_name text NOT NULL CHECK (schema_name IN ('city', 'city_now')),
    table_name text NOT NULL,
    rows bigint NOT NULL CHECK (rows >= 0),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{{64}}$'),
    PRIMARY KEY (release_id, schema_name, table_name)
);
COMMENT ON TABLE city.release_content IS 'What each table of a release held when it was made (publish/content.py)';
GRANT SELECT, INSERT ON city.release_content TO {PUBLISHER};
GRANT SELECT ON city.release_content TO {READER};
"""

# A hash of everything could be tried against by who lacks one figure only: it is for insiders alone.
GRANTS = f"""
REVOKE ALL ON ALL TABLES IN SCHEMA city, city_now FROM {ANALYST};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA city, city_now FROM {ANALYST};
REVOKE ALL ON SCHEMA city, city_now FROM {ANALYST};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city, city_now REVOKE SELECT ON TABLES FROM {ANALYST};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city, city_now REVOKE EXECUTE ON FUNCTIONS FROM {ANALYST};
GRANT USAGE ON SCHEMA city, city_now TO {INSIDER}, {PAGES};
GRANT SELECT ON ALL TABLES IN SCHEMA city, city_now TO {INSIDER};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA city, city_now TO {INSIDER}, {PAGES};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city, city_now GRANT SELECT ON TABLES TO {INSIDER};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city, city_now
    GRANT EXECUTE ON FUNCTIONS TO {INSIDER}, {PAGES};
GRANT SELECT (release_id, released_at, known_at, day, as_of, rules_hash, library_version, note)
    ON city.release TO {PAGES};
GRANT SELECT ON city.release_source, city.release_change, city.release_definition TO {PAGES};
"""

RELEASE_TABLES = (
    *("release", "release_source", "release_area", "release_change", "release_definition", "release_content"),
)
# By rights alone the owner of a table could alter it.
KEPT = f"""
CREATE FUNCTION city.keep() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME || ' is only added to';
END
$$;
COMMENT ON FUNCTION city.keep IS 'What was released stays as it was';

CREATE FUNCTION city.keep_rows_of(relation regclass) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    EXECUTE 'CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON ' || relation
        || ' FOR EACH STATEMENT EXECUTE FUNCTION city.keep()';
    EXECUTE 'ALTER TABLE ' || relation || ' ENABLE ALWAYS TRIGGER keep';
END
$$;
REVOKE ALL ON FUNCTION city.keep, city.keep_rows_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.keep, city.keep_rows_of TO {PUBLISHER};
""" + "".join(f"SELECT city.keep_rows_of('city.{table}');\n" for table in RELEASE_TABLES)

# The pages are given each table as it is closed: one that nobody closed is not theirs by default.
INSIDE = f"""
CREATE FUNCTION city.shown(level text, area_code text) RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce(
        current_setting('district_reports.sees', true) = '*'
        OR level = 'district' AND area_code = current_setting('district_reports.sees', true),
        false
    );
COMMENT ON FUNCTION city.shown IS
    'Whether the viewer of a page sees this row; who sees a district sees its own rows, and no zone''s or the city''s';

CREATE FUNCTION city.close_table(relation regclass) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    of_areas boolean := (
        SELECT count(*) = 2 FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = relation AND a.attname IN ('level', 'area_code') AND NOT a.attisdropped
    );
BEGIN
    EXECUTE 'ALTER TABLE ' || relation || ' ENABLE ROW LEVEL SECURITY';
    EXECUTE 'CREATE POLICY insiders ON ' || relation || ' FOR SELECT TO {INSIDER}, {READER} USING (true)';
    EXECUTE 'CREATE POLICY viewer ON ' || relation || ' FOR SELECT TO {PAGES} USING (city.shown('
        || CASE WHEN of_areas THEN 'level, area_code' ELSE 'NULL, NULL' END || '))';
    EXECUTE 'GRANT SELECT ON ' || relation || ' TO {PAGES}';
    PERFORM city.keep_rows_of(relation);
END
$$;
COMMENT ON FUNCTION city.close_table IS 'Whom a new city table shows its rows; and nobody alters one';
REVOKE ALL ON FUNCTION city.shown, city.close_table FROM PUBLIC;
GRANT EXECUTE ON FUNCTION city.shown TO {PAGES};
GRANT EXECUTE ON FUNCTION city.close_table TO {PUBLISHER};

ALTER TABLE city.release_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone ON city.release_change TO {PUBLISHER}, {READER}, {INSIDER} USING (true) WITH CHECK (true);
CREATE POLICY viewer ON city.release_change FOR SELECT TO {PAGES} USING (city.shown(level, area_code));
ALTER TABLE city.release_source ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone ON city.release_source TO {PUBLISHER}, {READER}, {INSIDER} USING (true) WITH CHECK (true);
CREATE POLICY viewer ON city.release_source FOR SELECT TO {PAGES} USING (ledger.shown(district_code));
"""

# The publisher's own tables of before: the owner of the warehouse is one of the publisher's members.
EXISTING = f"""
DO $$
DECLARE
    made record;
BEGIN
    FOR made IN
        SELECT c.oid::regclass AS relation, c.relkind FROM pg_class AS c
        WHERE c.relnamespace::regnamespace::text IN ('city', 'city_now') AND c.relkind IN ('r', 'v')
            AND c.relname ~ '^(current_)?city_'
    LOOP
        IF made.relkind = 'r' THEN
            PERFORM city.close_table(made.relation);
        ELSE
            EXECUTE 'ALTER VIEW ' || made.relation || ' SET (security_invoker = true)';
            EXECUTE 'GRANT SELECT ON ' || made.relation || ' TO {PAGES}';
        END IF;
    END LOOP;
END
$$;
"""

OUTSIDE = f"""
CREATE SCHEMA outside AUTHORIZATION {OWNER};
COMMENT ON SCHEMA outside IS 'The releases approved for outside: the tables of city, protected';
CREATE SCHEMA outside_now AUTHORIZATION {OWNER};
COMMENT ON SCHEMA outside_now IS 'The releases approved for outside: the tables of city_now, protected';
GRANT USAGE, CREATE ON SCHEMA outside, outside_now TO {PUBLISHER};
GRANT USAGE ON SCHEMA outside, outside_now TO {ANALYST}, {READER}, {INSIDER}, {PAGES};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA outside, outside_now
    GRANT SELECT ON TABLES TO {READER}, {INSIDER};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA outside, outside_now
    GRANT EXECUTE ON FUNCTIONS TO {ANALYST}, {READER}, {INSIDER};

CREATE TABLE outside.release (
    release_id bigint PRIMARY KEY REFERENCES city.release,
    period text NOT NULL CHECK (period ~ '^[0-9]{{4}}-(0[1-9]|1[0-2])$'),
    version text NOT NULL CHECK (version ~ '^v1\\.(0|[1-9][0-9]*)$'),
    left_at timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    day date NOT NULL,
    content_sha256 text NOT NULL CHECK (content_sha256 ~ '^[0-9a-f]{{64}}$'),
    note text,
    against text,
    UNIQUE (period, version)
);
COMMENT ON TABLE outside.release IS 'What left';
COMMENT ON COLUMN outside.release.against IS
    'The version that was outside before, by its name: its changes are against that one, whatever becomes of it';
COMMENT ON COLUMN outside.release.period IS 'The latest month that had ended by the day of the release';
COMMENT ON COLUMN outside.release.version IS 'v1.0 for the first of a period that left, then v1.1, …; never used again';
COMMENT ON COLUMN outside.release.content_sha256 IS
    'Over the rows as they left (publish/content.py), not over the figures of inside';

CREATE TABLE outside.revoked (
    release_id bigint PRIMARY KEY REFERENCES outside.release,
    period text NOT NULL,
    version text NOT NULL,
    revoked_at timestamptz NOT NULL,
    notice text NOT NULL CHECK (notice ~ '\\S')
);
COMMENT ON TABLE outside.revoked IS 'What left and holds no more: its rows are shown to nobody outside';

CREATE TABLE outside.release_change (
    release_id bigint NOT NULL REFERENCES outside.release,
    against bigint NOT NULL REFERENCES outside.release,
    schema_name text NOT NULL CHECK (schema_name IN ('outside', 'outside_now')),
    table_name text NOT NULL,
    period text,
    level text,
    area_code text,
    key jsonb NOT NULL,
    column_name text NOT NULL,
    before jsonb,
    after jsonb,
    causes text[] NOT NULL CHECK (cardinality(causes) > 0),
    CONSTRAINT something_changed CHECK (before IS DISTINCT FROM after)
);
CREATE INDEX release_change_by_table ON outside.release_change (release_id, table_name);
COMMENT ON TABLE outside.release_change IS
    'Each figure that differs from the version outside before, in rows of both and published in both';
COMMENT ON COLUMN outside.release_change.key IS 'The columns of the key that are neither period nor area';

GRANT SELECT, INSERT ON outside.release, outside.revoked, outside.release_change TO {PUBLISHER};
GRANT SELECT ON outside.release, outside.revoked, outside.release_change TO {ANALYST}, {READER}, {INSIDER};
ALTER TABLE outside.release ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone ON outside.release TO {PUBLISHER}, {READER}, {INSIDER} USING (true) WITH CHECK (true);
CREATE POLICY not_revoked ON outside.release FOR SELECT TO {ANALYST}
    USING (release_id NOT IN (SELECT revoked.release_id FROM outside.revoked));
ALTER TABLE outside.release_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone ON outside.release_change TO {PUBLISHER}, {READER}, {INSIDER} USING (true) WITH CHECK (true);
CREATE POLICY not_revoked ON outside.release_change FOR SELECT TO {ANALYST}
    USING (release_id NOT IN (SELECT revoked.release_id FROM outside.revoked));
SELECT city.keep_rows_of('outside.release');
SELECT city.keep_rows_of('outside.revoked');
SELECT city.keep_rows_of('outside.release_change');

CREATE FUNCTION outside.close_table(relation regclass) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    EXECUTE 'ALTER TABLE ' || relation || ' ENABLE ROW LEVEL SECURITY';
    EXECUTE 'CREATE POLICY insiders ON ' || relation || ' FOR SELECT TO {INSIDER}, {READER} USING (true)';
    EXECUTE 'CREATE POLICY not_revoked ON ' || relation || ' FOR SELECT TO {ANALYST}'
        || ' USING (release_id NOT IN (SELECT revoked.release_id FROM outside.revoked))';
    EXECUTE 'GRANT SELECT ON ' || relation || ' TO {ANALYST}';
    PERFORM city.keep_rows_of(relation);
END
$$;
COMMENT ON FUNCTION outside.close_table IS 'Whom a new table outside shows its rows; and nobody alters one';
REVOKE ALL ON FUNCTION outside.close_table FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outside.close_table TO {PUBLISHER};
"""

UNDO = (
    """
DROP SCHEMA outside CASCADE;
DROP SCHEMA outside_now CASCADE;
DO $$
DECLARE
    made record;
BEGIN
    FOR made IN
        SELECT c.oid::regclass AS relation, c.relkind FROM pg_class AS c
        WHERE c.relnamespace::regnamespace::text IN ('city', 'city_now') AND c.relkind IN ('r', 'v')
            AND c.relname ~ '^(current_)?city_'
    LOOP
        IF made.relkind = 'r' THEN
            EXECUTE 'DROP POLICY insiders ON ' || made.relation;
            EXECUTE 'DROP POLICY viewer ON ' || made.relation;
            EXECUTE 'ALTER TABLE ' || made.relation || ' DISABLE ROW LEVEL SECURITY';
            EXECUTE 'DROP TRIGGER keep ON ' || made.relation;
        ELSE
            EXECUTE 'ALTER VIEW ' || made.relation || ' RESET (security_invoker)';
        END IF;
    END LOOP;
END
$$;
DROP POLICY viewer ON city.release_source;
DROP POLICY everyone ON city.release_source;
ALTER TABLE city.release_source DISABLE ROW LEVEL SECURITY;
DROP POLICY viewer ON city.release_change;
DROP POLICY everyone ON city.release_change;
ALTER TABLE city.release_change DISABLE ROW LEVEL SECURITY;
"""
    + "".join(f"DROP TRIGGER keep ON city.{table};\n" for table in RELEASE_TABLES)
    + f"""
DROP FUNCTION city.close_table, city.shown, city.keep_rows_of, city.keep;
REVOKE SELECT (release_id, released_at, known_at, day, as_of, rules_hash, library_version, note)
    ON city.release FROM {PAGES};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city, city_now REVOKE SELECT ON TABLES FROM {INSIDER};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city, city_now
    REVOKE EXECUTE ON FUNCTIONS FROM {INSIDER}, {PAGES};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA city, city_now FROM {INSIDER}, {PAGES};
REVOKE ALL ON ALL TABLES IN SCHEMA city, city_now FROM {INSIDER}, {PAGES};
REVOKE ALL ON SCHEMA city, city_now FROM {INSIDER}, {PAGES};
DROP TABLE city.release_content;
ALTER TABLE city.release DROP COLUMN content_sha256;
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city, city_now GRANT SELECT ON TABLES TO {ANALYST};
ALTER DEFAULT PRIVILEGES FOR ROLE {PUBLISHER} IN SCHEMA city, city_now GRANT EXECUTE ON FUNCTIONS TO {ANALYST};
GRANT USAGE ON SCHEMA city, city_now TO {ANALYST};
GRANT SELECT ON ALL TABLES IN SCHEMA city, city_now TO {ANALYST};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA city, city_now TO {ANALYST};
"""
)


def upgrade() -> None:
    _as_owner(CONTENT, GRANTS, KEPT, INSIDE, EXISTING, OUTSIDE)


def downgrade() -> None:
    _as_owner(UNDO)


def _as_owner(*statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("RESET ROLE")
