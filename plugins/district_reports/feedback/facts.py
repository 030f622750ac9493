"""What the report tells beside the answer: what changed, and how earlier periods went."""

from dataclasses import dataclass

from sqlalchemy import Connection

from district_reports import clock
from district_reports.forms import forms
from district_reports.ledger.first_tries import FirstTry, first_tries
from district_reports.ledger.submissions import submission, version
from district_reports.ledger.worklist import OpenCount, open_items
from district_reports.model.in_force import Version
from district_reports.model.period import Period
from district_reports.warehouse.corrections import Comparison, comparison_of


@dataclass(frozen=True, kw_only=True)
class ReportFacts:
    """None, or an empty tuple, is "not known".

    ``replaced`` is the version whose place the submission took, and ``comparison`` what changed; None also where it
    took no version's place. Where what had been reported was withdrawn, there was no version, and all rows are new.
    ``first_tries`` end with the period of the answer. ``open_items`` are those of the district's worklist.
    """

    replaced: Version | None = None
    comparison: Comparison | None = None
    first_tries: tuple[FirstTry, ...] = ()
    open_items: OpenCount | None = None


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
    comparison = comparison_of(connection, own.receipt_id)
    replaced_id = comparison.replaced_submission_id if comparison else None
    return ReportFacts(
        replaced=None if replaced_id is None else _version(connection, replaced_id),
        comparison=comparison,
        first_tries=first_tries(connection, form, own.district_code, period, clock.today()),
        open_items=open_items(connection, own.district_code),
    )


def _version(connection: Connection, submission_id: int) -> Version | None:
    """A version as the district knows it; a withdrawal that brought nothing back is none."""
    row = submission(connection, submission_id)
    return None if row.withdraws is not None and row.restores is None else version(connection, submission_id)
