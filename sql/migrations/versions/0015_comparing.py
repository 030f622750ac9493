"""Names and identifiers are compared where they stand, by a role that reads nothing else.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
COMPARER = "district_reports_comparer"
PUBLISHER = "district_reports_publisher"

# Made anew from the forms at each migration (warehouse/named_rows.py); here only its columns.
NAMED_ROWS = """
CREATE VIEW identities.named_row AS
SELECT
    NULL::text AS table_name, NULL::text AS kind, NULL::bigint AS submission_id, NULL::integer AS row_number,
    NULL::text AS token, NULL::text AS identifier, NULL::text AS name
WHERE false;
COMMENT ON VIEW identities.named_row IS
    'Each identifier of each row, of the kind that its token is salted with, and the name of the person beside it';
"""

# What is compared never leaves: only which rows differ, and a mark that changes when one of the names does. The mark
# rests on a secret of this database, so that nobody can try names against it.
COMPARING = f"""
CREATE TABLE reconciliation.secret AS
    SELECT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')) AS secret;
COMMENT ON TABLE reconciliation.secret IS 'The comparer''s own';
GRANT SELECT ON reconciliation.secret TO {COMPARER};
GRANT USAGE ON SCHEMA reconciliation, identities, quarantine TO {COMPARER};
GRANT SELECT ON identities.named_row, quarantine.quarantined_row TO {COMPARER};

CREATE FUNCTION reconciliation.normalised_identifier(typed text) RETURNS text LANGUAGE sql IMMUTABLE
    -- Most are as they should be, and to see that takes a fifth of the time.
    RETURN CASE WHEN typed ~ '^[0-9A-Z]*$' THEN typed ELSE
        upper(regexp_replace(normalize(typed, NFKC), '[\\s\\u200b-\\u200d\\u2060\\ufeff]+', '', 'g')) END;
COMMENT ON FUNCTION reconciliation.normalised_identifier IS 'As normalise() in warehouse/tokens.py';

CREATE FUNCTION reconciliation.normalised_name(typed text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN translate(
        regexp_replace(normalize(typed, NFKC), '[\\s\\u200b-\\u200d\\u2060\\ufeff]+', '', 'g'),
        U&'\\2022\\30FB\\2027\\2219\\22C5\\16EB\\0387\\25CF', U&'\\00B7\\00B7\\00B7\\00B7\\00B7\\00B7\\00B7\\00B7'
    );
COMMENT ON FUNCTION reconciliation.normalised_name IS 'NFKC, without white space, with one kind of middle dot';

CREATE FUNCTION reconciliation.differing_names(
    kind text, submissions bigint[], groups text[], several_tokens boolean
)
    RETURNS TABLE (token text, within text, table_name text, submission_id bigint, row_number integer, names text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
    WITH asked AS (SELECT * FROM unnest(submissions, groups) AS each (submission_id, within)),
    -- A token is an identifier, however it is typed, and another key gave it another one. Names are set beside one
    -- another as they are typed: few persons have several, and only theirs are normalised.
    doubtful AS MATERIALIZED (
        SELECT asked.within, n.token
        FROM identities.named_row AS n
        JOIN asked USING (submission_id)
        WHERE n.kind = differing_names.kind AND n.identifier IS NOT NULL AND n.name IS NOT NULL
            AND NOT several_tokens
        GROUP BY asked.within, n.token
        HAVING min(n.name) <> max(n.name)
        UNION ALL
        SELECT person.within, unnest(person.tokens)
        FROM (
            SELECT each.within, array_agg(each.token) AS tokens
            FROM (
                SELECT asked.within, n.token, min(n.identifier) AS identifier, min(n.name) AS first, max(n.name) AS last
                FROM identities.named_row AS n
                JOIN asked USING (submission_id)
                WHERE n.kind = differing_names.kind AND n.identifier IS NOT NULL AND n.name IS NOT NULL
                    AND several_tokens
                GROUP BY asked.within, n.token
            ) AS each
            GROUP BY each.within, reconciliation.normalised_identifier(each.identifier)
            HAVING min(each.first) <> max(each.last)
        ) AS person
    ),
    -- The rows of these persons first, of any submission: nobody can guess how few they are.
    of_doubtful AS MATERIALIZED (
        SELECT n.token, n.table_name, n.submission_id, n.row_number, n.identifier, n.name
        FROM identities.named_row AS n
        WHERE n.kind = differing_names.kind AND n.identifier IS NOT NULL AND n.name IS NOT NULL
            AND n.token IN (SELECT doubtful.token FROM doubtful)
    ),
    named AS MATERIALIZED (
        SELECT
            asked.within, d.token, d.table_name, d.submission_id, d.row_number,
            reconciliation.normalised_identifier(d.identifier) AS identifier,
            reconciliation.normalised_name(d.name) AS name
        FROM of_doubtful AS d
        JOIN asked USING (submission_id)
        WHERE (asked.within, d.token) IN (SELECT doubtful.within, doubtful.token FROM doubtful)
    ),
    marked AS (
        SELECT
            named.within, named.identifier,
            encode(sha256(secret.secret || convert_to(
                named.identifier || chr(31) || string_agg(DISTINCT named.name, chr(31) ORDER BY named.name), 'UTF8'
            )), 'hex') AS names
        FROM named
        CROSS JOIN reconciliation.secret
        GROUP BY named.within, named.identifier, secret.secret
        HAVING min(named.name) <> max(named.name)
    )
    SELECT named.token, named.within, named.table_name, named.submission_id, named.row_number, marked.names
    FROM marked
    JOIN named USING (within, identifier);
END;
COMMENT ON FUNCTION reconciliation.differing_names IS
    'The rows of these submissions in which one identifier of the kind has several names within a group; several_tokens:
whether an identifier may have more than one token, of several keys';

CREATE FUNCTION reconciliation.must_be_facts(sheet text, cells text[]) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    other text;
BEGIN
    SELECT cell INTO other FROM unnest(cells) AS each (cell)
    WHERE NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
        WHERE c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'facts')
            AND c.relname = sheet AND a.attname = each.cell AND a.attnum > 0 AND NOT a.attisdropped
    )
    LIMIT 1;
    IF FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'facts.' || sheet || ' has no column ' || other;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION reconciliation.must_be_facts IS
    'Whoever could ask for rows by a name or an ID could guess both: only by cells that facts holds as well';

CREATE FUNCTION reconciliation.quarantined_persons(
    persons_in text, person_submissions bigint[], person_rows integer[],
    sought_in text, submissions bigint[], cells_equal jsonb, cell_above_zero text
)
    RETURNS TABLE (person_submission bigint, person_row integer, submission_id bigint, row_number integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
    WITH person AS MATERIALIZED (
        SELECT n.submission_id, n.row_number, reconciliation.normalised_identifier(n.identifier) AS identifier
        FROM unnest(person_submissions, person_rows) AS asked (submission_id, row_number)
        JOIN identities.named_row AS n USING (submission_id, row_number)
        WHERE n.table_name = persons_in AND n.kind = 'resident_id'
    ),
    quarantined AS MATERIALIZED (
        SELECT
            q.submission_id, q.row_number,
            reconciliation.normalised_identifier(q.cells ->> 'resident_id') AS identifier
        FROM quarantine.quarantined_row AS q
        WHERE (
                SELECT reconciliation.must_be_facts(
                    sought_in,
                    ARRAY(SELECT jsonb_object_keys(cells_equal)) || array_remove(ARRAY[cell_above_zero], NULL)
                )
            )
            AND q.table_name = sought_in AND q.submission_id = ANY (submissions)
            AND NOT EXISTS (
                SELECT FROM jsonb_each_text(cells_equal) AS each (name, value)
                WHERE reconciliation.normalised_identifier(q.cells ->> each.name) IS DISTINCT FROM each.value
            )
            -- A number that nobody can read may be one.
            AND coalesce(reconciliation.normalised_identifier(q.cells ->> cell_above_zero) !~ '^[-+]?0*\\.?0*$', true)
    )
    SELECT person.submission_id, person.row_number, quarantined.submission_id, quarantined.row_number
    FROM person
    JOIN quarantined USING (identifier);
END;
COMMENT ON FUNCTION reconciliation.quarantined_persons IS
    'The quarantined rows of a sheet that name the persons of these rows by a valid ID';

CREATE FUNCTION reconciliation.token_twins() RETURNS TABLE (token text, first_token text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
    WITH typed AS (
        SELECT n.kind, n.token, min(n.identifier) AS identifier
        FROM identities.named_row AS n
        WHERE n.token IS NOT NULL
        GROUP BY n.kind, n.token
    ),
    numbered AS (
        SELECT
            typed.token,
            first_value(typed.token) OVER (
                PARTITION BY typed.kind, reconciliation.normalised_identifier(typed.identifier)
                ORDER BY substring(typed.token FROM '^v([0-9]+):')::integer
            ) AS first_token
        FROM typed
    )
    SELECT numbered.token, numbered.first_token
    FROM numbered
    WHERE numbered.token <> numbered.first_token;
END;
COMMENT ON FUNCTION reconciliation.token_twins IS
    'Tokens of one identifier under several keys, and the one of the first key';

REVOKE ALL ON FUNCTION reconciliation.normalised_identifier, reconciliation.normalised_name,
    reconciliation.must_be_facts, reconciliation.differing_names, reconciliation.quarantined_persons,
    reconciliation.token_twins FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reconciliation.normalised_identifier, reconciliation.normalised_name,
    reconciliation.must_be_facts TO {COMPARER};
GRANT EXECUTE ON FUNCTION reconciliation.differing_names, reconciliation.quarantined_persons,
    reconciliation.token_twins TO {PUBLISHER};
GRANT CREATE ON SCHEMA reconciliation TO {COMPARER};
ALTER FUNCTION reconciliation.differing_names OWNER TO {COMPARER};
ALTER FUNCTION reconciliation.quarantined_persons OWNER TO {COMPARER};
ALTER FUNCTION reconciliation.token_twins OWNER TO {COMPARER};
REVOKE CREATE ON SCHEMA reconciliation FROM {COMPARER};
"""

UNDO = f"""
DROP FUNCTION reconciliation.differing_names, reconciliation.quarantined_persons, reconciliation.token_twins;
DROP FUNCTION reconciliation.must_be_facts;
DROP FUNCTION reconciliation.normalised_identifier, reconciliation.normalised_name;
DROP TABLE reconciliation.secret;
REVOKE ALL ON SCHEMA reconciliation, identities, quarantine FROM {COMPARER};
REVOKE ALL ON quarantine.quarantined_row FROM {COMPARER};
DROP VIEW identities.named_row;
"""


def upgrade() -> None:
    _as_owner(NAMED_ROWS, COMPARING)


def downgrade() -> None:
    _as_owner(UNDO)


def _as_owner(*statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("RESET ROLE")
