"""The pages ask for items of the worklist by functions: a district's own side as it stands, all others masked.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OWNER = "district_reports_owner"
PAGES = "district_reports_pages"

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

UNDO = """
DROP FUNCTION reconciliation.shown_history, reconciliation.shown_sides, reconciliation.shown_items_of,
    reconciliation.shown_items, reconciliation.masked_number, reconciliation.masked_name;
"""


def upgrade() -> None:
    _as_owner(SHOWN)


def downgrade() -> None:
    _as_owner(UNDO)


def _as_owner(*statements: str) -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("RESET ROLE")
