"""A release leaves: its rows are copied from inside, with what is withheld left out, and what changed is recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, DateTime, bindparam, text

from district_reports.failpoints import failpoint
from district_reports.moment.boundaries import Boundaries
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.content import Content, content_of, content_sha256
from district_reports.publish.outgoing.changed import find_outside_changes, record_outside_changes
from district_reports.publish.outgoing.outside_tables import OUTSIDE, WITHHELD, ensure_outside_table
from district_reports.publish.outgoing.protected import check_withheld, protected, take_to_withhold
from district_reports.publish.summary import Summary


class Version(NamedTuple):
    """What left under a number: a month as 2020-06, and v1.0, v1.1, …"""

    release_id: int
    period: str
    version: str

    def __str__(self) -> str:
        return f"{self.period} {self.version}"


def leave(connection: Connection, prepared_id: int, tables: Sequence[Summary]) -> Version:
    """Let a release leave as it was prepared, in the caller's transaction.

    Raises:
        SystemFault: what is withheld names a row or column that the release does not have, or nothing tells why a
            figure is another one than outside so far.
    """
    told = connection.execute(
        text(
            "SELECT release_id, period, version, prepared.day, known_at FROM outgoing.prepared"
            " JOIN city.release USING (release_id) WHERE prepared_id = :prepared_id"
        ),
        {"prepared_id": prepared_id},
    ).one()
    take_to_withhold(connection, prepared_id)
    present = standing(connection, tables)
    check_withheld(connection, present, told.release_id)
    against = last_outside(connection)
    contents: dict[tuple[str, str], Content] = {}
    for schema, summary in present:
        ensure_outside_table(connection, schema, summary)
        _copy(connection, schema, summary, told.release_id)
        failpoint("outgoing: table filled")
        outside = OUTSIDE[schema], summary.table
        contents[outside] = content_of(connection, *outside, told.release_id)
    changes = 0
    if against is not None:
        changes = find_outside_changes(connection, present, against.release_id, told.release_id)
    connection.execute(
        text(
            "INSERT INTO outside.release"
            " (release_id, period, version, left_at, known_at, day, content_sha256, note, against)"
            " VALUES (:release_id, :period, :version, clock_timestamp(), :known_at, :day, :content, :note, :against)"
        ),
        {
            **told._mapping,
            "content": content_sha256(contents),
            "note": note_of(against, changes),
            "against": None if against is None else str(against),
        },
    )
    if against is not None:
        record_outside_changes(connection, against.release_id, told.release_id)
    return Version(told.release_id, told.period, told.version)


def standing(connection: Connection, tables: Sequence[Summary]) -> list[tuple[str, Summary]]:
    """The city tables that there are, of those in `tables`, by schema."""
    return [
        (schema.value, summary)
        for schema in Boundaries
        for summary in tables
        if columns_of(connection, schema, summary.table)
    ]


def last_outside(connection: Connection, before: datetime | None = None) -> Version | None:
    """What left last and is not revoked, or was so when something left at `before`; None where nothing is outside."""
    row = connection.execute(
        text(
            "SELECT release_id, release.period, release.version FROM outside.release"
            " LEFT JOIN outside.revoked USING (release_id)"
            " WHERE CASE WHEN :before IS NULL THEN revoked_at IS NULL"
            " ELSE left_at < :before AND coalesce(revoked_at > :before, true) END ORDER BY left_at DESC LIMIT 1"
        ).bindparams(bindparam("before", type_=DateTime(timezone=True))),
        {"before": before},
    ).one_or_none()
    return None if row is None else Version(*row)


def _copy(connection: Connection, schema: str, summary: Summary, release_id: int) -> None:
    others = [name for name in columns_of(connection, schema, summary.table) if name not in (RELEASE, *summary.key)]
    names = ", ".join(f'"{name}"' for name in (*summary.key, *others, WITHHELD))
    connection.execute(
        text(
            f'INSERT INTO {OUTSIDE[schema]}."{summary.table}" ({RELEASE}, {names})'
            f" SELECT :release_id, {names} FROM ({protected(schema, summary, others)}) AS leaving"
        ),
        {"release_id": release_id},
    )


def note_of(against: Version | None, changes: int) -> str:
    """The sentence that leaves with a release: how many figures it changes."""
    if against is None:
        return "首次对外发布。"
    counted = f"{changes:,} 个数值有变化" if changes else "没有数值变化"
    return f"与 {against} 相比，{counted}。"
