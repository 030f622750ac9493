"""What the district is told of a decided submission, from the ledger and its findings."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import InterfaceError, OperationalError

from district_reports import clock
from district_reports.errors import SystemFault, at
from district_reports.forms import forms
from district_reports.ledger.locks import taken_until
from district_reports.ledger.records import counts_of, findings_of
from district_reports.ledger.status import late_days
from district_reports.ledger.submissions import first_of_content, submission, version_in_force, with_file
from district_reports.model.channel import PRECHECK_CHANNEL
from district_reports.model.checked import Who
from district_reports.model.finding import Outcome, SheetCount
from district_reports.model.in_force import VersionInForce
from district_reports.model.period import Period
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.checked_snapshot import load_checked, load_who
from district_reports.workbook.marking.answer import Answer, Repeated

if TYPE_CHECKING:
    from district_reports.feedback.facts import ReportFacts

log = logging.getLogger(__name__)


def answer_of(connection: Connection, submission_id: int) -> tuple[Answer, str]:
    """The answer to a submission, and the name of the district's folder.

    Raises:
        SystemFault: it is not decided yet.
    """
    row = with_file(connection, submission_id)
    if row.outcome is None:
        raise SystemFault(f"submission {submission_id} is not decided yet")
    received_at = row.received_at.astimezone(clock.ZONE)
    register = Register.load(settings().reference)
    district = register.district(row.district_code, received_at.date())
    form = None if row.form is None else forms()[row.form]
    known: dict[str, Any] = {}
    if form is not None:
        period = Period.parse(row.period)
        version = version_in_force(connection, row.form, row.district_code, row.period)
        itself = version is not None and version.submission_id == submission_id and row.withdraws is None
        known = {
            "late_days": late_days(connection, form, row.district_code, period, row.receipt_id),
            "standing": VersionInForce(version, itself),
            "due_on": form.due_on(period),
            "taken_until": taken_until(connection, form, row.district_code, period),
        }
    answer = Answer(
        form_title=form.title if form else None,
        period=row.period,
        district=f"{row.district_code} {district.name}" if district else row.district_code,
        file_name=row.file_name,
        received_at=received_at,
        decided_at=clock.now(),
        outcome=Outcome(row.outcome),
        reason=row.reason,
        receipt_no=row.receipt_id,
        rechecked_receipt=row.rechecked_receipt,
        withdrawn_receipt=row.withdrawn_receipt,
        counts=_counts(connection, row),
        findings=findings_of(connection, submission_id),
        precheck=row.channel == PRECHECK_CHANNEL,
        nil_return=row.nil_return,
        repeats=_repeated(connection, row) if row.duplicate_of is not None else None,
        who=_who(connection, row),
        **known,
    )
    return answer, row.folder


def facts_of(loader: Engine, submission_id: int) -> "ReportFacts":
    """What the report tells beside the answer; a mistake of ours in finding it out leaves the report without.

    Raises:
        sqlalchemy.exc.OperationalError, sqlalchemy.exc.InterfaceError: the warehouse does not answer.
    """
    from district_reports.feedback import facts

    try:
        with loader.begin() as connection:
            return facts.facts_of(connection, submission_id)
    except (OperationalError, InterfaceError, SystemFault):
        raise
    except Exception as error:
        log.error("submission %d: no facts: %s at %s", submission_id, type(error).__name__, at(error))
        return facts.ReportFacts()


def _counts(connection: Connection, row: Row[Any]) -> Sequence[SheetCount]:
    """The counts that were decided; of a file that was only to be checked, those that a report would have."""
    if row.channel != PRECHECK_CHANNEL or row.checked_as is None:
        return counts_of(connection, row.submission_id)
    return load_checked(settings().archive / row.checked_as).counts


def _repeated(connection: Connection, row: Row[Any]) -> Repeated:
    judged = first_of_content(connection, row)
    return Repeated(
        Outcome(judged.outcome), sum(found.waits for found in findings_of(connection, judged.submission_id))
    )


def _who(connection: Connection, row: Row[Any]) -> Who:
    """Whom the findings are about, from the checked file, or from the one that a withdrawal brings back."""
    while row.restores is not None:
        row = submission(connection, row.restores)
    return {} if row.checked_as is None else load_who(settings().archive / row.checked_as)
