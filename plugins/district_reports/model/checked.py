"""A workbook after all its checks: what ``load`` decides on."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from district_reports.model.finding import Finding, Outcome, SheetCount

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class CheckedWorkbook:
    """The verdict on one workbook and everything that would be loaded.

    ``form`` and ``period`` are None for a file without identity. ``outcome`` is the verdict before it is known whether
    the submission is a duplicate. ``rows`` holds, for each table, the rows to load: ``row_number`` (int32, the Excel
    row) and the form's columns (text, code and identifiers as string, integer int64, decimal decimal128(14, 2), date
    date32, yes_no bool). ``quarantined`` holds, for each table, Excel row and cells as the district typed them.
    ``not_checked`` names the rules that need history and had none.
    """

    form: str | None
    district_code: str | None
    period: str | None
    received_on: date
    filler: str | None
    telephone: str | None
    nil: bool
    outcome: Outcome
    reason: str
    rules_hash: str
    findings: tuple[Finding, ...]
    counts: tuple[SheetCount, ...]
    not_checked: tuple[str, ...] = ()
    rows: dict[str, "pa.Table"] = field(default_factory=dict)
    quarantined: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
