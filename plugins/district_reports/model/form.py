"""The shape of a report form. One declaration gives the template, the reader, the tables, the structure checks, the
instructions and the data dictionary.

The words are those of Frictionless Table Schema (https://specs.frictionlessdata.io/table-schema/): name, title, type,
required, enum, primaryKey.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from district_reports.model.condition import When
from district_reports.model.derived import (
    Derived,
    IdOfStudentNo,
    OtherRowsWithKey,
    ResidentIdProblem,
    RowsWithKey,
    SchoolProblem,
    SheetFrame,
    StudentNoProblem,
)
from district_reports.model.period import Period, PeriodKind
from district_reports.model.prefill import Follow, Prefill

TEXT_LENGTH = 200
REMARK_LENGTH = 1000
HEADER_ROW = 3
FIRST_DATA_ROW = 4
NAMES_BESIDE_CODES = {"学校标识码": "学校名称", "园所标识码": "园所名称"}
"""The header of a column of codes → that of the names which a template shows beside them, and reading ignores."""


class Type(StrEnum):
    """A column's type (docs/data-dictionary.md, "Types")."""

    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    YES_NO = "yes_no"
    RESIDENT_ID = "resident_id"
    STUDENT_NO = "student_no"
    SCHOOL_CODE = "school_code"


class TextKind(StrEnum):
    """What a text is, and so what it can't be (T08).

    FREE takes anything. A NUMBER, which may have letters, is no truth value; a PHRASE is no bare number either; in a
    NAME no character may be lost.
    """

    FREE = "free"
    NUMBER = "number"
    PHRASE = "phrase"
    NAME = "name"


class Privacy(StrEnum):
    """Where a column's values may stand.

    PUBLIC values are facts. An IDENTIFIER is a fact only as its HMAC token, and lives in the identities schema. A
    PRIVATE value (a name, free text about a person) lives in the identities schema only.
    """

    PUBLIC = "public"
    IDENTIFIER = "identifier"
    PRIVATE = "private"


@dataclass(frozen=True)
class ReferenceCodes:
    """A code list that is reference data: the distinct values of a column of ``sql/reference/<table>.csv``."""

    table: str
    column: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a data sheet.

    ``minimum`` bounds numbers from below (T13); None where a rule of the form does so itself, as for grades and
    scores; a template takes what lies ``between``, or ``above_zero``, as such a rule does. ``optional_when`` lifts
    ``required`` for some rows. ``may_follow_period`` lets a date lie after the period's end (C04), as a payment may.
    """

    name: str
    title: str
    type: Type
    required: bool = False
    optional_when: When | None = None
    key: bool = False
    codes: tuple[str, ...] | ReferenceCodes = ()
    max_length: int = TEXT_LENGTH
    minimum: int | None = 0
    between: tuple[int, int] | None = field(default=None, repr=False)
    above_zero: bool = field(default=False, repr=False)
    may_follow_period: bool = False
    text_kind: TextKind = TextKind.FREE
    privacy: Privacy = Privacy.PUBLIC
    help: str = ""

    @property
    def is_remark(self) -> bool:
        """Whether it takes words that no figure needs."""
        return self.type is Type.TEXT and not self.required and self.max_length == REMARK_LENGTH


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One data sheet: row 1 a title, row 2 notes, row 3 headers, data from row 4; ``table`` is its identifier.

    ``derived`` are columns computed beside its own; ``frames`` are frames of their own, whose findings are about the
    sheet. ``who`` are the columns that tell a clerk whom or which school a row is about: names as they stand, a school
    code as the school's name. ``prefill`` is what a template knows of its rows, ``follows`` which of their columns it
    computes. None of them decides anything about a value, so they are no part of the rules' hash.
    """

    table: str
    title: str
    row_is: str
    columns: tuple[Column, ...]
    derived: tuple[Derived, ...] = ()
    frames: tuple[SheetFrame, ...] = ()
    notes: str = ""
    who: tuple[str, ...] = field(default=(), repr=False)
    prefill: Prefill | None = field(default=None, repr=False)
    follows: tuple[Follow, ...] = field(default=(), repr=False)

    @cached_property
    def followed(self) -> frozenset[str]:
        """The columns that a template computes: school codes follow from names where these are picked."""
        return frozenset(name for each in self.follows for name in each.columns) | self.names_beside.keys()

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The names of the key columns, in sheet order."""
        return tuple(column.name for column in self.columns if column.key)

    @cached_property
    def names_beside(self) -> dict[str, str]:
        """Each column of school codes → the title of the column of names beside it; none where the form asks for it."""
        titles = {column.title for column in self.columns}
        return {
            column.name: name
            for column in self.columns
            if column.type is Type.SCHOOL_CODE
            and (name := NAMES_BESIDE_CODES.get(column.title, ""))
            and name not in titles
        }

    @cached_property
    def all_derived(self) -> tuple[Derived, ...]:
        """What every sheet derives from its column types and its key, and then what the sheet adds.

        ``<column>_problem`` for a resident ID, a school code or a student number, ``<column>_id`` for the last,
        ``key_rows`` and ``key_others``.
        """
        by_type: list[Derived] = []
        for column in self.columns:
            match column.type:
                case Type.RESIDENT_ID:
                    by_type.append(ResidentIdProblem(f"{column.name}_problem", column.name))
                case Type.SCHOOL_CODE:
                    by_type.append(SchoolProblem(f"{column.name}_problem", column.name))
                case Type.STUDENT_NO:
                    by_type.append(IdOfStudentNo(f"{column.name}_id", column.name))
                    by_type.append(StudentNoProblem(f"{column.name}_problem", column.name))
        by_key = (RowsWithKey("key_rows", self.key), OtherRowsWithKey("key_others", self.key)) if self.key else ()
        return (*by_type, *by_key, *self.derived)


@dataclass(frozen=True, kw_only=True)
class Form:
    """A report form: identity, calendar and sheets.

    ``due_day`` is a day of the month after the period's last month; a period locks ``lock_days`` after its due date.
    """

    key: str
    title: str
    version: str
    period_kind: PeriodKind
    due_day: int
    sheets: tuple[Sheet, ...]
    lock_days: int = 45
    nil_allowed: bool = False
    notes: tuple[str, ...] = field(default=())

    def due_on(self, period: Period) -> date:
        """The last day on which a report is on time (Asia/Shanghai)."""
        return period.day_of_next_month(self.due_day)

    def locks_on(self, period: Period) -> date:
        """The last day on which a report is taken at all."""
        return self.due_on(period) + timedelta(days=self.lock_days)

    def sheet(self, table: str) -> Sheet:
        """The sheet whose identifier is `table`.

        Raises:
            KeyError: the form has no such sheet.
        """
        for sheet in self.sheets:
            if sheet.table == table:
                return sheet
        raise KeyError(table)
