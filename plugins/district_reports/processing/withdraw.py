"""Take a report back by command. What the district itself takes back comes as a file, see :mod:`.withdrawal_note`."""

import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row

from district_reports import clock
from district_reports.database.engine import Role, engine
from district_reports.errors import LeaseLost, SystemFault
from district_reports.forms import forms
from district_reports.ledger.receipts import Drop, Identity
from district_reports.ledger.submissions import submission
from district_reports.ledger.withdrawals import Reported, record_withdrawal, reported
from district_reports.model.channel import UPLOAD_CHANNEL
from district_reports.model.finding import Outcome
from district_reports.processing import ingest
from district_reports.settings import settings
from district_reports.storage import archive

WORKER_TIMEOUT_SECONDS = 60.0
_LOOK_SECONDS = 0.5


class NotWithdrawable(Exception):
    """There is no report under this receipt."""


def withdraw(receipt: int, by: str, because: str, progress: Callable[[str], None]) -> Outcome:
    """Note that `by` takes back what came under `receipt`, decide it here and now, and answer the district.

    What came before it for the same form, district and period, and is still to be decided, is decided first. Called
    again it makes no second one. A period that is locked is no hindrance: this is the office's act.

    Raises:
        NotWithdrawable: nothing was received under that number, or no report; who or why is empty.
        SystemFault: another worker held the key for a minute, or a step failed; the withdrawal is noted and is
            decided in its turn.
    """
    if not by.strip() or not because.strip():
        raise NotWithdrawable("say who asks for it and why")
    loader = engine(Role.LOADER)
    with loader.begin() as connection:
        found = reported(connection, receipt)
    identity = _identity(found, receipt, by.strip(), because.strip())
    assert found is not None
    drop = _archived(found, identity)
    with loader.begin() as connection:
        number, submission_id = record_withdrawal(connection, drop, identity)
    progress(f"receipt {number}: takes back receipt {receipt} ({found.district_code} {found.form} {found.period})")
    try:
        _work(loader, identity.form, f"{found.district_code}|{identity.period}", number, submission_id)
    finally:
        row = _state(loader, submission_id)
        if row.outcome is not None:
            progress(f"{row.outcome}: {row.reason}")
    return Outcome(row.outcome)


def _identity(found: Reported | None, receipt: int, by: str, because: str) -> Identity:
    if found is None:
        raise NotWithdrawable(f"there is no receipt {receipt}")
    if found.channel != UPLOAD_CHANNEL:
        raise NotWithdrawable(f"receipt {receipt} was only to be checked; it changed nothing")
    if found.withdraws is not None:
        raise NotWithdrawable(f"receipt {receipt} is a withdrawal itself; the district sends its report again instead")
    if found.form not in forms() or found.period is None:
        raise NotWithdrawable(f"receipt {receipt} belongs to no form; it changed nothing")
    return Identity(
        form=found.form,
        period=found.period,
        withdraws=found.submission_id,
        withdrawn_by=by,
        withdrawn_because=because,
    )


def _archived(found: Reported, identity: Identity) -> Drop:
    """The request as a file of its own, so that every receipt leads to what was asked."""
    asked_at = clock.now()
    lines = [
        f"市教育局撤回：回执 {found.receipt_id}",
        f"时间：{asked_at:%Y-%m-%d %H:%M:%S.%f}",
        f"经办：{identity.withdrawn_by}",
        f"原因：{identity.withdrawn_because}",
    ]
    content = "\r\n".join([*lines, ""]).encode("utf-8-sig")
    digest = hashlib.sha256(content).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "request.txt"
        path.write_bytes(content)
        archived = archive.put(settings().archive, path, digest)
    return Drop(
        district_code=found.district_code,
        folder=found.folder,
        file_name=f"市教育局撤回_回执{found.receipt_id}.txt",
        channel=UPLOAD_CHANNEL,
        sha256=digest,
        size_bytes=len(content),
        inode=0,
        modified_ns=0,
        received_at=asked_at,
        archived_as=str(archived.relative_to(settings().archive)),
    )


def _work(loader: Engine, form: str, key: str, number: int, submission_id: int) -> None:
    """Take the key's submissions through their steps until the withdrawal is answered."""
    # One name for all attempts: what an earlier one held when it was killed is taken over.
    holder = f"withdraw, receipt {number}"
    deadline = time.monotonic() + WORKER_TIMEOUT_SECONDS
    while _state(loader, submission_id).state != "answered":
        step = ingest.validate(form, key, holder)
        if step is None:
            if time.monotonic() > deadline:
                raise SystemFault(f"another worker is at {key}; receipt {number} is noted and is decided in its turn")
            time.sleep(_LOOK_SECONDS)
            continue
        try:
            ingest.load(step)
            ingest.answer(step)
        except LeaseLost:
            continue


def _state(loader: Engine, submission_id: int) -> Row[Any]:
    with loader.begin() as connection:
        return submission(connection, submission_id)
