"""On which reports a figure of a city table rests, as its declared origin (:mod:`.lineage`) says.

A reach names a form and where to look from the district and period of the figure's row: at the report in force itself,
or at what that one looks back on, which ``city.release_source`` keeps under the same name. Formulas and judged words
are followed to the columns that they name, a figure of another table to that one.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from district_reports.publish.lineage import (
    DISTRICT,
    DROP,
    FIRST_SUBMISSION,
    ITEM,
    REPORT,
    EarlierFigure,
    FigureOf,
    FigureOver,
    Formula,
    Judged,
    Origin,
    Rows,
    Scope,
    Source,
    named_columns,
)
from district_reports.publish.summary import Summary

SO_FAR = "_so_far"
"""Behind a scope: seen from the same area in that period and the later ones of the calendar year."""
_OF_EVERY_FILE = frozenset({"came", "decided", "on_time"})
"""Columns of ``report`` that tell of files which are not in force as well."""
_OWED = {REPORT: "", DISTRICT: "", "unit": "expected"}
"""By ledger table, the expression that measures what is owed by the register, whoever reported."""


@dataclass(frozen=True)
class Reach:
    """``form`` is None for the form of the row itself, ``about`` for every row.

    ``about`` is a value of the key column by which the row of a reference table says of what it is a figure, and
    ``table`` the city table whose definition it rests on beside its own. ``scope`` is None where no report is looked
    at; it may end in :data:`SO_FAR`. ``files`` says that files which are not in force matter, too.
    """

    form: str | None
    scope: str | None
    files: bool = False
    about: str | None = None
    table: str | None = None


@dataclass(frozen=True)
class _Followed:
    """What a row of a reference table names: of `about` the column of another table, and that one's form."""

    about: str
    summary: Summary
    column: str
    form: str | None


def about_column(summary: Summary) -> str | None:
    """The key column by which figures of other tables are named, or items of the worklist; None where there is none."""
    follows = (FigureOf, FigureOver)
    named = next((origin.on for origin in summary.origins.values() if isinstance(origin, follows)), None)
    return named or next((name for _, rows in item_columns(summary) for name in rows.source.by), None)


def item_columns(summary: Summary) -> Iterator[tuple[str, Rows]]:
    """The columns that rest on items of the worklist, which no reach tells of (:mod:`.item_changes`)."""
    for column, origin in summary.origins.items():
        for rows in origin if isinstance(origin, tuple) else ():
            if rows.source.table == ITEM:
                yield column, rows


def reaches(
    connection: Connection, tables: Mapping[str, Summary], summary: Summary, columns: Sequence[str]
) -> Iterator[tuple[str, Reach]]:
    """(column, reach) for each of `columns` and all that it rests on; the reference relations are the release's."""

    def followed(origin: FigureOf | FigureOver, column: str) -> list[_Followed]:
        return list(_named(connection, tables, origin, column))

    for column in columns:
        for reach in _of(summary, column, followed, frozenset()):
            yield column, reach


def _of(
    summary: Summary,
    column: str,
    followed: Callable[[FigureOf | FigureOver, str], list[_Followed]],
    seen: frozenset[str],
) -> set[Reach]:
    origin: Origin | None = summary.origins.get(column)
    if column in seen or origin is None:
        return set()

    def beside(names: Sequence[str]) -> set[Reach]:
        return {reach for name in names for reach in _of(summary, name, followed, seen | {column})}

    match origin:
        case tuple():
            return {reach for rows in origin for reach in _of_rows(rows)}
        case Formula():
            return beside(named_columns(origin, summary.origins))
        case Judged():
            return beside(origin.columns)
        case EarlierFigure():
            reported = (reach for reach in beside((origin.column,)) if reach.scope is not None)
            return {replace(reach, scope=f"{reach.scope}{SO_FAR}") for reach in reported}
        case FigureOf() | FigureOver():
            return {
                replace(reach, form=reach.form or each.form, about=each.about, table=each.summary.table)
                for each in followed(origin, column)
                for reach in (_of(each.summary, each.column, followed, frozenset()) or {Reach(None, None)})
            }
    return set()


def _of_rows(rows: Rows) -> Iterator[Reach]:
    for source in (rows.source, rows.partner):
        if source is None or source.table == ITEM or _is_owed(rows, source):
            continue
        of_every_file = source.table == REPORT and not _OF_EVERY_FILE.isdisjoint(_words(source.where))
        files = source.table in (DROP, FIRST_SUBMISSION) or of_every_file
        for scope in {Scope.IN_FORCE.value, source.scope.value, *_compared(source)}:
            yield Reach(None, scope, files)


def _is_owed(rows: Rows, source: Source) -> bool:
    if source.table in (REPORT, DISTRICT) and source.where is not None:
        return False
    return _OWED.get(source.table) == rows.expression


def _compared(source: Source) -> tuple[str, ...]:
    return () if source.earlier is None else (source.earlier.value,)


def _words(condition: str | None) -> list[str]:
    return re.findall(r"\w+", condition or "")


def _named(
    connection: Connection, tables: Mapping[str, Summary], origin: FigureOf | FigureOver, column: str
) -> Iterator[_Followed]:
    # Names are those of our own declarations, and the relation is the release's own.
    for row in connection.execute(text(f'SELECT * FROM "{origin.table}"')).mappings():
        chosen = dict(pair.partition("=")[::2] for pair in (row["filter"] or "").split(";") if pair)
        name, listed = column, row["table_name"]
        if isinstance(origin, FigureOver):
            listed = row[origin.tables_in] or listed
        elif origin.named_in:
            name = row[origin.named_in]
        for other in filter(None, map(tables.get, listed.split(";"))):
            if name:
                yield _Followed(row[origin.on], other, name, other.form or chosen.get("form"))
