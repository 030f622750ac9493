"""What a check may ask of what came before; by default nothing is known."""

from dataclasses import dataclass

from district_reports.model.explanations import KnownExplanations
from district_reports.model.history import HistoryOf
from district_reports.model.lock import TakenUntil, as_declared


@dataclass(frozen=True)
class Knowledge:
    """Asked once the cover has told what the report is; each part can be left out.

    Without ``history_of`` the rules that need history are not checked, and named in ``not_checked``. ``taken_until``
    knows of exceptions to the lock, ``explanations`` what the district has said of its warnings before.
    """

    history_of: HistoryOf | None = None
    taken_until: TakenUntil = as_declared
    explanations: KnownExplanations | None = None


NOTHING_KNOWN = Knowledge()
