"""A case: a sound workbook, one thing done to it, and the findings that must come of it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from independent.book import Book, Row, cell
from independent.sound_schools import facilities, teacher_training
from independent.sound_students import dropout_control, student_aid

RECEIVED_ON = date(2020, 7, 4)
SOUND: dict[str, Callable[[], Book]] = {
    "student_aid": student_aid,
    "dropout_control": dropout_control,
    "facilities": facilities,
    "teacher_training": teacher_training,
}
# As the contract's "Rules" have them, without those that ask a warehouse (C06, D07, F17, X).
RULES = {
    "critical": "F01 F02 F03 F04 F05 F06 F07 F08 F09 F10 F11 F13 F14 F15 F16 T01 T02 T03 T04 T05 T06 T07 T08 T12 T13 "
    "C01 C02 C03 C04 C05 C09 A01 A02 A03 A06 A07 A09 D01 D02 D03 D04 D05 D08 D09 B01 B03 B05 B06 B08 "
    "E01 E02 E04 E05 E07",
    "warning": "F12 F19 T09 T11 C07 C08 C10 A04 A05 A08 D06 B02 B04 B07 B09 B10 B11 E03 E06 E08 E09",
    "info": "F18 T10",
}
SEVERITY = {rule: severity for severity, rules in RULES.items() for rule in rules.split()}
# The contract does not say which place a few findings have.
ANY = "anywhere"


class Place(NamedTuple):
    """A finding. Of an expected one, `cell` is a pattern; `ANY` is any place or none."""

    rule: str
    severity: str
    sheet: str | None
    cell: str | None

    def covers(self, found: "Place") -> bool:
        return (
            self[:2] == found[:2]
            and self.sheet in (ANY, found.sheet)
            and (
                self.cell in (ANY, found.cell)
                or (self.cell is not None and found.cell is not None and bool(re.fullmatch(self.cell, found.cell)))
            )
        )


@dataclass(frozen=True)
class Case:
    """`expected` are all critical findings and warnings, each once; `infos` must be among the others."""

    name: str
    form: str
    plant: Callable[[Book], None]
    expected: tuple[Place, ...] = ()
    infos: tuple[Place, ...] = ()
    received_on: date = RECEIVED_ON

    def write(self, path: Path) -> Path:
        book = SOUND[self.form]()
        self.plant(book)
        return book.write(path)


def at(rule: str, sheet: str | None, where: str | None) -> Place:
    return Place(rule, SEVERITY[rule], sheet, where)


def in_cell(rule: str, sheet: str, header: str, row: int) -> Place:
    return at(rule, sheet, cell(sheet, header, row))


def puts(*changes: tuple[str, int, Row]) -> Callable[[Book], None]:
    """Change cells in several rows: sheet, Excel row, cells."""

    def plant(book: Book) -> None:
        for sheet, row, cells in changes:
            book.put(sheet, row, cells)

    return plant


def nothing(book: Book) -> None:
    """The sound workbook as it is."""


@dataclass(frozen=True)
class On:
    """Cases on one sheet of a form. A name begins with the rule that is broken."""

    form: str
    sheet: str

    def one(self, name: str, row: int, marked: str, cells: Row | None = None, **more: object) -> Case:
        """Change cells of an Excel row; the finding is at the header `marked` of that row."""
        changed = {**(cells or {}), **more}
        expected = in_cell(name[:3], self.sheet, marked, row)
        return Case(name, self.form, lambda book: book.put(self.sheet, row, changed), (expected,))

    def added(self, name: str, cells: Row, *places: Place) -> Case:
        """Add a row."""

        def plant(book: Book) -> None:
            book.add(self.sheet, dict(cells))

        return Case(name, self.form, plant, places)

    def fine(self, name: str, row: int, cells: Row | None = None, *, t10: Iterable[str] = (), **more: object) -> Case:
        """Change cells of a row in a way that is right; those under the headers `t10` are normalised."""
        changed = {**(cells or {}), **more}
        infos = tuple(in_cell("T10", self.sheet, header, row) for header in t10)
        return Case(name, self.form, lambda book: book.put(self.sheet, row, changed), infos=infos)

    def place(self, rule: str, header: str, row: int) -> Place:
        return in_cell(rule, self.sheet, header, row)
