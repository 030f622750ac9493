"""Until when a report is taken (docs/contract.md, "The clock")."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from district_reports.model.period import Period

if TYPE_CHECKING:
    from district_reports.model.form import Form

TakenUntil = Callable[["Form", str, Period], date]
"""Form, district code and period → the last day on which that report is taken; received later, it is F09 locked."""


def as_declared(form: "Form", _district_code: str, period: Period) -> date:
    """What the form says, where no warehouse is asked for exceptions."""
    return form.locks_on(period)


def judged_at_receipt(_form: "Form", _district_code: str, _period: Period) -> date:
    """For a file that was taken already: an exception that has been revoked since does not lock it out."""
    return date.max
