"""Which validations the data docs show: of the last periods of each form, those of each district's latest file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from district_reports import clock
from district_reports.ledger.latest import latest_checked
from district_reports.model.finding import Outcome
from district_reports.model.validation import FrameResult
from district_reports.storage.checked_snapshot import load_validation

PERIODS = 6
"""Of each form; what is older leaves the site, so that it does not grow for ever."""


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
    for row in latest_checked(connection, periods):
        yield Source(
            row.form,
            row.period,
            row.district_code,
            row.receipt_id,
            Outcome(row.outcome),
            row.decided_at.astimezone(clock.ZONE),
            load_validation(archive / row.checked_as),
        )
