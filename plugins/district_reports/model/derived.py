"""Derived columns: what a rule across cells, rows, sheets or the register looks at, declared as data.

Great Expectations sees one frame. A form lists here what must be computed into that frame beside its own columns;
:mod:`district_reports.checks.derive` computes each kind. A derived value is missing where what it rests on is missing
or takes no part in the content rules (forms.md, "Rules").
"""

from dataclasses import dataclass


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
class RowsWithKey:
    """How many rows read hold the same values in ``columns``, whatever else is wrong with them."""

    name: str
    columns: tuple[str, ...]


Derived = ResidentIdProblem | SexOfId | AgeAt | IdOfStudentNo | SchoolProblem | SchoolAttribute | RowsWithKey


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
