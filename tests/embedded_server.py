"""How tests ask, kill and watch an embedded server, and have warehouses on it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from district_reports.database.bootstrap import make_warehouse
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.settings import load_settings

ROOT = os.geteuid() == 0
NOBODY = 65534

Make = Callable[[str], EmbeddedServer]


@contextmanager
def session(server: EmbeddedServer) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server.url("postgres", "postgresql"), autocommit=True) as connection:
        yield connection


def ask(server: EmbeddedServer, question: str) -> object:
    with session(server) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def warehouse_on(server: EmbeddedServer, database: str) -> dict[str, str]:
    """The variables that name a warehouse, and the passwords of its logins: those of the server."""
    passwords = folder(server).with_name("passwords")
    return {
        "DISTRICT_REPORTS_WAREHOUSE_URL": server.address(database),
        "DISTRICT_REPORTS_PASSWORDS": str(passwords),
    }


def make_database(server: EmbeddedServer, database: str) -> None:
    """An empty warehouse, and the logins if the server has none yet."""
    named = warehouse_on(server, database) | {"DISTRICT_REPORTS_WAREHOUSE_URL": server.url(database)}
    make_warehouse(load_settings(named), print)


def folder(server: EmbeddedServer) -> Path:
    return server._folder.path


def pid(server: EmbeddedServer) -> int:
    return int((folder(server) / "data" / "postmaster.pid").read_text().splitlines()[0])


def port(server: EmbeddedServer) -> int:
    return int((folder(server) / "port").read_text())


def kill(server: EmbeddedServer) -> None:
    """Like a crash: the postmaster goes without a word and leaves its pid file."""
    os.kill(pid(server), signal.SIGKILL)
    until(lambda: not server.running())


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lives(process: psutil.Process) -> bool:
    """Whether the process does; not one that ended and that init has not collected yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def run_python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, text=True)


START = """
import sys
from pathlib import Path
from district_reports.database.embedded.server import EmbeddedServer
EmbeddedServer(Path(sys.argv[1])).start()
"""
