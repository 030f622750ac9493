"""The pages behind their real gate: Airflow's own tokens, a warehouse with half a city in it, and a browser."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from conftest import TODAY, Template, run_on
from district_reports.pages import PREFIX
from district_reports.settings import settings
from district_reports.users import Role, Viewer, lay_out
from district_reports.warehouse.engine import dispose_engines, engine
from pages import small_city
from pages.tokens import COOKIE, airflow_tokens

PEOPLE = {
    "engineer": Viewer("engineer", Role.ENGINEER),
    "officer": Viewer("officer", Role.OFFICER),
    "zhongshan": Viewer("zhongshan", Role.DISTRICT, small_city.ZHONGSHAN),
    "xigang": Viewer("xigang", Role.DISTRICT, small_city.XIGANG),
}
"""Who is in the table of users; ``stranger`` can log in as well, and is not in it."""
_numbers = count(1)


@dataclass(frozen=True)
class Filled:
    """A database and the folders beside it, to copy for each test that changes something."""

    template: Template
    database: str
    folder: Path


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
    run_on(migrated_template.server, f"CREATE DATABASE {database} TEMPLATE {migrated_template.name}")
    with pytest.MonkeyPatch.context() as environ:
        _settle_in(folder, migrated_template, database, environ)
        shutil.copytree(migrated_template.keys, settings().keys)
        lay_out(settings().users, PEOPLE.values())
        small_city.build(tmp_path_factory.mktemp("workbooks"), environ)
        dispose_engines()
    settings.cache_clear()
    return Filled(migrated_template, database, folder)


@pytest.fixture
def warehouse(filled: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Filled]:
    """A copy of the city for one test, which may change it; the settings point at it."""
    name = f"pages_{next(_numbers)}"
    run_on(filled.template.server, f"CREATE DATABASE {name} TEMPLATE {filled.database}")
    shutil.copytree(filled.folder, tmp_path / "city")
    _settle_in(tmp_path / "city", filled.template, name, monkeypatch)
    yield Filled(filled.template, name, tmp_path / "city")
    dispose_engines()
    settings.cache_clear()
    run_on(filled.template.server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def site(warehouse: Filled, tokens: dict[str, str]) -> Starlette:
    """The pages where Airflow mounts them."""
    from district_reports.pages.app import app

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


def csrf_of(page: str) -> str:
    """The token in the forms of a page."""
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def change(statement: str, **values: object) -> None:
    """Change the test's warehouse, as who may do anything there."""
    with engine(None).begin() as connection:
        connection.execute(text(statement), values)


def _settle_in(folder: Path, template: Template, database: str, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("DISTRICT_REPORTS_HOME", str(folder / "home"))
    environ.setenv("DISTRICT_REPORTS_UPLOADS", str(folder / "uploads"))
    environ.setenv("DISTRICT_REPORTS_TODAY", TODAY)
    environ.setenv("DISTRICT_REPORTS_WAREHOUSE_URL", template.server.url(database))
    for name in ("ROOT", "ENV", "TOKEN_KEY_FILE", "USERS"):
        environ.delenv(f"DISTRICT_REPORTS_{name}", raising=False)
    settings.cache_clear()
