"""What the report tells beside the answer: the clock, what is in force, what changed, and how earlier periods went."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports import clock
from district_reports.feedback.first_tries import FirstTry, first_tries
from district_reports.forms import forms
from district_reports.ledger.latest import OWN_RECEIPT
from district_reports.ledger.locks import taken_until
from district_reports.model.finding import Outcome
from district_reports.model.period import Period
from district_reports.warehouse.corrections import Comparison, comparison_of


@dataclass(frozen=True)
class Version:
    """A version of the report: ``receipt_no`` and ``received_at`` are those of the district's own drop of it."""

    submission_id: int
    receipt_no: int
    received_at: datetime
    outcome: Outcome


@dataclass(frozen=True)
class Standing:
    """What is in force now; ``version`` is None where nothing is. ``itself``: it is the file that is being answered."""

    version: Version | None = None
    itself: bool = False


@dataclass(frozen=True, kw_only=True)
class ReportFacts:
    """None, or an empty tuple, is "not known".

    ``taken_until`` is the last day on which the report is taken, exceptions counted in. ``replaced`` is the version
    whose place the submission took, and ``comparison`` what changed; None also where it took no version's place.
    ``first_tries`` end with the period of the answer.
    """

    due_on: date | None = None
    taken_until: date | None = None
    standing: Standing | None = None
    replaced: Version | None = None
    comparison: Comparison | None = None
    first_tries: tuple[FirstTry, ...] = ()


_VERSION = f"""
    SELECT file.submission_id, {OWN_RECEIPT.format(submission_id="file.origin_id")} AS receipt_no,
        file.origin_received_at AS received_at, file.outcome
    FROM ledger.submission_file AS file
"""
_BY_ID = text(f"{_VERSION} WHERE file.submission_id = :id")
_IN_FORCE = text(
    f"{_VERSION} JOIN ledger.in_force USING (submission_id) WHERE in_force.form = :form"
    " AND in_force.district_code = :district_code AND in_force.period = :period"
)


def facts_of(connection: Connection, submission_id: int) -> ReportFacts:
    """What is known of a decided submission at this moment; nothing of one that has no form. As the loader.

    Raises:
        sqlalchemy.exc.NoResultFound: there is no such submission.
    """
    own = connection.execute(
        text(
            "SELECT receipt_id, form, district_code, period, withdraws FROM ledger.submission WHERE submission_id = :id"
        ),
        {"id": submission_id},
    ).one()
    form = forms().get(own.form)
    if form is None:
        return ReportFacts()
    period = Period.parse(own.period)
    in_force = _version(
        connection.execute(
            _IN_FORCE, {"form": own.form, "district_code": own.district_code, "period": own.period}
        ).one_or_none()
    )
    comparison = comparison_of(connection, own.receipt_id)
    replaced_id = comparison.replaced_submission_id if comparison else None
    return ReportFacts(
        due_on=form.due_on(period),
        taken_until=taken_until(connection, form, own.district_code, period),
        standing=Standing(
            in_force, in_force is not None and in_force.submission_id == submission_id and not own.withdraws
        ),
        replaced=_version(connection.execute(_BY_ID, {"id": replaced_id}).one_or_none()),
        comparison=comparison,
        first_tries=first_tries(connection, form, own.district_code, period, clock.today()),
    )


def _version(row: Row[Any] | None) -> Version | None:
    if row is None:
        return None
    return Version(row.submission_id, row.receipt_no, row.received_at.astimezone(clock.ZONE), Outcome(row.outcome))
