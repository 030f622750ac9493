"""Decide again from the archive, under today's rules.

A *report series* is the reports of one form and district, whose periods build on each other: it is worked on in the
order of its periods, by one worker at a time. The content that speaks for the district is taken in again as its key's
next submission (see ``record_recheck``) and goes its ordinary way, here and now: validate, load, answer. Killed
anywhere, a second call does the rest. A later period that was compared with one whose rows have changed since is
decided again too.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, text

from district_reports.checks.rules_hash import rules_hash
from district_reports.checks.suites import suites
from district_reports.database.engine import Role, engine
from district_reports.errors import LeaseLost, SystemFault, at
from district_reports.forms import forms
from district_reports.ledger.decisions import Decided, Difference
from district_reports.ledger.explanations import explanations_in
from district_reports.ledger.latest import Latest, latest
from district_reports.ledger.rechecks import record_recheck
from district_reports.ledger.submissions import accepted_at, in_force, submission
from district_reports.model.knowledge import Knowledge
from district_reports.processing import ingest
from district_reports.processing.check_again import check_again
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage import archive
from district_reports.warehouse.corrections import rows_moved
from district_reports.warehouse.history import compared_rows, history_in, last_report

HOLDER = "restatement"
"""Whoever restates a series holds its lock, so that all may hold leases under one name: a dead one's is taken over."""
WORKER_TIMEOUT_SECONDS = 60.0
"""How long another worker on a key is waited for."""


class State(StrEnum):
    """What restating came to, for one (form, district, period)."""

    RESTATED = "decided again"
    SAME_RULES = "already decided under these rules"
    UNDER_WAY = "under way, and decided under these rules"
    WITHDRAWN = "taken back by the district; there is nothing to decide"
    FAULT = "could not be decided again"


@dataclass(frozen=True)
class ReportSeries:
    """The reports of one form and district for ``periods``, in their order."""

    form: str
    district_code: str
    periods: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Restated:
    """One (form, district, period). ``receipt_id`` is that of the district's own file.

    ``compared_with`` is the earlier period whose changed rows made it be decided again, None where the rules did.
    ``decided_at`` is the moment of the decision that stands now, None in a rehearsal.
    """

    form: str
    district_code: str
    period: str
    receipt_id: int
    state: State
    outcome: str | None = None
    difference: Difference | None = None
    compared_with: str | None = None
    decided_at: datetime | None = None
    fault: str | None = None

    @property
    def title(self) -> str:
        return f"{self.district_code} {self.form} {self.period} (receipt {self.receipt_id})"


def report_series(
    form: str | None = None, district_code: str | None = None, period: str | None = None
) -> list[ReportSeries]:
    """The report series with anything in the archive that these name; None is every one."""
    found: dict[tuple[str, str], list[str]] = {}
    with engine(Role.LOADER).begin() as connection:
        for one in latest(connection, form, district_code, period):
            if one.form in forms():
                found.setdefault((one.form, one.district_code), []).append(one.period)
    return [ReportSeries(*key, tuple(periods)) for key, periods in found.items()]


def rehearse(series: ReportSeries) -> list[Restated]:
    """What restating the periods of the series would come to; writes nothing.

    A period is compared with what is in force before it now, not with what that would become.
    """
    return [_guarded(_rehearse, series.form, series.district_code, period) for period in series.periods]


def restate(series: ReportSeries) -> list[Restated]:
    """Decide the periods of the series again, and the later ones that were compared with what changes by it.

    One that can't be decided is told as a fault, and does not stop the others.
    """
    with _alone(series):
        with engine(Role.LOADER).begin() as connection:
            every = [one.period for one in latest(connection, series.form, series.district_code)]
        done = []
        for period in every:
            if period in series.periods or (
                period > series.periods[0] and _follows(series.form, series.district_code, period)
            ):
                done.append(_guarded(_restate, series.form, series.district_code, period))
    return done


def _rehearse(form: str, district_code: str, period: str) -> Restated:
    register = Register.load(settings().reference)
    loader = engine(Role.LOADER)
    with loader.begin() as connection:
        one = _one(connection, form, district_code, period)
        state, compared_with = _due(connection, one, rules_hash(register))
        before = None if one.outcome is None else Decided.of(connection, one.content_id)
    if state is not State.RESTATED or before is None:
        return _told(one, state)
    knowledge = Knowledge(history_in(loader, register), explanations=explanations_in(loader, one.receipt_id))
    after = Decided.foreseen(check_again(one, register, knowledge))
    return _told(one, state, difference=Difference.between(before, after), compared_with=compared_with)


def _restate(form: str, district_code: str, period: str) -> Restated:
    rules = rules_hash(Register.load(settings().reference))
    loader = engine(Role.LOADER)
    with loader.begin() as connection:
        one = _one(connection, form, district_code, period)
        before = in_force(connection, one.form, one.district_code, one.period)
        state, compared_with = _due(connection, one, rules)
    if state is State.RESTATED:
        # Before anything is recorded: a submission that can never be decided would hold up those after it.
        archive.original(settings().archive, one.sha256)
        # Nothing is recorded where a file of the district has come in between; that one is decided under today's rules.
        with loader.begin() as connection:
            record_recheck(connection, one.submission_id)
    # Also where there is nothing to decide: an answer may be lacking.
    _work(one)
    if state in (State.RESTATED, State.UNDER_WAY):
        return _outcome(one, before, compared_with)
    with loader.begin() as connection:
        return _told(one, state, decided_at=one.recheck_of and submission(connection, one.submission_id).decided_at)


def _follows(form: str, district_code: str, period: str) -> bool:
    """Whether a period that nobody named has to be decided again, or such a decision was cut off."""
    with engine(Role.LOADER).begin() as connection:
        one = _one(connection, form, district_code, period)
        if one.outcome is None:
            return one.recheck_of is not None
        return not one.withdrawn and _compared_anew(connection, one) is not None


def _due(connection: Connection, one: Latest, rules: str) -> tuple[State, str | None]:
    """What is to be done about a key, and the earlier period that it has to be compared with anew."""
    if one.outcome is None:
        return State.UNDER_WAY, None
    if one.withdrawn:
        return State.WITHDRAWN, None
    compared_with = _compared_anew(connection, one)
    if one.rules_hash == rules and compared_with is None:
        return State.SAME_RULES, None
    return State.RESTATED, compared_with


def _compared_anew(connection: Connection, one: Latest) -> str | None:
    """The period that the report was compared with, if what stands there now has other rows than at that time."""
    form = forms()[one.form]
    if one.checked_at is None or not suites(form).needs_history:
        return None
    now = last_report(connection, form, one.district_code, one.period)
    if now is None:
        return None
    period, submission_id = now
    then = accepted_at(connection, one.form, one.district_code, period, one.checked_at)
    if then == submission_id:
        return None
    if then is not None and compared_rows(connection, form, then) == compared_rows(connection, form, submission_id):
        return None
    return period


def _work(one: Latest) -> None:
    """Take the key's submissions through their steps, until the latest is decided, by us or by another worker.

    Raises:
        SystemFault: a step failed, or another worker is at the key and does not come to an end.
    """
    patient_until = time.monotonic() + WORKER_TIMEOUT_SECONDS
    while True:
        try:
            step = ingest.validate(one.form, f"{one.district_code}|{one.period}", HOLDER)
            if step is not None:
                ingest.load(step)
                ingest.answer(step)
                continue
        except LeaseLost:
            # Another has it now, and does the same.
            pass
        with engine(Role.LOADER).begin() as connection:
            current = _one(connection, one.form, one.district_code, one.period)
        if current.outcome is not None:
            return
        if time.monotonic() > patient_until:
            raise SystemFault("another worker is at it; restate it again when that has come to an end")
        time.sleep(0.5)


def _outcome(before: Latest, ended: int | None, compared_with: str | None) -> Restated:
    """What has come of a key that was worked on, beside the decision before on the same content, if there was one."""
    with engine(Role.LOADER).begin() as connection:
        now = _one(connection, before.form, before.district_code, before.period)
        if now.recheck_of is None:
            return _told(now, State.UNDER_WAY, decided_at=submission(connection, now.submission_id).decided_at)
        rows = rows_moved(
            connection, forms()[now.form], ended, in_force(connection, now.form, now.district_code, now.period)
        )
        difference = Difference.between(
            Decided.of(connection, now.recheck_of), Decided.of(connection, now.submission_id), rows
        )
        return _told(
            before,
            State.RESTATED,
            outcome=now.outcome,
            difference=difference,
            compared_with=compared_with,
            decided_at=submission(connection, now.submission_id).decided_at,
        )


def _guarded(function: Callable[[str, str, str], Restated], form: str, district_code: str, period: str) -> Restated:
    """What `function` says of the key, or what kept it from that, without personal data."""
    try:
        return function(form, district_code, period)
    except SystemFault as fault:
        words = str(fault)
    except Exception as error:
        words = f"{type(error).__name__} at {at(error)}"
    with engine(Role.LOADER).begin() as connection:
        return _told(_one(connection, form, district_code, period), State.FAULT, fault=words)


def _one(connection: Connection, form: str, district_code: str, period: str) -> Latest:
    return next(latest(connection, form, district_code, period))


def _told(one: Latest, state: State, **more: object) -> Restated:
    return Restated(
        form=one.form,
        district_code=one.district_code,
        period=one.period,
        receipt_id=one.receipt_id,
        state=state,
        **{"outcome": one.outcome, **more},  # type: ignore[arg-type]
    )


@contextmanager
def _alone(series: ReportSeries) -> Iterator[None]:
    """Wait until nobody else restates the series, and keep others from it; the lock goes with the process."""
    key = {"key": f"restate|{series.form}|{series.district_code}"}
    with engine(Role.LOADER).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtextextended(:key, 0))"), key)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))"), key)
