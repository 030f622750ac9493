"""Templates that save typing: what the next report's rows hold already, declared as data beside each sheet.

A figure that must be counted anew is never kept: a stale one that nobody notices is worse than an empty cell. What is
kept is what a clerk would copy from the last report without looking anything up (work plan, item 28).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from district_reports.model.condition import Above, When
from district_reports.model.period import Period

Row = Mapping[str, object]
"""A row's values by column name, as a template takes them: 是 and 否 are texts."""
Columns = tuple[str | When | Above, ...]
"""Columns by name; with a condition, only if it holds: for what does not change any more then."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The columns of a row of the last report that hold on: for good, until 31 December, until the school year ends."""

    always: Columns = ()
    in_year: Columns = ()
    in_school_year: Columns = ()


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """With each new school year the number in ``grade`` goes up by one, as far as ``last`` for the row's ``stage``.

    Who was in the last grade has left the stage: ``left`` columns are empty then, and so are grade and stage. A sheet
    that does not tell the grade names in ``told_by`` a table that does, and the column that both share; rows of whom
    that table does not know are kept as they are.
    """

    grade: str
    stage: str
    last: tuple[tuple[str, int], ...]
    left: tuple[str, ...] = ()
    told_by: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Settled:
    """``column`` can be nothing but ``value`` where ``given``, a column of the row or what the register says of its
    school, is one of ``among``.
    """

    column: str
    value: str | int
    given: str
    among: tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class SchoolRows:
    """A row for each school of the register of ``types`` that is open on the period's last day.

    The sheet's key is the school's code. ``register`` pairs a column with an attribute of the register's school;
    ``kept`` comes from the school's row in the last report, unless the register now says another type or area of it;
    ``settled`` follows from the rules. The column ``opened_this_year`` says whether the register has it opened first in
    the period's calendar year.
    """

    types: tuple[str, ...]
    register: tuple[tuple[str, str], ...] = ()
    kept: Kept = Kept()
    settled: tuple[Settled, ...] = ()
    opened_this_year: str | None = None


@dataclass(frozen=True, kw_only=True)
class CarriedRows:
    """The rows of the last report that meet ``where``, with the columns in ``kept``."""

    kept: Kept
    where: When | None = None
    promotion: Promotion | None = None


Prefill = SchoolRows | CarriedRows


@dataclass(frozen=True, kw_only=True)
class HelperSheet:
    """A sheet of the template that a check does not read: what is typed there once fills ``columns`` of many rows.

    These are the rows with the same ``by``. It begins with the rows that the last reports have by ``by``, with what
    these say of ``known``, which changes rarely, where they say one thing. With ``everyone`` all earlier reports are
    asked, else the last one alone. ``asked`` are those of the columns that must be typed there, but for rows that
    ``unless`` lets off; ``spare`` empty rows follow.
    """

    title: str
    row_is: str
    by: tuple[str, ...]
    columns: tuple[str, ...]
    notes: str
    known: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    unless: When | None = None
    everyone: bool = False
    spare: int = 100


@dataclass(frozen=True, kw_only=True)
class FromTable:
    """``columns`` follow from the row of another data sheet of the form that has the same ``by``."""

    table: str
    by: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Computed:
    """``column`` follows from the column ``on``: a result for each value in ``cases``, and else what the column
    ``otherwise`` says, if one is named.
    """

    column: str
    on: str
    cases: tuple[tuple[str | int, str | int], ...]
    otherwise: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def of(self, row: Row) -> object:
        """What it is in `row`; None where nothing follows."""
        if row.get(self.on) is None:
            return None
        return dict(self.cases).get(row[self.on], row.get(self.otherwise) if self.otherwise else None)  # type: ignore[call-overload]


@dataclass(frozen=True, kw_only=True)
class SexFromId:
    """``column`` (男 or 女) follows from the resident ID in ``resident_id``."""

    column: str
    resident_id: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def of(self, row: Row) -> object:
        """What it is in `row`; None without an ID."""
        value = str(row.get(self.resident_id) or "")
        return ("女", "男")[int(value[16]) % 2] if len(value) == 18 and value[16].isdigit() else None


@dataclass(frozen=True, kw_only=True)
class FromSchool:
    """``column`` follows from the type that the register says of the school whose code is in ``school_code``: what
    ``by_type`` pairs with it, if it is there.
    """

    column: str
    school_code: str
    by_type: tuple[tuple[str, str], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def of(self, row: Row, types: Mapping[str, str]) -> object:
        """What it is in `row`, with the schools' types by code; None where nothing follows."""
        return dict(self.by_type).get(types.get(str(row.get(self.school_code)), ""))


Follow = HelperSheet | FromTable | Computed | SexFromId | FromSchool
"""Of several that fill one column the first that says something is taken."""


@dataclass(frozen=True)
class LastReport:
    """A report in force of an earlier period: its rows by table, with the columns that a template asks for."""

    period: Period
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Known:
    """What a district's reports in force say already. It holds names and IDs of the district itself.

    ``reports`` are the last one, or after a merger those of each district taken together. ``everyone`` maps the title
    of a helper sheet that asks all earlier reports to what they say, the latest last. ``filler`` and ``telephone`` are
    those of the last report.
    """

    reports: Sequence[LastReport] = ()
    everyone: Mapping[str, Sequence[Row]] = field(default_factory=dict, repr=False)
    filler: str = field(default="", repr=False)
    telephone: str = field(default="", repr=False)


def names_of(columns: Columns) -> list[str]:
    """The columns' names."""
    return [each if isinstance(each, str) else each.column for each in columns]


def asked_of_report(prefill: Prefill | None, follows: Sequence[Follow] = ()) -> list[str]:
    """The columns that a template asks of the last report's rows, each once."""
    more: list[str] = []
    for each in follows:
        if isinstance(each, HelperSheet) and not each.everyone:
            more += [*each.by, *each.known]
    match prefill:
        case SchoolRows(kept=kept):
            more += [column for column, _ in prefill.register]
        case CarriedRows(kept=kept):
            more += [prefill.where.column] if prefill.where else []
        case None:
            return list(dict.fromkeys(more))
    return list(dict.fromkeys([*names_of(kept.always), *names_of(kept.in_year), *names_of(kept.in_school_year), *more]))
