"""From a published figure back to the submissions, files, sheets and rows behind it.

What a figure is made of is declared in the header of its summary (:mod:`.lineage`); which submissions a release stood
on is kept with it (``city.release_source``). The figure is made again from the rows that are named, so that a
declaration that does not fit, or one that was changed since, shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql

from district_reports.forms import forms
from district_reports.publish.followed import followed_cells
from district_reports.publish.lineage import (
    ITEM,
    OF_DISTRICTS,
    OF_NIGHT,
    EarlierFigure,
    FigureOf,
    FigureOver,
    Followed,
    Formula,
    Judged,
    Measure,
    Origin,
    ReferenceField,
    Rows,
    named_columns,
)
from district_reports.publish.summary import Summary, summaries
from district_reports.publish.trace_sql import (
    expression_statement,
    items_statement,
    parts_statement,
    recomputed_statement,
    row_condition,
)
from district_reports.publish.traced_cell import (
    Because,
    CannotTrace,
    Cause,
    Cell,
    ReleaseMoment,
    SubmissionFile,
    Unreported,
    district_names,
    files_of,
    find_cell,
    find_release,
    unreported,
)
from district_reports.publish.traced_items import TracedItem, traced_items
from district_reports.settings import settings

__all__ = ["CannotTrace", "Part", "Trace", "trace"]


@dataclass(frozen=True)
class Part:
    """What one submission adds to a figure.

    ``table`` is the sheet's identifier and ``sheet`` its title; both are None where what counts is the report or the
    submission itself. ``rows`` are Excel's row numbers, ascending (none for counts of the ledger). ``value`` is the
    part in the figure's unit; None for rows that only had to be met or compared with (``beside``), and where the figure
    is null. ``file`` is None where a district sent nothing. ``empty`` says that nothing of the sheet was loaded.
    """

    term: int
    beside: bool
    district_code: str
    district_name: str
    file: SubmissionFile | None
    table: str | None
    sheet: str | None
    rows: tuple[int, ...]
    row_count: int
    value: Any
    empty: bool

    @property
    def place(self) -> tuple[bool, str, int]:
        """By it the parts of one submission are together, whatever sheets they are of."""
        return self.beside, self.district_code, 0 if self.file is None else self.file.receipt_id


@dataclass(frozen=True)
class Trace:
    """Where a figure comes from.

    ``meaning`` are the declared lines. Rows are in ``parts``, of the worklist in ``items``; a figure that is made of
    others has them in ``inputs``.
    ``additive`` says whether the parts add up to the figure: distinct people may be in several. ``recomputed`` is
    what the rows (or inputs) give: it differs from ``value`` where the summary was another one when the release was
    made; ``verified`` tells whether there was something to compare. ``because`` says why a figure is null.
    """

    table: str
    column: str
    release: ReleaseMoment
    period: str
    area_code: str
    area_name: str
    key: Mapping[str, Any]
    value: Any
    meaning: tuple[str, ...]
    additive: bool
    items: tuple[TracedItem, ...] = ()
    verified: bool = False
    recomputed: Any = None
    because: Because | None = None
    parts: tuple[Part, ...] = ()
    unreported: tuple[Unreported, ...] = ()
    inputs: tuple["Trace", ...] = ()
    statements: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        return not self.verified or self.recomputed == self.value


def trace(
    connection: Connection,
    table: str,
    column: str,
    *,
    period: str,
    area: str,
    key: Mapping[str, str] | None = None,
    release_id: int | None = None,
) -> Trace:
    """Trace the figure `column` of `table` for a period and an area (a district's code or name, a zone, 全市).

    `key` gives values of the table's other key columns, as far as they are needed to choose one row. `connection` is
    the publisher's; without `release_id` it is the current release.

    Raises:
        CannotTrace: there is no such figure; the message says which there are.
    """
    found = {summary.table: summary for summary in summaries(settings().summaries)}
    if table not in found:
        raise CannotTrace(f"there is no city table {table!r}; there are {', '.join(found)}")
    release = find_release(connection, release_id)
    cell = find_cell(connection, found[table], release, column, period=period, area=area, key=key or {})
    return _Tracer(connection, found, cell).trace()


@dataclass(frozen=True)
class _Tracer:
    connection: Connection
    found: Mapping[str, Summary]
    cell: Cell

    def trace(self) -> Trace:
        origin = self.cell.summary.origins.get(self.cell.column)
        match origin:
            case Formula():
                return self._formula(origin)
            case Judged():
                return self._trace(origin, inputs=tuple(self._beside(name) for name in origin.columns))
            case ReferenceField():
                return self._trace(origin, because=Because(Cause.REFERENCE))
            case FigureOf() | FigureOver() | EarlierFigure():
                return self._followed(origin)
            case tuple():
                return self._rows(origin)
        raise CannotTrace(f"{self.cell.summary.table}.sql does not declare where {self.cell.column} comes from")

    def _rows(self, origin: tuple[Rows, ...]) -> Trace:
        cell = self.cell
        where = row_condition(cell.summary.key)
        listed = parts_statement(cell.summary, origin, where)
        again = recomputed_statement(cell.summary, origin, cell.column, where)
        names = district_names(self.connection, cell)
        of_ledger = all(rows.source.table in OF_DISTRICTS for rows in origin)
        total = self._execute(again)[0]
        because = _because(origin, total.applies, total.compared)
        if all(rows.source.table in OF_NIGHT for rows in origin):
            told = self._of_night(origin, names, again)
            return self._trace(origin, verified=True, recomputed=total.recomputed, because=because, **told)
        return self._trace(
            origin,
            verified=True,
            recomputed=total.recomputed,
            because=because,
            parts=self._parts(origin, self._execute(listed), names),
            # What counts reports names those that are not there itself.
            unreported=() if of_ledger else unreported(self.connection, cell, names),
            statements=(self._printed(listed), self._printed(again)),
        )

    def _of_night(self, origin: tuple[Rows, ...], names: Mapping[str, str], again: str) -> dict[str, Any]:
        """Rows of the worklist are of no submission."""
        if any(rows.source.table != ITEM for rows in origin):
            return {"statements": (self._printed(again),)}
        listed = items_statement(self.cell.summary, origin, row_condition(self.cell.summary.key))
        return {
            "items": tuple(traced_items(self._execute(listed), names)),
            "statements": (self._printed(listed), self._printed(again)),
        }

    def _parts(self, origin: tuple[Rows, ...], rows: list[Any], names: Mapping[str, str]) -> tuple[Part, ...]:
        submissions = {row.submission_id for row in rows if row.submission_id is not None}
        files = files_of(self.connection, submissions, self.cell.release)
        counts = self.connection.execute(
            text("SELECT submission_id, table_name, loaded FROM ledger.sheet_count WHERE submission_id = ANY (:ids)"),
            {"ids": list(submissions)},
        )
        loaded = {(row.submission_id, row.table_name): row.loaded for row in counts}
        sheets = {sheet.table: sheet.title for form in forms().values() for sheet in form.sheets}
        parts = []
        for row in rows:
            source = origin[row.term].source
            # Rows without a match have no table of their own: it is the one that was looked through.
            table = row.sheet_table or (source.table if source.table in sheets else None)
            parts.append(
                Part(
                    term=row.term,
                    beside=row.partner,
                    district_code=row.district_code,
                    district_name=names.get(row.district_code, ""),
                    file=files.get(row.submission_id),
                    table=table,
                    sheet=None if table is None else sheets.get(table, table),
                    rows=tuple(row.row_numbers or ()),
                    row_count=row.row_count,
                    value=None if row.partner or self.cell.row[self.cell.column] is None else row.value,
                    empty=table is not None and not loaded.get((row.submission_id, table)),
                )
            )
        return tuple(parts)

    def _formula(self, origin: Formula) -> Trace:
        cell = self.cell
        statement = expression_statement(cell.summary, cell.column, origin.expression, row_condition(cell.summary.key))
        total = self._execute(statement)[0]
        names = [name for name in named_columns(origin, cell.row) if name in cell.summary.figures(cell.row)]
        return self._trace(
            origin,
            verified=True,
            recomputed=total.recomputed,
            because=Because(Cause.FORMULA),
            inputs=tuple(self._beside(name) for name in names),
            statements=(self._printed(statement),),
        )

    def _followed(self, origin: Followed) -> Trace:
        """Follow it to the rows that it is taken over from, by their sum."""
        cells, because = followed_cells(self.connection, self.found, self.cell, origin)
        inputs = tuple(_Tracer(self.connection, self.found, each).trace() for each in cells)
        values = [each.value for each in inputs if each.value is not None]
        return self._trace(
            origin,
            verified=bool(cells),
            recomputed=sum(values) if values else None,
            because=because,
            inputs=inputs,
        )

    def _beside(self, column: str) -> Trace:
        """Another figure of the same row."""
        cell = self.cell
        return _Tracer(self.connection, self.found, Cell(cell.summary, cell.release, column, cell.row)).trace()

    def _trace(self, origin: Origin, **told: Any) -> Trace:
        cell = self.cell
        value = cell.row[cell.column]
        terms = origin if isinstance(origin, tuple) else ()
        if value is not None:
            told.pop("because", None)
        return Trace(
            table=cell.summary.table,
            column=cell.column,
            release=cell.release,
            period=cell.row["period"],
            area_code=cell.row["area_code"],
            area_name=cell.row.get("area_name", ""),
            key=cell.breakdown,
            value=value,
            meaning=tuple(each.text for each in terms) or (origin.text,),  # type: ignore[union-attr]
            additive=bool(terms) and all(each.measure in (Measure.COUNT, Measure.SUM) for each in terms),
            **told,
        )

    def _bound(self, statement: str) -> dict[str, Any]:
        return {name: self.cell.values[name] for name in text(statement).compile().params}

    def _execute(self, statement: str) -> list[Any]:
        return list(self.connection.execute(text(statement), self._bound(statement)))

    def _printed(self, statement: str) -> str:
        """The statement with its values, as psql takes it."""
        bound = text(statement).bindparams(**self._bound(statement))
        dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
        return str(bound.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _because(origin: tuple[Rows, ...], applies: bool, compared: bool) -> Because:
    if not applies:
        conditions = " and ".join(rows.applies for rows in origin if rows.applies)
        return Because(Cause.APPLIES, (conditions,))
    if all(rows.source.table in OF_DISTRICTS for rows in origin):
        return Because(Cause.UNPUBLISHED)
    return Because(Cause.UNREPORTED if compared else Cause.PREVIOUS)
