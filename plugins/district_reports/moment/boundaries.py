"""Which districts report, what became of them, and the areas that they make up: in the boundaries then, or now.

Temporary relations of a release, on ``districts`` and ``mergers`` as known at its moment:

- ``reporting_district``: form, period, last_day, district_code, name, zone. The districts valid on the period's last
  day, which report for it; one that was merged is valid until the day of the merger.
- ``successor``: district_code, into_code, since. Into which district one was merged, and those that this was merged
  into in its turn, each with the day from which it speaks for the schools of the first.
- ``area``: form, period, level (district/zone/city), area_code, area_name, district_code. One row for each reporting
  district of each area. In the boundaries *then* a reporting district is an area under its own name and zone, so that
  yesterday's totals keep yesterday's boundaries. In the boundaries *now* it belongs to the district that speaks for it
  on the day of the release, under that one's name and zone of the day: an area of the level district may then stand for
  several reporting districts.
- ``coverage``: form, period, level, area_code, area_name, districts_expected, districts_accepted.
- ``day_area``: level, area_code, area_name, district_code. The same of no period, but of the release's day: the
  districts that are valid on it (:func:`draw_day`).
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, text

CITY_CODE = CITY_NAME = "全市"


class Boundaries(StrEnum):
    """The value is the schema of the tables that are drawn so."""

    THEN = "city"
    NOW = "city_now"


_DISTRICTS = """
CREATE TEMP TABLE IF NOT EXISTS mergers (merged_on date, district_code text, into_code text) ON COMMIT DROP;

UPDATE districts SET valid_to = merged_on
FROM mergers
WHERE mergers.district_code = districts.district_code
    AND valid_from < merged_on AND (valid_to IS NULL OR merged_on < valid_to);

CREATE TEMP TABLE successor ON COMMIT DROP AS
WITH RECURSIVE chain AS (
    SELECT district_code, into_code, merged_on AS since FROM mergers
    UNION
    SELECT chain.district_code, mergers.into_code, mergers.merged_on
    FROM chain
    JOIN mergers ON mergers.district_code = chain.into_code
)
SELECT * FROM chain;

CREATE TEMP TABLE reporting_district ON COMMIT DROP AS
SELECT form, period, last_day, district_code, name, zone
FROM reporting_period
JOIN districts ON valid_from <= last_day AND (valid_to IS NULL OR last_day < valid_to);
"""
_DISTRICTS_NOW = """
CREATE TEMP TABLE district_now ON COMMIT DROP AS
SELECT reported.district_code, standing.district_code AS code, name, zone
FROM (SELECT DISTINCT district_code FROM reporting_district) AS reported
LEFT JOIN LATERAL (
    SELECT into_code FROM successor
    WHERE successor.district_code = reported.district_code AND since <= :day
    ORDER BY since DESC LIMIT 1
) AS heir ON true
CROSS JOIN LATERAL (
    SELECT district_code, name, zone FROM districts
    WHERE district_code = coalesce(heir.into_code, reported.district_code)
    ORDER BY valid_from > :day, valid_from DESC LIMIT 1
) AS standing
"""
_DISTRICT_AREAS = {
    Boundaries.THEN: "SELECT form, period, district_code, district_code AS code, name, zone FROM reporting_district",
    Boundaries.NOW: "SELECT form, period, district_code, district_now.code, district_now.name, district_now.zone"
    " FROM reporting_district JOIN district_now USING (district_code)",
}
_AREA = f"""
DROP TABLE IF EXISTS pg_temp.area, pg_temp.coverage;

CREATE TEMP TABLE area ON COMMIT DROP AS
WITH district AS ({{districts}})
SELECT form, period, 'district' AS level, code AS area_code, name AS area_name, district_code FROM district
UNION ALL
SELECT form, period, 'zone', zone, zone, district_code FROM district
UNION ALL
SELECT form, period, 'city', '{CITY_CODE}', '{CITY_NAME}', district_code FROM district;

CREATE TEMP TABLE coverage ON COMMIT DROP AS
SELECT form, period, level, area_code, area_name,
    count(*)::integer AS districts_expected, count(submission_id)::integer AS districts_accepted
FROM area
LEFT JOIN in_force USING (form, period, district_code)
GROUP BY form, period, level, area_code, area_name;

ANALYZE area, coverage;
"""

_DAY_AREA = f"""
CREATE TEMP TABLE day_area ON COMMIT DROP AS
WITH district AS (
    SELECT DISTINCT ON (district_code) district_code, name, zone
    FROM districts
    WHERE valid_from <= :day AND (valid_to IS NULL OR :day < valid_to)
    ORDER BY district_code, valid_from DESC
)
SELECT 'district' AS level, district_code AS area_code, name AS area_name, district_code FROM district
UNION ALL
SELECT 'zone', zone, zone, district_code FROM district
UNION ALL
SELECT 'city', '{CITY_CODE}', '{CITY_NAME}', district_code FROM district
"""


def find_districts(connection: Connection, day: date) -> None:
    """Make the relations that are the same in all boundaries; `day` is the release's, for the boundaries now."""
    connection.exec_driver_sql(_DISTRICTS)
    connection.execute(text(_DISTRICTS_NOW), {"day": day})


def draw(connection: Connection, boundaries: Boundaries) -> None:
    """Make ``area`` and ``coverage``, or make them anew in other boundaries."""
    connection.exec_driver_sql(_AREA.format(districts=_DISTRICT_AREAS[boundaries]))


def draw_day(connection: Connection, day: date) -> None:
    """Make ``day_area``."""
    connection.execute(text(_DAY_AREA), {"day": day})
    connection.exec_driver_sql("ANALYZE day_area")


def nothing_changed(connection: Connection) -> bool:
    """Whether the boundaries then and now are the same in every period."""
    then, now = (_DISTRICT_AREAS[boundaries] for boundaries in Boundaries)
    same: bool = connection.execute(text(f"SELECT NOT EXISTS ({then} EXCEPT {now})")).scalar_one()
    return same
