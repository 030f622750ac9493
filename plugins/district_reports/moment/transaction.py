"""A transaction that sees one state of the warehouse, and the moment that it is the state of."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from district_reports.database.moments import DECISIONS_LOCK

_NIGHT_LOCK = 7_210_200_003


@contextmanager
def one_moment(publisher: Engine) -> Iterator[tuple[Connection, datetime]]:
    """A transaction for what a night makes of the reports, alone with it: the caller commits, or nothing was done.

    The moment is taken while no decision, drop or load of reference data is under way: one that began before it and
    commits after it would be told to have been known, and be missing. They wait for a snapshot, not for the release.
    """
    with publisher.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        # Session locks: REPEATABLE READ looks at the moment of its first statement, which must come after the wait.
        _lock(connection, "pg_advisory_lock", _NIGHT_LOCK)
        try:
            _lock(connection, "pg_advisory_lock", DECISIONS_LOCK)
            try:
                known_at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": DECISIONS_LOCK})
            yield connection, known_at
        finally:
            connection.rollback()
            _lock(connection, "pg_advisory_unlock", _NIGHT_LOCK)


def _lock(connection: Connection, function: str, key: int) -> None:
    connection.execute(text(f"SELECT {function}(:key)"), {"key": key})
    connection.commit()
