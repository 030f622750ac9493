"""Where each district's reports stand: one cell a district, form and period, and who can be called about it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports import clock
from district_reports.ledger import locks
from district_reports.ledger.contacts import Contact, Contacts
from district_reports.ledger.locks import LockException
from district_reports.model.finding import NIL, Outcome
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.reference.register import District, Register


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
            "not_due": "尚未到期",
            "expected": "待报",
            "received": "处理中",
            "accepted": "通过",
            "with_errors": "部分接收",
            "rejected": "退回",
            "nil": NIL,
            "withdrawn": "已撤回",
            "missing": "未报",
        }[self.value]


@dataclass(frozen=True, kw_only=True)
class ReportStatus:
    """One district's report of one form and period.

    ``submission_id``, ``outcome``, ``received_at`` and the rows are those of the version in force, or, where nothing
    is, of the latest file; of what was withdrawn there is only the submission. ``latest_id`` and ``latest_outcome`` are
    those of the latest file, the outcome None while it is to be decided. ``late_days``: so long after
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
    submission_id: int | None = None
    latest_id: int | None = None
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

    @property
    def in_force(self) -> bool:
        return self.state in (State.ACCEPTED, State.WITH_ERRORS, State.NIL)

    @property
    def on_time(self) -> bool:
        """Whether a report that was accepted, and was not taken back, came by 24:00 of the due date (Asia/Shanghai).

        As ``on_time`` of the city's table of submissions: who was sent back on time and is accepted later was late, and
        a correction that comes later changes nothing.
        """
        return self.in_force and not self.late

    @property
    def taken_until(self) -> date:
        """The last day on which a report is taken."""
        return max(self.form.locks_on(self.period), self.open_until or date.min)


@dataclass(frozen=True)
class Progress:
    """``unidentified`` counts a district's files since ``since`` that belong to no form and period, by its code.

    ``exceptions`` are all exceptions to locks that are in force, whatever the periods looked at.
    """

    statuses: Sequence[ReportStatus]
    unidentified: Mapping[str, int]
    since: date
    exceptions: Sequence[LockException] = ()


def progress(
    connection: Connection, register: Register, periods: Sequence[tuple[Form, Period]], today: date
) -> Progress:
    """How every district that is valid at the end of the period stands, form by form; as the loader."""
    exceptions = locks.in_force(connection, today)
    statuses = statuses_of(connection, register, periods, today)
    since = min((period.first_day for _, period in periods), default=today)
    until = max((form.locks_on(period) for form, period in periods), default=today)
    return Progress(statuses, unidentified(connection, since, until), since, list(exceptions.values()))


def statuses_of(
    connection: Connection,
    register: Register,
    periods: Sequence[tuple[Form, Period]],
    today: date,
    district_code: str | None = None,
) -> list[ReportStatus]:
    """How every district that is valid at the end of the period stands, form by form, or that one: of those that the
    connection sees, since nothing seems to have come from any other."""
    contacts = Contacts(connection, district_code)
    exceptions = locks.in_force(connection, today)
    files: dict[tuple[str, str, str], list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(_FILES, _asked(periods, district_code)):
        files[row.form, row.district_code, row.period].append(row)
    statuses = []
    for form, period in periods:
        for district in _districts(register, period.last_day, district_code):
            key = (form.key, district.code, period.text)
            contact = contacts.of(district.code, form.key)
            status = _standing(district, form, period, files[key], contact, today)
            exception = exceptions.get(key)
            statuses.append(replace(status, open_until=exception.until) if exception else status)
    return statuses


def _districts(register: Register, day: date, code: str | None) -> list[District]:
    if code is None:
        return register.districts_on(day)
    district = register.district(code, day)
    return [] if district is None else [district]


_ACCEPTED = (Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_ERRORS)
_FILES = text(
    """
    SELECT s.submission_id, s.form, s.district_code, s.period, s.outcome, s.nil_return,
        coalesce(restored.received_at, s.received_at) AS received_at,
        s.withdraws IS NOT NULL AS withdraws, s.restores IS NOT NULL AS restores, counted.loaded, counted.quarantined
    FROM ledger.counted_report AS s
    LEFT JOIN ledger.submission AS restored ON restored.submission_id = s.restores
    LEFT JOIN LATERAL (
        SELECT sum(loaded)::integer AS loaded, sum(quarantined)::integer AS quarantined
        FROM ledger.sheet_count WHERE submission_id = s.submission_id
    ) AS counted ON true
    WHERE (s.form, s.period) IN (SELECT * FROM unnest(CAST(:forms AS text[]), CAST(:periods AS text[])))
        AND (CAST(:district AS text) IS NULL OR s.district_code = :district)
        AND s.receipt_id <= coalesce(CAST(:last AS bigint), s.receipt_id)
    ORDER BY s.receipt_id
    """
)
_UNIDENTIFIED = text(
    """
    SELECT district_code, count(*) AS files
    FROM ledger.report
    WHERE form IS NULL
        AND (received_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN :since AND :until
    GROUP BY district_code ORDER BY district_code
    """
)


def late_days(connection: Connection, form: Form, district_code: str, period: Period, receipt_id: int) -> int:
    """As ``ReportStatus.late_days``, by what had come up to this receipt: what comes later does not change it."""
    files = connection.execute(_FILES, _asked([(form, period)], district_code, receipt_id)).all()
    return _late_days(_first(_since_emptied(files)), form.due_on(period))


def _asked(
    periods: Sequence[tuple[Form, Period]], district_code: str | None, last: int | None = None
) -> dict[str, object]:
    return {
        "forms": [form.key for form, _ in periods],
        "periods": [period.text for _, period in periods],
        "district": district_code,
        "last": last,
    }


def _standing(
    district: District, form: Form, period: Period, files: Sequence[Row[Any]], contact: Contact | None, today: date
) -> ReportStatus:
    """`files` are those of the district, form and period in the order of receipt, without what changed nothing."""
    due_on = form.due_on(period)
    left = _since_emptied(files)
    accepted = [row for row in left if row.outcome in _ACCEPTED]
    reports = [row for row in left if not row.withdraws]
    first = _first(left)
    status = ReportStatus(
        district=district,
        form=form,
        period=period,
        state=State.WITHDRAWN if len(left) < len(files) else _nothing_came(period, due_on, today),
        late_days=0,
        due_on=due_on,
        submission_id=files[-1].submission_id if files else None,
        latest_id=files[-1].submission_id if files else None,
        contact=contact,
    )
    if first is None:
        return status
    latest = left[-1]
    shown = accepted[-1] if accepted else reports[-1]
    return replace(
        status,
        state=_came(shown),
        late_days=_late_days(first, due_on),
        submission_id=shown.submission_id,
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


def unidentified(connection: Connection, since: date, until: date) -> dict[str, int]:
    """How many files that belong to no form and period came from `since` to `until`, by district; none is left out."""
    rows = connection.execute(_UNIDENTIFIED, {"since": since, "until": until})
    return {row.district_code: row.files for row in rows}


def anything_came(connection: Connection) -> bool:
    """Whether a file ever came, to be reported or only checked, from a district that the connection sees."""
    return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM ledger.receipt)")))
