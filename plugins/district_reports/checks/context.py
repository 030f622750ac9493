"""What content rules may look at beside the sheet itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from district_reports.checks.rows import SheetRows
from district_reports.model.history import History
from district_reports.model.period import Period
from district_reports.reference.register import Register, School

Column = Sequence[Any]


@dataclass(frozen=True)
class Context:
    """``sheets`` are all sheets of the workbook by table; ``history`` is None where no warehouse is asked.

    ``nil_return``: the cover says that there is nothing to report.
    """

    register: Register
    district_code: str
    period: Period
    received_on: date
    history: History | None = None
    sheets: Mapping[str, SheetRows] = field(default_factory=dict)
    nil_return: bool = False

    def open_schools(self, code: str) -> list[School]:
        """The register's rows of a school that are open on any day of the period, oldest first."""
        first, last = self.period.first_day, self.period.last_day
        return [school for school in self.register.schools_of(code) if school.is_open_between(first, last)]
