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
- ``earlier``, ``previous``, ``first_of_year``: form, period, district_code, submission_id, earlier_submission_id,
  earlier_period. For each report in force those before it: all of them; that of the district's last accepted period;
  the first of the calendar year. In the first after a merger ``previous`` has several, the district's own and those
  of the districts that were merged into it, and ``first_of_year`` has them until the year ends.
- ``unit``: form, period, district_code, sheet, expected, reported. Of the schools that owe a row of the sheet by the
  register, on the period's last day, how many there are and how many have a row in the report in force.
- ``code_list``: form, table_name, column_name, code, position. The forms' own code lists, with 全部 at position 0, and
  是 and 否 of the columns that say yes or no.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import Connection, text

from district_reports.database.copying import copy_rows
from district_reports.forms import forms as declared_forms
from district_reports.model.derived import ExpectedSchools
from district_reports.model.form import Form, ReferenceCodes, Type
from district_reports.model.period import Period
from district_reports.moment.boundaries import find_districts

AREA_KEY = ("period", "level", "area_code")
EVERYTHING = "全部"
YES, NO = "是", "否"

_RELATIONS = """
CREATE TEMP TABLE reporting_period (
    form text, period text, first_day date, last_day date, due_on date, locks_on date, reported boolean,
    PRIMARY KEY (form, period)
) ON COMMIT DROP;

CREATE TEMP TABLE code_list (
    form text, table_name text, column_name text, code text, position integer,
    PRIMARY KEY (form, table_name, column_name, code)
) ON COMMIT DROP;

CREATE TEMP TABLE unit (
    form text, period text, district_code text, sheet text, expected integer, reported integer
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
_SO_FAR = """
CREATE TEMP TABLE so_far ON COMMIT DROP AS
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
FROM so_far
WHERE left(reported_period, 4) = left(period, 4)
"""
_EARLIER = """
CREATE TEMP TABLE earlier ON COMMIT DROP AS
SELECT form, period, district_code, submission_id, earlier_submission_id, reported_period AS earlier_period
FROM so_far
WHERE reported_period < period
"""
_FIRST_OF_YEAR = """
CREATE TEMP TABLE first_of_year ON COMMIT DROP AS
SELECT DISTINCT ON (form, period, district_code, reported_by)
    year_to_date.form, year_to_date.period, year_to_date.district_code, in_force.submission_id,
    year_to_date.submission_id AS earlier_submission_id, reported_period AS earlier_period
FROM year_to_date
JOIN in_force USING (form, period, district_code)
WHERE reported_period < year_to_date.period
ORDER BY form, period, district_code, reported_by, reported_period
"""
# A district's last report speaks for it until one comes from the district that it was merged into.
_PREVIOUS = """
CREATE TEMP TABLE previous ON COMMIT DROP AS
WITH latest AS (
    SELECT DISTINCT ON (form, period, district_code, reported_by) *
    FROM so_far
    WHERE reported_period < period
    ORDER BY form, period, district_code, reported_by, reported_period DESC
)
SELECT
    form, period, district_code, submission_id, earlier_submission_id, reported_period AS earlier_period
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
    "so_far": _SO_FAR,
    "year_to_date": _YEAR_TO_DATE,
    "latest_of_year": _LATEST_OF_YEAR,
    "earlier": _EARLIER,
    "previous": _PREVIOUS,
    "first_of_year": _FIRST_OF_YEAR,
}
"""In the order in which each stands on those before it."""
# A merged district's schools are those of the district that speaks for it by the end of the period.
_UNITS = """
INSERT INTO unit
WITH heir AS (
    SELECT DISTINCT ON (district_code, period) district_code, period, into_code
    FROM successor
    JOIN reporting_period ON since <= last_day
    WHERE form = :form
    ORDER BY district_code, period, since DESC
),
owing AS (
    SELECT period, coalesce(into_code, schools.district_code) AS district_code, school_code
    FROM reporting_period
    JOIN schools ON opened_on <= last_day AND (closed_on IS NULL OR last_day < closed_on)
    LEFT JOIN heir USING (period, district_code)
    WHERE form = :form AND school_type = ANY (:school_types)
),
reporting AS (
    SELECT DISTINCT in_force.period, in_force.district_code, "{column}" AS school_code
    FROM facts."{sheet}"
    JOIN in_force USING (submission_id)
)
SELECT :form, period, district_code, '{sheet}', count(*), count(reporting.school_code)
FROM owing
LEFT JOIN reporting USING (period, district_code, school_code)
GROUP BY period, district_code
"""


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
    _count_units(connection, forms.values())
    return len(periods)


def coded(table: str, column: str) -> str:
    """The SQL for a column of facts as its code list has it: 是 or 否 where it is a boolean."""
    name = f'"{table}"."{column}"'
    sheets = (sheet for form in declared_forms().values() for sheet in form.sheets)
    declared = next((sheet.by_name.get(column) for sheet in sheets if sheet.table == table), None)
    if declared is not None and declared.type is Type.YES_NO:
        return f"CASE WHEN {name} THEN '{YES}' WHEN NOT {name} THEN '{NO}' END"
    return name


def _count_units(connection: Connection, forms: Iterable[Form]) -> None:
    for form in forms:
        for sheet in form.sheets:
            for owed in sheet.frames:
                if isinstance(owed, ExpectedSchools):
                    connection.execute(
                        text(_UNITS.format(sheet=sheet.table, column=owed.column)),
                        {"form": form.key, "school_types": list(owed.school_types)},
                    )
    connection.exec_driver_sql("ANALYZE unit")


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
                codes = (YES, NO) if column.type is Type.YES_NO else column.codes
                if not codes:
                    continue
                if isinstance(codes, ReferenceCodes):
                    codes = _reference_codes(connection, codes)
                for position, code in enumerate((EVERYTHING, *codes)):
                    yield form.key, sheet.table, column.name, code, position


def _reference_codes(connection: Connection, source: ReferenceCodes) -> tuple[str, ...]:
    # The forms' own words, not a user's; sorted, since a table has no order of its own.
    select = f'SELECT DISTINCT "{source.column}" FROM "{source.table}" WHERE "{source.column}" IS NOT NULL'
    return tuple(connection.scalars(text(f"{select} ORDER BY 1")))
