"""How mistakes get into the rows of a sound workbook, and where a check must find them.

A mistake is a function that changes the :class:`Book` and marks what it has done; the ones of a form are data in
``mistakes/<form>.py``. Rows may come and go until the end: places are read off when the workbook is written.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from district_reports.local.samples.forms import Rows
from district_reports.local.samples.package import Edit, hidden_column
from district_reports.local.samples.sample import Sample
from district_reports.model.form import FIRST_DATA_ROW, HEADER_ROW, Form
from district_reports.workbook.templates.layout import Layout

Row = dict[str, Any]
Suits = Callable[[Row], bool]
Mistake = Callable[["Book"], None]


@dataclass(frozen=True)
class Place:
    """Where a finding must stand: about the whole file or sheet where ``sheet`` or ``cell`` is None."""

    rule: str
    sheet: str | None = None
    cell: str | None = None
    needs_earlier: bool = False


@dataclass(frozen=True)
class _Mark:
    rule: str
    table: str
    row: Row | None
    column: str | None
    needs_earlier: bool


@dataclass
class Book:
    """The rows of one workbook on the way to their mistakes; no mistake gets a row that another has touched."""

    form: Form
    sample: Sample
    rows: Rows
    _taken: set[int] = field(default_factory=set)
    _marks: list[_Mark] = field(default_factory=list)
    _edits: list[tuple[str, Row | None, str, Edit]] = field(default_factory=list)

    def is_free(self, row: Row) -> bool:
        """Whether no mistake has touched the row."""
        return id(row) not in self._taken

    def take(self, table: str, suits: Suits = lambda row: True) -> Row:
        """The first free row that suits.

        Raises:
            LookupError: there is none; the sample must be larger.
        """
        for row in self.rows[table]:
            if self.is_free(row) and suits(row):
                self._taken.add(id(row))
                return row
        raise LookupError(f"{self.form.key}: no row of {table} suits the next mistake")

    def take_all(self, rows: Iterable[Row]) -> None:
        """Keep other mistakes away from `rows`."""
        self._taken.update(map(id, rows))

    def matching(self, table: str, column: str, value: object) -> list[Row]:
        """The rows of `table` that hold `value` in `column`."""
        return [row for row in self.rows[table] if row.get(column) == value]

    def add(self, table: str, row: Row) -> Row:
        """Append a row, and keep other mistakes away from it."""
        self.rows[table].append(row)
        self._taken.add(id(row))
        return row

    def drop(self, table: str, row: Row) -> None:
        """Take a row out."""
        self.rows[table] = [each for each in self.rows[table] if each is not row]

    def mark(
        self, rule: str, table: str, row: Row | None = None, column: str | None = None, *, needs_earlier: bool = False
    ) -> None:
        """Note what a check must find: at a cell, at the header without a row, about the sheet without a column."""
        self._marks.append(_Mark(rule, table, row, column, needs_earlier))

    def edit(self, table: str, row: Row | None, column: str, edit: Edit) -> None:
        """Change the written workbook at a cell (the header without a row), in a way that no value can."""
        self._edits.append((table, row, column, edit))

    def places(self) -> list[Place]:
        """Every mark, with the address that it has now."""
        return [
            Place(
                rule=mark.rule,
                sheet=self.form.sheet(mark.table).title,
                cell=self._address(mark.table, mark.row, mark.column) if mark.column else None,
                needs_earlier=mark.needs_earlier,
            )
            for mark in self._marks
        ]

    def edits(self) -> Mapping[str, list[tuple[str, Edit]]]:
        """Sheet title → the edits of its written XML, each with its cell."""
        found: dict[str, list[tuple[str, Edit]]] = {}
        for table, row, column, edit in self._edits:
            found.setdefault(self.form.sheet(table).title, []).append((self._address(table, row, column), edit))
        return found

    def _address(self, table: str, row: Row | None, column: str) -> str:
        number = HEADER_ROW
        if row is not None:
            number = FIRST_DATA_ROW + next(place for place, each in enumerate(self.rows[table]) if each is row)
        return f"{Layout.of(self.form.sheet(table), with_names=True).letters[column]}{number}"


def cell(
    rule: str,
    table: str,
    column: str,
    change: Callable[[Row], Row] | Row,
    suits: Suits = lambda row: True,
    *,
    needs_earlier: bool = False,
) -> Mistake:
    """A mistake in one row, found at its `column`: `change` is what the row then holds, or how to tell."""

    def plant(book: Book) -> None:
        row = book.take(table, suits)
        row.update(change(row) if callable(change) else change)
        book.mark(rule, table, row, column, needs_earlier=needs_earlier)

    return plant


def edited(rule: str, table: str, column: str, edit: Edit, suits: Suits = lambda row: True) -> Mistake:
    """A mistake in how one cell is stored."""

    def plant(book: Book) -> None:
        row = book.take(table, suits)
        book.edit(table, row, column, edit)
        book.mark(rule, table, row, column)

    return plant


def hidden_from_view(table: str, column: str) -> Mistake:
    """A hidden column (T11), found at its header."""

    def plant(book: Book) -> None:
        book.edit(table, None, column, hidden_column)
        book.mark("T11", table, None, column)

    return plant


def missing(rule: str, table: str, suits: Suits = lambda row: True, *, needs_earlier: bool = False) -> Mistake:
    """A row that is not there, found about the sheet."""

    def plant(book: Book) -> None:
        book.drop(table, book.take(table, suits))
        book.mark(rule, table, needs_earlier=needs_earlier)

    return plant


def twice(table: str, key: str, suits: Suits = lambda row: True) -> Mistake:
    """The same row twice (C03): each is marked, at the first column of the sheet's key."""

    def plant(book: Book) -> None:
        row = book.take(table, suits)
        for each in (row, book.add(table, dict(row))):
            book.mark("C03", table, each, key)

    return plant


def total(table: str, first: str, **sums: object) -> Mistake:
    """A total row at the end (T09), its word in the column `first`."""

    def plant(book: Book) -> None:
        book.mark("T09", table, book.add(table, {first: "合计", **sums}), first)

    return plant
