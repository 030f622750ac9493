"""What became of a submission, as a key of the words and a tone: the same on the list, the page and its versions."""

from typing import Any, NamedTuple

from sqlalchemy import Row

from district_reports.model.channel import PRECHECK_CHANNEL


class Verdict(NamedTuple):
    """``key`` is one of ``submissions.verdict.…``; ``tone`` as the macro ``badge`` has it."""

    key: str
    tone: str
    precheck: bool = False


_DECIDED = {
    "accepted": ("accepted", "good"),
    "accepted_with_errors": ("accepted_with_errors", "warn"),
    "rejected": ("rejected", "bad"),
    "duplicate": ("duplicate", "calm"),
}
_FORESEEN = {
    "accepted": ("would_be_accepted", "good"),
    "accepted_with_errors": ("would_have_errors", "warn"),
    "rejected": ("would_be_rejected", "bad"),
    "duplicate": ("duplicate", "calm"),
}


def verdict_of(row: Row[Any]) -> Verdict:
    """Of a row of ``ledger.submission``: a nil return, a withdrawal and what was only to be checked are never alike."""
    precheck = row.channel == PRECHECK_CHANNEL
    if row.outcome is None:
        return Verdict("under_way", "busy", precheck)
    if row.withdraws is not None:
        return Verdict("withdrawal_refused", "bad") if row.outcome == "rejected" else Verdict("withdrawn", "calm")
    if row.nil_return and row.outcome == "accepted":
        return Verdict("nil", "good", precheck)
    return Verdict(*(_FORESEEN if precheck else _DECIDED)[row.outcome], precheck)
