"""What each correction changed, as views of the schema ``history``, generated from the form's declaration.

- ``history.correction``: each accepted submission that replaced another one when it was decided.
- ``history.<sheet table>``: a row for each row that a correction added, removed or changed, matched by the sheet's key:
  submission_id, replaced_submission_id, period, district_code, change, row_number and replaced_row_number (as in
  Excel), ``key`` (persons by their tokens), ``columns`` (those outside of the key that differ, or all of them),
  ``before`` and ``after`` (the PUBLIC ones among them). Of names and identifiers it says that they differ, and no more.
- ``history.<sheet table>_total``: the number of rows (column_name ``rows``) and the sum of each PUBLIC column of
  numbers, before and after.

Rows whose tokens were made under another key version do not match: they count as removed and added.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from district_reports.model.form import Column, Form, Privacy, Sheet, Type
from district_reports.warehouse.tables import token_column

# Both versions in one heap, grouped by key: a join of them would rest on statistics that know nothing of a new version.
_ROWS = """
CREATE OR REPLACE VIEW history."{table}" AS
WITH version AS (
    SELECT
        correction.submission_id, replaced_submission_id, correction.period, correction.district_code, is_new,
        f.row_number, {key} AS key, {shown} AS shown, {hidden} AS hidden
    FROM history.correction
    CROSS JOIN LATERAL (VALUES (correction.submission_id, true), (replaced_submission_id, false)) AS side (id, is_new)
    JOIN facts."{table}" AS f ON f.submission_id = side.id
    {identities}
    WHERE form = '{form}'
),
matched AS (
    SELECT
        submission_id, replaced_submission_id, period, district_code, key,
        max(row_number) FILTER (WHERE is_new) AS row_number,
        max(row_number) FILTER (WHERE NOT is_new) AS replaced_row_number,
        (array_agg(shown) FILTER (WHERE NOT is_new))[1] AS before,
        (array_agg(shown) FILTER (WHERE is_new))[1] AS after,
        (array_agg(hidden) FILTER (WHERE NOT is_new))[1] AS hidden_before,
        (array_agg(hidden) FILTER (WHERE is_new))[1] AS hidden_after
    FROM version
    GROUP BY submission_id, replaced_submission_id, period, district_code, key
)
SELECT
    submission_id, replaced_submission_id, period, district_code,
    CASE
        WHEN replaced_row_number IS NULL THEN 'added'
        WHEN row_number IS NULL THEN 'removed'
        ELSE 'changed'
    END AS change,
    row_number, replaced_row_number, key, columns,
    (SELECT jsonb_object_agg(name, before -> name) FROM unnest(columns) AS each (name) WHERE before ? name) AS before,
    (SELECT jsonb_object_agg(name, after -> name) FROM unnest(columns) AS each (name) WHERE after ? name) AS after
FROM matched
CROSS JOIN LATERAL (
    SELECT array_agg(name ORDER BY place) AS columns
    FROM unnest(ARRAY[{names}]::text[]) WITH ORDINALITY AS each (name, place)
    WHERE (before || hidden_before) -> name IS DISTINCT FROM (after || hidden_after) -> name
) AS differing
WHERE before IS DISTINCT FROM after OR hidden_before IS DISTINCT FROM hidden_after
"""
_IDENTITIES = """
LEFT JOIN identities."{table}" AS i ON i.submission_id = f.submission_id AND i.row_number = f.row_number
"""
_TOTALS = """
CREATE OR REPLACE VIEW history."{table}_total" AS
SELECT submission_id, replaced_submission_id, period, district_code, column_name, before, after
FROM history.correction
CROSS JOIN LATERAL (
    SELECT count(*) AS "rows", {sums} FROM facts."{table}" AS f WHERE f.submission_id = correction.submission_id
) AS a
CROSS JOIN LATERAL (
    SELECT count(*) AS "rows", {sums} FROM facts."{table}" AS f WHERE f.submission_id = replaced_submission_id
) AS b
CROSS JOIN LATERAL (VALUES {totals}) AS total (column_name, before, after)
WHERE form = '{form}'
"""


def ensure_correction_views(connection: Connection, forms: Iterable[Form]) -> None:
    """Make the views of every sheet of `forms`, or make them anew."""
    for form in forms:
        for sheet in form.sheets:
            # Raw: no parameters, and names of the declaration alone.
            connection.exec_driver_sql(_rows(form, sheet))
            connection.exec_driver_sql(_totals(form, sheet))


def _rows(form: Form, sheet: Sheet) -> str:
    key = [value_of(column) for column in sheet.columns if column.key]
    shown = [value_of(column) for column in sheet.columns if column.privacy is Privacy.PUBLIC and not column.key]
    hidden = [value_of(column) for column in sheet.columns if column.privacy is not Privacy.PUBLIC and not column.key]
    return _ROWS.format(
        table=sheet.table,
        form=form.key,
        key=_object(key),
        shown=_object(shown),
        hidden=_object(hidden),
        names=", ".join(f"'{name}'" for name, _ in (*shown, *hidden)),
        identities=_IDENTITIES.format(table=sheet.table) if any(value.startswith("i.") for _, value in hidden) else "",
    )


def _totals(form: Form, sheet: Sheet) -> str:
    numbers = [column.name for column in sheet.columns if is_counted(column)]
    return _TOTALS.format(
        table=sheet.table,
        form=form.key,
        sums=", ".join(f'sum("{name}") AS "{name}"' for name in numbers) or "NULL",
        totals=", ".join(f'(\'{name}\', b."{name}"::numeric, a."{name}"::numeric)' for name in ("rows", *numbers)),
    )


def is_counted(column: Column) -> bool:
    """Whether the column's values add up to a total."""
    return column.privacy is Privacy.PUBLIC and column.type in (Type.INTEGER, Type.DECIMAL)


def value_of(column: Column) -> tuple[str, str]:
    """The column's name outside of identities, and where its value stands: ``f`` is facts, ``i`` identities."""
    match column.privacy:
        case Privacy.PUBLIC:
            return column.name, f'f."{column.name}"'
        case Privacy.IDENTIFIER:
            return token_column(column.name), f'f."{token_column(column.name)}"'
        case Privacy.PRIVATE:
            return column.name, f'i."{column.name}"'


def _object(values: Sequence[tuple[str, str]]) -> str:
    # A function takes 100 arguments, so 50 columns at a time.
    parts = [values[start : start + 50] for start in range(0, len(values), 50)] or [()]
    return " || ".join(
        "jsonb_build_object(" + ", ".join(f"'{name}', {value}" for name, value in part) + ")" for part in parts
    )
