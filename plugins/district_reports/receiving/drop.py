"""What receiving asks of the ledger, and the ledger in the warehouse that gives it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import Engine, text

from district_reports.failpoints import failpoint
from district_reports.ledger import locks, receipts, withdrawals
from district_reports.ledger.receipts import Drop, Identity
from district_reports.ledger.records import findings_of
from district_reports.ledger.withdrawals import Reported
from district_reports.model.finding import Finding
from district_reports.model.form import Form
from district_reports.model.period import Period


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """The decision on a file without identity, made when it is received."""

    reason: str
    rules_hash: str
    findings: Sequence[Finding]


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A drop as the ledger has it. ``rejection`` is None for a workbook or a withdrawal with an identity."""

    receipt_id: int
    submission_id: int
    drop: Drop
    identity: Identity | None
    rejection: Rejection | None


def state_of(drop: Drop) -> tuple[int, int, int]:
    """What tells the original from a file that took its place; as ``Look.state``."""
    return drop.size_bytes, drop.modified_ns, drop.inode


class Ledger(Protocol):
    """The part of the ledger that receiving needs; each call is one transaction."""

    def unsettled(self) -> Sequence[Filed]:
        """Drops whose original may still lie in its folder, oldest first."""

    def knows(self, district_code: str) -> bool:
        """Whether the district ever dropped anything."""

    def reported(self, receipt_id: int) -> Reported | None:
        """What was received under this number, if anything."""

    def prechecked(self, folder: str, sizes: Sequence[int]) -> Sequence[Drop]:
        """What was taken from the folder's 预检 before and has one of these sizes."""

    def record(self, drop: Drop, identity: Identity | None, rejection: Rejection | None) -> Filed:
        """Make the receipt and its submission, decided at once when there is a `rejection`."""

    def answered(self, filed: Filed, answered_as: str) -> None:
        """The answer to a file without identity lies in 反馈; safe to repeat."""

    def settle(self, filed: Filed) -> None:
        """The original has left its folder; safe to repeat."""

    def taken_until(self, form: Form, district_code: str, period: Period) -> date:
        """The last day on which the report is taken, exceptions to the lock included."""


class WarehouseLedger:
    """The ledger in PostgreSQL, for the loader's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def unsettled(self) -> list[Filed]:
        with self._engine.begin() as connection:
            found = []
            for receipt in receipts.unsettled_receipts(connection):
                row = connection.execute(
                    text(
                        "SELECT form, period, filler, telephone, withdraws, reason, rules_hash FROM ledger.submission"
                        " WHERE submission_id = :id"
                    ),
                    {"id": receipt.submission_id},
                ).one()
                identity = rejection = None
                if row.form is None:
                    findings = findings_of(connection, receipt.submission_id)
                    rejection = Rejection(reason=row.reason, rules_hash=row.rules_hash, findings=findings)
                else:
                    identity = Identity(
                        form=row.form,
                        period=row.period,
                        filler=row.filler,
                        telephone=row.telephone,
                        withdraws=row.withdraws,
                    )
                found.append(
                    Filed(
                        receipt_id=receipt.receipt_id,
                        submission_id=receipt.submission_id,
                        drop=receipt.drop,
                        identity=identity,
                        rejection=rejection,
                    )
                )
            return found

    def knows(self, district_code: str) -> bool:
        with self._engine.begin() as connection:
            statement = text("SELECT EXISTS (SELECT FROM receipts.receipt WHERE district_code = :code)")
            return bool(connection.scalar(statement, {"code": district_code}))

    def reported(self, receipt_id: int) -> Reported | None:
        with self._engine.begin() as connection:
            return withdrawals.reported(connection, receipt_id)

    def prechecked(self, folder: str, sizes: Sequence[int]) -> list[Drop]:
        with self._engine.begin() as connection:
            return receipts.prechecked(connection, folder, sizes)

    def record(self, drop: Drop, identity: Identity | None, rejection: Rejection | None) -> Filed:
        with self._engine.begin() as connection:
            receipt_id, submission_id = receipts.record_receipt(connection, drop, identity)
            if rejection is not None:
                receipts.decide_at_once(
                    connection,
                    submission_id,
                    reason=rejection.reason,
                    findings=rejection.findings,
                    rules_hash=rejection.rules_hash,
                )
            failpoint("record: before commit")
        return Filed(
            receipt_id=receipt_id, submission_id=submission_id, drop=drop, identity=identity, rejection=rejection
        )

    def answered(self, filed: Filed, answered_as: str) -> None:
        with self._engine.begin() as connection:
            receipts.answered_at_once(connection, filed.submission_id, answered_as)

    def settle(self, filed: Filed) -> None:
        with self._engine.begin() as connection:
            receipts.settle_receipt(connection, filed.receipt_id)

    def taken_until(self, form: Form, district_code: str, period: Period) -> date:
        with self._engine.begin() as connection:
            return locks.taken_until(connection, form, district_code, period)
