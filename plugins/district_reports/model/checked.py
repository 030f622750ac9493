"""What the checks hand to the warehouse: a workbook read, judged and typed, before anything is decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from district_reports.model.explanations import Said
from district_reports.model.finding import Finding, Outcome, SheetCount
from district_reports.model.validation import FrameResult

if TYPE_CHECKING:
    import pyarrow as pa

Cells = Mapping[str, object]
QuarantinedRow = tuple[int, Cells]
Who = Mapping[str, Mapping[int, str]]
"""By the title of a sheet and the Excel row: the name of a person, of a school, or both."""


@dataclass(frozen=True, kw_only=True)
class CheckedWorkbook:
    """One workbook under its (form, district, period), as the checks left it.

    ``form``, ``district`` and ``period`` are None where the file does not tell: such a file is decided when it is
    received and never loaded. ``not_checked`` names the rules that need history and had none.

    ``verdict`` is rejected, accepted_with_errors or accepted; whether the workbook is a duplicate is only known when it
    is decided. ``reason`` is the sentence in Chinese that goes with the verdict.

    ``validation`` is what Great Expectations found, without values; empty where it was rejected before its rows were
    looked at.

    ``rows`` maps a sheet's table to the rows that would load: a ``row_number`` (int, the Excel row) and the form's
    columns, typed: text, code and identifiers as string, integer as int64, decimal as decimal128(14, 2), date as
    date32, yes_no as bool. A table that is missing here has no rows to load.

    ``quarantined`` maps a table to (Excel row, cells as the district typed them). ``who`` tells of the rows with
    findings whom or which school they are about. All three hold personal data, and so may ``explanations``: what the
    workbook itself says of warnings, by their id; also of such as it does not have now.
    """

    form: str | None
    district: str | None
    period: str | None
    received_on: date
    verdict: Outcome
    reason: str
    rules_hash: str
    findings: tuple[Finding, ...] = ()
    counts: tuple[SheetCount, ...] = ()
    rows: "Mapping[str, pa.Table]" = field(default_factory=dict, repr=False)
    quarantined: Mapping[str, Sequence[QuarantinedRow]] = field(default_factory=dict, repr=False)
    who: Who = field(default_factory=dict, repr=False)
    explanations: Said = field(default_factory=dict, repr=False)
    nil_return: bool = False
    not_checked: tuple[str, ...] = ()
    validation: tuple[FrameResult, ...] = ()
