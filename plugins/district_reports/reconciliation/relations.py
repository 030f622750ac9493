"""What the rules across submissions read, made anew for each run from the relations of :mod:`district_reports.moment`.

Temporary tables:

- ``compared_report``: form, period, last_day, school_year (the year in whose August it began, by the period's last
  day), district_code, submission_id. The reports in force of the districts that report for the period.
- ``latest_report``: submission_id. Of each form and district the last of them; a merged district's speaks for it until
  its successor has reported since.
- ``one_district``: district_code, other_code, since. Two that count as one for periods that end on this day or later:
  each with itself, and a merged one with its successor.
- ``answering``: district_code, answers_now, speakers. Who answers for a district on the day of the run, and all
  districts for which that one answers: what one of them has explained is explained.
- ``token_twin``: token, first_token. Tokens that another key gave to an identifier which has a token of an earlier key.

Relations of a rule's SELECT (:func:`relations`):

- each sheet under its name: the columns of its facts, tokens as those of the first key, of the reports compared, and
  ``last_day`` and ``school_year`` beside them.
- ``identified_row``: kind, token, table_name, submission_id, row_number, district_code, period, school_year,
  resident_token, school_code. A row for each identifier column of each row, of the kind that its token is salted with.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from district_reports.model.form import Form, Privacy, Sheet, Type
from district_reports.warehouse.tables import SYSTEM_COLUMNS, token_column, token_kind

_TABLES = """
CREATE TEMP TABLE compared_report ON COMMIT DROP AS
SELECT
    form, period, last_day,
    (extract(year FROM last_day)::integer - (extract(month FROM last_day) < 8)::integer)::text AS school_year,
    district_code, submission_id
FROM in_force
JOIN reporting_period USING (form, period);

CREATE TEMP TABLE latest_report ON COMMIT DROP AS
SELECT submission_id
FROM (
    SELECT DISTINCT ON (form, district_code) * FROM compared_report ORDER BY form, district_code, last_day DESC
) AS latest
WHERE NOT EXISTS (
    SELECT FROM successor
    JOIN compared_report AS heir ON heir.district_code = into_code AND since <= heir.last_day
    WHERE heir.form = latest.form AND successor.district_code = latest.district_code
);

CREATE TEMP TABLE speaker ON COMMIT DROP AS
SELECT district_code, into_code AS speaker_code, min(since) AS since
FROM (
    SELECT district_code, district_code AS into_code, '-infinity'::date AS since FROM reporting_district
    UNION ALL
    SELECT into_code, into_code, '-infinity' FROM successor
    UNION ALL
    SELECT district_code, into_code, since FROM successor
) AS each
GROUP BY district_code, into_code;

CREATE TEMP TABLE one_district ON COMMIT DROP AS
SELECT one.district_code, other.district_code AS other_code, min(greatest(one.since, other.since)) AS since
FROM speaker AS one
JOIN speaker AS other USING (speaker_code)
GROUP BY one.district_code, other.district_code;

CREATE TEMP TABLE answering ON COMMIT DROP AS
WITH home AS (
    SELECT district_code, (array_agg(speaker_code ORDER BY since DESC))[1] AS answers_now
    FROM speaker
    WHERE since <= {day}
    GROUP BY district_code
)
SELECT home.district_code, answers_now, array_agg(other.district_code ORDER BY other.district_code) AS speakers
FROM home
JOIN home AS other USING (answers_now)
GROUP BY home.district_code, answers_now;

-- One key is the rule: then nobody looks. The submissions are asked: a key may be used before `migrate` notes it.
CREATE TEMP TABLE token_twin ON COMMIT DROP AS
SELECT token, first_token
FROM reconciliation.token_twins()
WHERE (SELECT min(token_key_version) <> max(token_key_version) FROM ledger.submission);

-- Who asks for no token of a sheet is spared the join: the planner sees that it changes nothing.
ALTER TABLE token_twin ADD PRIMARY KEY (token);

ANALYZE compared_report, latest_report, one_district, answering, token_twin;
"""
_SHEET = """"{table}" AS NOT MATERIALIZED (
    SELECT {columns}, last_day, school_year
    FROM facts."{table}" AS f
    JOIN compared_report USING (submission_id){twins}
)"""
_TWIN = """
    LEFT JOIN token_twin AS "{token} twin" ON "{token} twin".token = f."{token}\""""
_IDENTIFIED = """
    SELECT
        '{kind}'::text AS kind, "{token}" AS token, '{table}'::text AS table_name, submission_id, row_number,
        district_code, period, school_year, {person} AS resident_token, {school} AS school_code
    FROM "{table}"
"""


def make_tables(connection: Connection, day: str) -> None:
    """Make the temporary tables for a run on `day` (an ISO date, by the house clock)."""
    connection.exec_driver_sql(_TABLES.format(day=f"'{day}'::date"))


def relations(forms: Iterable[Form], shared: str) -> str:
    """The relations of a rule's SELECT and the `shared` ones, as a list of common table expressions."""
    sheets = [sheet for form in forms for sheet in form.sheets]
    identified = "    UNION ALL".join(part for sheet in sheets for part in _identified(sheet))
    return ",\n".join(
        [*map(_sheet, sheets), f"identified_row AS NOT MATERIALIZED ({identified})", shared],
    )


def _sheet(sheet: Sheet) -> str:
    tokens = _tokens(sheet)
    public = [column.name for column in sheet.columns if column.privacy is Privacy.PUBLIC]
    columns = [f'f."{name}"' for name in (*SYSTEM_COLUMNS, *public)]
    columns += [f'coalesce("{token} twin".first_token, f."{token}") AS "{token}"' for token in tokens]
    twins = "".join(_TWIN.format(token=token) for token in tokens)
    return _SHEET.format(table=sheet.table, columns=", ".join(columns), twins=twins)


def _identified(sheet: Sheet) -> list[str]:
    by_type = {column.type: column for column in reversed(sheet.columns)}
    person, school = by_type.get(Type.RESIDENT_ID), by_type.get(Type.SCHOOL_CODE)
    return [
        _IDENTIFIED.format(
            kind=token_kind(column),
            token=token_column(column.name),
            table=sheet.table,
            person=f'"{token_column(person.name)}"' if person else "NULL::text",
            school=f'"{school.name}"' if school else "NULL::text",
        )
        for column in sheet.columns
        if column.privacy is Privacy.IDENTIFIER
    ]


def _tokens(sheet: Sheet) -> list[str]:
    return [token_column(column.name) for column in sheet.columns if column.privacy is Privacy.IDENTIFIER]
