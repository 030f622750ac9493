"""One submission, and all others of its form, district and period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports import clock
from district_reports.database.engine import Role, engine
from district_reports.forms import forms
from district_reports.ledger import submissions
from district_reports.ledger.locks import taken_until
from district_reports.ledger.records import counts_of
from district_reports.model.finding import SheetCount
from district_reports.model.period import Period

VERSIONS_SHOWN = 100
"""Nobody reports so often; what is tried in 预检 may be many."""


@dataclass(frozen=True)
class FileHistory:
    """A row of ``ledger.submission`` with its receipt's file name, and what stands beside it.

    ``versions`` are the latest of its form, district and period, newest first, each with ``counts``, whether it says
    anything about its report (``ledger.counted_report``); of a file without identity only the row itself.
    ``due_on`` and ``taken_until`` (the last day on which it is taken) are None for that too, and for a form that is no
    longer declared.
    """

    row: Row[Any]
    counts: Sequence[SheetCount]
    versions: Sequence[Row[Any]]
    due_on: date | None
    taken_until: date | None

    @property
    def by_id(self) -> Mapping[int, Row[Any]]:
        return {version.submission_id: version for version in self.versions}

    @property
    def late_days(self) -> int:
        """So many days after the due date this file came."""
        if self.due_on is None:
            return 0
        received_on: date = self.row.received_at.astimezone(clock.ZONE).date()
        return max(0, (received_on - self.due_on).days)

    def replaced(self, version: Row[Any]) -> bool:
        """Whether a version took the place of another one, with which it can be compared."""
        return any(each.replaced_by == version.submission_id for each in self.versions) and version.outcome in (
            "accepted",
            "accepted_with_errors",
        )


def row_of(connection: Connection, submission_id: int) -> Row[Any] | None:
    """The submission with its receipt's ``file_name`` and ``noted_at``; None where the connection sees none."""
    return connection.execute(
        text(
            "SELECT s.*, r.file_name, r.size_bytes, r.noted_at, r.settled_at, s.lease_until > clock_timestamp() AS held"
            " FROM ledger.submission AS s JOIN ledger.receipt AS r USING (receipt_id) WHERE s.submission_id = :id"
        ),
        {"id": submission_id},
    ).one_or_none()


def file_history(connection: Connection, row: Row[Any]) -> FileHistory:
    """Everything about the submission but its findings; `row` is that of :func:`row_of`."""
    versions: Sequence[Row[Any]] = [row]
    if row.form is not None:
        versions = connection.execute(
            text(
                "SELECT s.submission_id, s.receipt_id, s.form, s.district_code, s.period, s.channel, s.outcome,"
                " s.nil_return, s.withdraws, s.withdrawn_by, s.restores, s.recheck_of, s.duplicate_of, s.replaced_by,"
                " s.received_at, s.decided_at, counted.submission_id IS NOT NULL AS counts"
                " FROM ledger.submission AS s LEFT JOIN ledger.counted_report AS counted USING (submission_id)"
                " WHERE s.form = :form AND s.district_code = :district_code AND s.period = :period"
                " ORDER BY s.receipt_id DESC LIMIT :limit"
            ),
            {**row._mapping, "limit": VERSIONS_SHOWN},
        ).all()
    form = forms().get(row.form or "")
    period = Period.parse(row.period) if form else None
    return FileHistory(
        row,
        counts_of(connection, row.submission_id),
        versions,
        form.due_on(period) if form and period else None,
        taken_until(connection, form, row.district_code, period) if form and period else None,
    )


def in_force(row: Row[Any]) -> int | None:
    """The submission in force of the same key. It is read as the reader, so ask only about a row that was seen."""
    if row.form is None:
        return None
    with engine(Role.READER).begin() as connection:
        return submissions.in_force(connection, row.form, row.district_code, row.period)
