"""What accepted reports say against one another: items with numbers that stay, and what is said and ruled of them.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
COMPARER = "district_reports_comparer"
LOADER, PUBLISHER, READER, ANALYST, PAGES = (
    f"district_reports_{name}" for name in ("loader", "publisher", "reader", "analyst", "pages")
)

# Numbers are dealt out by reconciliation/reconcile.py, one after the other: a sequence would leave gaps where a run was
# cut off, and the numbers would be others than without that.
TABLES = f"""
CREATE SCHEMA reconciliation AUTHORIZATION {OWNER};
COMMENT ON SCHEMA reconciliation IS 'What accepted reports say against one another. Rows are only added';

CREATE TABLE reconciliation.run (
    run_id bigint PRIMARY KEY,
    known_at timestamptz NOT NULL UNIQUE,
    day date NOT NULL,
    rules_hash text NOT NULL
);
COMMENT ON COLUMN reconciliation.run.known_at IS 'What was decided up to this moment was compared, and no more';
COMMENT ON COLUMN reconciliation.run.day IS 'By the house clock';
COMMENT ON COLUMN reconciliation.run.rules_hash IS
    'SHA-256 over the rules and the reference data that it went by';

CREATE TABLE reconciliation.item (
    item_id bigint PRIMARY KEY,
    rule text NOT NULL,
    subject jsonb NOT NULL,
    first_run bigint NOT NULL REFERENCES reconciliation.run,
    UNIQUE (rule, subject)
);
COMMENT ON COLUMN reconciliation.item.item_id IS '编号: given at first sight, and kept for good';
COMMENT ON COLUMN reconciliation.item.subject IS 'What it is about, as at first sight; persons by their tokens';

CREATE TABLE reconciliation.observation (
    item_id bigint NOT NULL REFERENCES reconciliation.item,
    run_id bigint NOT NULL REFERENCES reconciliation.run,
    present boolean NOT NULL,
    spell integer NOT NULL CHECK (spell > 0),
    PRIMARY KEY (item_id, run_id)
);
COMMENT ON TABLE reconciliation.observation IS 'A row where a run saw an item otherwise than the run before';
COMMENT ON COLUMN reconciliation.observation.spell IS
    'Grows when the item comes back, or a value that it rests on changes: what was said and ruled before holds no more';

CREATE TABLE reconciliation.side (
    item_id bigint NOT NULL,
    run_id bigint NOT NULL,
    place integer NOT NULL,
    district_code text NOT NULL,
    reported_by text NOT NULL,
    speakers text[] NOT NULL,
    form text NOT NULL,
    period text NOT NULL,
    submission_id bigint NOT NULL REFERENCES ledger.submission,
    table_name text NOT NULL,
    row_number integer NOT NULL,
    part text NOT NULL,
    rests_on jsonb NOT NULL,
    told jsonb NOT NULL,
    PRIMARY KEY (item_id, run_id, place),
    FOREIGN KEY (item_id, run_id) REFERENCES reconciliation.observation
);
COMMENT ON TABLE reconciliation.side IS 'The rows that an observation is about; of an item that is gone, its last';
COMMENT ON COLUMN reconciliation.side.district_code IS 'Who answers for the row: who reported it, or its successor';
COMMENT ON COLUMN reconciliation.side.speakers IS 'All for whom that one answers: an explanation of any holds';
COMMENT ON COLUMN reconciliation.side.part IS 'What the row is in the item; the words of the rule go by it';
COMMENT ON COLUMN reconciliation.side.rests_on IS 'The values of the row that the item rests on; its district''s alone';
COMMENT ON COLUMN reconciliation.side.told IS 'What else the words to its district tell';

CREATE TABLE reconciliation.explanation (
    explanation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id bigint NOT NULL REFERENCES reconciliation.item,
    spell integer NOT NULL,
    district_code text NOT NULL,
    explanation text NOT NULL CHECK (explanation ~ '\\S'),
    receipt_id bigint NOT NULL REFERENCES ledger.receipt,
    said_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON reconciliation.explanation (item_id, spell);
CREATE INDEX ON reconciliation.explanation (receipt_id);
COMMENT ON TABLE reconciliation.explanation IS 'What districts say of items; of a district and spell the latest holds';

CREATE TABLE reconciliation.ruling (
    ruling_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id bigint NOT NULL REFERENCES reconciliation.item,
    spell integer NOT NULL,
    closes boolean NOT NULL,
    reason text NOT NULL CHECK (reason ~ '\\S'),
    ruled_by text NOT NULL CHECK (ruled_by ~ '\\S'),
    ruled_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON reconciliation.ruling (item_id, spell);
COMMENT ON TABLE reconciliation.ruling IS 'What officers rule; of a spell the latest holds. Without closes: open again';

CREATE TABLE reconciliation.returned (
    receipt_id bigint PRIMARY KEY REFERENCES ledger.receipt
);
COMMENT ON TABLE reconciliation.returned IS 'A worklist that a district dropped: no report, so no submission';

CREATE TABLE reconciliation.returned_row (
    receipt_id bigint NOT NULL REFERENCES reconciliation.returned,
    position integer NOT NULL,
    item_id bigint,
    verdict text NOT NULL,
    explanation_id bigint REFERENCES reconciliation.explanation,
    PRIMARY KEY (receipt_id, position)
);
COMMENT ON TABLE reconciliation.returned_row IS 'What became of each item in such a file, or of a row that names none';

CREATE TABLE reconciliation.delivered (
    district_code text NOT NULL,
    run_id bigint NOT NULL REFERENCES reconciliation.run,
    content text NOT NULL CHECK (content ~ '^[0-9a-f]{{64}}$'),
    delivered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (district_code, run_id)
);
COMMENT ON TABLE reconciliation.delivered IS 'The worklists that lay in 反馈';
COMMENT ON COLUMN reconciliation.delivered.content IS 'SHA-256 over what it tells, but for the days, which pass';
"""

APPENDED = ("run", "item", "observation", "side", "explanation", "ruling", "returned", "returned_row", "delivered")
# Rights alone would not bind the owner of the tables.
KEPT = """
CREATE FUNCTION reconciliation.keep() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'reconciliation.' || TG_TABLE_NAME || ' is only added to';
END
$$;
REVOKE ALL ON FUNCTION reconciliation.keep FROM PUBLIC;
""" + "".join(
    f"""
CREATE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON reconciliation.{table}
    FOR EACH ROW EXECUTE FUNCTION reconciliation.keep();
CREATE TRIGGER keep_table BEFORE TRUNCATE ON reconciliation.{table}
    FOR EACH STATEMENT EXECUTE FUNCTION reconciliation.keep();
ALTER TABLE reconciliation.{table} ENABLE ALWAYS TRIGGER keep_rows;
ALTER TABLE reconciliation.{table} ENABLE ALWAYS TRIGGER keep_table;
"""
    for table in APPENDED
)

# Nobody speaks of an item as it is yet to become.
SPELLS = """
CREATE FUNCTION reconciliation.keep_to_spells() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM reconciliation.observation AS o WHERE o.item_id = NEW.item_id AND o.spell = NEW.spell
    ) THEN
        RAISE check_violation USING MESSAGE = 'an item has no such spell';
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION reconciliation.keep_to_spells FROM PUBLIC;
""" + "".join(
    f"""
CREATE TRIGGER keep_to_spells BEFORE INSERT ON reconciliation.{table}
    FOR EACH ROW EXECUTE FUNCTION reconciliation.keep_to_spells();
"""
    for table in ("explanation", "ruling")
)

RIGHTS = f"""
GRANT USAGE ON SCHEMA reconciliation TO {LOADER}, {PUBLISHER}, {READER}, {PAGES}, {COMPARER};
GRANT SELECT ON ALL TABLES IN SCHEMA reconciliation TO {LOADER}, {PUBLISHER}, {READER};
GRANT INSERT ON reconciliation.run, reconciliation.item, reconciliation.observation, reconciliation.side TO {PUBLISHER};
GRANT INSERT ON reconciliation.explanation, reconciliation.returned, reconciliation.returned_row,
    reconciliation.delivered TO {LOADER};
GRANT INSERT (item_id, spell, closes, reason, ruled_by) ON reconciliation.ruling TO {PAGES};
ALTER TABLE reconciliation.ruling ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone ON reconciliation.ruling TO {LOADER}, {PUBLISHER}, {READER} USING (true);
CREATE POLICY ruled ON reconciliation.ruling FOR INSERT TO {PAGES}
    WITH CHECK (coalesce(current_setting('district_reports.sees', true) = '*', false));
GRANT SELECT (token_key_version) ON ledger.submission TO {PUBLISHER};
"""

# A state is of a moment: what was seen, said and ruled up to then. It has this one home.
STATES = f"""
CREATE FUNCTION reconciliation.items_as_known(moment timestamptz)
    RETURNS TABLE (
        item_id bigint, rule text, subject jsonb, first_seen date, last_seen date, run_id bigint, spell integer,
        spell_since date, state text, districts text[], unexplained text[]
    )
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH known AS (SELECT run.run_id, run.day FROM reconciliation.run WHERE run.known_at <= moment),
    latest AS (
        SELECT DISTINCT ON (o.item_id) o.item_id, o.run_id, o.present, o.spell
        FROM reconciliation.observation AS o
        JOIN known USING (run_id)
        ORDER BY o.item_id, o.run_id DESC
    ),
    began AS (
        SELECT latest.item_id, min(o.run_id) AS run_id
        FROM latest
        JOIN reconciliation.observation AS o USING (item_id, spell)
        GROUP BY latest.item_id
    ),
    explained AS (
        SELECT
            latest.item_id, bool_and(e.item_id IS NOT NULL) AS wholly, bool_or(e.item_id IS NOT NULL) AS partly,
            array_agg(DISTINCT side.district_code) AS districts,
            array_agg(DISTINCT side.district_code) FILTER (WHERE e.item_id IS NULL) AS unexplained
        FROM latest
        JOIN reconciliation.side USING (item_id, run_id)
        LEFT JOIN reconciliation.explanation AS e
            ON e.item_id = latest.item_id AND e.spell = latest.spell AND e.said_at <= moment
            AND e.district_code = ANY (side.speakers)
        GROUP BY latest.item_id
    ),
    ruled AS (
        SELECT DISTINCT ON (latest.item_id) latest.item_id, ruling.closes
        FROM latest
        JOIN reconciliation.ruling USING (item_id, spell)
        WHERE ruling.ruled_at <= moment
        ORDER BY latest.item_id, ruling.ruling_id DESC
    )
    SELECT
        item.item_id, item.rule, item.subject, first.day,
        CASE
            WHEN latest.present THEN (SELECT known.day FROM known ORDER BY known.run_id DESC LIMIT 1)
            -- By the key of the table, run after run is gone through for each item otherwise.
            ELSE (
                SELECT run.day FROM reconciliation.run
                WHERE run.run_id < latest.run_id AND run.known_at <= moment
                ORDER BY run.run_id DESC LIMIT 1
            )
        END,
        latest.run_id, latest.spell, since.day,
        CASE
            WHEN NOT latest.present THEN '已消除'
            WHEN ruled.closes THEN '已裁定'
            WHEN explained.wholly THEN '已说明'
            WHEN explained.partly THEN '部分已说明'
            ELSE '待核对'
        END,
        coalesce(explained.districts, '{{}}'), coalesce(explained.unexplained, '{{}}')
    FROM latest
    JOIN reconciliation.item USING (item_id)
    JOIN known AS first ON first.run_id = item.first_run
    JOIN began USING (item_id)
    JOIN known AS since ON since.run_id = began.run_id
    LEFT JOIN explained USING (item_id)
    LEFT JOIN ruled USING (item_id);
END;
COMMENT ON FUNCTION reconciliation.items_as_known IS
    'Every item that had been seen by a moment: its observation then, its state, and who has not explained';
REVOKE ALL ON FUNCTION reconciliation.items_as_known FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reconciliation.items_as_known TO {LOADER}, {PUBLISHER}, {READER};
"""

# What the files and the pages tell of a side. Functions of one row, which the planner writes into the statement.
OF_A_SIDE = f"""
CREATE FUNCTION reconciliation.explanation_that_holds(
    of_item bigint, in_spell integer, of_speakers text[], moment timestamptz
)
    RETURNS TABLE (explanation text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e.explanation
    FROM reconciliation.explanation AS e
    WHERE e.item_id = of_item AND e.spell = in_spell AND e.district_code = ANY (of_speakers) AND e.said_at <= moment
    ORDER BY e.explanation_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION reconciliation.explanation_that_holds IS
    'What those who may speak for a side said of it last in a spell, up to a moment';

CREATE FUNCTION reconciliation.other_districts(
    of_item bigint, as_seen_in bigint, own_district text, own_part text
)
    RETURNS TABLE (others text[]) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(
        array_agg(DISTINCT side.district_code) FILTER (WHERE side.part <> own_part),
        array_agg(DISTINCT side.district_code), '{{}}'
    )
    FROM reconciliation.side
    WHERE side.item_id = of_item AND side.run_id = as_seen_in AND side.district_code <> own_district;
END;
COMMENT ON FUNCTION reconciliation.other_districts IS
    'Those that play another part in an item than a side; where there is one part only, all but its own';

REVOKE ALL ON FUNCTION reconciliation.explanation_that_holds, reconciliation.other_districts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reconciliation.explanation_that_holds, reconciliation.other_districts TO {LOADER};
"""

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
GRANT USAGE ON SCHEMA identities, quarantine TO {COMPARER};
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

# Two functions: with one whose parameter may be null, the server's plan for the one question would answer the other.
_SHOWN_ITEMS = "".join(
    f"""
CREATE FUNCTION reconciliation.{name}
    RETURNS TABLE (
        item_id bigint, rule text, first_seen date, last_seen date, spell integer, spell_since date, state text,
        districts text[], unexplained text[]
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
    SELECT
        i.item_id, i.rule, i.first_seen, i.last_seen, i.spell, i.spell_since, i.state, i.districts, i.unexplained
    FROM reconciliation.items_as_known('infinity') AS i
    WHERE {condition} EXISTS (SELECT FROM unnest(i.districts) AS each (code) WHERE ledger.shown(each.code));
END;
COMMENT ON FUNCTION reconciliation.{name} IS '{meaning}';
"""
    for name, condition, meaning in (
        ("shown_items()", "", "The items that touch a district which the viewer sees, as they are now"),
        (
            "shown_items_of(items bigint[])",
            "i.item_id = ANY (items) AND",
            "Those of these items that shown_items gives",
        ),
    )
)
# The pages ask for items by functions: a state rests on all sides of an item, of which a district sees its own.
SHOWN = f"""
CREATE FUNCTION reconciliation.masked_name(name text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN left(name, 1) || repeat('*', greatest(length(name) - 1, 1));
CREATE FUNCTION reconciliation.masked_number(number text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN length(number) >= 15 THEN left(number, 6) || repeat('*', length(number) - 10) || right(number, 4)
        ELSE left(number, 1) || repeat('*', greatest(length(number) - 2, 1)) || right(number, 1) END;

{_SHOWN_ITEMS}
CREATE FUNCTION reconciliation.shown_sides(items bigint[])
    RETURNS TABLE (
        item_id bigint, place integer, district_code text, form text, period text, submission_id bigint,
        table_name text, row_number integer, part text, words jsonb, school_code text, name text, resident_id text,
        others text[], speakers text[]
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
    SELECT
        side.item_id, side.place, side.district_code, side.form, side.period, side.submission_id, side.table_name,
        side.row_number, side.part,
        -- Tokens and marks are there to be compared, and no words tell them.
        (
            SELECT coalesce(jsonb_object_agg(each.key, each.value), '{{}}')
            FROM jsonb_each(side.rests_on || side.told) AS each
            WHERE each.value #>> '{{}}' IS NULL
                OR each.value #>> '{{}}' !~ '^(v[0-9]+:[A-Za-z0-9_-]{{43}}|[0-9a-f]{{64}})$'
        ),
        side.told ->> 'school_code',
        CASE WHEN own.is_own THEN person.name ELSE reconciliation.masked_name(person.name) END,
        CASE WHEN own.is_own THEN person.identifier ELSE reconciliation.masked_number(person.identifier) END,
        other.others, side.speakers
    FROM reconciliation.items_as_known('infinity') AS i
    JOIN reconciliation.side USING (item_id, run_id)
    CROSS JOIN LATERAL reconciliation.other_districts(item_id, run_id, side.district_code, side.part) AS other
    CROSS JOIN LATERAL (
        SELECT current_setting('district_reports.sees', true) IS NOT DISTINCT FROM side.district_code AS is_own
    ) AS own
    LEFT JOIN LATERAL (
        SELECT n.name, n.identifier
        FROM identities.named_row AS n
        WHERE n.table_name = side.table_name AND n.kind = 'resident_id'
            AND n.submission_id = side.submission_id AND n.row_number = side.row_number
    ) AS person ON true
    WHERE i.item_id = ANY (items) AND ledger.shown(side.district_code);
END;
COMMENT ON FUNCTION reconciliation.shown_sides IS
    'The rows of items that the viewer sees: a district its own as they stand, others all of them, masked';

CREATE FUNCTION reconciliation.shown_history(item bigint)
    RETURNS TABLE (at timestamptz, day date, what text, spell integer, who text, words text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
    WITH visible AS MATERIALIZED (
        SELECT EXISTS (
            SELECT FROM reconciliation.items_as_known('infinity') AS i
            CROSS JOIN unnest(i.districts) AS each (code)
            WHERE i.item_id = item AND ledger.shown(each.code)
        ) AS is_shown
    )
    SELECT run.known_at, run.day,
        CASE
            WHEN NOT o.present THEN 'gone'
            WHEN o.spell = 1 THEN 'seen'
            WHEN NOT before.present THEN 'back'
            ELSE 'changed'
        END,
        o.spell, NULL, NULL
    FROM reconciliation.observation AS o
    JOIN reconciliation.run USING (run_id)
    LEFT JOIN LATERAL (
        SELECT earlier.present, earlier.spell
        FROM reconciliation.observation AS earlier
        WHERE earlier.item_id = o.item_id AND earlier.run_id < o.run_id
        ORDER BY earlier.run_id DESC LIMIT 1
    ) AS before ON true
    WHERE o.item_id = item AND (o.present, o.spell) IS DISTINCT FROM (before.present, before.spell)
        AND (SELECT is_shown FROM visible)
    UNION ALL
    SELECT e.said_at, NULL, 'explained', e.spell, e.district_code, e.explanation
    FROM reconciliation.explanation AS e
    WHERE e.item_id = item AND (
        ledger.shown(e.district_code)
        -- What a district said that was merged since is its successor's.
        OR EXISTS (
            SELECT FROM reconciliation.items_as_known('infinity') AS i
            JOIN reconciliation.side USING (item_id, run_id)
            WHERE i.item_id = item AND ledger.shown(side.district_code) AND e.district_code = ANY (side.speakers)
        )
    )
    UNION ALL
    SELECT r.ruled_at, NULL, CASE WHEN r.closes THEN 'ruled' ELSE 'reopened' END, r.spell, r.ruled_by,
        -- The reason may speak of the other side.
        CASE WHEN current_setting('district_reports.sees', true) = '*' THEN r.reason END
    FROM reconciliation.ruling AS r
    WHERE r.item_id = item AND (SELECT is_shown FROM visible);
END;
COMMENT ON FUNCTION reconciliation.shown_history IS
    'What was seen, said and ruled of an item, as far as the viewer may know';

REVOKE ALL ON FUNCTION reconciliation.masked_name, reconciliation.masked_number, reconciliation.shown_items,
    reconciliation.shown_items_of, reconciliation.shown_sides, reconciliation.shown_history FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reconciliation.shown_items, reconciliation.shown_items_of, reconciliation.shown_sides,
    reconciliation.shown_history TO {PAGES};
"""

# By it a later trace knows in which areas an item counted.
AREAS = f"""
CREATE TABLE city.release_area (
    release_id bigint NOT NULL REFERENCES city.release,
    district_code text NOT NULL,
    areas text[] NOT NULL,
    answers_for text[] NOT NULL,
    PRIMARY KEY (release_id, district_code)
);
COMMENT ON TABLE city.release_area IS 'The districts of a release''s own day, for what is told of that day';
COMMENT ON COLUMN city.release_area.areas IS 'Codes of the district, its zone and the city';
COMMENT ON COLUMN city.release_area.answers_for IS 'The district, and those merged into it by that day';
GRANT SELECT, INSERT ON city.release_area TO {PUBLISHER};
GRANT SELECT ON city.release_area TO {ANALYST}, {READER};
"""

UNDO = f"""
DROP TABLE city.release_area;
DROP SCHEMA reconciliation CASCADE;
DROP VIEW identities.named_row;
REVOKE ALL ON SCHEMA identities, quarantine FROM {COMPARER};
REVOKE ALL ON quarantine.quarantined_row FROM {COMPARER};
REVOKE SELECT (token_key_version) ON ledger.submission FROM {PUBLISHER};
"""


def upgrade() -> None:
    _as_owner(TABLES, KEPT, SPELLS, RIGHTS, STATES, OF_A_SIDE, NAMED_ROWS, COMPARING, SHOWN, AREAS)


def downgrade() -> None:
    _as_owner(UNDO)


def _as_owner(*statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("RESET ROLE")
