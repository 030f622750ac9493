"""Who has looked at what: rows are only added, and go after :data:`KEPT`.

The database holds to that for everybody, the owner of the table among them (migration 0009): no row is changed, none
goes before it is 180 days old, and the table is not emptied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.database.engine import Role, engine
from district_reports.users import Viewer

KEPT = timedelta(days=400)
"""The work plan asks for 180 days and more (item 30; 等保)."""


class Kind(StrEnum):
    """What was asked for."""

    LOG_IN = "log_in"
    ORIGINAL = "original"
    ANSWER = "answer"
    """The marked copy, or the list in its place."""
    REPORT = "report"
    """The quality report, which quotes cells."""
    FINDINGS = "findings"
    """The page of a submission, with what cells say."""
    CHANGES = "changes"
    SUBMISSIONS = "submissions"
    """The list, with the names of files."""
    CONTACTS = "contacts"
    """Progress, with the names and telephone numbers of clerks."""
    TEMPLATE = "template"
    """A workbook to fill in, with the names and IDs that the last report told."""
    TRACE = "trace"
    TABLE_DOWNLOAD = "table_download"
    DATA_DOCS = "data_docs"
    WORKLIST = "worklist"
    """Items across reports: names and IDs of the own district, or masked."""
    RULING = "ruling"
    """An officer ruled on items, or wanted to."""
    RELEASE_OUTSIDE = "release_outside"
    """An officer asked that figures leave the house, approved, returned or revoked, or wanted to."""
    BUNDLE = "bundle"
    """What has left, as files to take along."""
    ACCESS_LOG = "access_log"


@dataclass(frozen=True)
class Wanted:
    """Which rows; empty is "all". ``since`` and ``until`` (excluded) are moments."""

    since: datetime | None = None
    until: datetime | None = None
    viewer: str = ""
    kind: str = ""

    @property
    def conditions(self) -> str:
        given = {
            "at >= :since": self.since,
            "at < :until": self.until,
            "viewer = :viewer": self.viewer,
            "kind = :kind": self.kind,
        }
        return " AND ".join(condition for condition, value in given.items() if value) or "true"


def record(kind: Kind, status: int, address: str, viewer: Viewer | None, subject: str = "") -> None:
    """Add a row, in a transaction of its own as the pages' role; the moment is the server's.

    `status` is the HTTP status of the answer. `viewer` is None for somebody whom the table of users does not name: what
    was typed as a name may be a password. `subject` names a submission, a table or a period, and no person.
    """
    with engine(Role.PAGES).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO ledger.access_log (kind, status, address, viewer, role, district_code, subject)"
                " VALUES (:kind, :status, :address, :viewer, :role, :district_code, :subject)"
            ),
            {
                "kind": kind.value,
                "status": status,
                "address": address,
                "viewer": viewer and viewer.name,
                "role": viewer and viewer.role.value,
                "district_code": viewer and viewer.district_code,
                "subject": subject,
            },
        )


def read(connection: Connection, wanted: Wanted, limit: int, offset: int = 0) -> Sequence[Row[Any]]:
    """Rows, the latest first, on a connection of :func:`.viewing.reading`; none for who may not see the log."""
    return connection.execute(
        text(
            "SELECT access_id, at, viewer, role, district_code, address, kind, subject, status FROM ledger.access_log"
            f" WHERE {wanted.conditions} ORDER BY access_id DESC LIMIT :limit OFFSET :offset"
        ),
        {**vars(wanted), "limit": limit, "offset": offset},
    ).all()


def count(connection: Connection, wanted: Wanted) -> int:
    """How many rows there are."""
    asked = text(f"SELECT count(*) FROM ledger.access_log WHERE {wanted.conditions}")
    parameters: Mapping[str, object] = vars(wanted)
    return int(connection.scalar(asked, parameters) or 0)


def forget_old(connection: Connection, kept: timedelta = KEPT) -> int:
    """Remove what is older than `kept`, and than 180 days in any case; how many rows. As the loader."""
    return int(connection.scalar(text("SELECT ledger.forget_access(:kept)"), {"kept": kept}) or 0)
