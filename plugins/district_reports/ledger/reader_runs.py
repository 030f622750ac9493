"""Runs of the limited child, a row each: while they go on, after they died with their worker, and where they broke.

A run that goes on holds an advisory lock of its worker's session, which the server lets go when the worker dies. A
run without a problem whose lock is free has died. Of runs that end in order nothing is kept.
"""

import json
from dataclasses import asdict, astuple, dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

from district_reports.workbook.problem import Problem

KEPT = timedelta(days=90)
"""How long runs are remembered; after it a content is tried again."""
_SAME = "sha256 = :sha256 AND task = :task AND reader = :reader"
_LOCK = "hashtextextended('reader run ' || run_id, 0)"
# Free for an instant, and ours until the end of the statement; others may look at the same time.
_DEAD = f"problem IS NULL AND pg_try_advisory_xact_lock_shared({_LOCK})"


@dataclass(frozen=True)
class Asked:
    """What a run was asked: `task` is ``inspect`` or ``read``; `reader` is the version of the reader."""

    sha256: str
    task: str
    reader: str


def problem_of(connection: Connection, asked: Asked) -> Problem | None:
    """How an earlier run broke, if one did."""
    found = connection.scalar(
        text(f"SELECT problem FROM ledger.reader_run WHERE {_SAME} AND problem IS NOT NULL LIMIT 1"), asdict(asked)
    )
    return None if found is None else Problem(*found)


def died(connection: Connection, asked: Asked) -> int:
    """How many runs died with their worker."""
    # FOR UPDATE waits for a run that is just ending, and leaves it out then: its lock goes before its row does.
    dead = f"SELECT FROM ledger.reader_run WHERE {_SAME} AND {_DEAD} FOR UPDATE"
    count: int = connection.execute(text(f"SELECT count(*) FROM ({dead}) AS dead"), asdict(asked)).scalar_one()
    return count


def begin(connection: Connection, asked: Asked) -> int:
    """Note a run, which goes on until it is ended, or `connection` is closed; its id.

    `connection` must be in no transaction of its own: the row is seen at once, and never without the lock.
    """
    run_id: int = connection.execute(
        text(
            "INSERT INTO ledger.reader_run (sha256, task, reader) VALUES (:sha256, :task, :reader)"
            f" RETURNING run_id, pg_advisory_lock({_LOCK})"
        ),
        asdict(asked),
    ).scalar_one()
    return run_id


def end(connection: Connection, run_id: int, problem: Problem | None) -> None:
    """Remember how the content broke a run, or forget the run; as whoever began it, or in its place."""
    if problem is None:
        change = "DELETE FROM ledger.reader_run"
    else:
        change = "UPDATE ledger.reader_run SET problem = CAST(:problem AS jsonb)"
    connection.execute(
        text(f"{change} WHERE run_id = :run_id RETURNING pg_advisory_unlock({_LOCK})"),
        {"run_id": run_id, "problem": problem and json.dumps(astuple(problem))},
    )


def forget_dead(connection: Connection, asked: Asked) -> None:
    """Forget the runs that died with their worker."""
    connection.execute(text(f"DELETE FROM ledger.reader_run WHERE {_SAME} AND {_DEAD}"), asdict(asked))


def forget_old(connection: Connection) -> int:
    """Forget what is older than :data:`KEPT`; how many runs."""
    return connection.execute(
        text("DELETE FROM ledger.reader_run WHERE begun_at < clock_timestamp() - :kept"), {"kept": KEPT}
    ).rowcount
