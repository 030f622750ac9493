"""What a correction changed: by row, matched by the sheet's key, and by total. No names, no identifiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, text

from district_reports.forms import forms
from district_reports.ledger.submissions import submission_of_receipt
from district_reports.model.channel import UPLOAD_CHANNEL
from district_reports.model.form import Form, Privacy, Sheet
from district_reports.warehouse.correction_views import value_of
from district_reports.warehouse.tables import tables_of


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


@dataclass(frozen=True)
class SheetComparison:
    """How many rows of a sheet a correction added, removed and changed; ``totals`` as in :class:`SheetChanges`."""

    sheet: Sheet
    added: int
    removed: int
    changed: int
    totals: tuple[Total, ...]


@dataclass(frozen=True)
class Comparison:
    """A :class:`Correction` in numbers."""

    replaced_submission_id: int
    sheets: tuple[SheetComparison, ...]


def correction_of(connection: Connection, receipt_id: int) -> Correction | None:
    """What the submission of a receipt changed; None if it took no other's place (see :func:`why_none`).

    As the loader, the publisher or the reader.
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


def comparison_of(connection: Connection, receipt_id: int) -> Comparison | None:
    """The numbers of :func:`correction_of` without its rows: a fraction of a second where 50,000 rows changed."""
    found = connection.execute(
        text("SELECT submission_id, replaced_submission_id, form FROM history.correction WHERE receipt_id = :receipt"),
        {"receipt": receipt_id},
    ).one_or_none()
    if found is None or found.form not in forms():
        return None
    # Rows loaded a moment ago are in no statistics yet: PostgreSQL takes 50,000 for one, and loops for minutes.
    connection.execute(text("SET LOCAL enable_nestloop = off"))
    compared = Comparison(
        found.replaced_submission_id,
        tuple(
            _sheet_comparison(connection, sheet, found.submission_id, found.replaced_submission_id)
            for sheet in forms()[found.form].sheets
        ),
    )
    connection.execute(text("SET LOCAL enable_nestloop TO DEFAULT"))
    return compared


def why_none(connection: Connection, receipt_id: int) -> str:
    """In a sentence why the receipt corrected nothing; as the loader."""
    found = submission_of_receipt(connection, receipt_id)
    if found is None:
        return f"there is no receipt {receipt_id}"
    if found.outcome is None:
        return f"receipt {receipt_id} is still to be decided"
    if found.outcome not in ("accepted", "accepted_with_errors") or found.channel != UPLOAD_CHANNEL:
        return f"receipt {receipt_id} ({found.channel}) ended as {found.outcome}, and loaded nothing"
    return f"receipt {receipt_id} took the place of no other version"


def rows_moved(connection: Connection, form: Form, before: int | None, after: int | None) -> dict[str, tuple[int, int]]:
    """By facts table: how many rows only submission `before` has, and how many only `after`; None has none."""
    moved = {}
    for name, tables in tables_of([form]).items():
        facts = tables.facts
        own = ("submission_id", "known_from", "known_until", "ended_by")
        columns = ", ".join(f'"{column.name}"' for column in facts.columns if column.name not in own)
        rows = f'SELECT {columns} FROM facts."{facts.name}" WHERE submission_id = '
        moved[name] = tuple(
            connection.execute(
                text(f"SELECT count(*) FROM ({rows} :one EXCEPT ALL {rows} :other) AS left_over"),
                {"one": one, "other": other},
            ).scalar_one()
            for one, other in ((before, after), (after, before))
        )
    return moved


def _sheet_changes(connection: Connection, sheet: Sheet, submission_id: int) -> SheetChanges:
    rows = connection.execute(
        text(
            f'SELECT * FROM history."{sheet.table}" WHERE submission_id = :id'
            " ORDER BY row_number NULLS FIRST, replaced_row_number"
        ),
        {"id": submission_id},
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
        _totals(connection, sheet, submission_id),
    )


def _totals(connection: Connection, sheet: Sheet, submission_id: int) -> tuple[Total, ...]:
    rows = connection.execute(
        text(f'SELECT column_name, before, after FROM history."{sheet.table}_total" WHERE submission_id = :id'),
        {"id": submission_id},
    )
    return tuple(Total(row.column_name, row.before, row.after) for row in rows)


def _sheet_comparison(connection: Connection, sheet: Sheet, new: int, old: int) -> SheetComparison:
    """Keys are unique among the rows that loaded, so a row that is new or changed and whose key is not new changed."""
    keys = [value_of(column)[1] for column in sheet.columns if column.key]
    values = [value_of(column)[1] for column in sheet.columns]
    added, moved = _only_in(connection, sheet, keys, new, old), _only_in(connection, sheet, values, new, old)
    removed = _only_in(connection, sheet, keys, old, new)
    return SheetComparison(sheet, added, removed, moved - added, _totals(connection, sheet, new))


def _only_in(connection: Connection, sheet: Sheet, columns: Sequence[str], one: int, other: int) -> int:
    """How many rows of submission `one` are in no row of `other`, as far as `columns` tell."""
    rows = f'SELECT {", ".join(columns)} FROM facts."{sheet.table}" AS f'
    if any(column.privacy is Privacy.PRIVATE for column in sheet.columns):
        rows += (
            f' LEFT JOIN identities."{sheet.table}" AS i'
            " ON i.submission_id = f.submission_id AND i.row_number = f.row_number"
        )
    rows += " WHERE f.submission_id = "
    number: int = connection.execute(
        text(f"SELECT count(*) FROM ({rows} :one EXCEPT {rows} :other) AS left_over"), {"one": one, "other": other}
    ).scalar_one()
    return number
