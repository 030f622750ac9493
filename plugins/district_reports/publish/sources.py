"""What a release stands on, kept with it in ``city.release_source``; before that, the temporary relation ``source``."""

from sqlalchemy import Connection, text

from district_reports.moment.boundaries import CITY_CODE, nothing_changed

_GATHER = """
WITH part AS (
    SELECT form, period, district_code, array_agg(area_code ORDER BY area_code) AS areas
    FROM area
    GROUP BY form, period, district_code
),
came AS (
    SELECT form, period, district_code, array_agg(submission_id ORDER BY receipt_id) AS received
    FROM known_submission
    GROUP BY form, period, district_code
),
year AS (
    SELECT form, period, district_code, array_agg(submission_id ORDER BY reported_period DESC) AS year_to_date
    FROM year_to_date
    GROUP BY form, period, district_code
),
latest AS (
    SELECT form, period, district_code, array_agg(submission_id) AS latest_of_year
    FROM latest_of_year
    GROUP BY form, period, district_code
),
before AS (
    SELECT form, period, district_code, array_agg(earlier_submission_id ORDER BY earlier_period DESC) AS previous
    FROM previous
    GROUP BY form, period, district_code
),
first AS (
    SELECT form, period, district_code, array_agg(earlier_submission_id ORDER BY earlier_period) AS first_of_year
    FROM first_of_year
    GROUP BY form, period, district_code
),
speaks AS (
    SELECT form, period, reporting_district.district_code,
        array_remove(array_agg(DISTINCT successor.district_code), NULL) || reporting_district.district_code
            AS spoken_for
    FROM reporting_district
    LEFT JOIN successor ON into_code = reporting_district.district_code AND since <= last_day
    GROUP BY form, period, reporting_district.district_code
),
counted AS (
    SELECT form, period, district_code,
        jsonb_object_agg(sheet, jsonb_build_object('expected', expected, 'reported', reported)) AS units
    FROM unit
    GROUP BY form, period, district_code
)
INSERT INTO source (
    release_id, form, period, district_code, areas, due_on, submission_id,
    previous, first_of_year, spoken_for, year_to_date, latest_of_year, received, units
)
SELECT
    :release_id, form, period, district_code, coalesce(areas, '{}'), due_on, submission_id,
    coalesce(previous, '{}'), coalesce(first_of_year, '{}'), coalesce(spoken_for, '{}'),
    coalesce(year_to_date, '{}'), coalesce(latest_of_year, '{}'), coalesce(received, '{}'), coalesce(units, '{}')
FROM part
FULL JOIN came USING (form, period, district_code)
LEFT JOIN in_force USING (form, period, district_code)
LEFT JOIN year USING (form, period, district_code)
LEFT JOIN latest USING (form, period, district_code)
LEFT JOIN before USING (form, period, district_code)
LEFT JOIN first USING (form, period, district_code)
LEFT JOIN speaks USING (form, period, district_code)
LEFT JOIN counted USING (form, period, district_code)
LEFT JOIN reporting_period USING (form, period)
"""
_AREAS_NOW = f"""
UPDATE source SET areas_now = (
    SELECT array_agg(code ORDER BY code)
    FROM unnest(ARRAY[district_now.code, district_now.zone, '{CITY_CODE}']) AS code
)
FROM reporting_district
JOIN district_now USING (district_code)
WHERE source.form = reporting_district.form AND source.period = reporting_district.period
    AND source.district_code = reporting_district.district_code
"""


def gather_sources(connection: Connection, release_id: int) -> None:
    """Make ``source``: for every key where its report stands, from the relations of ``moment/frame.py``.

    Keys are those that a district owes and those for which anything came. The areas are those of the boundaries as
    drawn, so it is called when these are the ones then, in the release's transaction.
    """
    connection.exec_driver_sql("CREATE TEMP TABLE source (LIKE city.release_source INCLUDING DEFAULTS) ON COMMIT DROP")
    connection.execute(text(_GATHER), {"release_id": release_id})
    if not nothing_changed(connection):
        connection.exec_driver_sql(_AREAS_NOW)
    connection.exec_driver_sql("ANALYZE source")


def record_sources(connection: Connection) -> None:
    """Keep ``source`` with its release."""
    connection.exec_driver_sql("INSERT INTO city.release_source SELECT * FROM source")
