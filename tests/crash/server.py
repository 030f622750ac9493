"""The ends of a PostgreSQL server, and of one session, while a worker is at it."""

import os
import resource
import signal
import time
from collections.abc import Callable

import psutil
import psycopg
from sqlalchemy import make_url

from crash.city import City
from crash.processes import fork
from crash.recorded import recorded
from crash.work import BROKE, until_it_breaks
from district_reports import failpoints
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.settings import settings
from embedded_server import lives, pid, until

SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "killed": signal.SIGKILL}


def end_server(server: EmbeddedServer, how: str) -> None:
    """Stop or kill it as :data:`SIGNALS` says, and wait until all of it is gone."""
    postmaster = psutil.Process(pid(server))
    family = [postmaster, *postmaster.children(recursive=True)]
    postmaster.send_signal(SIGNALS[how])
    until(lambda: not any(lives(process) for process in family))


def kill_session(server: EmbeddedServer) -> None:
    """kill -9 of this deployment's sessions that are in a transaction: the server recovers by itself."""
    for backend in _within_transactions(server):
        os.kill(backend, signal.SIGKILL)


def limit_session(server: EmbeddedServer) -> None:
    """These sessions may write no file beyond its first page."""
    for backend in _within_transactions(server):
        resource.prlimit(backend, resource.RLIMIT_FSIZE, (8192, 8192))


def _within_transactions(server: EmbeddedServer) -> list[int]:
    with psycopg.connect(server.url("postgres", "postgresql"), autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND state LIKE 'idle in transaction%%'",
            [make_url(settings().warehouse_url or "").database],
        ).fetchall()
    assert rows
    return [backend for (backend,) in rows]


def start_again(city: City) -> None:
    """Start the server, or wait until it has recovered by itself; it may have another port then."""
    before = make_url(settings().warehouse_url or "")
    city.server.start()
    until(lambda: _answers(city.server))
    os.environ["DISTRICT_REPORTS_WAREHOUSE_URL"] = city.server.address(str(before.database))
    settings.cache_clear()


def _answers(server: EmbeddedServer) -> bool:
    try:
        psycopg.connect(server.url("postgres", "postgresql")).close()
    except psycopg.OperationalError:
        return False
    return True


def broken_at(
    city: City, point: str, break_it: Callable[[], object], mend: Callable[[], object] = lambda: None
) -> Callable[[], None]:
    """A worker for whom `break_it` happens at the first `point`; then what is to `mend`, and the server is up again."""

    def hook(passed: str) -> None:
        if passed == point:
            failpoints.hook = None
            break_it()

    def work() -> int:
        failpoints.hook = hook
        with recorded():
            return until_it_breaks("the one it happens to")

    def disturb() -> None:
        ended = fork(work).wait()
        mend()
        start_again(city)
        assert ended == BROKE

    return disturb


def broken_after(city: City, seconds: float, break_it: Callable[[], object]) -> Callable[[], None]:
    """A worker for whom `break_it` happens after `seconds`, wherever it is; then the server is up again."""

    def work() -> int:
        with recorded():
            return until_it_breaks("the one it happens to")

    def disturb() -> None:
        worker = fork(work)
        time.sleep(seconds)
        break_it()
        worker.wait()
        start_again(city)

    return disturb
