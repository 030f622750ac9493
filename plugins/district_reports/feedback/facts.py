"""What the report tells beside the answer: the clock, what is in force, what changed, and how earlier periods went."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from district_reports import clock
from district_reports.forms import forms
from district_reports.ledger.first_tries import FirstTry, first_tries
from district_reports.ledger.locks import taken_until
from district_reports.ledger.submissions import submission, version, version_in_force
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
class VersionInForce:
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
    standing: VersionInForce | None = None
    replaced: Version | None = None
    comparison: Comparison | None = None
    first_tries: tuple[FirstTry, ...] = ()


def facts_of(connection: Connection, submission_id: int) -> ReportFacts:
    """What is known of a decided submission at this moment; nothing of one that has no form. As the loader.

    Raises:
        sqlalchemy.exc.NoResultFound: there is no such submission.
    """
    own = submission(connection, submission_id)
    form = forms().get(own.form)
    if form is None:
        return ReportFacts()
    period = Period.parse(own.period)
    in_force = _version(version_in_force(connection, own.form, own.district_code, own.period))
    comparison = comparison_of(connection, own.receipt_id)
    replaced_id = comparison.replaced_submission_id if comparison else None
    return ReportFacts(
        due_on=form.due_on(period),
        taken_until=taken_until(connection, form, own.district_code, period),
        standing=VersionInForce(
            in_force, in_force is not None and in_force.submission_id == submission_id and not own.withdraws
        ),
        replaced=None if replaced_id is None else _version(version(connection, replaced_id)),
        comparison=comparison,
        first_tries=first_tries(connection, form, own.district_code, period, clock.today()),
    )


def _version(row: Row[Any] | None) -> Version | None:
    if row is None:
        return None
    return Version(row.submission_id, row.receipt_no, row.received_at.astimezone(clock.ZONE), Outcome(row.outcome))
