"""Which validations the data docs show: of the last periods of each form, those of each district's latest file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, text

from district_reports import clock
from district_reports.model.finding import Outcome
from district_reports.model.validation import FrameResult
from district_reports.storage.checked_snapshot import load_validation

PERIODS = 6
"""Of each form; what is older leaves the site, so that it does not grow for ever."""

_LATEST = text(
    """
    SELECT form, period, district_code, receipt_id, outcome, decided_at, checked_as
    FROM (
        SELECT *, dense_rank() OVER (PARTITION BY form ORDER BY period DESC) AS age
        FROM (
            SELECT DISTINCT ON (form, period, district_code) *
            FROM ledger.submission
            WHERE channel = '上报' AND form IS NOT NULL AND withdraws IS NULL AND checked_as IS NOT NULL
                AND outcome IN ('accepted', 'accepted_with_errors', 'rejected')
            ORDER BY form, period, district_code, receipt_id DESC
        ) AS latest
    ) AS aged
    WHERE age <= :periods
    ORDER BY form, period DESC, district_code
    """
)


@dataclass(frozen=True)
class Source:
    """A submission and what Great Expectations found in it; ``frames`` is empty where nothing was kept."""

    form: str
    period: str
    district_code: str
    receipt_id: int
    outcome: Outcome
    decided_at: datetime
    frames: tuple[FrameResult, ...]


def sources(connection: Connection, archive: Path, periods: int = PERIODS) -> Iterator[Source]:
    """The latest decided file of each (form, period, district) of the last `periods`; as the loader."""
    for row in connection.execute(_LATEST, {"periods": periods}).all():
        yield Source(
            row.form,
            row.period,
            row.district_code,
            row.receipt_id,
            Outcome(row.outcome),
            row.decided_at.astimezone(clock.ZONE),
            load_validation(archive / row.checked_as),
        )
