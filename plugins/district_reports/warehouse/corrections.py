"""What a correction changed: by row, matched by the sheet's key, and by total. No names, no identifiers."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, text

from district_reports.forms import forms
from district_reports.model.form import Sheet


class Change(StrEnum):
    """What became of a row."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class RowChange:
    """One row; ``row_number`` is its Excel row in the correction, ``replaced_row_number`` that in the version before.

    ``key`` names it, persons by their tokens. ``columns`` are those outside of the key that differ, or all of them;
    ``before`` and ``after`` hold the PUBLIC ones among them as JSON has them (dates as text).
    """

    change: Change
    key: Mapping[str, Any]
    row_number: int | None
    replaced_row_number: int | None
    columns: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Total:
    """The sum of a column over the loaded rows, in the unit of the form; None where there are none to add up."""

    column: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True)
class SheetChanges:
    """``rows`` in the order of the file, those removed first; ``totals`` of every column of numbers, ``rows`` first."""

    sheet: Sheet
    rows: tuple[RowChange, ...]
    totals: tuple[Total, ...]

    def count(self, change: Change) -> int:
        return sum(row.change is change for row in self.rows)


@dataclass(frozen=True)
class Correction:
    """A submission and the version that it took the place of."""

    submission_id: int
    receipt_id: int
    replaced_submission_id: int
    replaced_receipt_id: int
    form: str
    district_code: str
    period: str
    sheets: tuple[SheetChanges, ...]


def correction_of(connection: Connection, receipt_id: int) -> Correction | None:
    """What the submission of a receipt changed; None if it took no other's place (see :func:`why_none`).

    As the loader or the publisher.
    """
    found = connection.execute(
        text("SELECT * FROM history.correction WHERE receipt_id = :receipt"), {"receipt": receipt_id}
    ).one_or_none()
    # The facts of a form that is no longer declared stay, and nobody knows their key any more.
    if found is None or found.form not in forms():
        return None
    return Correction(
        found.submission_id,
        found.receipt_id,
        found.replaced_submission_id,
        found.replaced_receipt_id,
        found.form,
        found.district_code,
        found.period,
        tuple(_sheet_changes(connection, sheet, found.submission_id) for sheet in forms()[found.form].sheets),
    )


def why_none(connection: Connection, receipt_id: int) -> str:
    """In a sentence why the receipt corrected nothing; as the loader."""
    found = connection.execute(
        text("SELECT form, lane, outcome FROM ledger.submission WHERE receipt_id = :receipt"), {"receipt": receipt_id}
    ).one_or_none()
    if found is None:
        return f"there is no receipt {receipt_id}"
    if found.outcome is None:
        return f"receipt {receipt_id} is still to be decided"
    if found.outcome not in ("accepted", "accepted_with_errors") or found.lane != "上报":
        return f"receipt {receipt_id} ({found.lane}) ended as {found.outcome}, and loaded nothing"
    return f"receipt {receipt_id} took the place of no other version"


def _sheet_changes(connection: Connection, sheet: Sheet, submission_id: int) -> SheetChanges:
    values = {"id": submission_id}
    rows = connection.execute(
        text(
            f'SELECT * FROM history."{sheet.table}" WHERE submission_id = :id'
            " ORDER BY row_number NULLS FIRST, replaced_row_number"
        ),
        values,
    )
    totals = connection.execute(
        text(f'SELECT column_name, before, after FROM history."{sheet.table}_total" WHERE submission_id = :id'), values
    )
    return SheetChanges(
        sheet,
        tuple(
            RowChange(
                Change(row.change),
                row.key,
                row.row_number,
                row.replaced_row_number,
                tuple(row.columns),
                row.before or {},
                row.after or {},
            )
            for row in rows
        ),
        tuple(Total(row.column_name, row.before, row.after) for row in totals),
    )
