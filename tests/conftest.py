"""A real PostgreSQL for every test that asks for one, and a deployment of the test's own.

``warehouse_url`` gives a fresh, migrated database; the settings point at it and at folders under ``tmp_path``. The
server starts on the first use, once a session; a database is a copy of a template that was migrated once.
"""

import os
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, make_url

from district_reports.database.bootstrap import rights_in_warehouse
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.database.engine import dispose_engines
from district_reports.settings import Settings, settings
from district_reports.warehouse.migrate import migrate
from embedded_server import make_database, warehouse_on
from fake_child import FakeChild
from mount_namespace import NO_MOUNTS
from remembered import remembered_validations

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["district_folder", "worklist_city"]

# The day of the demo (docs/contract.md, "The clock"): 2020-06, 2020-Q2 and 2020-S1 are all on time.
TODAY = "2020-07-04"
TESTS = Path(__file__).parent
TOGETHER = (
    "deployment",
    "local",
    "crash",
    "compose",
    "pages",
    "publish",
    "rebuilt",
    "contract",
    "database/embedded",
    "recomputed",
)
"""Folders whose tests share something dear (Airflow, a city): one process has all of a folder, and begins with it.

The first ones wait for Airflow most of their time; the other processes have the cores meanwhile. Else a process takes
file by file.
"""
SAMPLED = {
    "traits/test_traits.py": 12,
    "traits/test_large.py": 6,
    "publish/test_commitments_file.py": 2,
    "local/samples/test_workbooks.py": 5,
    # Each rule has its examples in tests/checks, too; each kind of damage and each moment has another beside it.
    "independent/test_independent.py": 2,
    "workbook/test_hostile_files.py": 3,
    "crash/test_kills.py": 4,
    "crash/test_disk_full.py": 3,
}
"""Of so many cases of a test in this file, which are much alike, one is for every run and the others are slow."""


@dataclass(frozen=True)
class Template:
    """A migrated database to copy, and the folder of the token key that it knows."""

    server: EmbeddedServer
    name: str
    keys: Path


def point_settings_at(folder: Path, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("DISTRICT_REPORTS_HOME", str(folder / "home"))
    environ.setenv("DISTRICT_REPORTS_UPLOADS", str(folder / "uploads"))
    environ.setenv("DISTRICT_REPORTS_TODAY", TODAY)
    for name in ("ROOT", "WAREHOUSE_URL", "ENV", "TOKEN_KEY_FILE", "METADATA_URL", "PASSWORDS", "ROLES", "BUNDLES"):
        environ.delenv(f"DISTRICT_REPORTS_{name}", raising=False)
    settings.cache_clear()


def live_on(server: EmbeddedServer, database: str, environ: pytest.MonkeyPatch) -> None:
    for name, value in warehouse_on(server, database).items():
        environ.setenv(name, value)
    settings.cache_clear()


def copy_database(server: EmbeddedServer, name: str, template: str) -> None:
    """By copying files: on a server that forgets everything on a crash that takes half the time of writing a log."""
    run_on(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy", *rights_in_warehouse(name))


def run_on(server: EmbeddedServer, *statements: str | sql.Composed) -> None:
    """Run statements on the server's own database, outside a transaction."""
    url = make_url(server.url("postgres", "postgresql")).render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture(scope="session", autouse=True)
def _remembered_validations() -> Iterator[None]:
    with remembered_validations():
        yield


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """The session's server; it forgets everything on a crash, which is what makes it fast."""
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("DISTRICT_REPORTS_EMBEDDED_FSYNC", "off")
        server = EmbeddedServer(tmp_path_factory.mktemp("server") / "postgres", warehouses="all")
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def migrated_template(postgres_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A database with every schema, the forms' tables and the repository's register, and the server's logins."""
    with pytest.MonkeyPatch.context() as environ:
        point_settings_at(tmp_path_factory.mktemp("migrated"), environ)
        make_database(postgres_server, "migrated")
        live_on(postgres_server, "migrated", environ)
        migrate()
        dispose_engines()
        keys = settings().keys
    settings.cache_clear()
    return Template(postgres_server, "migrated", keys)


@pytest.fixture
def tmp_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings whose home and uploads are the test's own, on the day of the demo, and no warehouse."""
    point_settings_at(tmp_path, monkeypatch)
    yield settings()
    settings.cache_clear()


@pytest.fixture
def empty_database(
    tmp_settings: Settings, migrated_template: Template, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The URL of a database with nothing in it, but logins that may work there; the settings name it."""
    yield from copied_database(migrated_template.server, "template0", monkeypatch)


@pytest.fixture
def warehouse_url(
    tmp_settings: Settings, migrated_template: Template, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The URL of a migrated warehouse of the test's own; the settings name it, and its token key is in place."""
    shutil.copytree(migrated_template.keys, tmp_settings.keys)
    yield from copied_database(migrated_template.server, migrated_template.name, monkeypatch)


@pytest.fixture
def play(warehouse_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Play another day by the deployment's clock."""

    def play(day: str) -> None:
        monkeypatch.setenv("DISTRICT_REPORTS_TODAY", day)
        settings.cache_clear()

    return play


def copied_database(server: EmbeddedServer, template: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    # Not counted: this file is a module twice, as what pytest loads and as what other conftests import.
    name = f"{template}_{secrets.token_hex(4)}"
    copy_database(server, name, template)
    live_on(server, name, monkeypatch)
    yield server.address(name)
    dispose_engines()
    run_on(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def reference_folder(warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the reference data to change, under a root with the deployment's rules and a % in its name."""
    deployment = settings()
    root = tmp_path / "100%d root"
    shutil.copytree(deployment.reference, root / "sql" / "reference")
    kept = (deployment.migrations, deployment.summaries, deployment.reconciliation, deployment.expectations)
    for path in (*kept, deployment.bureau):
        (root / path.relative_to(deployment.root)).symlink_to(path)
    monkeypatch.setenv("DISTRICT_REPORTS_ROOT", str(root))
    settings.cache_clear()
    return root / "sql" / "reference"


@pytest.fixture
def loader(warehouse_url: str) -> Engine:
    """The loader's engine on the test's warehouse."""
    from district_reports.database.engine import engine

    return engine("loader")


@pytest.fixture
def fake_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[FakeChild]:
    """Something else in the place of the limited child, once it is told what to do.

    It is exec'd; a test with the parameter "server" has it forked by a server.
    """
    fake = FakeChild(tmp_path / "fake_child.py", tmp_path / "runs", monkeypatch, getattr(request, "param", "exec"))
    yield fake
    fake.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """A headless Chromium, one for all tests of the process: Playwright starts only once in a thread."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.skip("no chromium is installed (CHROMIUM=… names one)")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield opened
        opened.close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: one of them waits for Airflow, or for a server."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "LoadScopeScheduling":
    """What belongs together to one process."""
    from xdist.scheduler import LoadScopeScheduling

    class ByPlace(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return place_of(TESTS.parent / nodeid.partition("::")[0])

    return ByPlace(config, log)


def place_of(file: Path) -> str:
    """The folder of :data:`TOGETHER` that the file of tests lies in, or the file itself."""
    folder = next((folder for folder in TOGETHER if file.is_relative_to(TESTS / folder)), None)
    return folder or str(file.relative_to(TESTS))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark samples, and put first what belongs together."""
    seen: Counter[str] = Counter()
    for item in items:
        case_of = item.nodeid.partition("[")[0]
        if seen[case_of] % SAMPLED.get(str(item.path.relative_to(TESTS)), 1):
            item.add_marker(pytest.mark.slow)
        seen[case_of] += 1
    order = {place: number for number, place in enumerate(TOGETHER)}
    items.sort(key=lambda item: order.get(place_of(item.path), len(order)))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where nothing may be skipped (``DISTRICT_REPORTS_NO_SKIP``, as in CI), a skipped test fails the run.

    But for what no package brings: a right that the system does not give.
    """
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if os.environ.get("DISTRICT_REPORTS_NO_SKIP") and any(NO_MOUNTS not in str(one.longrepr) for one in skipped):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
