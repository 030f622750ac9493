"""One report and the exceptions to its lock: what the form shows, and what is recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from district_reports.ledger.locks import (
    LockException,
    grant,
    history,
    objection_to_day,
    objection_to_reason,
    revoke,
    typed,
)
from district_reports.ledger.status import ReportStatus, statuses_of
from district_reports.ledger.viewing import reading, writing
from district_reports.pages.progress.query import Key
from district_reports.reference.register import Register
from district_reports.users import Viewer


@dataclass(frozen=True, kw_only=True)
class Case:
    """A report, where it stands, and every exception that was ever recorded for it, the latest first."""

    key: Key
    status: ReportStatus
    current: LockException | None
    recorded: Sequence[LockException]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What somebody filled in; ``errors`` by field, each a key of the page's words."""

    until: str = ""
    reason: str = ""
    errors: Mapping[str, str]


def case_of(viewer: Viewer, register: Register, key: Key, today: date) -> Case:
    """Where the report stands on the day `today`."""
    with reading(viewer) as connection:
        statuses = statuses_of(connection, register, [(key.form, key.period)], today)
        recorded = [each for each in reversed(history(connection)) if each.key == key.report]
    return Case(
        key=key,
        status=next(each for each in statuses if each.district.code == key.district.code),
        current=next((each for each in recorded[:1] if each.in_force(today)), None),
        recorded=recorded,
    )


def extend(keys: Sequence[Key], until: str, reason: str, viewer: Viewer, today: date) -> Given | None:
    """Record that the reports are taken until the end of the day `until`, all of them or none.

    What is wrong with it; None when it is done.
    """
    errors = {}
    day, why = _day(until), typed(reason)
    if day is None:
        errors["until"] = "no_day"
    elif objections := [
        objection for key in keys if (objection := objection_to_day(key.form, key.period, day, today)) is not None
    ]:
        errors["until"] = str(objections[0])
    if (to_reason := objection_to_reason(why)) is not None:
        errors["reason"] = str(to_reason)
    if errors or day is None:
        return Given(until=until, reason=reason, errors=errors)
    with writing(viewer) as connection:
        for key in keys:
            grant(connection, key.form, key.district.code, key.period, day, reason=why, by=viewer.name)
    return None


def take_back(key: Key, reason: str, viewer: Viewer, today: date) -> Given | None:
    """Record that the exception in force has ended; what is wrong with it, None when it is done or there is none."""
    why = typed(reason)
    if (objection := objection_to_reason(why)) is not None:
        return Given(errors={"revoke_reason": str(objection)})
    with writing(viewer) as connection:
        revoke(connection, key.form, key.district.code, key.period, today, reason=why, by=viewer.name)
    return None


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        return None
