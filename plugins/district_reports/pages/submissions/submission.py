"""One submission, and all others of its form, district and period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import HTTPException
from sqlalchemy import Connection, Row, text

from district_reports import clock
from district_reports.database.engine import Role, engine
from district_reports.forms import forms
from district_reports.ledger.locks import taken_until
from district_reports.ledger.records import counts_of
from district_reports.model.finding import SheetCount
from district_reports.model.period import Period
from district_reports.pages.access import require_district
from district_reports.pages.data import reading
from district_reports.users import Viewer

VERSIONS_SHOWN = 100
"""Nobody reports so often; what is tried in 预检 may be many."""


@dataclass(frozen=True)
class Submission:
    """A row of ``ledger.submission`` with its receipt's file name, and what stands beside it.

    ``versions`` are the latest of its form, district and period, newest first; of a file without identity only itself.
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


def row_of(viewer: Viewer, submission_id: int) -> Row[Any]:
    """The submission, with its receipt's ``file_name`` and ``noted_at``.

    Raises:
        HTTPException: 404, there is none that the viewer sees.
    """
    with reading(viewer) as connection:
        return _row(connection, viewer, submission_id)


def submission(connection: Connection, viewer: Viewer, submission_id: int) -> Submission:
    """The submission with everything about it but its findings.

    Raises:
        HTTPException: 404, as :func:`row_of`.
    """
    row = _row(connection, viewer, submission_id)
    versions: Sequence[Row[Any]] = [row]
    if row.form is not None:
        versions = connection.execute(
            text(
                "SELECT submission_id, receipt_id, form, district_code, period, channel, outcome, nil_return,"
                " withdraws, withdrawn_by, restores, recheck_of, duplicate_of, replaced_by, received_at, decided_at"
                " FROM ledger.submission WHERE form = :form AND district_code = :district_code AND period = :period"
                " ORDER BY receipt_id DESC LIMIT :limit"
            ),
            {**row._mapping, "limit": VERSIONS_SHOWN},
        ).all()
    form = forms().get(row.form or "")
    period = Period.parse(row.period) if form else None
    return Submission(
        row,
        counts_of(connection, submission_id),
        versions,
        form.due_on(period) if form and period else None,
        taken_until(connection, form, row.district_code, period) if form and period else None,
    )


def in_force(row: Row[Any]) -> int | None:
    """The submission in force of the same key; for a submission that the viewer was found to see."""
    if row.form is None:
        return None
    with engine(Role.LOADER).begin() as connection:
        found: int | None = connection.scalar(
            text(
                "SELECT submission_id FROM ledger.in_force"
                " WHERE form = :form AND district_code = :district_code AND period = :period"
            ),
            dict(row._mapping),
        )
    return found


def _row(connection: Connection, viewer: Viewer, submission_id: int) -> Row[Any]:
    row = connection.execute(
        text(
            "SELECT s.*, r.file_name, r.size_bytes, r.noted_at, r.settled_at, s.lease_until > clock_timestamp() AS held"
            " FROM ledger.submission AS s JOIN ledger.receipt AS r USING (receipt_id) WHERE s.submission_id = :id"
        ),
        {"id": submission_id},
    ).one_or_none()
    if row is None:
        raise HTTPException(404)
    # Row security has seen to it; said once more where it is relied on beyond the database.
    require_district(viewer, row.district_code)
    return row
