"""What happened to a submission, moment by moment, what became of it, and what is to be done next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Row

from district_reports import clock
from district_reports.ledger.file_history import FileHistory
from district_reports.model.channel import PRECHECK_CHANNEL, UPLOAD_CHANNEL
from district_reports.settings import settings


class Verdict(NamedTuple):
    """What became of a submission, with the tone (good, warn, bad, calm, busy) in which it is told."""

    key: str
    tone: str
    precheck: bool = False


_DECIDED = {
    "accepted": ("accepted", "good"),
    "accepted_with_errors": ("accepted_with_errors", "warn"),
    "rejected": ("rejected", "bad"),
    "duplicate": ("duplicate", "calm"),
}
_FORESEEN = {
    "accepted": ("would_be_accepted", "good"),
    "accepted_with_errors": ("would_have_errors", "warn"),
    "rejected": ("would_be_rejected", "bad"),
    "duplicate": ("duplicate", "calm"),
}


def verdict_of(row: Row[Any]) -> Verdict:
    """The verdict of a row of ``ledger.submission``; nil returns, withdrawals and pre-checks have their own."""
    precheck = row.channel == PRECHECK_CHANNEL
    if row.outcome is None:
        return Verdict("under_way", "busy", precheck)
    if row.withdraws is not None:
        return Verdict("withdrawal_refused", "bad") if row.outcome == "rejected" else Verdict("withdrawn", "calm")
    if row.nil_return and row.outcome == "accepted":
        return Verdict("nil", "good", precheck)
    return Verdict(*(_FORESEEN if precheck else _DECIDED)[row.outcome], precheck)


@dataclass(frozen=True)
class Step:
    """One event, named by ``key``.

    ``moment`` is None for what is still to come; ``after`` is the time since the drop was noted, by the real clock.
    ``other`` is the other submission that the event is about.
    """

    key: str
    moment: datetime | None
    after: timedelta | None = None
    other: Row[Any] | None = None
    verdict: Verdict | None = None


def steps(row: Row[Any], others: Mapping[int, Row[Any]]) -> list[Step]:
    """The timeline of a submission; `others` are all of its form, district and period, by id, itself among them.

    The drop is dated by the house clock and everything after it by the real one. While the house plays another day,
    the latter are moved to that day's calendar.
    """
    days = timedelta(0)
    if settings().today is not None:
        days = timedelta(days=(_day(row.received_at) - _day(row.noted_at)).days)
    later = [
        replace(step, moment=step.moment and step.moment + days) for step in (*_work(row), *_aftermath(row, others))
    ]
    return [Step(_beginning(row), row.received_at, None, _object(row, others)), *later]


class Action(StrEnum):
    """What is to be done about a submission."""

    NOTHING = "nothing"
    WAIT = "wait"
    """There is no verdict yet."""
    CORRECT = "correct"
    """Nothing of it was loaded: the district corrects the file and reports it again."""
    CORRECT_ROWS = "correct_rows"
    """It is in force but for some rows, which the district corrects and reports again with the whole file."""
    REPORT = "report"
    """Nothing is in force: the district reports."""
    REPORT_CHECKED = "report_checked"
    """The pre-check found no error: the district reports the file."""
    CORRECT_AND_REPORT = "correct_and_report"
    """The pre-check found errors: the district corrects the file and reports it."""
    SEE_LATER = "see_later"
    """A later file speaks for this report."""
    SEE_SAME = "see_same"
    """Another file has the same content, and its verdict holds."""


@dataclass(frozen=True)
class NextStep:
    """What is to be done; ``other`` is the submission to look at instead. ``locked``: an extension is needed first."""

    action: Action
    other: Row[Any] | None = None
    locked: bool = False


_AFTER_REPORT = {
    "rejected": Action.CORRECT,
    "accepted_with_errors": Action.CORRECT_ROWS,
    "accepted": Action.NOTHING,
}
_AFTER_PRECHECK = {
    "rejected": Action.CORRECT_AND_REPORT,
    "accepted_with_errors": Action.CORRECT_AND_REPORT,
    "accepted": Action.REPORT_CHECKED,
    "duplicate": Action.NOTHING,
}


def next_step(one: FileHistory, today: date) -> NextStep:
    """What is to be done about a submission on the day `today`."""
    row = one.row
    if row.outcome is None:
        return NextStep(Action.WAIT)
    later = next((each for each in one.versions if each.receipt_id > row.receipt_id and each.counts), None)
    if row.channel == UPLOAD_CHANNEL and later is not None:
        return NextStep(Action.SEE_LATER, later)
    if row.outcome == "duplicate" and row.duplicate_of in one.by_id:
        return NextStep(Action.SEE_SAME, one.by_id[row.duplicate_of])
    if row.withdraws is not None:
        action = Action.REPORT if row.outcome == "accepted" and row.restores is None else Action.NOTHING
    else:
        actions = _AFTER_PRECHECK if row.channel == PRECHECK_CHANNEL else _AFTER_REPORT
        action = actions.get(row.outcome, Action.NOTHING)
    locked = action is not Action.NOTHING and one.taken_until is not None and today > one.taken_until
    return NextStep(action, locked=locked)


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
