"""What a bundle tells: the rows of one release outside, each empty cell with the reason why it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from district_reports.errors import SystemFault
from district_reports.moment.frame import EVERYTHING
from district_reports.publish.bundle.blanks import Blank, Blanks, conditions
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.definitions import Definitions
from district_reports.publish.summary import Summary
from district_reports.reference.register import Register
from district_reports.settings import settings

OUTSIDE, OUTSIDE_NOW = "outside", "outside_now"
WITHHELD = "withheld"
LEVELS = ("city", "zone", "district")
"""As they are listed."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Version:
    """A release that left; ``day`` is the day by the deployment's clock whose past periods it tells of."""

    release_id: int
    period: str
    version: str
    left_at: datetime
    known_at: datetime
    day: date
    against: str | None = None

    def __str__(self) -> str:
        return f"{self.period} {self.version}"


@dataclass(frozen=True)
class Table:
    """A table of the release: ``columns`` with their PostgreSQL types as they are listed, ``rows`` by key.

    A cell is a value or a :class:`.Blank`. ``schema`` is :data:`OUTSIDE` or :data:`OUTSIDE_NOW`.
    """

    schema: str
    summary: Summary
    columns: Mapping[str, str]
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        return self.summary.table

    @property
    def folder(self) -> str:
        """Where its CSV lies in the bundle."""
        return "data" if self.schema == OUTSIDE else "data_now"

    def withheld(self) -> Iterable[tuple[Row, str]]:
        """Each withheld cell: its row and its column."""
        return ((row, name) for row in self.rows for name in self.columns if row[name] is Blank.WITHHELD)


@dataclass(frozen=True)
class Change:
    """A figure that is another one than in the version outside before; ``key`` has neither period nor area."""

    schema: str
    table: str
    period: str | None
    level: str | None
    area_code: str | None
    key: Mapping[str, Any]
    column: str
    before: Any
    after: Any
    causes: Sequence[str]


@dataclass(frozen=True)
class Content:
    """``now`` are the tables in today's boundaries, of those that these make different. ``against`` is the version
    that ``changes`` compare with, None for the first."""

    version: Version
    tables: tuple[Table, ...]
    now: tuple[Table, ...]
    against: str | None
    changes: tuple[Change, ...]
    chinese: Definitions
    english: Definitions

    @property
    def every_table(self) -> tuple[Table, ...]:
        return (*self.tables, *self.now)


def read_content(connection: Connection, release_id: int) -> Content:
    """Read the release from ``outside`` and ``outside_now``.

    Raises:
        SystemFault: it never left, or has been revoked and its reader may not see it any more.
    """
    version = version_of(connection, release_id)
    register = Register.load(settings().reference)
    chinese, english = (Definitions(settings().summaries, register, language) for language in ("zh", "en"))
    then, now = (
        {
            each.table: table
            for each in chinese.tables.values()
            if (table := _table(connection, schema, each, chinese, version)) is not None
        }
        for schema in (OUTSIDE, OUTSIDE_NOW)
    )
    return Content(
        version=version,
        tables=tuple(then.values()),
        now=tuple(table for name, table in now.items() if name not in then or table.rows != then[name].rows),
        against=version.against,
        changes=tuple(_changes(connection, release_id)),
        chinese=chinese,
        english=english,
    )


def version_of(connection: Connection, release_id: int) -> Version:
    """The release as it left.

    Raises:
        SystemFault: it never left, or has been revoked and its reader may not see it any more.
    """
    row = connection.execute(
        text(
            "SELECT release_id, period, version, left_at, known_at, day, against FROM outside.release"
            " WHERE release_id = :release_id"
        ),
        {"release_id": release_id},
    ).one_or_none()
    if row is None:
        raise SystemFault(f"release {release_id} never left the house, or was taken back")
    return Version(*row)


def _table(connection: Connection, schema: str, summary: Summary, known: Definitions, version: Version) -> Table | None:
    """None where the release has no rows of it."""
    kinds = columns_of(connection, schema, summary.table)
    if not kinds:
        return None
    asked = {name: condition for name, condition in conditions(summary).items() if name in kinds}
    holds = "".join(f', ({condition}) IS TRUE AS "{RELEASE} {name}"' for name, condition in asked.items())
    found = connection.execute(
        text(f'SELECT *{holds} FROM {schema}."{summary.table}" WHERE {RELEASE} = :release_id'),
        {"release_id": version.release_id},
    )
    rows = sorted((dict(row) for row in found.mappings()), key=lambda row: _place(summary, row))
    if not rows:
        return None
    blanks = Blanks(known, summary)
    columns = {name: kinds[name] for name in _listed(summary, kinds) if _is_told(summary, name, rows)}
    return Table(schema, summary, columns, tuple(_told(blanks, columns, asked, row) for row in rows))


def _listed(summary: Summary, kinds: Iterable[str]) -> list[str]:
    """The key, an area's name behind its code, then the figures."""
    key = [name for each in summary.key for name in ((each, "area_name") if each == "area_code" else (each,))]
    return [name for name in (*key, *summary.figures(kinds)) if name in set(kinds) - {RELEASE, WITHHELD}]


def _is_told(summary: Summary, column: str, rows: Iterable[Row]) -> bool:
    """A column that the table once had is told as long as the release has figures in it."""
    declared = {*summary.key, *summary.origins, "area_name"}
    return column in declared or any(row[column] is not None or column in row[WITHHELD] for row in rows)


def _place(summary: Summary, row: Row) -> tuple[str, ...]:
    """In which order rows stand: by key, the whole before its parts; of no collation."""
    return tuple(
        str(LEVELS.index(row[name])) if name == "level" and row[name] in LEVELS
        else "" if row[name] == EVERYTHING
        else str(row[name])
        for name in summary.key
    )  # fmt: skip


def _told(blanks: Blanks, columns: Iterable[str], asked: Iterable[str], row: Row) -> Row:
    withheld = frozenset(row[WITHHELD])
    outside_of = frozenset(name for name in asked if not row[f"{RELEASE} {name}"])
    # A column that is named as withheld is so whatever stands in it: the name is the promise.
    return {
        name: blanks.of(name, row, withheld, outside_of) if row[name] is None or name in withheld else row[name]
        for name in columns
    }


def _changes(connection: Connection, release_id: int) -> Iterable[Change]:
    rows = connection.execute(
        text(
            'SELECT schema_name AS "schema", table_name AS "table", period, level, area_code, key,'
            ' column_name AS "column", before, after, causes'
            " FROM outside.release_change WHERE release_id = :release_id"
        ),
        {"release_id": release_id},
    )
    found = [Change(**row) for row in rows.mappings()]
    # Of what changed alike in both boundaries, one line says so.
    then = {_order_of_change(each)[1:]: (each.before, each.after) for each in found if each.schema == OUTSIDE}
    apart = [
        each
        for each in found
        if each.schema == OUTSIDE or then.get(_order_of_change(each)[1:]) != (each.before, each.after)
    ]
    return sorted(apart, key=_order_of_change)


def _order_of_change(change: Change) -> tuple[str, ...]:
    level = str(LEVELS.index(change.level)) if change.level in LEVELS else ""
    key = [f"{name}={value}" for name, value in sorted(change.key.items())]
    place = (change.schema, change.table, change.period or "", level, change.area_code or "")
    return (*place, *key, change.column)
