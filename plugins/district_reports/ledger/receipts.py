"""Receipts: what was dropped, and under what it is filed. Events are a hint, the ledger is the truth.

Plain functions on a connection of the loader; the caller commits. A *receipt* is one drop, a *submission* the content
of a receipt under its (form, district, period). Order is the order of receipts, never a clock: the deployment's clock
may play another day. A worklist that comes back is no report: its receipt has no submission.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.database.moments import known_in_turn
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.ledger.records import findings_of, store_findings
from district_reports.ledger.versions import Decision, moment_of_decision, store_decision
from district_reports.model.channel import PRECHECK_CHANNEL
from district_reports.model.finding import Finding, Outcome


@dataclass(frozen=True, kw_only=True)
class Drop:
    """One file that a district dropped, archived already.

    ``folder`` is relative to the uploads, ``inode`` and ``modified_ns`` are the original's, ``received_at`` goes by the
    deployment's clock, ``archived_as`` is the path in the archive.
    """

    district_code: str
    folder: str
    file_name: str
    channel: str
    sha256: str
    size_bytes: int
    inode: int
    modified_ns: int
    received_at: datetime
    archived_as: str

    @property
    def state(self) -> tuple[int, int, int]:
        """What tells the original from a file that took its place."""
        return self.size_bytes, self.modified_ns, self.inode


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What the cover says a workbook is; the clerk's name and telephone may be empty.

    A withdrawal is filed under the same form and period as the submission ``withdraws`` that it takes back;
    ``withdrawn_by`` and ``withdrawn_because`` tell who in the office asked for it and why, where it was the office.
    """

    form: str
    period: str
    filler: str | None = None
    telephone: str | None = None
    withdraws: int | None = None
    withdrawn_by: str | None = None
    withdrawn_because: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """The decision on a file without identity, made when it is received."""

    reason: str
    rules_hash: str
    findings: Sequence[Finding]


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A drop as the ledger has it. ``rejection`` is None for a workbook or a withdrawal with an identity.

    A worklist that came back has neither, nor a submission.
    """

    receipt_id: int
    submission_id: int | None
    drop: Drop
    identity: Identity | None
    rejection: Rejection | None

    @property
    def is_worklist(self) -> bool:
        return self.submission_id is None


def file_drop(connection: Connection, drop: Drop, what: Identity | Rejection) -> Filed:
    """Note a drop, as :func:`record_receipt`; one without identity is decided with it."""
    identity, rejection = (what, None) if isinstance(what, Identity) else (None, what)
    receipt_id, submission_id = record_receipt(connection, drop, identity)
    if rejection is not None:
        decide_at_once(connection, submission_id, rejection)
    failpoint("record: before commit")
    return Filed(receipt_id=receipt_id, submission_id=submission_id, drop=drop, identity=identity, rejection=rejection)


def record_receipt(connection: Connection, drop: Drop, identity: Identity | None) -> tuple[int, int]:
    """Note a drop and its submission; (receipt_id, submission_id).

    Called again for the same unsettled drop (a crash came before the original was moved), it returns what it noted
    then. Another file under the same name means that the district replaced it before it was moved: the earlier
    receipt is settled, since its original is gone, and a new one is made.
    """
    known_in_turn(connection)
    if identity is not None and identity.withdraws is not None:
        after_every_receipt(connection)
    found = _noted_before(connection, drop, as_report=True)
    if found is not None:
        assert found.submission_id is not None
        return found.receipt_id, found.submission_id
    receipt_id = _note(connection, drop)
    submission_id = connection.execute(
        text(
            "INSERT INTO ledger.submission (receipt_id, form, period, district_code, channel, sha256, filler,"
            " telephone, withdraws, withdrawn_by, withdrawn_because, received_at) VALUES (:receipt_id, :form, :period,"
            " :district_code, :channel, :sha256, :filler, :telephone, :withdraws, :withdrawn_by, :withdrawn_because,"
            " :received_at) RETURNING submission_id"
        ),
        {
            **(vars(identity) if identity else dict.fromkeys(Identity.__dataclass_fields__)),
            "receipt_id": receipt_id,
            "district_code": drop.district_code,
            "channel": drop.channel,
            "sha256": drop.sha256,
            "received_at": drop.received_at,
        },
    ).scalar_one()
    return receipt_id, submission_id


def record_worklist(connection: Connection, drop: Drop) -> tuple[Filed, bool]:
    """Note the drop of a worklist that came back, as :func:`record_receipt` does; and whether it is noted only now."""
    known_in_turn(connection)
    found = _noted_before(connection, drop, as_report=False)
    receipt_id = found.receipt_id if found is not None else _note(connection, drop)
    filed = Filed(receipt_id=receipt_id, submission_id=None, drop=drop, identity=None, rejection=None)
    return filed, found is None


def _noted_before(connection: Connection, drop: Drop, *, as_report: bool) -> Row[Any] | None:
    """The receipt (and its submission) of the same unsettled drop; one of another file under its name is settled."""
    found = connection.execute(
        text(
            "SELECT receipt_id, submission_id, r.sha256, size_bytes, inode, modified_ns"
            " FROM ledger.receipt r LEFT JOIN ledger.submission USING (receipt_id)"
            " WHERE folder = :folder AND r.channel = :channel AND file_name = :file_name AND settled_at IS NULL"
            " FOR UPDATE OF r"
        ),
        {"folder": drop.folder, "channel": drop.channel, "file_name": drop.file_name},
    ).one_or_none()
    if found is None:
        return None
    is_same = tuple(found[2:]) == (drop.sha256, drop.size_bytes, drop.inode, drop.modified_ns)
    if is_same and (found.submission_id is not None) == as_report:
        return found
    settle_receipt(connection, found.receipt_id)
    return None


def _note(connection: Connection, drop: Drop) -> int:
    noted: int = connection.execute(
        text(
            "INSERT INTO ledger.receipt (district_code, folder, file_name, channel, sha256, size_bytes, inode,"
            " modified_ns, received_at, archived_as) VALUES (:district_code, :folder, :file_name, :channel, :sha256,"
            " :size_bytes, :inode, :modified_ns, :received_at, :archived_as) RETURNING receipt_id"
        ),
        vars(drop),
    ).scalar_one()
    return noted


def after_every_receipt(connection: Connection) -> None:
    """Wait for drops that are being noted at this moment, so that their receipts are seen and come before a new one."""
    connection.execute(text("LOCK TABLE ledger.receipt IN SHARE ROW EXCLUSIVE MODE"))


def unsettled(connection: Connection) -> list[Filed]:
    """Drops whose original may still lie in its folder, oldest first."""
    rows = connection.execute(
        text(
            "SELECT r.*, submission_id, form, period, filler, telephone, withdraws, reason, rules_hash"
            " FROM ledger.receipt r LEFT JOIN ledger.submission USING (receipt_id)"
            " WHERE settled_at IS NULL ORDER BY receipt_id"
        )
    ).all()
    return [filed(connection, row) for row in rows]


def filed(connection: Connection, row: Row[Any]) -> Filed:
    """The drop that a row of its receipt and submission, if it has one, tells of."""
    identity = rejection = None
    if row.form is not None:
        names = ("form", "period", "filler", "telephone", "withdraws")
        identity = Identity(**{name: row._mapping[name] for name in names})
    elif row.submission_id is not None:
        findings = findings_of(connection, row.submission_id)
        rejection = Rejection(reason=row.reason, rules_hash=row.rules_hash, findings=findings)
    return Filed(
        receipt_id=row.receipt_id,
        submission_id=row.submission_id,
        drop=_drop(row),
        identity=identity,
        rejection=rejection,
    )


def _drop(row: Row[Any]) -> Drop:
    return Drop(**{name: row._mapping[name] for name in Drop.__dataclass_fields__})


def dropped_anything(connection: Connection, district_code: str) -> bool:
    """Whether the district ever dropped a file."""
    statement = text("SELECT EXISTS (SELECT FROM ledger.receipt WHERE district_code = :code)")
    return bool(connection.scalar(statement, {"code": district_code}))


def prechecked(connection: Connection, folder: str, sizes: Sequence[int]) -> list[Drop]:
    """What was taken from 预检 in the district's `folder`, of files of these sizes (bytes)."""
    rows = connection.execute(
        text(
            "SELECT * FROM ledger.receipt WHERE channel = :channel AND folder = :folder"
            " AND size_bytes = ANY(:sizes) ORDER BY receipt_id"
        ),
        {"channel": PRECHECK_CHANNEL, "folder": folder, "sizes": list(sizes)},
    )
    return [_drop(row) for row in rows]


def settle_receipt(connection: Connection, receipt_id: int) -> None:
    """Note that the original has left the folder; a second call changes nothing."""
    connection.execute(
        text("UPDATE ledger.receipt SET settled_at = clock_timestamp() WHERE receipt_id = :id AND settled_at IS NULL"),
        {"id": receipt_id},
    )


def decide_at_once(connection: Connection, submission_id: int, rejection: Rejection) -> None:
    """Reject a file without identity, with its findings; a second call changes nothing.

    Raises:
        SystemFault: the submission has an identity; its key's worker decides it.
    """
    row = connection.execute(
        text("SELECT * FROM ledger.submission WHERE submission_id = :id FOR UPDATE"), {"id": submission_id}
    ).one()
    if row.form is not None:
        raise SystemFault(f"submission {submission_id} has an identity and is decided in its turn")
    if row.state in ("decided", "answered"):
        return
    decision = Decision(submission_id, Outcome.REJECTED, rejection.reason, (), moment_of_decision(connection, row))
    store_decision(connection, decision, rejection.rules_hash, None, False)
    store_findings(connection, submission_id, rejection.findings)


def answered_at_once(connection: Connection, submission_id: int, answered_as: str | None) -> None:
    """Note the answer to a decided file without identity; a second call changes nothing."""
    connection.execute(
        text(
            "UPDATE ledger.submission SET state = 'answered', answered_as = :answered_as,"
            " answered_at = clock_timestamp()"
            " WHERE submission_id = :id AND form IS NULL AND state = 'decided'"
        ),
        {"id": submission_id, "answered_as": answered_as},
    )
