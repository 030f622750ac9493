"""What a run sees of each item, beside what the run before saw: written down where something is otherwise.

An item's number, once given, stays with its subject: also when it is gone and comes back, and when its district is
merged into another. A new *spell* begins when it comes back, or when the values that it rests on are others; which
district they stand in counts as districts are on the day of the run, so a merger begins none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

_NOW = """
CREATE TEMP TABLE now_side ON COMMIT DROP AS
SELECT
    rule,
    CASE WHEN subject ? 'district'
        THEN jsonb_set(subject, '{district}', to_jsonb(coalesce(of_subject.answers_now, subject ->> 'district')))
        ELSE subject
    END AS subject,
    answering.answers_now AS district_code, report.district_code AS reported_by, answering.speakers,
    form, period, submission_id, table_name, row_number, part, rests_on, told
FROM (SELECT DISTINCT * FROM found_side) AS found
JOIN compared_report AS report USING (submission_id)
JOIN answering ON answering.district_code = report.district_code
LEFT JOIN answering AS of_subject ON of_subject.district_code = subject ->> 'district';

CREATE TEMP TABLE now_item ON COMMIT DROP AS
WITH known AS (
    SELECT DISTINCT ON (rule, subject_now) item_id, rule, subject_now AS subject
    FROM (
        SELECT item_id, rule, subject,
            CASE WHEN answers_now IS NULL THEN subject
                ELSE jsonb_set(subject, '{district}', to_jsonb(answers_now))
            END AS subject_now
        FROM reconciliation.item
        LEFT JOIN answering ON district_code = subject ->> 'district'
    ) AS each
    -- Where two districts became one and each had such an item, the successor's own goes on.
    ORDER BY rule, subject_now, subject <> subject_now, item_id
),
seen AS (
    SELECT rule, subject, array_agg(district_code ORDER BY district_code) AS districts,
        min(period) AS period, min(table_name) AS table_name, min(row_number) AS row_number
    FROM now_side
    GROUP BY rule, subject
)
SELECT
    rule, subject, known.item_id IS NULL AS is_new,
    coalesce(known.item_id, (SELECT coalesce(max(item_id), 0) FROM reconciliation.item) + row_number() OVER (
        PARTITION BY known.item_id IS NULL
        ORDER BY rule, districts, seen.period, seen.table_name, seen.row_number, subject
    )) AS item_id
FROM seen
LEFT JOIN known USING (rule, subject);

CREATE TEMP TABLE now_state ON COMMIT DROP AS
SELECT
    item_id,
    jsonb_agg(DISTINCT jsonb_build_array(district_code, rests_on)) AS basis,
    jsonb_agg(DISTINCT jsonb_build_array(
        district_code, reported_by, speakers, submission_id, table_name, row_number, part, rests_on, told
    )) AS sides
FROM now_side
JOIN now_item USING (rule, subject)
GROUP BY item_id;

CREATE TEMP TABLE state_before ON COMMIT DROP AS
WITH latest AS (
    SELECT DISTINCT ON (item_id) item_id, run_id, present, spell
    FROM reconciliation.observation
    ORDER BY item_id, run_id DESC
)
SELECT
    item_id, run_id, present, spell,
    jsonb_agg(DISTINCT jsonb_build_array(coalesce(answers_now, side.district_code), rests_on)) AS basis,
    jsonb_agg(DISTINCT jsonb_build_array(
        side.district_code, reported_by, side.speakers, submission_id, table_name, row_number, part, rests_on, told
    )) AS sides
FROM latest
JOIN reconciliation.side USING (item_id, run_id)
LEFT JOIN answering ON answering.district_code = reported_by
GROUP BY item_id, run_id, present, spell;

CREATE TEMP TABLE otherwise ON COMMIT DROP AS
SELECT
    item_id, before.run_id AS run_before, now.item_id IS NOT NULL AS present,
    CASE
        WHEN before.item_id IS NULL THEN 1
        WHEN now.item_id IS NULL OR (before.present AND now.basis = before.basis) THEN before.spell
        ELSE before.spell + 1
    END AS spell,
    CASE
        WHEN before.item_id IS NULL THEN 'new'
        WHEN now.item_id IS NULL THEN 'gone'
        WHEN NOT before.present THEN 'back'
        WHEN now.basis <> before.basis THEN 'changed'
        ELSE 'moved'
    END AS what
FROM now_state AS now
FULL JOIN state_before AS before USING (item_id)
WHERE before.item_id IS NULL
    OR (now.item_id IS NULL AND before.present)
    OR (now.item_id IS NOT NULL AND (NOT before.present OR now.sides <> before.sides));
"""
_WRITE = """
INSERT INTO reconciliation.run (run_id, known_at, day, rules_hash) VALUES (:run_id, :known_at, :day, :rules_hash);

INSERT INTO reconciliation.item (item_id, rule, subject, first_run)
SELECT item_id, rule, subject, :run_id FROM now_item WHERE is_new ORDER BY item_id;

INSERT INTO reconciliation.observation (item_id, run_id, present, spell)
SELECT item_id, :run_id, present, spell FROM otherwise ORDER BY item_id;

INSERT INTO reconciliation.side (
    item_id, run_id, place, district_code, reported_by, speakers, form, period, submission_id, table_name, row_number,
    part, rests_on, told
)
SELECT
    item_id, :run_id,
    row_number() OVER (
        PARTITION BY item_id ORDER BY district_code, form, period, table_name, row_number, part, rests_on, told
    ),
    district_code, reported_by, speakers, form, period, submission_id, table_name, row_number, part, rests_on, told
FROM otherwise
JOIN now_item USING (item_id)
JOIN now_side USING (rule, subject);

-- Of an item that is gone, what it was about last; at its present district.
INSERT INTO reconciliation.side (
    item_id, run_id, place, district_code, reported_by, speakers, form, period, submission_id, table_name, row_number,
    part, rests_on, told
)
SELECT
    otherwise.item_id, :run_id, place, coalesce(answers_now, side.district_code), reported_by,
    coalesce(answering.speakers, side.speakers), form, period, submission_id, table_name, row_number, part, rests_on,
    told
FROM otherwise
JOIN reconciliation.side ON side.item_id = otherwise.item_id AND side.run_id = run_before
LEFT JOIN answering ON answering.district_code = reported_by
WHERE NOT present;
"""
_COUNTS = """
SELECT rule, what, count(*) AS items
FROM (
    SELECT rule, 'present' AS what FROM now_item
    UNION ALL
    SELECT rule, what FROM otherwise
    JOIN (
        SELECT item_id, rule FROM reconciliation.item UNION SELECT item_id, rule FROM now_item
    ) AS named USING (item_id)
) AS each
GROUP BY rule, what
"""

WHATS = ("present", "new", "back", "changed", "moved", "gone")
"""What is counted of items: those that are there; and among them, or gone from them, what is otherwise than before."""


@dataclass(frozen=True)
class RunToBe:
    """The moment whose decisions it compares, the day by the house clock, and by which rules."""

    known_at: datetime
    day: date
    rules_hash: str


def compare(connection: Connection) -> Mapping[tuple[str, str], int]:
    """Set what ``found_side`` has beside what the run before saw; items by rule and :data:`WHATS`.

    ``changed``: values that the item rests on. ``moved``: the same values stand in other rows, or another district
    answers for them.
    """
    connection.exec_driver_sql(_NOW)
    connection.exec_driver_sql("ANALYZE now_side, now_item, now_state, state_before, otherwise")
    return {(row.rule, row.what): row.items for row in connection.exec_driver_sql(_COUNTS)}


def write(connection: Connection, run: RunToBe) -> int:
    """Write the run down and what it saw otherwise than the one before, after :func:`compare`; its number."""
    # No sequence: one that is cut off would leave a gap, and numbers would be others than without that.
    number: int = connection.scalar(text("SELECT coalesce(max(run_id), 0) + 1 FROM reconciliation.run"))
    for statement in _WRITE.split(";\n"):
        if statement.strip():
            connection.execute(text(statement), {"run_id": number, **vars(run)})
    return number
