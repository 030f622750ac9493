"""What a check says, and what becomes of it (docs/contract.md, "Rules" and "What becomes of a submission")."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """As in Great Expectations; ``label`` is the clerk's word."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"

    @property
    def label(self) -> str:
        return {"critical": "错误", "warning": "警告", "info": "提示"}[self.value]


class Outcome(StrEnum):
    """Every submission ends in exactly one of these."""

    REJECTED = "rejected"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"

    @property
    def label(self) -> str:
        return {
            "rejected": "退回",
            "accepted_with_errors": "部分接收",
            "accepted": "通过",
            "duplicate": "重复",
        }[self.value]


NIL = "无数据申报"


def outcome_label(outcome: Outcome, nil_return: bool) -> str:
    """The clerk's word for what became of a file; an accepted nil return is never called as a report with rows is."""
    return NIL if nil_return and outcome is Outcome.ACCEPTED else outcome.label


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One mistake or remark at one place.

    ``sheet`` and ``column`` are the titles that the clerk sees, ``field`` is the column's identifier, ``cell`` an
    address such as ``B7`` (None for a finding about a sheet or a file), ``row`` the Excel row (None likewise).
    All texts may quote the workbook, titles included, and so be personal data: they go to the district and to the
    findings schema, nowhere else (:mod:`district_reports.checks.declared` says what others are told). A finding that
    stands for many has their rows in ``rows``, and the place of the first of them or none.

    ``warning_id`` names a warning as long as what it is about keeps its value, whichever row it moves to;
    ``explanation`` is what the district said of it, which keeps it quiet. A warning without a name asks for none.
    """

    rule: str
    severity: Severity
    message: str
    fix: str
    sheet: str | None = None
    cell: str | None = None
    column: str | None = None
    field: str | None = None
    row: int | None = None
    value: str | None = None
    rows: tuple[int, ...] = ()
    warning_id: str | None = None
    explanation: str | None = None

    @property
    def waits(self) -> bool:
        """Whether it is a warning that waits for the district to look at it."""
        return self.warning_id is not None and self.explanation is None


@dataclass(frozen=True)
class SheetCount:
    """What became of a sheet's rows; wholly blank rows are not read.

    Of the rows ignored, ``no_data`` are totals, footers and the like (T09); the others are sound rows of a workbook of
    which nothing was loaded.
    """

    table: str
    sheet: str
    rows_read: int
    loaded: int
    quarantined: int
    ignored: int
    no_data: int = 0
