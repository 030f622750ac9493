"""The pages behind their real gate: Airflow's own tokens, a warehouse with half a city in it, and a browser."""

import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, make_url
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from altered import altered
from conftest import TODAY, Template, copy_database, live_on, run_on
from district_reports.database import engine as engine_module
from district_reports.database.engine import dispose_engines, login_url
from district_reports.database.roles import Role as Login
from district_reports.pages import PREFIX
from district_reports.settings import Settings, settings
from district_reports.users import Role, Viewer, lay_out
from pages import small_city
from pages.tokens import COOKIE, airflow_tokens

PEOPLE = {
    "engineer": Viewer("engineer", Role.ENGINEER),
    "officer": Viewer("officer", Role.OFFICER),
    "approver": Viewer("approver", Role.APPROVER),
    "zhongshan": Viewer("zhongshan", Role.DISTRICT, small_city.ZHONGSHAN),
    "xigang": Viewer("xigang", Role.DISTRICT, small_city.XIGANG),
}
"""Who is in the table of users; ``stranger`` can log in as well, and is not in it."""


@dataclass(frozen=True)
class Filled:
    """A database and the folders beside it, to copy for each test."""

    template: Template
    database: str
    folder: Path


class Copies:
    """Copies of a database, one for each test; one that a test did not change is the next test's."""

    def __init__(self, filled: Filled) -> None:
        self._filled = filled
        self._unchanged: dict[str, int] = {}
        self._numbers = count(1)

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The name of a copy that nobody has changed."""
        server = self._filled.template.server
        if not self._unchanged:
            name = f"pages_{next(self._numbers)}"
            copy_database(server, name, self._filled.database)
            self._unchanged[name] = self._rows_changed(name)
        name, before = self._unchanged.popitem()
        yield name
        dispose_engines()
        if self._rows_changed(name) == before:
            self._unchanged[name] = before
        else:
            run_on(server, f"DROP DATABASE {name} WITH (FORCE)")

    def _rows_changed(self, name: str) -> int:
        """How many rows were ever written in the database, by who has left it."""
        deadline = time.monotonic() + 60
        url = make_url(self._filled.template.server.url("postgres", "postgresql"))
        with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
            while connection.execute("SELECT FROM pg_stat_activity WHERE datname = %s", [name]).fetchone():
                assert time.monotonic() < deadline, "a session is left behind"
                time.sleep(0.005)
            written = "SELECT tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname = %s"
            [rows] = connection.execute(written, [name]).fetchone() or [0]
            return int(rows)


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Airflow's authentication in this process, and the token of each user."""
    home = tmp_path_factory.mktemp("airflow")
    users = {**dict.fromkeys(PEOPLE, "viewer"), "engineer": "admin", "stranger": "viewer"}
    with pytest.MonkeyPatch.context() as environ:
        yield airflow_tokens(home, users, environ)


@pytest.fixture(scope="session")
def filled(migrated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Half a city, once for all tests of a process."""
    folder = tmp_path_factory.mktemp("city")
    database = "pages_filled"
    copy_database(migrated_template.server, database, migrated_template.name)
    with pytest.MonkeyPatch.context() as environ:
        _settle_in(folder, migrated_template, database, environ)
        shutil.copytree(migrated_template.keys, settings().keys)
        lay_out(settings().users, PEOPLE.values())
        small_city.build(tmp_path_factory.mktemp("workbooks"), environ)
        # A copy has the statistics of what it is copied from; without them what compares releases takes minutes.
        altered("ANALYZE")
        dispose_engines()
    settings.cache_clear()
    return Filled(migrated_template, database, folder)


@pytest.fixture(scope="session")
def copies(filled: Filled) -> Copies:
    return Copies(filled)


@pytest.fixture
def warehouse(filled: Filled, copies: Copies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Filled]:
    """A copy of the city for one test, which may change it; the settings point at it."""
    shutil.copytree(filled.folder, tmp_path / "city")
    with copies.copy() as name:
        _settle_in(tmp_path / "city", filled.template, name, monkeypatch)
        yield Filled(filled.template, name, tmp_path / "city")
    settings.cache_clear()


@pytest.fixture
def site(warehouse: Filled, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Starlette:
    """The pages where Airflow mounts them."""
    from district_reports.pages.app import app

    monkeypatch.setattr(engine_module, "login_url", _as_in_the_api_server)
    return Starlette(routes=[Mount(PREFIX, app())])


@pytest.fixture
def client_as(site: Starlette, tokens: dict[str, str]) -> Callable[[str | None], TestClient]:
    """A client logged in as one of :data:`PEOPLE`; None is nobody. Redirects are not followed."""

    def made(user: str | None) -> TestClient:
        cookies = {} if user is None else {COOKIE: tokens[user]}
        return TestClient(
            site,
            base_url=f"http://testserver{PREFIX}/",
            cookies=cookies,
            follow_redirects=False,
            raise_server_exceptions=False,
        )

    return made


@dataclass(frozen=True)
class Address:
    """Where the pages answer to a browser."""

    origin: str

    def page(self, path: str) -> str:
        return f"{self.origin}{PREFIX}{path}"


@pytest.fixture
def served(site: Starlette) -> Iterator[Address]:
    """The pages on a port of this machine."""
    import uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(site, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline, "the pages did not start"
        time.sleep(0.02)
    yield Address(f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(30)


@pytest.fixture
def visitor(browser, served: Address, tokens: dict[str, str]):
    """A page of the browser logged in as one of :data:`PEOPLE`, and what it complained of or asked for elsewhere."""
    opened = []

    def made(user: str = "engineer", **look: object):
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **look)
        opened.append(context)
        context.add_cookies([{"name": COOKIE, "value": tokens[user], "url": served.origin}])
        view = context.new_page()
        complaints: list[str] = []
        view.on("console", lambda message: complaints.append(f"{view.url}: {message.text}"))
        view.on("pageerror", lambda error: complaints.append(f"{view.url}: {error}"))
        view.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        ours = (served.origin, "data:")
        view.on(
            "request",
            lambda asked: None if asked.url.startswith(ours) else complaints.append(f"asks for {asked.url}"),
        )
        return view, complaints

    yield made
    for context in opened:
        context.close()


def _as_in_the_api_server(ours: Settings, role: Login) -> URL:
    """What the pages ask for goes by the logins that the API server is given; these tests themselves may be anybody."""
    frame = sys._getframe()
    while frame is not None and f"{os.sep}district_reports{os.sep}pages{os.sep}" not in frame.f_code.co_filename:
        frame = frame.f_back
    return login_url(ours if frame is None else replace(ours, roles=frozenset({"pages", "reader"})), role)


def csrf_of(page: str) -> str:
    """The token in the forms of a page."""
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def change(statement: str, **values: object) -> None:
    """Change the test's warehouse, as who may do anything there, and what was released as well."""
    altered(statement, **values)


def _settle_in(folder: Path, template: Template, database: str, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("DISTRICT_REPORTS_HOME", str(folder / "home"))
    environ.setenv("DISTRICT_REPORTS_UPLOADS", str(folder / "uploads"))
    environ.setenv("DISTRICT_REPORTS_TODAY", TODAY)
    for name in ("ROOT", "ENV", "TOKEN_KEY_FILE", "USERS"):
        environ.delenv(f"DISTRICT_REPORTS_{name}", raising=False)
    live_on(template.server, database, environ)
