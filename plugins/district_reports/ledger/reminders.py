"""That an officer has called about a report: who, when, about which. Rows are only added; no district reads them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from district_reports import clock
from district_reports.model.form import Form
from district_reports.model.period import Period

NOTE_LENGTH = 100
ReportKey = tuple[str, str, str]
"""Form, district code and period."""


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """The latest of a report; ``number`` counts all of them."""

    note: str
    reminded_by: str
    reminded_at: datetime
    number: int


def remind(connection: Connection, reports: Iterable[ReportKey], *, note: str, by: str) -> None:
    """Record that somebody has called about these reports; on a connection of :func:`.viewing.writing`."""
    at = clock.now()
    connection.execute(
        text(
            "INSERT INTO ledger.reminder (form, district_code, period, note, reminded_by, reminded_at)"
            " VALUES (:form, :district_code, :period, :note, :by, :at)"
        ),
        [
            {"form": form, "district_code": code, "period": period, "note": note, "by": by, "at": at}
            for form, code, period in reports
        ],
    )


def latest_reminders(connection: Connection, columns: Sequence[tuple[Form, Period]]) -> Mapping[ReportKey, Reminder]:
    """The latest reminder of each report of these forms and periods; none for who sees a single district."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT ON (form, district_code, period) form, district_code, period, note, reminded_by,"
            " reminded_at, count(*) OVER (PARTITION BY form, district_code, period) AS number FROM ledger.reminder"
            " WHERE (form, period) IN (SELECT * FROM unnest(CAST(:forms AS text[]), CAST(:periods AS text[])))"
            " ORDER BY form, district_code, period, reminder_id DESC"
        ),
        {"forms": [form.key for form, _ in columns], "periods": [period.text for _, period in columns]},
    )
    return {
        (row.form, row.district_code, row.period): Reminder(
            note=row.note, reminded_by=row.reminded_by, reminded_at=row.reminded_at, number=row.number
        )
        for row in rows
    }
