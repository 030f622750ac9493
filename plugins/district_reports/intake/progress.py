"""Where each district's reports stand: one cell a district, form and period, and who can be called about it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports import clock
from district_reports.forms import forms
from district_reports.intake import locks
from district_reports.intake.locks import LockException
from district_reports.model.finding import Outcome
from district_reports.model.form import Form
from district_reports.model.period import EXAMPLES, Period
from district_reports.reference import District, Register


class State(StrEnum):
    """Where one district's report of one form and period stands; the first of these that is true.

    NIL, ACCEPTED, WITH_ERRORS: a version is in force, and it declares that there is nothing to report, is accepted, or
    is accepted but for rows with errors. RECEIVED: nothing is in force, and the latest file is still to be decided.
    REJECTED: nothing is in force, and the latest file was rejected. WITHDRAWN: the district took back what it had
    sent, and nothing came since. Nothing came at all: NOT_DUE, the period has not ended; EXPECTED, it has, and the due
    date has not passed; MISSING, the due date has passed.

    Whether it came late is told beside the state. Duplicates and refused withdrawals change nothing and do not count.
    """

    NOT_DUE = "not_due"
    EXPECTED = "expected"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    WITH_ERRORS = "with_errors"
    REJECTED = "rejected"
    NIL = "nil"
    WITHDRAWN = "withdrawn"
    MISSING = "missing"

    @property
    def label(self) -> str:
        return {
            "not_due": "未到期",
            "expected": "待报",
            "received": "处理中",
            "accepted": "通过",
            "with_errors": "部分接收",
            "rejected": "退回",
            "nil": "无数据申报",
            "withdrawn": "已撤回",
            "missing": "缺报",
        }[self.value]


@dataclass(frozen=True)
class Contact:
    """Who filled in a cover."""

    filler: str
    telephone: str | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One district's report of one form and period.

    ``outcome``, ``received_at`` and the rows are those of the version in force, or, where nothing is, of the latest
    file; ``latest_outcome`` is that of the latest file, None while it is to be decided. ``late_days``: so long after
    the due date came the first file that was accepted, or if none was the first that came. ``contact`` is the filler
    of the district's latest file of the form, whatever its period, or else of its latest file of any form.
    ``open_until`` is the last day of an exception to the lock that is in force.
    """

    district: District
    form: Form
    period: Period
    state: State
    late_days: int
    due_on: date
    received_at: datetime | None = None
    outcome: Outcome | None = None
    latest_outcome: Outcome | None = None
    rows_loaded: int | None = None
    rows_quarantined: int | None = None
    contact: Contact | None = None
    open_until: date | None = None

    @property
    def late(self) -> bool:
        return self.late_days > 0


@dataclass(frozen=True)
class Progress:
    """``unidentified`` counts a district's files since ``since`` that belong to no form and period, by its code.

    ``exceptions`` are all exceptions to locks that are in force, whatever the periods looked at.
    """

    standings: Sequence[Standing]
    unidentified: Mapping[str, int]
    since: date
    exceptions: Sequence[LockException] = ()


def current_period(form: Form, today: date) -> Period:
    """The period that an officer looks at: the last that has ended, until it locks; then the one that is running."""
    running = Period.containing(form.period_kind, today)
    ended = running.previous()
    return ended if today <= form.locks_on(ended) else running


def open_periods(connection: Connection, district_code: str, today: date) -> list[tuple[Form, Period]]:
    """What the district can still report on the day `today`, form by form and the latest first: every period that has
    begun and is not locked, or was reopened for it."""
    reopened = [each for each in locks.in_force(connection, today).values() if each.district_code == district_code]
    found = []
    for form in forms().values():
        period = Period.containing(form.period_kind, today)
        while today <= form.locks_on(period):
            found.append((form, period))
            period = period.previous()
        again = sorted((each.period for each in reopened if each.form == form.key), reverse=True)
        found += [(form, Period.parse(each)) for each in again]
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


def progress(
    connection: Connection, register: Register, periods: Sequence[tuple[Form, Period]], today: date
) -> Progress:
    """How every district that is valid at the end of the period stands, form by form; as the loader."""
    contacts = _Contacts(connection)
    exceptions = locks.in_force(connection, today)
    standings = []
    for form, period in periods:
        files: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in connection.execute(_FILES, {"form": form.key, "period": period.text, "last": None}):
            files[row.district_code].append(row)
        for district in register.districts_on(period.last_day):
            contact = contacts.of(district.code, form.key)
            standing = _standing(district, form, period, files[district.code], contact, today)
            exception = exceptions.get((form.key, district.code, period.text))
            standings.append(replace(standing, open_until=exception.until if exception else None))
    since = min((period.first_day for _, period in periods), default=today)
    until = max((form.locks_on(period) for form, period in periods), default=today)
    return Progress(standings, _unidentified(connection, since, until), since, list(exceptions.values()))


_ACCEPTED = (Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_ERRORS)
_FILES = text(
    """
    SELECT s.district_code, s.outcome, s.nil_return, coalesce(restored.received_at, s.received_at) AS received_at,
        s.withdraws IS NOT NULL AS withdraws, s.restores IS NOT NULL AS restores, counted.loaded, counted.quarantined
    FROM ledger.submission AS s
    LEFT JOIN ledger.submission AS restored ON restored.submission_id = s.restores
    LEFT JOIN (
        SELECT submission_id, sum(loaded)::integer AS loaded, sum(quarantined)::integer AS quarantined
        FROM ledger.sheet_count GROUP BY submission_id
    ) AS counted ON counted.submission_id = s.submission_id
    WHERE s.lane = '上报' AND s.form = :form AND s.period = :period AND s.outcome IS DISTINCT FROM 'duplicate'
        AND (s.withdraws IS NULL OR s.outcome IS DISTINCT FROM 'rejected')
        AND s.receipt_id <= coalesce(CAST(:last AS bigint), s.receipt_id)
    ORDER BY s.receipt_id
    """
)
_CONTACTS = text(
    """
    SELECT DISTINCT ON (district_code, form) district_code, form, filler, telephone, receipt_id
    FROM ledger.submission
    WHERE lane = '上报' AND form IS NOT NULL AND filler IS NOT NULL
    ORDER BY district_code, form, receipt_id DESC
    """
)
_UNIDENTIFIED = text(
    """
    SELECT district_code, count(*) AS files
    FROM ledger.submission
    WHERE lane = '上报' AND form IS NULL
        AND (received_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN :since AND :until
    GROUP BY district_code ORDER BY district_code
    """
)


def late_days(connection: Connection, form: Form, district_code: str, period: Period, receipt_id: int) -> int:
    """As ``Standing.late_days``, by what had come up to this receipt: what comes later does not change it."""
    rows = connection.execute(_FILES, {"form": form.key, "period": period.text, "last": receipt_id})
    files = [row for row in rows if row.district_code == district_code]
    return _late_days(_first(_since_emptied(files)), form.due_on(period))


class _Contacts:
    def __init__(self, connection: Connection) -> None:
        rows = connection.execute(_CONTACTS).all()
        # Oldest first, so that the latest of any form is what stays.
        rows = sorted(rows, key=lambda row: row.receipt_id)
        self._of_form = {(row.district_code, row.form): Contact(row.filler, row.telephone) for row in rows}
        self._of_any = {row.district_code: Contact(row.filler, row.telephone) for row in rows}

    def of(self, district_code: str, form: str) -> Contact | None:
        return self._of_form.get((district_code, form), self._of_any.get(district_code))


def _standing(
    district: District, form: Form, period: Period, files: Sequence[Row[Any]], contact: Contact | None, today: date
) -> Standing:
    """`files` are those of the district, form and period in the order of receipt, without what changed nothing."""
    due_on = form.due_on(period)
    left = _since_emptied(files)
    accepted = [row for row in left if row.outcome in _ACCEPTED]
    reports = [row for row in left if not row.withdraws]
    first = _first(left)
    standing = Standing(
        district=district,
        form=form,
        period=period,
        state=State.WITHDRAWN if len(left) < len(files) else _nothing_came(period, due_on, today),
        late_days=0,
        due_on=due_on,
        contact=contact,
    )
    if first is None:
        return standing
    latest = left[-1]
    shown = accepted[-1] if accepted else reports[-1]
    return replace(
        standing,
        state=_came(shown),
        late_days=_late_days(first, due_on),
        received_at=shown.received_at.astimezone(clock.ZONE),
        outcome=shown.outcome and Outcome(shown.outcome),
        latest_outcome=latest.outcome and Outcome(latest.outcome),
        rows_loaded=shown.loaded,
        rows_quarantined=shown.quarantined,
    )


def _first(left: Sequence[Row[Any]]) -> Row[Any] | None:
    """The first file that was accepted, or if none was the first that came."""
    reports = [row for row in left if not row.withdraws]
    return next((row for row in reports if row.outcome in _ACCEPTED), reports[0] if reports else None)


def _late_days(first: Row[Any] | None, due_on: date) -> int:
    return 0 if first is None else max(0, (first.received_at.astimezone(clock.ZONE).date() - due_on).days)


def _since_emptied(files: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """What came after the last withdrawal that left nothing in force."""
    emptied = [number for number, row in enumerate(files, 1) if row.withdraws and row.outcome and not row.restores]
    return files[emptied[-1] :] if emptied else files


def _nothing_came(period: Period, due_on: date, today: date) -> State:
    if today <= period.last_day:
        return State.NOT_DUE
    return State.EXPECTED if today <= due_on else State.MISSING


def _came(file: Row[Any]) -> State:
    if file.outcome is None:
        return State.RECEIVED
    if file.outcome == Outcome.REJECTED:
        return State.REJECTED
    if file.nil_return:
        return State.NIL
    return State.ACCEPTED if file.outcome == Outcome.ACCEPTED else State.WITH_ERRORS


def _unidentified(connection: Connection, since: date, until: date) -> dict[str, int]:
    rows = connection.execute(_UNIDENTIFIED, {"since": since, "until": until})
    return {row.district_code: row.files for row in rows}
