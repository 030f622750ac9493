"""What one call of receiving did, and what broke on the way."""

import logging
from dataclasses import dataclass, field

_LISTED = 5

log = logging.getLogger(__name__)


@dataclass
class ReceiveSummary:
    """Counts of files: newly received (those rejected at once included), rejected at once, finished after an earlier
    call was cut off, and still being written or held open. ``faults``: what broke, by the words for it."""

    received: int = 0
    rejected_at_once: int = 0
    finished: int = 0
    unsettled: int = 0
    faults: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, words: str) -> None:
        """Note that `what` failed; said once where the same words hold for many, as on a share that is read-only."""
        if words not in self.faults:
            log.error("receiving failed for %s: %s", what, words)
        self.faults.setdefault(words, []).append(what)

    def failed(self, what: str) -> bool:
        """Whether something broke for `what`."""
        return any(what in failed for failed in self.faults.values())

    def fault(self) -> str | None:
        """All that broke, in one sentence."""
        if not self.faults:
            return None
        failed = sum(map(len, self.faults.values()))
        faults = "; ".join(f"{_listed(what)}: {words}" for words, what in self.faults.items())
        return f"receiving failed for {failed} of {failed + self.received} files: {faults}"


def _listed(what: list[str]) -> str:
    some = list(dict.fromkeys(what))
    return ", ".join(some[:_LISTED]) + (f" and {len(some) - _LISTED} more" if len(some) > _LISTED else "")
