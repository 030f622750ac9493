"""Which periods are looked at, and which can be reported, on a day."""

from datetime import date

from sqlalchemy import Connection

from district_reports.forms import forms
from district_reports.ledger import locks
from district_reports.model.form import Form
from district_reports.model.period import EXAMPLES, Period


def current_period(form: Form, today: date) -> Period:
    """The period that an officer looks at: the last that has ended, until it locks; then the one that is running."""
    running = Period.containing(form.period_kind, today)
    ended = running.previous()
    return ended if today <= form.locks_on(ended) else running


def open_periods(connection: Connection, district_code: str | None, today: date) -> list[tuple[Form, Period]]:
    """What the district can still report on the day `today`, form by form and the latest first: every period that has
    begun and is not locked, or was reopened for it; without a district, for any that the connection sees."""
    reopened = [
        each for each in locks.in_force(connection, today).values() if district_code in (None, each.district_code)
    ]
    found = []
    for form in forms().values():
        written = set()
        period = Period.containing(form.period_kind, today)
        while today <= form.locks_on(period):
            written.add(period.text)
            period = period.previous()
        # An extension in advance is of a period that is open as well.
        written |= {each.period for each in reopened if each.form == form.key}
        found += [(form, Period.parse(each)) for each in sorted(written, reverse=True)]
    return found


def chosen_periods(written: str | None, today: date) -> list[tuple[Form, Period]]:
    """The forms that are reported for the period `written`; without one, every form and its current period.

    Raises:
        ValueError: it is no period, or of a kind that no form has.
    """
    if written is None:
        return [(form, current_period(form, today)) for form in forms().values()]
    examples = ", ".join(dict.fromkeys(EXAMPLES[form.period_kind] for form in forms().values()))
    try:
        period = Period.parse(written)
    except ValueError as error:
        raise ValueError(f"{error}; write one like {examples}") from error
    chosen = [(form, period) for form in forms().values() if form.period_kind is period.kind]
    if not chosen:
        raise ValueError(f"no form is reported by {period.kind}; write one like {examples}")
    return chosen
