"""What each correction changed, as views of the schema ``history``, generated from the form's declaration.

- ``history.correction``: each accepted submission that replaced another one when it was decided.
- ``history.<sheet table>``: a row for each row that a correction added, removed or changed, matched by the sheet's key:
  submission_id, replaced_submission_id, period, district_code, change, row_number and replaced_row_number (as in
  Excel), ``key`` (persons by their tokens), ``columns`` (the names of those that differ), ``before`` and ``after`` (the
  PUBLIC ones among them). Of names and identifiers it says that they differ, and no more.
- ``history.<sheet table>_total``: the number of rows (column_name ``rows``) and the sum of each PUBLIC column of
  numbers, before and after.

Rows whose tokens were made under another key version do not match: they count as removed and added.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from district_reports.model.form import Column, Form, Privacy, Sheet, Type
from district_reports.warehouse.tables import token_column

_ROWS = """
CREATE OR REPLACE VIEW history."{table}" AS
WITH correction AS NOT MATERIALIZED (
    SELECT submission_id, replaced_submission_id, period, district_code FROM history.correction WHERE form = '{form}'
)
SELECT
    correction.*, 'added' AS change, a.row_number, NULL::integer AS replaced_row_number,
    {key_a} AS key, ARRAY[{names}]::text[] AS columns, NULL::jsonb AS before, {all_a} AS after
FROM correction
JOIN facts."{table}" AS a USING (submission_id, period, district_code)
WHERE NOT EXISTS (SELECT FROM facts."{table}" AS b WHERE b.submission_id = replaced_submission_id AND {same_key})
UNION ALL
SELECT
    correction.*, 'removed', NULL, b.row_number, {key_b}, ARRAY[{names}]::text[], {all_b}, NULL
FROM correction
JOIN facts."{table}" AS b ON b.submission_id = replaced_submission_id
WHERE NOT EXISTS (
    SELECT FROM facts."{table}" AS a WHERE a.submission_id = correction.submission_id AND {same_key}
)
UNION ALL
SELECT
    correction.*, 'changed', a.row_number, b.row_number, {key_a},
    differing.columns, differing.before, differing.after
FROM correction
JOIN facts."{table}" AS a USING (submission_id, period, district_code)
JOIN facts."{table}" AS b ON b.submission_id = replaced_submission_id AND {same_key}
{identities}
CROSS JOIN LATERAL (
    SELECT
        array_agg(name ORDER BY place) AS columns,
        jsonb_object_agg(name, was) FILTER (WHERE is_public) AS before,
        jsonb_object_agg(name, becomes) FILTER (WHERE is_public) AS after
    FROM (VALUES {compared}) AS compared (place, name, is_public, was, becomes)
    WHERE was IS DISTINCT FROM becomes
) AS differing
WHERE ({values_a}) IS DISTINCT FROM ({values_b})
"""
_IDENTITIES = """
LEFT JOIN identities."{table}" AS ia ON ia.submission_id = a.submission_id AND ia.row_number = a.row_number
LEFT JOIN identities."{table}" AS ib ON ib.submission_id = b.submission_id AND ib.row_number = b.row_number
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
    facts = [column for column in sheet.columns if column.privacy is not Privacy.PRIVATE]
    key = [_fact(column) for column in facts if column.key]
    private = [column.name for column in sheet.columns if column.privacy is Privacy.PRIVATE]
    sides = {
        side: [*(f'{side}."{_fact(column)}"' for column in facts), *(f'i{side}."{name}"' for name in private)]
        for side in ("a", "b")
    }
    names = [*(_fact(column) for column in facts), *private]
    public = [column.privacy is Privacy.PUBLIC for column in facts] + [False] * len(private)
    compared = [
        f"({place}, '{name}', {is_public}, to_jsonb({was}), to_jsonb({becomes}))"
        for place, (name, is_public, was, becomes) in enumerate(zip(names, public, sides["b"], sides["a"], strict=True))
    ]
    shown = [column.name for column in facts if column.privacy is Privacy.PUBLIC]
    return _ROWS.format(
        table=sheet.table,
        form=form.key,
        names=", ".join(f"'{name}'" for name in names),
        same_key=" AND ".join(f'a."{name}" = b."{name}"' for name in key),
        identities=_IDENTITIES.format(table=sheet.table) if private else "",
        compared=", ".join(compared),
        values_a=", ".join(sides["a"]),
        values_b=", ".join(sides["b"]),
        **{f"key_{side}": _object(side, key) for side in ("a", "b")},
        **{f"all_{side}": _object(side, shown) for side in ("a", "b")},
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


def _fact(column: Column) -> str:
    """The column's name in the facts."""
    return token_column(column.name) if column.privacy is Privacy.IDENTIFIER else column.name


def _object(side: str, names: Sequence[str]) -> str:
    # In pairs through an array of texts it would lose types; a function takes 100 arguments, so 50 columns at a time.
    parts = [names[start : start + 50] for start in range(0, len(names), 50)] or [[]]
    return " || ".join(
        "jsonb_build_object(" + ", ".join(f"'{name}', {side}.\"{name}\"" for name in part) + ")" for part in parts
    )
