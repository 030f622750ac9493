"""The one clock: Asia/Shanghai, or a played day for demos, training and tests (docs/contract.md, "The clock")."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from district_reports.errors import ConfigurationError
from district_reports.settings import settings

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment in Asia/Shanghai; on a played day, that day at the real time of day.

    Raises:
        ConfigurationError: ``DISTRICT_REPORTS_TODAY`` is not an ISO date.
    """
    present = datetime.now(ZONE)
    played = settings().today
    if played is None:
        return present
    try:
        day = date.fromisoformat(played)
    except ValueError as error:
        raise ConfigurationError(f"DISTRICT_REPORTS_TODAY={played!r} is not a date like 2020-07-04") from error
    return present.replace(year=day.year, month=day.month, day=day.day)


def today() -> date:
    """The present day in Asia/Shanghai."""
    return now().date()
