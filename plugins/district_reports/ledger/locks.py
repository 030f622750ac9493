"""Exceptions to the lock of a period: who reopened what for whom, why, and until when.

Rows are only added, and the latest row of a (form, district, period) holds. An exception is revoked by one more row,
whose last day is in the past.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Engine, text

from district_reports import clock
from district_reports.forms import forms
from district_reports.model.form import Form
from district_reports.model.lock import TakenUntil
from district_reports.model.period import Period
from district_reports.printing import printable

REASON_LENGTH = 500


@dataclass(frozen=True, kw_only=True)
class LockException:
    """``until`` is the last day (Asia/Shanghai) on which the report is taken; ``granted_at`` goes by the same clock."""

    form: str
    district_code: str
    period: str
    until: date
    reason: str
    granted_by: str
    granted_at: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        return self.form, self.district_code, self.period

    @property
    def takes_back(self) -> bool:
        """Whether it ended the one before it: its last day had passed when it was recorded."""
        return self.until < self.granted_at.astimezone(clock.ZONE).date()

    def in_force(self, today: date) -> bool:
        """Whether it still matters: its last day has not passed, and lies after the form's own."""
        form = forms().get(self.form)
        return self.until >= today and form is not None and self.until > form.locks_on(Period.parse(self.period))


class Objection(StrEnum):
    """Why an exception can't be meant, or is not recorded."""

    NOT_BEGUN = "not_begun"
    PASSED = "passed"
    """Its last day has passed."""
    NOT_LATER = "not_later"
    """The report is taken until then anyway."""
    NO_REASON = "no_reason"
    LONG_REASON = "long_reason"


def objection_to_day(form: Form, period: Period, until: date, today: date) -> Objection | None:
    """What speaks against an exception until the end of the day `until`, granted on `today`."""
    if today < period.first_day:
        return Objection.NOT_BEGUN
    if until < today:
        return Objection.PASSED
    return Objection.NOT_LATER if until <= form.locks_on(period) else None


def objection_to_reason(reason: str) -> Objection | None:
    """What speaks against a reason as :func:`tidy` leaves it."""
    if not reason:
        return Objection.NO_REASON
    return Objection.LONG_REASON if len(reason) > REASON_LENGTH else None


def tidy(text: str) -> str:
    """A reason or a name as it is recorded: on one line, and nothing in it that is not seen."""
    return printable(text.strip())


def typed(text: str) -> str:
    """A reason from a field of several lines, as it is recorded: one line behind the other."""
    return tidy(" ".join(text.split()))


def grant(
    connection: Connection, form: Form, district_code: str, period: Period, until: date, *, reason: str, by: str
) -> None:
    """Record that the report is taken until the end of the day `until`; as the loader or the pages."""
    connection.execute(
        text(
            "INSERT INTO ledger.lock_exception (form, district_code, period, until, reason, granted_by, granted_at)"
            " VALUES (:form, :district_code, :period, :until, :reason, :by, :at)"
        ),
        {
            "form": form.key,
            "district_code": district_code,
            "period": period.text,
            "until": until,
            "reason": reason,
            "by": by,
            # As a receipt is stamped: on a played day, that day.
            "at": clock.now(),
        },
    )


def revoke(
    connection: Connection, form: Form, district_code: str, period: Period, today: date, *, reason: str, by: str
) -> LockException | None:
    """Record that the exception in force ends with yesterday; the one that was revoked, None if there is none."""
    current = in_force(connection, today).get((form.key, district_code, period.text))
    if current is not None:
        grant(connection, form, district_code, period, today - timedelta(days=1), reason=reason, by=by)
    return current


def history(connection: Connection) -> list[LockException]:
    """Every row ever recorded, oldest first."""
    rows = connection.execute(
        text(
            "SELECT form, district_code, period, until, reason, granted_by, granted_at"
            " FROM ledger.lock_exception ORDER BY exception_id"
        )
    )
    return [LockException(**row._mapping) for row in rows]


def in_force(connection: Connection, today: date) -> dict[tuple[str, str, str], LockException]:
    """The exceptions in force on the day `today`, by (form, district code, period)."""
    latest = {each.key: each for each in history(connection)}
    return {key: latest[key] for key in sorted(latest) if latest[key].in_force(today)}


def taken_until(connection: Connection, form: Form, district_code: str, period: Period) -> date:
    """The last day on which the report is taken; an exception never shortens what the form allows."""
    until: date | None = connection.scalar(
        text(
            "SELECT until FROM ledger.lock_exception"
            " WHERE form = :form AND district_code = :district_code AND period = :period"
            " ORDER BY exception_id DESC LIMIT 1"
        ),
        {"form": form.key, "district_code": district_code, "period": period.text},
    )
    return max(form.locks_on(period), until or date.min)


def locks_in(engine: Engine) -> TakenUntil:
    """What a check may ask the warehouse behind `engine`."""

    def asked(form: Form, district_code: str, period: Period) -> date:
        with engine.begin() as connection:
            return taken_until(connection, form, district_code, period)

    return asked
