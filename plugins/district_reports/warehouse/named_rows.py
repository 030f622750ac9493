"""``identities.named_row``: every identifier of every row with the person's name beside it, generated from the forms.

Names and identifiers are compared through it (``reconciliation.differing_names`` and others), whatever sheet they stand
in, by a role that reads nothing else.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from district_reports.model.form import Form, Privacy, Sheet, Type
from district_reports.warehouse.tables import IDENTITIES, token_column, token_kind

_ROWS = """
SELECT
    '{table}'::text AS table_name, '{kind}'::text AS kind, submission_id, row_number, "{token}" AS token,
    "{identifier}" AS identifier, {name} AS name
FROM {schema}."{table}"
"""


def ensure_named_rows(connection: Connection, forms: Iterable[Form]) -> None:
    """Make the view, or make it anew."""
    rows = "UNION ALL".join(part for form in forms for sheet in form.sheets for part in _of_sheet(sheet))
    connection.exec_driver_sql(f"CREATE OR REPLACE VIEW {IDENTITIES}.named_row AS {rows}")


def person_name(sheet: Sheet) -> str | None:
    """The column with the name of the person whom a row is about."""
    names = (name for name in sheet.who if sheet.by_name[name].privacy is Privacy.PRIVATE)
    return next((name for name in names if sheet.by_name[name].type is Type.TEXT), None)


def _of_sheet(sheet: Sheet) -> Iterator[str]:
    name = person_name(sheet)
    for column in sheet.columns:
        if column.privacy is Privacy.IDENTIFIER:
            yield _ROWS.format(
                schema=IDENTITIES,
                table=sheet.table,
                kind=token_kind(column),
                token=token_column(column.name),
                identifier=column.name,
                name=f'"{name}"' if name else "NULL::text",
            )
