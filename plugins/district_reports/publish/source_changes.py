"""Which reports and areas changed from one release to the next, as temporary relations of the latter.

They stand on ``source`` (:mod:`.sources`) and on ``city.release_source`` of the former:

- ``key_change``: form, period, district_code of every key of either release, with the submissions in force (former,
  latter), whether the district reports for the period (owed_before, owed), its areas by schema, and what its reports
  look back on in either.
- ``source_change``: form, period, district_code, files, cause, receipt_id. ``files`` is true for what came and is not
  in force, which matters to figures that count files alone.
- ``touch``: schema_name, scope, form, period, area_code, files, cause, receipt_id. Where a source change is seen
  from: the areas of its own district and period, those of the reports that look back on it, and with ``_so_far``
  behind the scope the same area in that period and the later ones of the calendar year.
- ``told``: form, period, in_both, reported_before. The periods of either release, whether both tell of them, and
  whether anything had come for them at the former.
- ``moved``: schema_name, form, period, area_code. Areas that a district has entered or left, in periods of both.
"""

from datetime import datetime

from sqlalchemy import Connection, text

from district_reports.publish.reaches import SO_FAR

_KEY_CHANGE = """
CREATE TEMP TABLE key_change ON COMMIT DROP AS
WITH before AS (SELECT * FROM city.release_source WHERE release_id = :former)
SELECT
    form, period, district_code, source.due_on,
    before.submission_id AS former, source.submission_id AS latter,
    coalesce(before.areas, '{}') <> '{}' AS owed_before, coalesce(source.areas, '{}') <> '{}' AS owed,
    coalesce(before.areas, '{}') AS areas_before, coalesce(source.areas, '{}') AS areas,
    coalesce(before.areas_now, before.areas, '{}') AS areas_now_before,
    coalesce(source.areas_now, source.areas, '{}') AS areas_now,
    coalesce(before.received, '{}') AS received_before, coalesce(source.received, '{}') AS received,
    coalesce(before.previous, '{}') || coalesce(source.previous, '{}') AS previous,
    coalesce(before.first_of_year, '{}') || coalesce(source.first_of_year, '{}') AS first_of_year,
    coalesce(before.year_to_date, '{}') || coalesce(source.year_to_date, '{}') AS year_to_date,
    coalesce(before.latest_of_year, '{}') || coalesce(source.latest_of_year, '{}') AS latest_of_year,
    coalesce(before.spoken_for, '{}') || coalesce(source.spoken_for, '{}') || district_code AS spoken_for
FROM before
FULL JOIN source USING (form, period, district_code)
"""
_TOLD = """
CREATE TEMP TABLE told ON COMMIT DROP AS
SELECT form, period, bool_or(owed_before) AND bool_or(owed) AS in_both,
    bool_or(received_before <> '{}') AS reported_before
FROM key_change
GROUP BY form, period;

ANALYZE key_change, told;
"""
# `own` is the district's file behind what is in force: what a re-check looked at, or a withdrawal brought back. Of a
# district that does not report for the period in one of the releases nothing was taken back: the register has changed.
_SOURCE_CHANGE = """
CREATE TEMP TABLE source_change ON COMMIT DROP AS
WITH RECURSIVE standing AS (
    SELECT * FROM key_change WHERE former IS DISTINCT FROM latter
),
chain AS (
    SELECT submission_id, submission_id AS own_id, coalesce(recheck_of, restores) AS next_id
    FROM known_submission JOIN standing ON latter = submission_id
    UNION ALL
    SELECT chain.submission_id, own.submission_id, coalesce(own.recheck_of, own.restores)
    FROM chain JOIN known_submission AS own ON own.submission_id = chain.next_id
),
replaced AS (
    SELECT
        standing.*, known.receipt_id, known.recheck_of, known.restores, own.receipt_id AS own_receipt_id,
        own_id = ANY (received_before) AS own_known,
        CASE
            WHEN former IS NOT NULL THEN 'correction'
            WHEN (own.received_at AT TIME ZONE 'Asia/Shanghai')::date <= due_on THEN 'report'
            ELSE 'late'
        END AS sent
    FROM standing
    JOIN known_submission AS known ON known.submission_id = latter
    JOIN chain ON chain.submission_id = latter AND next_id IS NULL
    JOIN known_submission AS own ON own.submission_id = own_id
    WHERE owed
),
taken_back AS (
    SELECT form, period, district_code, max(receipt_id) AS receipt_id
    FROM known_submission
    WHERE withdraws IS NOT NULL AND restores IS NULL AND outcome = 'accepted'
    GROUP BY form, period, district_code
)
SELECT form, period, district_code, false AS files, sent AS cause,
    CASE WHEN restores IS NULL THEN receipt_id ELSE own_receipt_id END AS receipt_id
FROM replaced
WHERE CASE
    WHEN former IS NOT NULL AND restores IS NOT NULL THEN false
    WHEN recheck_of IS NOT NULL THEN NOT own_known
    ELSE former IS NOT NULL OR owed_before OR NOT own_known
END
UNION ALL
SELECT form, period, district_code, false, 'restatement', receipt_id FROM replaced WHERE recheck_of IS NOT NULL
UNION ALL
SELECT form, period, district_code, false, 'withdrawal', receipt_id
FROM replaced
WHERE former IS NOT NULL AND restores IS NOT NULL
UNION ALL
SELECT form, period, district_code, false, 'withdrawal', taken_back.receipt_id
FROM standing
LEFT JOIN taken_back USING (form, period, district_code)
WHERE latter IS NULL AND owed_before AND owed
UNION ALL
SELECT known.form, known.period, known.district_code, true,
    CASE known.outcome WHEN 'rejected' THEN 'rejected' ELSE 'received' END, known.receipt_id
FROM key_change
JOIN known_submission AS known USING (form, period, district_code)
JOIN ledger.submission AS filed ON filed.submission_id = known.submission_id
WHERE known.submission_id IS DISTINCT FROM latter AND known.withdraws IS NULL
    AND (
        known.submission_id <> ALL (received_before)
        OR known.outcome IS NOT NULL AND filed.decided_at > :former_known_at
    )
"""
_TOUCH = """
ANALYZE source_change;

CREATE TEMP TABLE touch ON COMMIT DROP AS
WITH changed_id AS (
    SELECT unnest(array_remove(ARRAY[former, latter], NULL)) AS submission_id, form, period, district_code
    FROM key_change
    WHERE former IS DISTINCT FROM latter
),
looking_back AS (
    SELECT 'previous' AS scope, form, period, district_code, unnest(previous) AS submission_id FROM key_change
    UNION
    SELECT 'first_of_year', form, period, district_code, unnest(first_of_year) FROM key_change
    UNION
    SELECT 'year_to_date', form, period, district_code, unnest(year_to_date) FROM key_change
    UNION
    SELECT 'latest_of_year', form, period, district_code, unnest(latest_of_year) FROM key_change
),
seen AS (
    SELECT 'in_force' AS scope, form, period, district_code, files, cause, receipt_id FROM source_change
    UNION
    SELECT scope, form, looking_back.period, looking_back.district_code, files, cause, receipt_id
    FROM looking_back
    JOIN changed_id USING (form, submission_id)
    JOIN source_change USING (form)
    WHERE NOT files
        AND (source_change.period, source_change.district_code) = (changed_id.period, changed_id.district_code)
    UNION
    SELECT 'earlier', form, looking.period, looking.district_code, files, cause, receipt_id
    FROM key_change AS looking
    JOIN source_change USING (form)
    WHERE NOT files AND source_change.period < looking.period
        AND source_change.district_code = ANY (looking.spoken_for)
        AND (looking.former IS NOT NULL OR looking.latter IS NOT NULL)
),
place AS (
    SELECT 'city' AS schema_name, form, period, district_code, unnest(areas_before) AS area_code FROM key_change
    UNION
    SELECT 'city', form, period, district_code, unnest(areas) FROM key_change
    UNION
    SELECT 'city_now', form, period, district_code, unnest(areas_now_before) FROM key_change
    UNION
    SELECT 'city_now', form, period, district_code, unnest(areas_now) FROM key_change
)
SELECT DISTINCT schema_name, scope, form, period, area_code, files, cause, receipt_id
FROM seen
JOIN place USING (form, period, district_code);

INSERT INTO touch
SELECT DISTINCT schema_name, scope || '{so_far}', form, told.period, area_code, files, cause, receipt_id
FROM touch
JOIN told USING (form)
WHERE left(told.period, 4) = left(touch.period, 4) AND told.period >= touch.period;

CREATE TEMP TABLE moved ON COMMIT DROP AS
WITH changed AS (
    SELECT * FROM key_change JOIN told USING (form, period)
    WHERE in_both AND (areas <> areas_before OR areas_now <> areas_now_before)
),
was AS (
    SELECT 'city' AS schema_name, form, period, district_code, unnest(areas_before) AS area_code FROM changed
    UNION ALL
    SELECT 'city_now', form, period, district_code, unnest(areas_now_before) FROM changed
),
is_now AS (
    SELECT 'city' AS schema_name, form, period, district_code, unnest(areas) AS area_code FROM changed
    UNION ALL
    SELECT 'city_now', form, period, district_code, unnest(areas_now) FROM changed
)
SELECT DISTINCT schema_name, form, period, area_code
FROM was
FULL JOIN is_now USING (schema_name, form, period, district_code, area_code)
WHERE was IS NULL OR is_now IS NULL;

ANALYZE touch, moved;
"""


def find_source_changes(connection: Connection, former: int, former_known_at: datetime) -> None:
    """Make the relations, in the transaction of the latter release and after its ``source``."""
    connection.execute(text(_KEY_CHANGE), {"former": former})
    connection.exec_driver_sql(_TOLD)
    connection.execute(text(_SOURCE_CHANGE), {"former_known_at": former_known_at})
    connection.exec_driver_sql(_TOUCH.replace("{so_far}", SO_FAR))
