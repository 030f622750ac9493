"""Who must do what until when: the reports that wait for their district, the most urgent first."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from district_reports.ledger.status import ReportStatus, State
from district_reports.model.finding import Outcome
from district_reports.model.form import Form
from district_reports.model.period import Period

SOON = timedelta(days=3)


class Task(StrEnum):
    """What a district has to do about a report."""

    REPORT = "report"
    MEND = "mend"
    """It was sent back."""
    REPORT_AGAIN = "report_again"
    """It was withdrawn."""
    MEND_ROWS = "mend_rows"
    """It is in force but for some rows."""
    MEND_LATER = "mend_later"
    """One is in force, and a later one was sent back."""
    ASK = "ask"
    """It is locked: whoever needs it has to ask for an extension."""


@dataclass(frozen=True)
class PendingAction:
    """What a district has to do about one report until the end of the day ``until``.

    ``overdue_days`` are the days since the due date, 0 if something is in force.
    """

    status: ReportStatus
    task: Task
    until: date
    overdue_days: int

    @property
    def phone(self) -> str | None:
        """The contact's number in the form that can be dialled; None if there is none."""
        contact = self.status.contact
        return dialled(contact.telephone) if contact and contact.telephone else None


@dataclass(frozen=True)
class Group:
    """What several districts have to do about the same form and period until the same day; one at least."""

    actions: Sequence[PendingAction]

    @property
    def form(self) -> Form:
        return self.actions[0].status.form

    @property
    def period(self) -> Period:
        return self.actions[0].status.period

    @property
    def task(self) -> Task:
        return self.actions[0].task

    @property
    def until(self) -> date:
        return self.actions[0].until

    @property
    def overdue_days(self) -> int:
        return self.actions[0].overdue_days

    @property
    def name(self) -> str:
        """By which a form and a link name it."""
        return f"{self.form.key}-{self.period.text}-{self.task}-{self.until}"


def grouped(actions: Iterable[PendingAction]) -> list[Group]:
    """The actions by form, period, task and last day, in the order of the first of each."""
    found: dict[tuple[object, ...], list[PendingAction]] = {}
    for action in actions:
        status = action.status
        key = (status.form.key, status.period.text, action.task, action.until, action.overdue_days)
        found.setdefault(key, []).append(action)
    return [Group(each) for each in found.values()]


def pending_actions(statuses: Iterable[ReportStatus], today: date) -> list[PendingAction]:
    """What can be done on the day `today`: nothing about a report that is locked, or whose period has not ended."""
    found = [
        _pending_action(status, task, today)
        for status in statuses
        if today <= status.taken_until and (task := _task(status)) is not None
    ]
    return sorted(found, key=lambda action: _urgency(action, today))


def locked(statuses: Iterable[ReportStatus], today: date) -> list[PendingAction]:
    """The reports of which nothing is in force and which are no longer taken; ``until`` is the day before the lock."""
    return [
        PendingAction(each, Task.ASK, each.taken_until, (today - each.due_on).days)
        for each in statuses
        if not each.in_force and today > each.taken_until
    ]


def dialled(telephone: str) -> str | None:
    """The first telephone number in the text, without blanks and brackets; None if it has fewer than five digits."""
    found = re.search(r"\+?[0-9][0-9 ()（）—–-]{3,30}[0-9]", telephone, re.ASCII)
    number = re.sub(r"[^0-9+]", "", found[0]) if found else ""
    return number if len(number) >= 5 else None


def _task(status: ReportStatus) -> Task | None:
    match status.state:
        case State.MISSING | State.EXPECTED:
            return Task.REPORT
        case State.REJECTED:
            return Task.MEND
        case State.WITHDRAWN:
            return Task.REPORT_AGAIN
        case State.WITH_ERRORS if status.latest_outcome is not None:
            return Task.MEND_ROWS
        case State.ACCEPTED | State.NIL if status.latest_outcome is Outcome.REJECTED:
            return Task.MEND_LATER
    return None


def _pending_action(status: ReportStatus, task: Task, today: date) -> PendingAction:
    if status.in_force:
        return PendingAction(status, task, status.taken_until, 0)
    overdue_days = max(0, (today - status.due_on).days)
    return PendingAction(status, task, status.taken_until if overdue_days else status.due_on, overdue_days)


def _urgency(action: PendingAction, today: date) -> tuple[object, ...]:
    """Overdue, the longest first; sent back or withdrawn; due soon; rows to be mended; due later."""
    if action.overdue_days:
        rank = 0
    elif action.task in (Task.MEND, Task.REPORT_AGAIN):
        rank = 1
    elif action.task is Task.REPORT:
        rank = 2 if action.until - today <= SOON else 4
    else:
        rank = 3
    return rank, -action.overdue_days, action.until, action.status.form.key, action.status.district.code
