"""What receiving writes into the ledger, and what it asks of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from district_reports.model.finding import Finding


@dataclass(frozen=True, kw_only=True)
class Drop:
    """One file that lay in a district's folder; the columns of ``ledger.receipt``.

    ``folder`` is the name of the district's folder; ``inode``, ``size_bytes`` and ``modified_ns`` tell after a crash
    whether the file that still lies there is the one that was received.
    """

    district_code: str
    folder: str
    file_name: str
    lane: str
    sha256: str
    size_bytes: int
    inode: int
    modified_ns: int
    received_at: datetime
    archived_as: str

    @property
    def state(self) -> tuple[int, int, int]:
        return self.size_bytes, self.modified_ns, self.inode


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a workbook is filed under, and what its cover says of its sender."""

    form: str
    period: str
    filler: str
    telephone: str
    nil_return: bool


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """The decision on a file without identity, made when it is received."""

    reason: str
    rules_hash: str
    findings: Sequence[Finding]


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A drop as the ledger has it. ``rejection`` is None for a workbook with an identity."""

    receipt_id: int
    submission_id: int
    drop: Drop
    identity: Identity | None
    rejection: Rejection | None


class Ledger(Protocol):
    """The part of the ledger that receiving needs; each call is one transaction."""

    def unsettled_receipts(self) -> Sequence[Receipt]:
        """Receipts whose original may still lie in its folder, oldest first."""

    def record_receipt(self, drop: Drop, identity: Identity | None, rejection: Rejection | None) -> Receipt:
        """Make the receipt and its submission, decided at once when there is a `rejection`."""

    def mark_answered(self, submission_id: int) -> None:
        """The answer lies in 反馈; safe to repeat."""

    def settle_receipt(self, receipt_id: int) -> None:
        """The original has left its folder; safe to repeat."""
