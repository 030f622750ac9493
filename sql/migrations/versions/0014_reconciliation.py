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
GRANT USAGE ON SCHEMA reconciliation TO {LOADER}, {PUBLISHER}, {READER}, {PAGES};
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
REVOKE SELECT (token_key_version) ON ledger.submission FROM {PUBLISHER};
"""


def upgrade() -> None:
    _as_owner(TABLES, KEPT, SPELLS, RIGHTS, STATES, OF_A_SIDE, AREAS)


def downgrade() -> None:
    _as_owner(UNDO)


def _as_owner(*statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("RESET ROLE")
