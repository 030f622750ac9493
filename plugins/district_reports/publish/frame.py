"""What every summary stands on, made anew for each release as temporary relations.

- ``reporting_period``: form, period, first_day, last_day, due_on, locks_on, reported (any submission at all). From a
  form's first reported period without a gap to its last one, and on to the last that has ended by today; that one alone
  for a form that nobody has reported yet.
- ``area``: form, period, level (district/zone/city), area_code, area_name, district_code. One row for each district
  of each area, by the districts valid on the period's last day: yesterday's totals keep yesterday's boundaries.
- ``in_force``: form, period, district_code, submission_id, outcome, nil_return, received_at, as known at the moment,
  and previous_submission_id, the one in force for the district's last accepted period before this one.
- ``year_to_date``: form, period, district_code, submission_id, reported_period, nil_return. For each report in force,
  itself and those of the same district for the earlier periods of the year that its period's name begins with.
- ``coverage``: form, period, level, area_code, area_name, districts_expected, districts_accepted.
- ``code_list``: form, table_name, column_name, code, position. The forms' own code lists, with 全部 at position 0.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, text

from district_reports.model.form import Form, ReferenceCodes
from district_reports.model.period import Period
from district_reports.warehouse.copying import copy_rows

CITY_CODE = CITY_NAME = "全市"
EVERYTHING = "全部"

_RELATIONS = """
CREATE TEMP TABLE reporting_period (
    form text, period text, first_day date, last_day date, due_on date, locks_on date, reported boolean,
    PRIMARY KEY (form, period)
) ON COMMIT DROP;

CREATE TEMP TABLE code_list (
    form text, table_name text, column_name text, code text, position integer,
    PRIMARY KEY (form, table_name, column_name, code)
) ON COMMIT DROP;
"""
_AREA = f"""
CREATE TEMP TABLE area ON COMMIT DROP AS
WITH valid AS (
    SELECT form, period, district_code, name, zone
    FROM reporting_period
    JOIN reference.districts ON valid_from <= last_day AND (valid_to IS NULL OR last_day < valid_to)
)
SELECT form, period, 'district' AS level, district_code AS area_code, name AS area_name, district_code FROM valid
UNION ALL
SELECT form, period, 'zone', zone, zone, district_code FROM valid
UNION ALL
SELECT form, period, 'city', '{CITY_CODE}', '{CITY_NAME}', district_code FROM valid
"""
_IN_FORCE = """
CREATE TEMP TABLE in_force ON COMMIT DROP AS
WITH latest AS (
    SELECT DISTINCT ON (form, district_code, period)
        form, period, district_code, submission_id, outcome, nil_return, received_at,
        withdraws IS NOT NULL AND restores IS NULL AS emptied
    FROM ledger.submission
    WHERE lane = '上报' AND outcome IN ('accepted', 'accepted_with_errors') AND decided_at <= :known_at
    ORDER BY form, district_code, period, receipt_id DESC
)
SELECT
    form, period, district_code, submission_id, outcome, nil_return, received_at,
    lag(submission_id) OVER (PARTITION BY form, district_code ORDER BY period) AS previous_submission_id
FROM latest
-- A withdrawal behind which nothing stands leaves the key empty.
WHERE NOT emptied
"""
_YEAR_TO_DATE = """
CREATE TEMP TABLE year_to_date ON COMMIT DROP AS
SELECT
    form, district_code, current.period,
    earlier.submission_id, earlier.period AS reported_period, earlier.nil_return
FROM in_force AS current
JOIN in_force AS earlier USING (form, district_code)
WHERE left(earlier.period, 4) = left(current.period, 4) AND earlier.period <= current.period
"""
_COVERAGE = """
CREATE TEMP TABLE coverage ON COMMIT DROP AS
SELECT form, period, level, area_code, area_name,
    count(*)::integer AS districts_expected, count(submission_id)::integer AS districts_accepted
FROM area
LEFT JOIN in_force USING (form, period, district_code)
GROUP BY form, period, level, area_code, area_name
"""


def build_frame(connection: Connection, forms: Mapping[str, Form], known_at: datetime, today: date) -> int:
    """Make the relations for one release; the number of periods, over all forms."""
    connection.exec_driver_sql(_RELATIONS)
    periods = list(_periods(connection, forms, today))
    copy_rows(
        connection,
        "pg_temp",
        "reporting_period",
        ("form", "period", "first_day", "last_day", "due_on", "locks_on", "reported"),
        (
            (form.key, each.text, each.first_day, each.last_day, form.due_on(each), form.locks_on(each), reported)
            for form, each, reported in periods
        ),
    )
    copy_rows(
        connection,
        "pg_temp",
        "code_list",
        ("form", "table_name", "column_name", "code", "position"),
        # A list: the code lists that are reference data are asked of the connection that COPY then holds.
        list(_codes(connection, forms.values())),
    )
    connection.exec_driver_sql(_AREA)
    connection.execute(text(_IN_FORCE), {"known_at": known_at})
    connection.exec_driver_sql(_YEAR_TO_DATE)
    connection.exec_driver_sql(_COVERAGE)
    # Nobody else gathers statistics on temporary tables.
    connection.exec_driver_sql("ANALYZE reporting_period, code_list, area, in_force, year_to_date, coverage")
    return len(periods)


def _periods(connection: Connection, forms: Mapping[str, Form], today: date) -> Iterable[tuple[Form, Period, bool]]:
    seen: dict[str, set[str]] = {}
    for row in connection.execute(
        text("SELECT DISTINCT form, period FROM ledger.submission WHERE form IS NOT NULL AND lane = '上报'")
    ):
        seen.setdefault(row.form, set()).add(row.period)
    # A form that is no longer collected keeps its facts and leaves the city's tables.
    for form in forms.values():
        reported = seen.get(form.key, set())
        ended = Period.containing(form.period_kind, today).previous()
        periods = [Period.parse(period) for period in reported]
        first = min(periods, key=lambda period: period.first_day, default=ended)
        last = max([*periods, ended], key=lambda period: period.first_day)
        while first.first_day <= last.first_day:
            yield form, last, last.text in reported
            last = last.previous()


def _codes(connection: Connection, forms: Iterable[Form]) -> Iterable[tuple[str, str, str, str, int]]:
    for form in forms:
        for sheet in form.sheets:
            for column in sheet.columns:
                if not column.codes:
                    continue
                codes = column.codes
                if isinstance(codes, ReferenceCodes):
                    codes = _reference_codes(connection, codes)
                for position, code in enumerate((EVERYTHING, *codes)):
                    yield form.key, sheet.table, column.name, code, position


def _reference_codes(connection: Connection, source: ReferenceCodes) -> tuple[str, ...]:
    # The forms' own words, not a user's; sorted, since a table has no order of its own.
    select = f'SELECT DISTINCT "{source.column}" FROM reference."{source.table}" WHERE "{source.column}" IS NOT NULL'
    return tuple(connection.scalars(text(f"{select} ORDER BY 1")))
