"""Why figures of the worklist are other ones than in the release before, as temporary relations of the latter.

An item changes a figure where it has come into it, or left it, or brings another value. That is looked at in two steps,
by what each figure counts (its declared origin): from the former release to what it would be tonight if nothing had
been sent, said or ruled since (then only time has passed), and from there to what it is.

- ``item_change``: schema_name, table_name, column_name, area_code, about (the rule), cause, receipt_id.
- To ``touch`` and ``moved`` (:mod:`.source_changes`) it adds what concerns the districts of the day.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, text

from district_reports.moment.boundaries import Boundaries
from district_reports.publish.causes import ChangeCause
from district_reports.publish.lineage import Measure, Rows, Scope
from district_reports.publish.reaches import item_columns
from district_reports.publish.summary import Summary
from district_reports.publish.worklist import Night, make_items

_AREAS = """
CREATE TEMP TABLE area_before ON COMMIT DROP AS
SELECT district_code, unnest(areas) AS area_code, answers_for FROM city.release_area WHERE release_id = :former
"""
_SCHEMAS = f"unnest(ARRAY['{Boundaries.THEN}', '{Boundaries.NOW}'])"
# Of the districts of either night: whose reports changed, and which have entered or left an area.
_DISTRICTS = f"""
INSERT INTO touch (schema_name, scope, form, period, area_code, files, cause, receipt_id)
SELECT DISTINCT schema_name, '{Scope.NIGHT}', '', night.period, area_code, false, cause, receipt_id
FROM (
    SELECT area_code, answers_for FROM area_before
    UNION ALL
    SELECT area_code, answers_for FROM day_area JOIN district USING (district_code)
) AS place
JOIN source_change ON source_change.district_code = ANY (answers_for)
CROSS JOIN night
CROSS JOIN {_SCHEMAS} AS schema_name
WHERE NOT source_change.files;

INSERT INTO moved (schema_name, form, period, area_code)
SELECT DISTINCT schema_name, '', period, area_code
FROM (SELECT district_code, area_code, true AS was FROM area_before) AS before
FULL JOIN (SELECT district_code, area_code, true AS is_now FROM day_area) AS tonight USING (district_code, area_code)
CROSS JOIN night
CROSS JOIN {_SCHEMAS} AS schema_name
WHERE was IS NULL OR is_now IS NULL;

ANALYZE touch, moved;
"""
# The reports behind an item are those of its rows, before or now. An item may rest on what is missing, too (X04): where
# none of its own has changed, any of the others may be what it waited for.
_ITEM_CAUSE = """
CREATE TEMP TABLE item_cause ON COMMIT DROP AS
WITH seen AS (
    SELECT item_id, former.run_id AS run_before, latter.run_id
    FROM (SELECT DISTINCT item_id, run_id FROM item_before) AS former
    FULL JOIN (SELECT DISTINCT item_id, run_id FROM item) AS latter USING (item_id)
    WHERE former.run_id IS DISTINCT FROM latter.run_id
),
behind AS (
    SELECT item_id, form, period, reported_by, submission_id, row_number, rests_on, district_code,
        side.run_id = run_before AS was
    FROM seen
    JOIN reconciliation.side USING (item_id)
    WHERE side.run_id IN (run_before, seen.run_id)
),
passed_on AS (
    -- The same values of the same rows, and another district answers for them.
    SELECT item_id
    FROM (
        SELECT item_id, submission_id, row_number, rests_on,
            array_agg(DISTINCT district_code) FILTER (WHERE was) AS before,
            array_agg(DISTINCT district_code) FILTER (WHERE NOT was) AS tonight
        FROM behind
        GROUP BY item_id, submission_id, row_number, rests_on
    ) AS side
    GROUP BY item_id
    HAVING bool_and(before IS NOT NULL AND tonight IS NOT NULL) AND bool_or(before <> tonight)
),
own AS (
    SELECT DISTINCT item_id, cause, receipt_id
    FROM behind
    JOIN source_change USING (form, period)
    WHERE source_change.district_code = reported_by AND NOT files
)
SELECT * FROM own
UNION
SELECT item_id, 'register', NULL FROM passed_on
UNION
SELECT item_id, cause, receipt_id
FROM seen
CROSS JOIN source_change
WHERE NOT files AND item_id NOT IN (SELECT item_id FROM own UNION SELECT item_id FROM passed_on)
UNION
SELECT item_id, 'explanation', receipt_id
FROM reconciliation.explanation
WHERE said_at > :before AND said_at <= :known_at
UNION
SELECT item_id, 'ruling', NULL
FROM reconciliation.ruling
WHERE ruled_at > :before AND ruled_at <= :known_at
"""
_ITEM_CHANGE = """
CREATE TEMP TABLE item_change (
    schema_name text, table_name text, column_name text, area_code text, about text, cause text, receipt_id bigint
) ON COMMIT DROP
"""
_DIFFERS = """
SELECT item_id, rule, area_code
FROM (SELECT DISTINCT item_id, rule, area_code, {value} AS value FROM {was} AS item JOIN {areas} USING (district_code)
    WHERE {where}) AS former
FULL JOIN (SELECT DISTINCT item_id, rule, area_code, {value} AS value FROM {then} AS item
    JOIN {areas_then} USING (district_code) WHERE {where}) AS latter USING (item_id, rule, area_code)
WHERE former.value IS DISTINCT FROM latter.value
"""
_RECORD = f"""
INSERT INTO item_change
SELECT schema_name, '{{table}}', '{{column}}', area_code, rule, cause, receipt_id
FROM (
    SELECT area_code, rule, '{ChangeCause.TIME}' AS cause, NULL::bigint AS receipt_id FROM ({{passed}}) AS passed
    UNION
    SELECT area_code, rule, cause, receipt_id FROM ({{done}}) AS done JOIN item_cause USING (item_id)
) AS each
CROSS JOIN {_SCHEMAS} AS schema_name
"""


# Where nobody's reports had been compared, or are no more, there were no figures, or are none.
_FIRST_OR_LAST = f"""
INSERT INTO item_change
SELECT touch.schema_name, '{{table}}', '{{column}}', area_code, rule, cause, receipt_id
FROM (
    SELECT area_code FROM area_before JOIN key_change ON key_change.district_code = ANY (answers_for)
    WHERE former IS NOT NULL
) AS former
FULL JOIN (SELECT area_code FROM day_area JOIN district USING (district_code) WHERE compared) AS latter
    USING (area_code)
JOIN touch USING (area_code)
CROSS JOIN item_rule
WHERE (former IS NULL OR latter IS NULL) AND touch.scope = '{Scope.NIGHT}'
GROUP BY touch.schema_name, area_code, rule, cause, receipt_id
"""


def find_item_changes(connection: Connection, tables: Sequence[Summary], former: int, night: Night) -> None:
    """Make the relations, after those of :mod:`.source_changes`."""
    connection.execute(text(_AREAS), {"former": former})
    connection.exec_driver_sql("ANALYZE area_before")
    connection.exec_driver_sql(_ITEM_CHANGE)
    # A release of before the worklist told nothing of it.
    if connection.scalar(text("SELECT EXISTS (SELECT FROM area_before)")):
        connection.exec_driver_sql(_DISTRICTS)
        before = connection.execute(
            text(
                "SELECT known_at, day, (SELECT max(earlier.known_at) FROM city.release AS earlier"
                " WHERE earlier.as_of IS NULL AND earlier.known_at < release.known_at) AS before"
                " FROM city.release WHERE release_id = :former"
            ),
            {"former": former},
        ).one()
        make_items(connection, "item_before", Night(**before._mapping))
        make_items(connection, "item_waiting", Night(before.known_at, night.day, before.known_at))
        connection.execute(text(_ITEM_CAUSE), {"before": before.known_at, "known_at": night.known_at})
        connection.exec_driver_sql("ANALYZE item_cause")
        for statement in _statements(tables):
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql("ANALYZE item_change")


def _statements(tables: Sequence[Summary]) -> Iterator[str]:
    for summary in tables:
        for column, rows in item_columns(summary):
            passed = _differs(rows, ("item_before", "area_before"), ("item_waiting", "area_before"))
            done = _differs(rows, ("item_waiting", "area_before"), ("item", "day_area"))
            # The driver takes % for a parameter.
            yield _RECORD.format(table=summary.table, column=column, passed=passed, done=done).replace("%", "%%")
            if rows.applies:
                yield _FIRST_OR_LAST.format(table=summary.table, column=column)


def _differs(rows: Rows, former: tuple[str, str], latter: tuple[str, str]) -> str:
    value = rows.expression if rows.measure is not Measure.COUNT else "1"
    return _DIFFERS.format(
        value=value,
        where=rows.source.where or "true",
        was=former[0],
        areas=former[1],
        then=latter[0],
        areas_then=latter[1],
    )
