"""How what did not go through the pipeline comes to stand as accepted, so that the same release can be made of it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from district_reports.forms import forms
from district_reports.model.form import Privacy
from district_reports.warehouse.tables import tables_of, token_column

_SUBMISSION = text("""
WITH receipt AS (
    INSERT INTO ledger.receipt
        (district_code, folder, file_name, channel, sha256, size_bytes, inode, modified_ns, received_at, archived_as,
        settled_at)
    VALUES (:district, :district, :form || :period, '上报', :digest, 0, 0, 0, clock_timestamp(), '-', clock_timestamp())
    RETURNING receipt_id, received_at
)
INSERT INTO ledger.submission
    (receipt_id, form, period, district_code, channel, sha256, state, outcome, reason, rules_hash, library_version,
    received_at, decided_at, answered_at, answered_as)
SELECT receipt_id, :form, :period, :district, '上报', :digest, 'answered', 'accepted', '-', '-', '-',
    received_at, clock_timestamp(), clock_timestamp(), '-'
FROM receipt
RETURNING submission_id, decided_at
""")


class Noted(NamedTuple):
    submission_id: int
    decided_at: datetime


def note_submission(connection: Connection, form: str, district: str, period: str) -> Noted:
    """Enter a workbook as accepted and answered."""
    values = {"form": form, "district": district, "period": period, "digest": "0" * 64}
    return Noted(*connection.execute(_SUBMISSION, values).one())


def fill_facts(connection: Connection) -> None:
    """Copy ``staging.<sheet table>``, as to_sql made it, into the tables that the summaries read: ``facts``.

    Identifiers stand there as they are, where the pipeline has tokens.
    """
    of_sheet = tables_of(forms().values())
    for form in forms().values():
        keys = " UNION ".join(f"SELECT district_code, period FROM staging.{sheet.table}" for sheet in form.sheets)
        for district, period in connection.execute(text(keys)).all():
            note_submission(connection, form.key, district, period)
        for sheet in form.sheets:
            # pandas made a column of nothing but nulls a text.
            values = {
                token_column(column.name) if column.privacy is Privacy.IDENTIFIER else column.name: column.name
                for column in sheet.columns
                if column.privacy is not Privacy.PRIVATE
            }
            kinds = {column.name: column.type.compile() for column in of_sheet[sheet.table].facts.columns}
            selected = ", ".join(f'staged."{theirs}"::{kinds[ours]}' for ours, theirs in values.items())
            named = ", ".join(f'"{name}"' for name in values)
            connection.execute(
                text(
                    f"INSERT INTO facts.{sheet.table}"
                    f" (submission_id, period, district_code, row_number, known_from, {named})"
                    f" SELECT submission_id, period, district_code, row_number, decided_at, {selected}"
                    f" FROM staging.{sheet.table} AS staged JOIN ledger.submission USING (district_code, period)"
                    " WHERE form = :form"
                ),
                {"form": form.key},
            )
