"""Who asked for a release to leave the house, who approved it, and what became of that. Rows are only added.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
PUBLISHER, READER, PAGES = (f"district_reports_{name}" for name in ("publisher", "reader", "pages"))
SEES_ALL = "coalesce(current_setting('district_reports.sees', true) = '*', false)"

TABLES = f"""
CREATE SCHEMA outgoing AUTHORIZATION {OWNER};
COMMENT ON SCHEMA outgoing IS 'Releases on their way outside: requests of officers, and what was done. Only added to';

CREATE TABLE outgoing.request (
    request_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what text NOT NULL CHECK (what IN ('prepare', 'approve', 'return', 'revoke')),
    release_id bigint REFERENCES city.release,
    prepared_id bigint,
    reason text CHECK (reason ~ '\\S'),
    asked_by text NOT NULL CHECK (asked_by ~ '\\S'),
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT about_one CHECK ((what = 'prepare') = (release_id IS NOT NULL)
        AND (what = 'prepare') = (prepared_id IS NULL)),
    CONSTRAINT needs_reason CHECK (what NOT IN ('return', 'revoke') OR reason IS NOT NULL)
);
COMMENT ON COLUMN outgoing.request.release_id IS 'What is to be prepared; all other requests name what was prepared';
-- Whatever two sessions see of one another: it is decided once, and revoked once.
CREATE UNIQUE INDEX already_decided ON outgoing.request (prepared_id) WHERE what IN ('approve', 'return');
CREATE UNIQUE INDEX already_revoked ON outgoing.request (prepared_id) WHERE what = 'revoke';

CREATE TABLE outgoing.prepared (
    prepared_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id bigint NOT NULL UNIQUE REFERENCES outgoing.request,
    release_id bigint NOT NULL REFERENCES city.release,
    period text NOT NULL CHECK (period ~ '^[0-9]{{4}}-(0[1-9]|1[0-2])$'),
    version text NOT NULL CHECK (version ~ '^v1\\.(0|[1-9][0-9]*)$'),
    day date NOT NULL,
    checklist jsonb NOT NULL,
    knew bigint[] NOT NULL,
    impossible text CHECK (impossible ~ '\\S'),
    rule_sha256 text NOT NULL CHECK (rule_sha256 ~ '^[0-9a-f]{{64}}$'),
    prepared_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN outgoing.prepared.knew IS 'The releases that had left then: it is protected beside these alone';
COMMENT ON COLUMN outgoing.prepared.impossible IS 'Why it cannot be protected, and stays inside';
COMMENT ON COLUMN outgoing.prepared.rule_sha256 IS 'Over the rule that was kept to (sql/reference/disclosure.csv)';
ALTER TABLE outgoing.request ADD FOREIGN KEY (prepared_id) REFERENCES outgoing.prepared;

CREATE TABLE outgoing.withheld (
    prepared_id bigint NOT NULL REFERENCES outgoing.prepared,
    schema_name text NOT NULL CHECK (schema_name IN ('city', 'city_now')),
    table_name text NOT NULL,
    row_key jsonb NOT NULL,
    columns text[] NOT NULL CHECK (cardinality(columns) > 0),
    PRIMARY KEY (prepared_id, schema_name, table_name, row_key)
);
COMMENT ON TABLE outgoing.withheld IS 'The figures that are not to leave with what was prepared';
COMMENT ON COLUMN outgoing.withheld.row_key IS 'The columns of the key of the table, release_id aside';

CREATE TABLE outgoing.worked_off (
    request_id bigint PRIMARY KEY REFERENCES outgoing.request,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    outcome text NOT NULL CHECK (outcome ~ '^(prepared|left|returned|revoked|refused: [a-z_]+)$')
);
COMMENT ON COLUMN outgoing.worked_off.outcome IS 'What the job did; after `refused: ` the rule of outgoing.refusal';
"""

KEPT = "".join(
    f"SELECT city.keep_rows_of('outgoing.{table}');\n" for table in ("request", "prepared", "withheld", "worked_off")
)

# The words are names of rules, told as the name of a constraint: a page has them in its language.
RULES = """
CREATE FUNCTION outgoing.refusal(what text, release_id bigint, prepared_id bigint, asked_by text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    made outgoing.prepared;
    drafted_by text;
BEGIN
    IF what = 'prepare' THEN
        RETURN CASE
            WHEN NOT EXISTS (
                SELECT FROM city.release AS r WHERE r.release_id = refusal.release_id AND r.as_of IS NULL
            ) THEN 'no_ordinary_release'
            WHEN EXISTS (SELECT FROM outside.release AS o WHERE o.release_id = refusal.release_id) THEN 'left_already'
            WHEN EXISTS (
                SELECT FROM outgoing.state AS s
                WHERE s.release_id = refusal.release_id AND s.state IN ('requested', 'ready', 'approved')
            ) THEN 'in_hand_already'
        END;
    END IF;
    SELECT * INTO made FROM outgoing.prepared AS p WHERE p.prepared_id = refusal.prepared_id;
    IF NOT FOUND THEN
        RETURN 'never_prepared';
    END IF;
    IF what = 'revoke' THEN
        RETURN CASE
            WHEN EXISTS (
                SELECT FROM outgoing.request AS r WHERE r.prepared_id = refusal.prepared_id AND r.what = 'revoke'
            ) THEN 'already_revoked'
            WHEN NOT EXISTS (
                SELECT FROM outgoing.state AS s WHERE s.prepared_id = refusal.prepared_id AND s.state = 'left'
            ) THEN 'not_left'
        END;
    END IF;
    IF EXISTS (
        SELECT FROM outgoing.request AS r
        WHERE r.prepared_id = refusal.prepared_id AND r.what IN ('approve', 'return')
    ) THEN
        RETURN 'already_decided';
    END IF;
    IF what = 'return' THEN
        RETURN NULL;
    END IF;
    SELECT r.asked_by INTO drafted_by FROM outgoing.request AS r WHERE r.request_id = made.request_id;
    RETURN CASE
        WHEN lower(btrim(drafted_by)) = lower(btrim(asked_by)) THEN 'own_preparation'
        WHEN made.impossible IS NOT NULL THEN 'not_protected'
        WHEN outgoing.outdated(made.knew) THEN 'outdated'
    END;
END
$$;
COMMENT ON FUNCTION outgoing.refusal IS 'The rule that forbids a request; null where none does';

CREATE FUNCTION outgoing.outdated(knew bigint[]) RETURNS boolean LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM outside.release WHERE release.release_id <> ALL (knew));
END;
COMMENT ON FUNCTION outgoing.outdated IS 'Whether another release has left since';

CREATE FUNCTION outgoing.allow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    rule text;
BEGIN
    -- One request after the other: each sees what was asked before.
    PERFORM pg_catalog.pg_advisory_xact_lock(7210200018);
    rule := outgoing.refusal(NEW.what, NEW.release_id, NEW.prepared_id, NEW.asked_by);
    IF rule IS NOT NULL THEN
        RAISE check_violation USING MESSAGE = 'this request is not allowed', CONSTRAINT = rule;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER allow BEFORE INSERT ON outgoing.request FOR EACH ROW EXECUTE FUNCTION outgoing.allow();
ALTER TABLE outgoing.request ENABLE ALWAYS TRIGGER allow;
REVOKE ALL ON FUNCTION outgoing.refusal, outgoing.outdated, outgoing.allow FROM PUBLIC;
"""

# Where everything stands. `refused` is an approval that the job could not follow: it has to be prepared again.
STATES = """
CREATE VIEW outgoing.state WITH (security_invoker = true) AS
SELECT
    coalesce(prepared.release_id, request.release_id) AS release_id, request.request_id, request.asked_by AS drafted_by,
    request.asked_at AS drafted_at, request.reason AS remark, prepared.prepared_id, prepared.prepared_at,
    prepared.period, prepared.version, prepared.day, prepared.checklist, prepared.knew, prepared.impossible,
    decision.what IS NULL AND EXISTS (
        SELECT FROM outgoing.worked_off AS since
        JOIN outgoing.request AS approval USING (request_id)
        JOIN outgoing.prepared AS other ON other.prepared_id = approval.prepared_id
        WHERE since.outcome = 'left' AND other.release_id <> ALL (prepared.knew)
    ) AS outdated,
    CASE
        WHEN revoking.outcome = 'revoked' THEN 'revoked'
        WHEN deciding.outcome = 'left' THEN 'left'
        WHEN starts_with(deciding.outcome, 'refused: ') OR starts_with(preparing.outcome, 'refused: ') THEN 'refused'
        WHEN decision.what = 'approve' THEN 'approved'
        WHEN decision.what = 'return' THEN 'returned'
        WHEN prepared.impossible IS NOT NULL THEN 'impossible'
        WHEN prepared.prepared_id IS NOT NULL THEN 'ready'
        ELSE 'requested'
    END AS state,
    substring(coalesce(deciding.outcome, preparing.outcome) FROM '^refused: (.*)') AS refused_by,
    decision.what AS decision, decision.asked_by AS decided_by, decision.asked_at AS decided_at,
    decision.reason AS decision_reason,
    CASE WHEN deciding.outcome = 'left' THEN deciding.at END AS left_at,
    revocation.asked_by AS revoked_by, revocation.asked_at AS revocation_asked_at, revocation.reason AS notice,
    CASE WHEN revoking.outcome = 'revoked' THEN revoking.at END AS revoked_at
FROM outgoing.request
LEFT JOIN outgoing.worked_off AS preparing USING (request_id)
LEFT JOIN outgoing.prepared USING (request_id)
LEFT JOIN outgoing.request AS decision
    ON decision.prepared_id = prepared.prepared_id AND decision.what IN ('approve', 'return')
LEFT JOIN outgoing.worked_off AS deciding ON deciding.request_id = decision.request_id
LEFT JOIN outgoing.request AS revocation
    ON revocation.prepared_id = prepared.prepared_id AND revocation.what = 'revoke'
LEFT JOIN outgoing.worked_off AS revoking ON revoking.request_id = revocation.request_id
WHERE request.what = 'prepare';
COMMENT ON VIEW outgoing.state IS 'Each release that somebody asked to prepare, and where it stands';
"""

RIGHTS = (
    f"""
GRANT USAGE ON SCHEMA outgoing TO {PUBLISHER}, {READER}, {PAGES};
GRANT SELECT ON ALL TABLES IN SCHEMA outgoing TO {PUBLISHER}, {READER}, {PAGES};
GRANT INSERT (what, release_id, prepared_id, reason, asked_by) ON outgoing.request TO {PAGES};
GRANT INSERT ON outgoing.prepared, outgoing.withheld, outgoing.worked_off TO {PUBLISHER};
GRANT EXECUTE ON FUNCTION outgoing.outdated TO {PUBLISHER};
"""
    + "".join(
        f"""
ALTER TABLE outgoing.{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone ON outgoing.{table} TO {PUBLISHER}, {READER} USING (true) WITH CHECK (true);
CREATE POLICY officer ON outgoing.{table} FOR SELECT TO {PAGES} USING ({SEES_ALL});
"""
        for table in ("request", "prepared", "withheld", "worked_off")
    )
    + f"""
CREATE POLICY officer_asks ON outgoing.request FOR INSERT TO {PAGES} WITH CHECK ({SEES_ALL});
"""
)


def upgrade() -> None:
    _as_owner(TABLES, KEPT, STATES, RULES, RIGHTS)


def downgrade() -> None:
    _as_owner("DROP SCHEMA outgoing CASCADE;")


def _as_owner(*statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("RESET ROLE")
