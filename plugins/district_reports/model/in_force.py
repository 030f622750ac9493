"""What counts of a report at a moment: the version in force, as the district knows it."""

from dataclasses import dataclass
from datetime import datetime

from district_reports.model.finding import Outcome, outcome_label


@dataclass(frozen=True)
class Version:
    """A version of the report: ``receipt_no`` and ``received_at`` are those of the district's own drop of it."""

    submission_id: int
    receipt_no: int
    received_at: datetime
    outcome: Outcome
    nil_return: bool = False

    @property
    def label(self) -> str:
        """The receipt, when it came, and what became of it."""
        word = outcome_label(self.outcome, self.nil_return)
        return f"回执 {self.receipt_no}，{self.received_at:%Y-%m-%d %H:%M} 收到，{word}"


@dataclass(frozen=True)
class VersionInForce:
    """What is in force now; ``version`` is None where nothing is. ``itself``: it is the file that is being answered."""

    version: Version | None = None
    itself: bool = False
