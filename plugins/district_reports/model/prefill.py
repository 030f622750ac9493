"""Templates that save typing: what the next report's rows hold already, declared as data beside each sheet.

A figure that must be counted anew is never kept: a stale one that nobody notices is worse than an empty cell. What is
kept is what a clerk would copy from the last report without looking anything up (work plan, item 28).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from district_reports.model.condition import When
from district_reports.model.period import Period

Row = Mapping[str, object]
"""A row's values by column name, as a template takes them: 是 and 否 are texts."""
Columns = tuple[str | When, ...]
"""Columns by name; with a When, only if the column holds one of the values: those that don't change any more."""


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
class SchoolRows:
    """A row for each school of the register of ``types`` that is open on the period's last day.

    The sheet's key is the school's code. ``register`` pairs a column with an attribute of the register's school;
    ``kept`` comes from the school's row in the last report, unless the register now says another type or area of it.
    """

    types: tuple[str, ...]
    register: tuple[tuple[str, str], ...] = ()
    kept: Kept = Kept()


@dataclass(frozen=True, kw_only=True)
class CarriedRows:
    """The rows of the last report that meet ``where``, with the columns in ``kept``."""

    kept: Kept
    where: When | None = None
    promotion: Promotion | None = None


@dataclass(frozen=True, kw_only=True)
class Roster:
    """No row, but a sheet ``title`` to copy from: whom reports named before, once by the column ``by``."""

    title: str
    by: str
    columns: tuple[str, ...]


Prefill = SchoolRows | CarriedRows | Roster


@dataclass(frozen=True)
class LastReport:
    """A report in force of an earlier period: its rows by table, with the columns that a template asks for."""

    period: Period
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Known:
    """What a district's reports in force say already. It holds names and IDs of the district itself.

    ``reports`` are the last one, or after a merger those of each district taken together. ``rosters`` maps a table to
    the rows of its roster. ``filler`` and ``telephone`` are those of the last report.
    """

    reports: Sequence[LastReport] = ()
    rosters: Mapping[str, Sequence[Row]] = field(default_factory=dict, repr=False)
    filler: str = field(default="", repr=False)
    telephone: str = field(default="", repr=False)


def names_of(columns: Columns) -> list[str]:
    """The columns' names."""
    return [each.column if isinstance(each, When) else each for each in columns]


def asked_of_report(prefill: Prefill | None) -> list[str]:
    """The columns that a template asks of the last report's rows, each once; none for a roster."""
    match prefill:
        case SchoolRows(kept=kept):
            more = [column for column, _ in prefill.register]
        case CarriedRows(kept=kept):
            more = [prefill.where.column] if prefill.where else []
        case _:
            return []
    return list(dict.fromkeys([*names_of(kept.always), *names_of(kept.in_year), *names_of(kept.in_school_year), *more]))
