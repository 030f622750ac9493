"""What speaks for a district: the latest submission of each (form, district, period), and the workbook behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, text

from district_reports import clock
from district_reports.checks.file import check_file
from district_reports.checks.run import filed_under
from district_reports.forms import forms
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.explanations import KnownExplanations
from district_reports.model.finding import Outcome
from district_reports.model.history import HistoryOf
from district_reports.model.lock import judged_at_receipt
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage import archive, poison


@dataclass(frozen=True)
class Latest:
    """The latest submission of a key.

    ``outcome``, ``rules_hash`` and ``checked_at`` are None while it is to be decided. ``content_id`` is the submission
    whose workbook it stands for, which ``sha256`` and ``received_at`` are of: itself, or the version that a withdrawal
    brings back. ``receipt_id`` is that of the district's own drop of it.
    ``withdrawn``: the district took its report back, and nothing stands behind it.
    """

    submission_id: int
    form: str
    district_code: str
    period: str
    outcome: Outcome | None
    rules_hash: str | None
    checked_at: datetime | None
    recheck_of: int | None
    withdrawn: bool
    content_id: int
    receipt_id: int
    sha256: str
    received_at: datetime

    @property
    def title(self) -> str:
        return f"{self.district_code} {self.form} {self.period}"


OWN_RECEIPT = """(
    WITH RECURSIVE own AS (
        SELECT receipt_id, recheck_of FROM ledger.submission AS first WHERE first.submission_id = {submission_id}
        UNION ALL
        SELECT next.receipt_id, next.recheck_of FROM own
        JOIN ledger.submission AS next ON next.submission_id = own.recheck_of
    )
    SELECT receipt_id FROM own WHERE recheck_of IS NULL
)"""
"""SQL for the receipt of the district's own drop, however often it has been checked again."""

# A duplicate has the content of the submission before it. A withdrawal that was refused changed nothing.
LATEST = f"""
    SELECT said.submission_id, said.form, said.district_code, said.period, said.outcome, said.rules_hash,
        said.checked_at, said.recheck_of, said.withdraws IS NOT NULL AND said.restores IS NULL AS withdrawn,
        content.submission_id AS content_id, {OWN_RECEIPT.format(submission_id="content.submission_id")} AS receipt_id,
        content.sha256, content.received_at
    FROM (
        SELECT DISTINCT ON (form, district_code, period) *
        FROM ledger.submission
        WHERE channel = '上报' AND form IS NOT NULL AND outcome IS DISTINCT FROM 'duplicate'
            AND (withdraws IS NULL OR outcome IS DISTINCT FROM 'rejected')
        ORDER BY form, district_code, period, receipt_id DESC
    ) AS said
    JOIN ledger.submission AS content ON content.submission_id = coalesce(said.restores, said.submission_id)
"""
"""A SELECT of the columns of :class:`Latest`, one row a key."""


def latest(
    connection: Connection, form: str | None = None, district_code: str | None = None, period: str | None = None
) -> Iterator[Latest]:
    """The latest submissions of the keys that these name, in the order of form, district and period; None is any."""
    rows = connection.execute(
        text(
            f"SELECT * FROM ({LATEST}) AS latest WHERE (CAST(:form AS text) IS NULL OR form = :form)"
            " AND (CAST(:district_code AS text) IS NULL OR district_code = :district_code)"
            " AND (CAST(:period AS text) IS NULL OR period = :period) ORDER BY form, district_code, period"
        ),
        {"form": form, "district_code": district_code, "period": period},
    ).all()
    for row in rows:
        yield Latest(**{**row._mapping, "outcome": row.outcome and Outcome(row.outcome)})


def own_receipt(connection: Connection, submission_id: int) -> int:
    """The receipt of the district's own drop of what a submission decides on, however often it was checked again."""
    found: int = connection.execute(
        text(f"SELECT {OWN_RECEIPT.format(submission_id=':id')}"), {"id": submission_id}
    ).scalar_one()
    return found


def check_again(
    one: Latest,
    register: Register,
    history_of: HistoryOf | None = None,
    known_explanations: KnownExplanations | None = None,
) -> CheckedWorkbook:
    """The verdict on the archived workbook under today's rules, as of its own moment of receipt: neither late nor
    locked by now. Writes nothing.

    Raises:
        SystemFault: the archived file is missing or damaged, or a rule can't be evaluated.
    """
    original = archive.original(settings().archive, one.sha256)
    received_on = one.received_at.astimezone(clock.ZONE).date()
    read = partial(poison.read, one.sha256)
    checked = check_file(
        original, register, one.district_code, received_on, history_of, judged_at_receipt, read, known_explanations
    )
    if checked.form is None or checked.period is None:
        checked = filed_under(forms()[one.form], one.district_code, one.period, checked)
    return checked
