"""What a release changed against the one before, read from what was recorded with it (:mod:`.revisions`).

Of the schemas ``outside`` and ``outside_now`` that is against the one outside before, without the receipts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from district_reports.moment.boundaries import Boundaries
from district_reports.moment.frame import EVERYTHING
from district_reports.publish.city_tables import columns_of

_RECORDED = {
    Boundaries.THEN: ("city.release_change", "receipts"),
    Boundaries.NOW: ("city.release_change", "receipts"),
    "outside": ("outside.release_change", "'{}'::bigint[] AS receipts"),
    "outside_now": ("outside.release_change", "'{}'::bigint[] AS receipts"),
}
"""By schema, where changes of its tables are recorded, and how their receipts are read."""


class NothingRecorded(Exception):
    """There is no such release, or it has none to be compared with; the message says which."""


@dataclass(frozen=True)
class Compared:
    """A release and the ordinary one before it; ``note`` is the sentence of what changed."""

    release_id: int
    known_at: datetime
    against: int
    note: str | None


@dataclass(frozen=True)
class FigureChange:
    """A figure that differs; None where a release does not have the row, or the row not the figure.

    ``key`` are the columns of the key that are neither period nor area. ``area_name`` is that of the period, or the
    code where neither release has a name. ``receipts`` are those of the submissions that are the cause.
    """

    table: str
    period: str | None
    level: str | None
    area_code: str | None
    area_name: str | None
    key: Mapping[str, Any]
    column: str
    before: Any
    after: Any
    causes: tuple[str, ...]
    receipts: tuple[int, ...]

    @property
    def broken_down(self) -> dict[str, Any]:
        """Those of the key that are not 全部."""
        return {name: value for name, value in self.key.items() if value != EVERYTHING}


@dataclass(frozen=True)
class TableCount:
    """How many figures of a table changed, and in how many rows."""

    table: str
    figures: int
    rows: int


def compared(connection: Connection, release_id: int) -> Compared:
    """The release, and against what it was compared.

    Raises:
        NothingRecorded: there is nothing to tell of.
    """
    row = connection.execute(
        text(
            "SELECT release_id, known_at, as_of, note, (SELECT max(before.release_id) FROM city.release AS before"
            " WHERE before.as_of IS NULL AND before.release_id < release.release_id) AS against,"
            " EXISTS (SELECT FROM city.release_definition AS kept WHERE kept.release_id = release.release_id) AS kept"
            " FROM city.release WHERE release_id = :release_id"
        ),
        {"release_id": release_id},
    ).one_or_none()
    if row is None:
        raise NothingRecorded(f"there is no release {release_id}")
    if row.as_of is not None:
        raise NothingRecorded(f"release {release_id} was made later to tell of a former moment; it changed nothing")
    if row.against is None:
        raise NothingRecorded(f"release {release_id} is the first; there is none to compare it with")
    if not row.kept:
        raise NothingRecorded(f"release {release_id} was made before it was recorded what changes")
    return Compared(row.release_id, row.known_at, row.against, row.note)


def counts(connection: Connection, release_id: int, schema: str = Boundaries.THEN) -> list[TableCount]:
    """Of each table that changed, in the order of their names."""
    recorded, _ = _RECORDED[schema]
    rows = connection.execute(
        text(
            f"SELECT table_name, count(*), count(DISTINCT (period, level, area_code, key)) FROM {recorded}"
            " WHERE release_id = :release_id AND schema_name = :schema GROUP BY table_name ORDER BY table_name"
        ),
        {"release_id": release_id, "schema": schema},
    )
    return [TableCount(*row) for row in rows]


def changed_figures(
    connection: Connection,
    told: Compared,
    *,
    schema: str = Boundaries.THEN,
    table: str | None = None,
    area: str | None = None,
    columns: Sequence[str] = (),
    limit: int | None = None,
    offset: int = 0,
) -> list[FigureChange]:
    """The figures that the release changed.

    By table: other values first, then what came or went, by period, area and row.

    `table`, `area` and `columns` choose among them where they are given.
    """
    chosen = {"table_name = :table": table, "area_code = :area": area, "column_name = ANY (:columns)": list(columns)}
    where = "".join(f" AND {condition}" for condition, value in chosen.items() if value)
    recorded, receipts = _RECORDED[schema]
    rows = connection.execute(
        text(
            f"SELECT table_name, period, level, area_code, key, column_name, before, after, causes, {receipts}"
            f" FROM {recorded} LEFT JOIN pg_attribute"
            " ON attrelid = to_regclass(schema_name || '.' || quote_ident(table_name)) AND attname = column_name"
            f" WHERE release_id = :release_id AND schema_name = :schema{where}"
            " ORDER BY table_name, before IS NULL OR after IS NULL, period DESC,"
            " array_position(ARRAY['city', 'zone', 'district'], level), area_code, key::text, attnum"
            " LIMIT :limit OFFSET :offset"
        ),
        {
            "release_id": told.release_id,
            "schema": schema,
            "table": table,
            "area": area,
            "columns": list(columns),
            "limit": limit,
            "offset": offset,
        },
    ).all()
    names: dict[tuple[str, str], str] = {}
    for named in {row.table_name for row in rows}:
        names |= _area_names(connection, schema, named, told)
    return [
        FigureChange(
            table=row.table_name,
            period=row.period,
            level=row.level,
            area_code=row.area_code,
            area_name=names.get((row.period, row.area_code), row.area_code),
            key=row.key,
            column=row.column_name,
            before=row.before,
            after=row.after,
            causes=tuple(row.causes),
            receipts=tuple(row.receipts),
        )
        for row in rows
    ]


def _area_names(connection: Connection, schema: str, table: str, told: Compared) -> dict[tuple[str, str], str]:
    """By period and code; what the release no longer names has the name that the one before gave it."""
    if not {"period", "area_code", "area_name"} <= set(columns_of(connection, schema, table)):
        return {}
    rows = connection.execute(
        text(
            f'SELECT DISTINCT period, area_code, area_name, release_id FROM {schema}."{table}"'
            " WHERE release_id IN (:against, :release_id) ORDER BY release_id"
        ),
        {"release_id": told.release_id, "against": told.against},
    )
    return {(row.period, row.area_code): row.area_name for row in rows}
