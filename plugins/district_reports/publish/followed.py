"""The cells of other rows from which a figure is taken over, as its origin declares it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.lineage import EarlierFigure, FigureOf, FigureOver, Followed
from district_reports.publish.summary import Summary
from district_reports.publish.traced_cell import Because, CannotTrace, Cause, Cell, find_cell, reference_row


def followed_cells(
    connection: Connection, found: Mapping[str, Summary], cell: Cell, origin: Followed
) -> tuple[tuple[Cell, ...], Because]:
    """The cells whose sum is the figure of `cell`, and why it is null if it is.

    There are none where nothing is taken over: the reason is then why the figure can't be followed.

    Raises:
        CannotTrace: the reference data name a table or a row that is not there.
    """
    match origin:
        case EarlierFigure():
            return _earlier(connection, cell, origin)
        case FigureOf():
            row = reference_row(connection, cell, origin.table, origin.on)
            column = row[origin.named_in] if origin.named_in else cell.column
            if not column:
                return (), Because(Cause.UNNAMED, (origin.table, str(origin.named_in)))
            summary = _table(found, row["table_name"], origin)
            return _in_period(connection, cell, [(summary, column, _filter(row))])
        case FigureOver():
            row = reference_row(connection, cell, origin.table, origin.on)
            listed = row.get(origin.tables_in) or row["table_name"]
            tables = [_table(found, name, origin) for name in listed.split(";")]
            having = [each for each in tables if cell.column in columns_of(connection, "city", each.table)]
            if not having:
                return (), Because(Cause.UNMEASURED, (listed, cell.column))
            return _in_period(connection, cell, [(each, cell.column, {}) for each in having])


def _earlier(connection: Connection, cell: Cell, origin: EarlierFigure) -> tuple[tuple[Cell, ...], Because]:
    period = cell.row[origin.period_in]
    if not period:
        return (), Because(Cause.EARLIER, (cell.summary.table, origin.column))
    key = {name: str(value) for name, value in cell.breakdown.items()}
    area = cell.row["area_code"]
    earlier = find_cell(connection, cell.summary, cell.release, origin.column, period=period, area=area, key=key)
    return (earlier,), Because(Cause.FOLLOWED, (cell.summary.table, origin.column))


def _in_period(
    connection: Connection, cell: Cell, wanted: list[tuple[Summary, str, Mapping[str, str]]]
) -> tuple[tuple[Cell, ...], Because]:
    """The cells of the same period and area; none where a form has no row, since nobody has reported for the period."""
    period, area = cell.row["period"], cell.row["area_code"]
    if not any(_has_period(connection, summary, cell) for summary, _, _ in wanted):
        return (), Because(Cause.UNREPORTED)
    cells = tuple(
        find_cell(connection, summary, cell.release, column, period=period, area=area, key=key)
        for summary, column, key in wanted
    )
    return cells, Because(Cause.FOLLOWED, (cells[0].summary.table, cells[0].column))


def _has_period(connection: Connection, summary: Summary, cell: Cell) -> bool:
    statement = text(
        f'SELECT EXISTS (SELECT FROM city."{summary.table}" WHERE {RELEASE} = :release_id AND period = :period)'
    )
    values = {"release_id": cell.release.release_id, "period": cell.row["period"]}
    there: bool = connection.execute(statement, values).scalar_one()
    return there


def _table(found: Mapping[str, Summary], name: str, origin: FigureOf | FigureOver) -> Summary:
    if name not in found:
        raise CannotTrace(f"{origin.table}.csv names {name!r}, and there is no such city table now")
    return found[name]


def _filter(row: Mapping[str, Any]) -> dict[str, str]:
    return dict(pair.partition("=")[::2] for pair in (row["filter"] or "").split(";") if pair)
