"""What a check may know of a district's last accepted report of a form (rules C06 and D07)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from district_reports.model.period import Period

if TYPE_CHECKING:
    from district_reports.model.form import Form


@dataclass(frozen=True)
class History:
    """The last accepted period before the one that is checked; ``period`` is None where there is none.

    ``rows`` maps a sheet's table to its loaded rows. They hold personal data of the district itself.
    """

    period: str | None = None
    rows: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict, repr=False)


HistoryOf = Callable[["Form", str, Period], History]
"""Form, district code and period → the history that a check of that report compares with."""
