"""The three steps of a submission: validate, load, answer. Each is safe to run again, and to be killed in.

Airflow calls them with the key of a run; between them travel a submission's id and the token of its lease, no data.
"""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from district_reports import clock
from district_reports.checks.file import check_file
from district_reports.checks.rules_hash import rules_hash
from district_reports.checks.run import filed_under
from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.feedback.composing import answer_of, facts_of
from district_reports.feedback.delivery import put_answer
from district_reports.feedback.folder_notes import write_standing
from district_reports.feedback.tidy import move_aside, superseded
from district_reports.forms import forms
from district_reports.ledger import leases
from district_reports.ledger.decisions import Decided
from district_reports.ledger.explanations import explanations_in
from district_reports.ledger.submissions import own_receipt, submission
from district_reports.model.finding import Severity
from district_reports.model.knowledge import Knowledge
from district_reports.model.lock import judged_at_receipt
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage import archive, poison
from district_reports.storage.checked_snapshot import load_checked, save_checked
from district_reports.storage.folders import FEEDBACK, folder_named
from district_reports.warehouse.history import history_in
from district_reports.warehouse.load import decide
from district_reports.warehouse.unload import decide_withdrawal
from district_reports.workbook.marking.answer import Answer

LEASE_SECONDS = 900
"""How long a worker may be silent before another takes its submission; each step renews it."""


@dataclass(frozen=True)
class Step:
    """What one step hands to the next: ids only."""

    submission_id: int
    lease_token: int


def parse_key(key: str | None) -> tuple[str, str]:
    """District code and period of a partition key such as ``210202|2020-05``.

    Raises:
        SystemFault: there is no key, or it is malformed.
    """
    district, separator, period = (key or "").partition("|")
    if not separator or not district or not period:
        raise SystemFault(
            f"this run has the key {key!r}; an ingest run needs one like 210202|2020-05. Runs are started by "
            "receive_uploads; by hand, use the REST API with a partition_key"
        )
    return district, period


def validate(form: str, key: str | None, holder: str) -> Step | None:
    """Claim the key's oldest unfinished submission and check it; None when there is none or somebody is at it.

    Of a withdrawal there is nothing to check.

    `holder` names the run: its own retry takes its lease again. The typed rows and the findings are left beside the
    archived original.
    """
    district, period = parse_key(key)
    loader = engine(Role.LOADER)
    with loader.begin() as connection:
        claim = leases.claim(connection, form, district, period, holder, LEASE_SECONDS)
        if claim is None:
            return None
        own = own_receipt(connection, claim.submission_id)
    failpoint("validate: claimed")
    step = Step(claim.submission_id, claim.lease_token)
    if claim.state == "decided" or claim.withdraws is not None:
        return step
    original = archive.original(settings().archive, claim.sha256)
    register = Register.load(settings().reference)
    received_on = claim.received_at.astimezone(clock.ZONE).date()
    read = partial(poison.read, loader, claim.sha256)
    knowledge = Knowledge(history_in(loader, register), judged_at_receipt, explanations_in(loader, own))
    checked = check_file(original, register, claim.district_code, received_on, knowledge, read)
    if checked.form is None or checked.period is None:
        checked = filed_under(forms()[claim.form], claim.district_code, claim.period, checked)
    failpoint("validate: checked")
    # With the token in its name, a worker that wakes after its lease puts nothing in the place of another's.
    folder = original.parent / f"checked-{claim.submission_id}-{claim.lease_token}"
    save_checked(folder, checked)
    failpoint("validate: kept")
    with loader.begin() as connection:
        leases.mark_checked(connection, claim, str(folder.relative_to(settings().archive)))
    failpoint("validate: noted")
    return step


def load(step: Step) -> dict[str, int | str]:
    """Decide on the submission and load what is right, in one transaction; counts for the log.

    Raises:
        LeaseLost: another worker has taken the submission.
    """
    loader = engine(Role.LOADER)
    with loader.begin() as connection:
        claim = leases.resume(connection, step.submission_id, step.lease_token, LEASE_SECONDS)
    failpoint("load: resumed")
    if claim.withdraws is not None:
        decision = decide_withdrawal(loader, claim, rules_hash(Register.load(settings().reference)))
    elif claim.checked_as is None:
        raise SystemFault(f"submission {claim.submission_id} has not been checked yet")
    else:
        decision = decide(loader, claim, load_checked(settings().archive / claim.checked_as))
    failpoint("load: committed")
    rows = {name: sum(getattr(count, name) for count in decision.counts) for name in ("loaded", "quarantined")}
    return {"submission_id": step.submission_id, "outcome": decision.outcome.value, **rows}


def answer(step: Step) -> dict[str, int | str]:
    """Write what goes back into the district's 反馈 folder, and tidy up there; counts for the log.

    Where a re-check looked at a file again and found what it had found before, nothing is written: there is no news.

    Raises:
        LeaseLost: another worker has taken the submission.
        SystemFault: the district's folder is not there, or the archived file is damaged.
        OSError: the share or the disk refused.
    """
    loader = engine(Role.LOADER)
    with loader.begin() as connection:
        claim = leases.resume(connection, step.submission_id, step.lease_token, LEASE_SECONDS)
        answered, folder_name = answer_of(connection, claim.submission_id)
        if _no_news(connection, claim.submission_id):
            _answered(connection, claim, None)
            return _summary(answered)
    folder = folder_named(settings().uploads, folder_name)
    failpoint("answer: resumed")

    def still_ours() -> None:
        with loader.begin() as connection:
            leases.renew(connection, claim, LEASE_SECONDS)

    original = archive.original(settings().archive, claim.sha256)
    name = put_answer(answered, original, facts_of(loader, claim.submission_id), folder, still_ours)
    with loader.begin() as connection:
        passed = superseded(connection, claim.form, claim.district_code, claim.period, claim.submission_id, name)
    move_aside(folder, passed)
    write_standing(loader, Register.load(settings().reference), folder)
    failpoint("answer: tidied")
    with loader.begin() as connection:
        _answered(connection, claim, f"{folder.name}/{FEEDBACK}/{name}")
        failpoint("answer: before commit")
    failpoint("answer: noted")
    return _summary(answered)


def _answered(connection: Connection, claim: leases.Claim, answered_as: str | None) -> None:
    leases.mark_answered(connection, claim, answered_as)
    leases.more_waiting(connection, claim.form, claim.district_code, claim.period)


def _no_news(connection: Connection, submission_id: int) -> bool:
    """Whether this is a re-check that came to what the district has been told already."""
    earlier = submission(connection, submission_id).recheck_of
    if earlier is None:
        return False
    return Decided.of(connection, earlier) == Decided.of(connection, submission_id)


def _summary(answered: Answer) -> dict[str, int | str]:
    """What may be logged of an answer: no file name, no value."""
    numbers = {severity.value: sum(found.severity is severity for found in answered.findings) for severity in Severity}
    return {"receipt": answered.receipt_no or 0, "outcome": answered.outcome.value, **numbers}
