"""Derived columns: what a rule across cells, rows, sheets, periods or the register looks at, declared as data.

Great Expectations sees one frame. A form lists here what must be computed into that frame beside its own columns;
:mod:`district_reports.checks.derive` computes each kind. A derived value is missing where what it rests on is missing
or takes no part in the content rules (docs/contract.md, "Rules").

Kinds that look at other rows look at every row read, whatever else is wrong with it. A kind may name a derived column
that is declared before it.
"""

from dataclasses import dataclass

from district_reports.model.condition import Condition, When

Pairs = tuple[tuple[str, str], ...]
"""(column of this sheet, column of the other one): both must hold the same value."""


@dataclass(frozen=True)
class ResidentIdProblem:
    """What is wrong with a resident ID (GB 11643-1999), in Chinese; missing where nothing is."""

    name: str
    column: str


@dataclass(frozen=True)
class SexOfId:
    """男 or 女 by the 17th digit of a valid resident ID."""

    name: str
    column: str


@dataclass(frozen=True)
class AgeAt:
    """Completed years between the birth date of a valid resident ID and the date in ``on``."""

    name: str
    column: str
    on: str


@dataclass(frozen=True)
class IdOfStudentNo:
    """The 18 characters after the ``G`` of a well-formed student number."""

    name: str
    column: str


@dataclass(frozen=True)
class StudentNoProblem:
    """What is wrong with the form of a student number, in Chinese; missing where nothing is."""

    name: str
    column: str


@dataclass(frozen=True)
class SchoolProblem:
    """What is wrong with a school code for this district and period, in Chinese; missing where nothing is."""

    name: str
    column: str


@dataclass(frozen=True)
class SchoolAttribute:
    """An attribute of the school in the register: ``school_name``, ``school_type``, ``area_type`` or ``sponsor``."""

    name: str
    column: str
    attribute: str


@dataclass(frozen=True)
class FirstOpened:
    """The day on which the school was opened first, by all rows that the register has of its code."""

    name: str
    column: str


@dataclass(frozen=True)
class InYear:
    """是 or 否: whether the date in ``column`` lies in the period's calendar year."""

    name: str
    column: str


@dataclass(frozen=True)
class ReferenceRows:
    """How many rows of ``sql/reference/<table>.csv`` that are valid in the period match this row."""

    name: str
    table: str
    on: Pairs


@dataclass(frozen=True)
class ReferenceNumber:
    """The number in ``column`` of the matching row of a reference table; missing where none matches."""

    name: str
    table: str
    on: Pairs
    column: str


@dataclass(frozen=True)
class ReferenceText:
    """The text in ``column`` of the matching row of a reference table; missing where none matches."""

    name: str
    table: str
    on: Pairs
    column: str


@dataclass(frozen=True)
class RowsWithKey:
    """How many rows read hold the same values in ``columns``."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class OtherRowsWithKey:
    """Where the other rows read stand that hold the same values in ``columns``, in words; missing where there are none.

    The first of them are named, and how many there are.
    """

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class MatchingRows:
    """How many rows of the sheet ``table`` match this row and meet every condition of ``where``.

    ``distinct`` counts the different values of a column instead. ``doubtful`` says whether a row counts whose cell in a
    condition is broken, so that a mistake which is told already causes no second finding.
    """

    name: str
    table: str
    on: Pairs
    where: tuple[Condition, ...] = ()
    distinct: str | None = None
    doubtful: bool = False


@dataclass(frozen=True)
class EarliestDate:
    """The earliest date in ``column`` of the rows of the sheet ``table`` that match this row and meet ``where``."""

    name: str
    table: str
    on: Pairs
    column: str
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class OverlappingRows:
    """How many other rows with the same ``by`` share a day with this one, from ``start`` to ``end``, both counted.

    Rows with the same values in ``same``, ``start`` among them, are the same thing told twice and do not count.
    """

    name: str
    by: str
    start: str
    end: str
    same: tuple[str, ...]


@dataclass(frozen=True)
class DaysSpanned:
    """The days from ``start`` to ``end``, both counted, ``times`` a factor; missing where the end comes first."""

    name: str
    start: str
    end: str
    times: int = 1


@dataclass(frozen=True)
class Quotient:
    """``dividend`` by ``divisor``; infinite where only the divisor is 0, missing where both are."""

    name: str
    dividend: str
    divisor: str


@dataclass(frozen=True)
class Percentage:
    """``percent`` per cent of the number in ``column``."""

    name: str
    column: str
    percent: int


@dataclass(frozen=True)
class PreviousNumber:
    """``column`` of the last accepted period's row with the same ``by``; missing where there is none. Needs history."""

    name: str
    column: str
    by: str


@dataclass(frozen=True)
class Change:
    """By how many per cent ``column`` differs from ``previous``; missing where that is less than ``at_least``."""

    name: str
    column: str
    previous: str
    at_least: int


Derived = (
    ResidentIdProblem
    | SexOfId
    | AgeAt
    | IdOfStudentNo
    | StudentNoProblem
    | SchoolProblem
    | SchoolAttribute
    | FirstOpened
    | InYear
    | ReferenceRows
    | ReferenceNumber
    | ReferenceText
    | RowsWithKey
    | OtherRowsWithKey
    | MatchingRows
    | EarliestDate
    | OverlappingRows
    | DaysSpanned
    | Quotient
    | Percentage
    | PreviousNumber
    | Change
)


def compared(column: str, by: str, at_least: int) -> tuple[PreviousNumber, Change]:
    """``<column>_previous`` and ``<column>_change``, which rule C06 looks at."""
    previous = f"{column}_previous"
    return PreviousNumber(previous, column, by), Change(f"{column}_change", column, previous, at_least)


@dataclass(frozen=True)
class ExpectedSchools:
    """A frame of its own: the register's schools of the district that must have a row in the sheet.

    Schools of ``school_types`` open on the period's last day; the frame's columns are ``school_code``,
    ``school_name``, ``school_type`` and ``row_count`` (rows read of the sheet with that code in ``column``).
    Its findings are about the sheet, not about a cell.
    """

    name: str
    column: str
    school_types: tuple[str, ...]


@dataclass(frozen=True)
class RowCountChange:
    """A frame of one row: ``row_count`` (rows read), ``previous_row_count`` and ``change`` in per cent.

    ``change`` is missing where the last accepted period had less than ``at_least`` rows. Needs history.
    """

    name: str
    at_least: int


@dataclass(frozen=True)
class CarriedOver:
    """A frame of the last accepted period's rows that meet ``where`` and must be in this sheet again, by ``column``.

    Its columns are ``column``, those of ``shown``, and ``row_count`` (rows read with the same value). Needs history.
    """

    name: str
    column: str
    where: When
    shown: tuple[str, ...] = ()


SheetFrame = ExpectedSchools | RowCountChange | CarriedOver
