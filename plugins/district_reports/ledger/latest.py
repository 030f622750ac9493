"""What speaks for a district: the latest submission of each (form, district, period)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.model.finding import Outcome


@dataclass(frozen=True)
class Latest:
    """The latest submission of a key.

    ``outcome``, ``rules_hash`` and ``checked_at`` are None while it is to be decided. ``content_id`` is the submission
    whose workbook it stands for, which ``sha256`` and ``received_at`` are of: itself, or the version that a withdrawal
    brings back. ``receipt_id`` is that of the district's own drop of it.
    ``withdrawn``: the district took its report back, and nothing stands behind it.
    """

    submission_id: int
    form: str
    district_code: str
    period: str
    outcome: Outcome | None
    rules_hash: str | None
    checked_at: datetime | None
    recheck_of: int | None
    withdrawn: bool
    content_id: int
    receipt_id: int
    sha256: str
    received_at: datetime

    @property
    def title(self) -> str:
        return f"{self.district_code} {self.form} {self.period}"


LATEST = """
    SELECT said.submission_id, said.form, said.district_code, said.period, said.outcome, said.rules_hash,
        said.checked_at, said.recheck_of, said.withdraws IS NOT NULL AND said.restores IS NULL AS withdrawn,
        content.submission_id AS content_id, own_receipt_id AS receipt_id,
        content.sha256, content.received_at
    FROM (
        SELECT DISTINCT ON (form, district_code, period) *
        FROM ledger.counted_report
        WHERE form IS NOT NULL
        ORDER BY form, district_code, period, receipt_id DESC
    ) AS said
    JOIN ledger.submission AS content ON content.submission_id = coalesce(said.restores, said.submission_id)
    JOIN ledger.own_receipt AS own ON own.submission_id = content.submission_id
"""
"""A SELECT of the columns of :class:`Latest`, one row a key."""


def latest(
    connection: Connection, form: str | None = None, district_code: str | None = None, period: str | None = None
) -> Iterator[Latest]:
    """The latest submissions of the keys that these name, in the order of form, district and period; None is any."""
    rows = connection.execute(
        text(
            f"SELECT * FROM ({LATEST}) AS latest WHERE (CAST(:form AS text) IS NULL OR form = :form)"
            " AND (CAST(:district_code AS text) IS NULL OR district_code = :district_code)"
            " AND (CAST(:period AS text) IS NULL OR period = :period) ORDER BY form, district_code, period"
        ),
        {"form": form, "district_code": district_code, "period": period},
    ).all()
    for row in rows:
        yield Latest(**{**row._mapping, "outcome": row.outcome and Outcome(row.outcome)})


def latest_checked(connection: Connection, periods: int) -> Sequence[Row[Any]]:
    """form, period, district_code, receipt_id, outcome, decided_at and checked_as of the latest workbook of each key
    that was decided, of the last `periods` of each form."""
    return connection.execute(
        text(
            """
            SELECT form, period, district_code, receipt_id, outcome, decided_at, checked_as
            FROM (
                SELECT *, dense_rank() OVER (PARTITION BY form ORDER BY period DESC) AS age
                FROM (
                    SELECT DISTINCT ON (form, period, district_code) *
                    FROM ledger.counted_report
                    WHERE withdraws IS NULL AND checked_as IS NOT NULL AND outcome IS NOT NULL
                    ORDER BY form, period, district_code, receipt_id DESC
                ) AS latest
            ) AS aged
            WHERE age <= :periods
            ORDER BY form, period DESC, district_code
            """
        ),
        {"periods": periods},
    ).all()
