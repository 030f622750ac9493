"""The job that works off what officers asked for, one request after the other, as the publisher.

Each is done in transactions of its own, and what it wrote outside of the database can be written again: a job that was
killed anywhere is run again, and comes to the same. One that a rule forbids is refused; a fault of the system leaves
it open for the next run, and those after it are worked off all the same.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, Row, bindparam, text

from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.publish.outgoing.changed import find_outside_changes
from district_reports.publish.outgoing.checklist import checklist
from district_reports.publish.outgoing.leave import last_outside, leave, standing
from district_reports.publish.outgoing.outside_tables import ensure_outside_table
from district_reports.publish.outgoing.protected import check_withheld, put_to_withhold
from district_reports.publish.outgoing.requests import Rule, What
from district_reports.publish.summary import Summary, summaries
from district_reports.settings import settings

# Any number will do, if only this program takes it in this database.
_LOCK = 7_210_200_019
_OPEN = """
SELECT request.request_id, what, coalesce(request.release_id, prepared.release_id) AS release_id,
    request.prepared_id, reason, knew, period, version
FROM outgoing.request
LEFT JOIN outgoing.prepared ON prepared.prepared_id = request.prepared_id
WHERE NOT EXISTS (SELECT FROM outgoing.worked_off WHERE worked_off.request_id = request.request_id)
ORDER BY request.request_id
"""


@dataclass(frozen=True)
class Done:
    """What became of a request: ``prepared``, ``left``, ``returned``, ``revoked``, or ``refused: `` and the rule."""

    request_id: int
    what: What
    release_id: int
    outcome: str

    def __str__(self) -> str:
        return f"request {self.request_id}, {self.what} of release {self.release_id}: {self.outcome}"


def _silent(_: str) -> None:
    """Tell nobody."""


def work_off(progress: Callable[[str], None] = _silent) -> list[Done]:
    """Work off every open request, in the order in which they were made; two at once come one after the other.

    `progress` is told of each. Safe to run again, whatever became of the run before.

    Raises:
        SystemFault, sqlalchemy.exc.DBAPIError, OSError: the first fault; its request stays open, and the others that
            could be done are done.
    """
    done: list[Done] = []
    faults: list[Exception] = []
    with _alone():
        with engine(Role.PUBLISHER).begin() as connection:
            found = connection.execute(text(_OPEN)).all()
        for request in found:
            failpoint("outgoing: begun")
            try:
                outcome = _WORK[What(request.what)](request)
            except Exception as fault:
                faults.append(fault)
                progress(f"request {request.request_id}, {request.what}: {type(fault).__name__}")
                continue
            done.append(Done(request.request_id, What(request.what), request.release_id, outcome))
            progress(str(done[-1]))
    if faults:
        raise faults[0]
    return done


def period_of(day: date) -> str:
    """The month that a release of `day` is told under: the latest that had ended by then."""
    return f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of the job, on a connection that does nothing else."""
    with engine(Role.PUBLISHER).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})


def _prepare(request: Row[Any]) -> str:
    from district_reports.publish.disclosure.prepare import prepare

    tables = summaries(settings().summaries)
    with engine(Role.PUBLISHER).begin() as connection:
        made = prepare(connection, request.release_id)
        put_to_withhold(connection, made.withheld, tables)
        _record_prepared(connection, request, made.impossible, tables)
        _record(connection, request.request_id, "prepared")
        failpoint("outgoing: before prepared")
    failpoint("outgoing: prepared")
    return "prepared"


def _record_prepared(connection: Connection, request: Row[Any], impossible: str | None, tables: list[Summary]) -> None:
    """Keep what is to be withheld, and the checklist."""
    release_id: int = request.release_id
    release = connection.execute(
        text("SELECT day, known_at FROM city.release WHERE release_id = :release_id"), {"release_id": release_id}
    ).one()
    present = standing(connection, tables)
    check_withheld(connection, present, release_id)
    against = last_outside(connection)
    if against is not None:
        for schema, summary in present:
            ensure_outside_table(connection, schema, summary)
        find_outside_changes(connection, present, against.release_id, release_id)
    listed = checklist(
        connection, present, release_id, release.known_at, None if against is None else against.release_id
    )
    period = period_of(release.day)
    prepared_id = connection.execute(
        text(
            "INSERT INTO outgoing.prepared"
            " (request_id, release_id, period, version, day, checklist, knew, impossible, rule_sha256)"
            " SELECT :request_id, :release_id, :period,"
            " 'v1.' || (SELECT count(*) FROM outside.release WHERE release.period = :period), :day,"
            " :checklist, array(SELECT release_id FROM outside.release ORDER BY release_id),"
            " :impossible, :rule RETURNING prepared_id"
        ).bindparams(bindparam("checklist", type_=JSON)),
        {
            "request_id": request.request_id,
            "release_id": release_id,
            "period": period,
            "day": release.day,
            "checklist": listed.as_json(),
            "impossible": impossible,
            "rule": _rule_sha256(connection, release.known_at),
        },
    ).scalar_one()
    connection.execute(
        text(
            "INSERT INTO outgoing.withheld SELECT :prepared_id, schema_name, table_name, row_key, columns"
            " FROM to_withhold"
        ),
        {"prepared_id": prepared_id},
    )


def _rule_sha256(connection: Connection, known_at: datetime) -> str:
    """Of ``disclosure.csv`` as it was known at the moment, or first known later."""
    found: str | None = connection.scalar(
        text(
            "SELECT sha256 FROM reference.version WHERE table_name = 'disclosure'"
            " ORDER BY known_from <= :known_at DESC,"
            " CASE WHEN known_from <= :known_at THEN version_id END DESC, version_id LIMIT 1"
        ),
        {"known_at": known_at},
    )
    if found is None:
        raise SystemFault("disclosure.csv is not loaded; run `district-reports reference load`")
    return found


def _approve(request: Row[Any]) -> str:
    with engine(Role.PUBLISHER).begin() as connection:
        # Once it has left, what left after it was known is itself.
        if _left_at(connection, request.release_id) is None:
            if connection.scalar(text("SELECT outgoing.outdated(:knew)"), {"knew": request.knew}):
                return _record(connection, request.request_id, f"refused: {Rule.OUTDATED}")
            leave(connection, request.prepared_id, summaries(settings().summaries))
            failpoint("outgoing: before leaving")
    failpoint("outgoing: left")
    from district_reports.publish.bundle.write import write_bundle

    write_bundle(request.release_id)
    failpoint("outgoing: bundle written")
    with engine(Role.PUBLISHER).begin() as connection:
        _record(connection, request.request_id, "left", _left_at(connection, request.release_id))
        failpoint("outgoing: before leaving is recorded")
    return "left"


def _return(request: Row[Any]) -> str:
    with engine(Role.PUBLISHER).begin() as connection:
        return _record(connection, request.request_id, "returned")


def _revoke(request: Row[Any]) -> str:
    with engine(Role.PUBLISHER).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO outside.revoked VALUES (:release_id, :period, :version, clock_timestamp(), :notice)"
                " ON CONFLICT DO NOTHING"
            ),
            {
                "release_id": request.release_id,
                "period": request.period,
                "version": request.version,
                "notice": request.reason,
            },
        )
        failpoint("outgoing: before revoking")
    failpoint("outgoing: revoked")
    from district_reports.publish.bundle.write import take_back

    take_back(request.release_id)
    failpoint("outgoing: bundle taken back")
    with engine(Role.PUBLISHER).begin() as connection:
        at = connection.execute(
            text("SELECT revoked_at FROM outside.revoked WHERE release_id = :release_id"),
            {"release_id": request.release_id},
        ).scalar_one()
        _record(connection, request.request_id, "revoked", at)
        failpoint("outgoing: before revoking is recorded")
    return "revoked"


def _left_at(connection: Connection, release_id: int) -> datetime | None:
    found: datetime | None = connection.scalar(
        text("SELECT left_at FROM outside.release WHERE release_id = :release_id"), {"release_id": release_id}
    )
    return found


def _record(connection: Connection, request_id: int, outcome: str, at: datetime | None = None) -> str:
    """Note what became of a request."""
    connection.execute(
        text(
            "INSERT INTO outgoing.worked_off VALUES (:request_id, coalesce(:at, clock_timestamp()), :outcome)"
        ).bindparams(bindparam("at", type_=DateTime(timezone=True))),
        {"request_id": request_id, "at": at, "outcome": outcome},
    )
    return outcome


_WORK: dict[What, Callable[[Row[Any]], str]] = {
    What.PREPARE: _prepare,
    What.APPROVE: _approve,
    What.RETURN: _return,
    What.REVOKE: _revoke,
}
