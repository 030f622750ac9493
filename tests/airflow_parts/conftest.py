"""A server that people log in to: Airflow's own app, our auth manager, our pages, and a warehouse."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from conftest import Template, copied_database, point_settings_at
from district_reports.database.engine import engine
from district_reports.passwords import hashed
from district_reports.settings import settings

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = {"li": "engineer,", "wang": "officer,", "zhao": "district,210202", "chen": "officer,"}
PASSWORDS = {**{name: f"{name}'s password" for name in PEOPLE}, "admin": "kept by the system"}
ENTRIES = {name: hashed(password) if name in ("li", "wang") else password for name, password in PASSWORDS.items()}
"""As they are kept: some as a hash, and some as ``start`` makes them."""


@dataclass(frozen=True)
class Server:
    """``url`` is where it answers, ``home`` the deployment's folder."""

    url: str
    home: Path

    @property
    def passwords(self) -> Path:
        return self.home / "passwords.json"

    def reset(self) -> None:
        """Everybody is in the table, with the first password."""
        self.write_users(PEOPLE)
        self.passwords.write_text(json.dumps(ENTRIES), encoding="utf-8")

    def write_users(self, people: dict[str, str]) -> None:
        lines = [f"{name},{rest}\n" for name, rest in people.items()]
        settings().users.write_text("user,role,district_code\n" + "".join(lines), encoding="utf-8")

    def log_in(
        self, name: str, password: str | None = None, way: str = "/auth/token", **more: object
    ) -> httpx.Response:
        body = {"username": name, "password": PASSWORDS[name] if password is None else password}
        return httpx.post(f"{self.url}{way}", json=body, timeout=60)

    def token(self, name: str) -> str:
        answer = self.log_in(name)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["access_token"])

    def get(self, path: str, token: str, by_cookie: bool = False) -> httpx.Response:
        given = {"cookies": {"_token": token}} if by_cookie else {"headers": {"Authorization": f"Bearer {token}"}}
        return httpx.get(f"{self.url}{path}", timeout=60, **given)

    def log(self) -> list[tuple[str | None, int, str]]:
        """User, status and address of every log-in on record, oldest first."""
        with engine("migrator").begin() as connection:
            found = connection.execute(
                text("SELECT viewer, status, address FROM ledger.access_log WHERE kind = 'log_in' ORDER BY access_id")
            )
            return [tuple(row) for row in found]


@contextmanager
def deployment(template: Template, folder: Path) -> Iterator[tuple[Server, str]]:
    """A place for a server with everybody in the table of users, and the address of its warehouse."""
    with pytest.MonkeyPatch.context() as environ:
        point_settings_at(folder, environ)
        settings().home.mkdir(parents=True)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            found = Server(f"http://127.0.0.1:{probe.getsockname()[1]}", settings().home)
        found.reset()
        for warehouse in copied_database(template.server, template.name, environ):
            yield found, warehouse
    settings.cache_clear()


@pytest.fixture(scope="package")
def server(migrated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With our own auth manager."""
    with deployment(migrated_template, tmp_path_factory.mktemp("accounts")) as (found, warehouse):
        command = [sys.executable, str(Path(__file__).with_name("server.py")), found.url.rpartition(":")[2]]
        with running(found, command, environment_of(found, warehouse)):
            yield found


def environment_of(server: Server, warehouse: str) -> dict[str, str]:
    """In which Airflow's processes run."""
    return {
        **os.environ,
        "AIRFLOW_HOME": str(server.home),
        "AIRFLOW__CORE__AUTH_MANAGER": "district_reports.airflow_parts.accounts.Accounts",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(server.passwords),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{server.home}/airflow.db",
        "AIRFLOW__API_AUTH__JWT_SECRET": "a-secret-of-the-tests" * 4,
        "AIRFLOW__API__SECRET_KEY": "another-secret-of-the-tests",
        "DISTRICT_REPORTS_WAREHOUSE_URL": warehouse,
        "FORWARDED_ALLOW_IPS": "none",
    }


@contextmanager
def running(server: Server, command: list[str], environment: dict[str, str]) -> Iterator[None]:
    """The server, until the end of the block."""
    said = server.home / "server.log"
    with (
        said.open("wb") as log,
        subprocess.Popen(command, env=environment, cwd=server.home, stdout=log, stderr=log) as process,
    ):
        try:
            deadline = time.monotonic() + 120
            while not _answers(server):
                assert process.poll() is None, said.read_text("utf-8", "replace")[-3000:]
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.1)
            yield
        finally:
            process.terminate()


def _answers(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/api/v2/version", timeout=5).is_success
    except httpx.TransportError:
        return False
