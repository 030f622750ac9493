"""A release: every city table built from one moment's knowledge, visible whole or not at all."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from district_reports import __version__, clock
from district_reports.errors import SystemFault
from district_reports.faults import reached
from district_reports.forms import forms
from district_reports.publish.city_tables import fill_city_table, write_draft
from district_reports.publish.commitments import build_commitments
from district_reports.publish.frame import build_frame
from district_reports.publish.summary import Summary, summaries
from district_reports.settings import settings
from district_reports.warehouse.engine import engine
from district_reports.warehouse.versions import DECISIONS_LOCK

_RELEASE_LOCK = 7_210_200_003


@dataclass(frozen=True)
class Release:
    """What was published; ``rows`` by city table. ``known_at`` is the moment whose decisions it tells."""

    release_id: int
    known_at: datetime
    rows: dict[str, int]

    def __str__(self) -> str:
        tables = ", ".join(f"{table} {count} rows" for table, count in self.rows.items())
        return f"release {self.release_id}, known at {self.known_at:%Y-%m-%d %H:%M:%S}: {tables}"


def _silent(_: str) -> None:
    """Tell nobody."""


def publish(progress: Callable[[str], None] = _silent, note: str | None = None) -> Release:
    """Build every summary and publish a release, in one transaction; two at once come one after the other.

    Raises:
        SystemFault: a summary is wrong, or its columns no longer fit the published table.
        DatabaseFault, sqlalchemy.exc.DBAPIError: the database refused; the former release stays the current one.
    """
    found = summaries(settings().summaries)
    if unknown := [each.form for each in found if each.form is not None and each.form not in forms()]:
        raise SystemFault(f"a summary names the form {unknown[0]!r}, which does not exist")
    with _one_moment(engine("publisher")) as (connection, known_at):
        periods = build_frame(connection, forms(), known_at, clock.today())
        progress(f"{periods} reporting periods")
        release_id = _new_release(connection, known_at, found, note)
        reached("publish: begun")
        rows = {}

        def fill(summaries: Sequence[Summary]) -> None:
            for summary in summaries:
                write_draft(connection, summary, known_at)
                _protect(connection, summary)
                rows[summary.table] = fill_city_table(connection, summary, release_id)
                reached("publish: table filled")
                progress(f"{summary.table}: {rows[summary.table]} rows")

        measured = [summary for summary in found if not summary.on_city_tables]
        fill(measured)
        if len(measured) < len(found):
            build_commitments(connection, measured, forms())
            fill(found[len(measured) :])
    return Release(release_id, known_at, rows)


@contextmanager
def _one_moment(publisher: Engine) -> Iterator[tuple[Connection, datetime]]:
    """A transaction that sees one state of the warehouse, and the moment that it is the state of.

    The moment is taken while no decision is under way: one that began before it and commits after it would be told to
    have been known, and be missing. Decisions wait for a snapshot only, not for the release.
    """
    with publisher.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        # Session locks: REPEATABLE READ looks at the moment of its first statement, which must come after the wait.
        _lock(connection, "pg_advisory_lock", _RELEASE_LOCK)
        try:
            _lock(connection, "pg_advisory_lock", DECISIONS_LOCK)
            try:
                known_at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": DECISIONS_LOCK})
            yield connection, known_at
            reached("publish: before commit")
            connection.commit()
            reached("publish: committed")
        finally:
            connection.rollback()
            _lock(connection, "pg_advisory_unlock", _RELEASE_LOCK)


def _lock(connection: Connection, function: str, key: int) -> None:
    connection.execute(text(f"SELECT {function}(:key)"), {"key": key})
    connection.commit()


def _new_release(connection: Connection, known_at: datetime, found: Sequence[Summary], note: str | None) -> int:
    digest = hashlib.sha256()
    for summary in found:
        digest.update(f"{summary}\0".encode())
    for file in connection.execute(text("SELECT table_name, sha256 FROM reference.loaded_file ORDER BY table_name")):
        digest.update(f"{file.table_name} {file.sha256}\0".encode())
    release_id: int = connection.execute(
        text(
            "INSERT INTO city.release (released_at, known_at, rules_hash, library_version, note)"
            " VALUES (clock_timestamp(), :known_at, :rules_hash, :version, :note) RETURNING release_id"
        ),
        {"known_at": known_at, "rules_hash": digest.hexdigest(), "version": __version__, "note": note},
    ).scalar_one()
    return release_id


def _protect(connection: Connection, summary: Summary) -> None:
    """Where disclosure control stands, between ``city_draft`` and ``city``.

    It takes the columns that the summary declares as counts of people. For now nothing is withheld: from which count
    on a figure may be published is the city's decision, and the contract (forms.md) names no threshold. The two
    schemas are kept apart already, so that a threshold changes this function and no reader's rights.
    """
