"""Where the columns of a template's sheet stand: those of the form, and schools' names beside their codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from district_reports.model.form import Column, Sheet
from district_reports.workbook.names import column_letter

ROW = "{row}"
"""Stands for the number of its row in a formula."""


@dataclass(frozen=True)
class NameBeside:
    """The column with the names of the schools whose codes stand in the column ``code``."""

    code: str
    title: str


@dataclass(frozen=True)
class Formula:
    """A cell's formula, without ``=``, and its result as it is stored; ROW in it stands for the row's number."""

    text: str
    result: object = ""


@dataclass(frozen=True)
class Layout:
    """The fields of a sheet from left to right."""

    sheet: Sheet
    fields: tuple[Column | NameBeside, ...]

    @classmethod
    def of(cls, sheet: Sheet, *, with_names: bool) -> "Layout":
        """With the names of schools where they are known."""
        beside = sheet.names_beside if with_names else {}
        fields: list[Column | NameBeside] = []
        for column in sheet.columns:
            fields.append(column)
            if column.name in beside:
                fields.append(NameBeside(column.name, beside[column.name]))
        return cls(sheet, tuple(fields))

    @cached_property
    def letters(self) -> Mapping[str, str]:
        """The Excel column of each of the form's columns."""
        return {
            field.name: column_letter(place) for place, field in enumerate(self.fields, 1) if isinstance(field, Column)
        }

    @property
    def last_letter(self) -> str:
        """The Excel column of the last field."""
        return column_letter(len(self.fields))

    def cell(self, column: str) -> str:
        """The cell of a column in the row of a formula."""
        return f"${self.letters[column]}{ROW}"
