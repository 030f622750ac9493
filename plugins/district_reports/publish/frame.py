"""What every summary stands on, made anew for each release as temporary relations.

Beside those of :mod:`.known` and of :mod:`.boundaries` (``area``, ``coverage``, ``successor``):

- ``reporting_period``: form, period, first_day, last_day, due_on, locks_on, reported (any submission at all). From a
  form's first reported period without a gap to its last one, and on to the last that has ended by today; that one alone
  for a form that nobody has reported yet.
- ``in_force``: form, period, district_code, submission_id, outcome, nil_return, received_at. As known at the
  moment, of the districts that report for the period.
- ``year_to_date``: form, period, district_code, submission_id, reported_period, reported_by, reported_until,
  nil_return. For each report in force, itself and those for the earlier periods of the year that its period's name
  begins with, of the same district and of those that had been merged into it by the period's last day.
- ``latest_of_year``: form, period, district_code, submission_id. Of those, the latest that is not nil; after a merger
  also that of the district that was merged, until the other reports for it.
- ``previous``: form, period, district_code, submission_id, previous_submission_id, previous_period. For each report in
  force, that of the district's last accepted period before it. In the first after a merger there are several: the
  district's own and those of the districts that were merged into it.
- ``code_list``: form, table_name, column_name, code, position. The forms' own code lists, with 全部 at position 0.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import Connection, text

from district_reports.database.copying import copy_rows
from district_reports.model.form import Form, ReferenceCodes
from district_reports.model.period import Period
from district_reports.publish.boundaries import find_districts

AREA_KEY = ("period", "level", "area_code")
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
_IN_FORCE = """
CREATE TEMP TABLE in_force ON COMMIT DROP AS
WITH latest AS (
    SELECT DISTINCT ON (form, district_code, period) *
    FROM known_submission
    WHERE outcome IN ('accepted', 'accepted_with_errors')
    ORDER BY form, district_code, period, receipt_id DESC
)
SELECT form, period, district_code, submission_id, outcome, nil_return, received_at
FROM latest
JOIN reporting_district USING (form, period, district_code)
WHERE withdraws IS NULL OR restores IS NOT NULL
"""
# Of a report, those that it may look back on: of its district and of the districts that were merged into it by then.
# Joined by district, since a pair of any two districts of a form would be looked at otherwise.
_EARLIER = """
CREATE TEMP TABLE earlier ON COMMIT DROP AS
WITH spoken_for AS (
    SELECT DISTINCT district_code AS into_code, district_code, NULL::date AS since FROM in_force
    UNION ALL
    SELECT into_code, district_code, min(since) FROM successor GROUP BY into_code, district_code
)
SELECT
    report.form, report.period, report.district_code, report.submission_id,
    former.submission_id AS earlier_submission_id, former.period AS reported_period,
    former.district_code AS reported_by, "then".last_day AS reported_until, former.nil_return
FROM in_force AS report
JOIN spoken_for ON spoken_for.into_code = report.district_code
JOIN in_force AS former
    ON former.form = report.form AND former.district_code = spoken_for.district_code AND former.period <= report.period
JOIN reporting_period AS now ON now.form = report.form AND now.period = report.period
JOIN reporting_period AS "then" ON "then".form = former.form AND "then".period = former.period
WHERE since IS NULL OR since <= now.last_day
"""
_YEAR_TO_DATE = """
CREATE TEMP TABLE year_to_date ON COMMIT DROP AS
SELECT
    form, period, district_code, earlier_submission_id AS submission_id,
    reported_period, reported_by, reported_until, nil_return
FROM earlier
WHERE left(reported_period, 4) = left(period, 4)
"""
# A district's last report speaks for it until one comes from the district that it was merged into.
_PREVIOUS = """
CREATE TEMP TABLE previous ON COMMIT DROP AS
WITH latest AS (
    SELECT DISTINCT ON (form, period, district_code, reported_by) *
    FROM earlier
    WHERE reported_period < period
    ORDER BY form, period, district_code, reported_by, reported_period DESC
)
SELECT
    form, period, district_code, submission_id,
    earlier_submission_id AS previous_submission_id, reported_period AS previous_period
FROM latest
WHERE NOT EXISTS (
    SELECT FROM latest AS heir
    JOIN successor ON successor.into_code = heir.reported_by AND since <= heir.reported_until
    WHERE heir.submission_id = latest.submission_id AND successor.district_code = latest.reported_by
)
"""


_LATEST_OF_YEAR = """
CREATE TEMP TABLE latest_of_year ON COMMIT DROP AS
WITH latest AS (
    SELECT DISTINCT ON (form, period, district_code, reported_by) *
    FROM year_to_date
    WHERE NOT nil_return
    ORDER BY form, period, district_code, reported_by, reported_period DESC
)
SELECT form, period, district_code, submission_id
FROM latest
WHERE NOT EXISTS (
    SELECT FROM latest AS heir
    JOIN successor ON successor.into_code = heir.reported_by AND since <= heir.reported_until
    WHERE (heir.form, heir.period, heir.district_code) = (latest.form, latest.period, latest.district_code)
        AND successor.district_code = latest.reported_by
)
"""


_LOOKING_BACK = {
    "in_force": _IN_FORCE,
    "earlier": _EARLIER,
    "year_to_date": _YEAR_TO_DATE,
    "latest_of_year": _LATEST_OF_YEAR,
    "previous": _PREVIOUS,
}
"""In the order in which each stands on those before it."""


def build_frame(connection: Connection, forms: Mapping[str, Form], today: date) -> int:
    """Make the relations for one release but for its areas; the number of periods, over all forms."""
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
    find_districts(connection, today)
    # Nobody else gathers statistics on temporary tables.
    connection.exec_driver_sql("ANALYZE reporting_period, code_list, successor, reporting_district")
    for table, statement in _LOOKING_BACK.items():
        connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"ANALYZE {table}")
    return len(periods)


def _periods(connection: Connection, forms: Mapping[str, Form], today: date) -> Iterable[tuple[Form, Period, bool]]:
    seen: dict[str, set[str]] = {}
    for row in connection.exec_driver_sql("SELECT DISTINCT form, period FROM known_submission"):
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
    select = f'SELECT DISTINCT "{source.column}" FROM "{source.table}" WHERE "{source.column}" IS NOT NULL'
    return tuple(connection.scalars(text(f"{select} ORDER BY 1")))
