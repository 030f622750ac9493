"""What happened to a submission, moment by moment, and what is still to come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from district_reports import clock
from district_reports.model.channel import PRECHECK_CHANNEL
from district_reports.pages.submissions.verdicts import Verdict, verdict_of
from district_reports.settings import settings


@dataclass(frozen=True)
class Step:
    """One event: ``key`` is one of ``submissions.step.…``.

    ``moment`` is None for what is still to come; ``after`` is how long after the drop was noted it came, by the real
    clock. ``other`` is the submission that it has to do with.
    """

    key: str
    moment: datetime | None
    after: timedelta | None = None
    other: Row[Any] | None = None
    verdict: Verdict | None = None


def steps(row: Row[Any], others: Mapping[int, Row[Any]]) -> list[Step]:
    """The timeline of a submission; `others` are all of its form, district and period, by id, itself among them.

    The moment of the drop goes by the deployment's clock and all others by the real one; on a played day these move to
    its calendar.
    """
    days = timedelta(0)
    if settings().today is not None:
        days = timedelta(days=(_day(row.received_at) - _day(row.noted_at)).days)
    later = [
        replace(step, moment=step.moment and step.moment + days) for step in (*_work(row), *_aftermath(row, others))
    ]
    return [Step(_beginning(row), row.received_at, None, _object(row, others)), *later]


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.ZONE).date()


def _beginning(row: Row[Any]) -> str:
    if row.recheck_of is not None:
        return "rechecking"
    if row.withdraws is not None:
        return "withdrawal_by_district" if row.withdrawn_by is None else "withdrawal_by_office"
    return "dropped_to_check" if row.channel == PRECHECK_CHANNEL else "dropped"


def _object(row: Row[Any], others: Mapping[int, Row[Any]]) -> Row[Any] | None:
    return others.get(row.recheck_of or row.withdraws or 0)


def _work(row: Row[Any]) -> Iterator[Step]:
    def step(key: str, moment: datetime | None, **more: Any) -> Step:
        return Step(key, moment, None if moment is None else max(moment - row.noted_at, timedelta(0)), **more)

    yield step("archived", row.noted_at)
    # A file without identity is decided when it is received, and of a withdrawal there is nothing to check.
    if row.form is not None and row.withdraws is None:
        yield step("checked", row.checked_at)
    yield step("decided", row.decided_at, verdict=verdict_of(row) if row.outcome else None)
    told_nothing = row.state == "answered" and row.answered_as is None
    yield step("not_answered" if told_nothing else "answered", row.answered_at)


def _aftermath(row: Row[Any], others: Mapping[int, Row[Any]]) -> Iterator[Step]:
    """What other submissions of its key did to it, in the order of time."""
    later = [Step("duplicate_of", row.decided_at, None, others.get(row.duplicate_of))] if row.duplicate_of else []
    for other in others.values():
        if other.withdraws == row.submission_id and other.outcome not in (None, "rejected"):
            later.append(Step("withdrawn", other.decided_at, None, other))
        elif other.submission_id == row.replaced_by:
            later.append(Step("superseded", other.decided_at, None, other))
        if other.recheck_of == row.submission_id:
            later.append(Step("rechecked", other.decided_at, None, other))
        if other.duplicate_of == row.submission_id:
            later.append(Step("repeated", other.decided_at, None, other))
        if other.restores == row.submission_id and other.outcome not in (None, "rejected"):
            later.append(Step("restored", other.decided_at, None, other))
    return iter(sorted(later, key=lambda step: (step.moment is None, step.moment)))
