"""The hostile city, played once a session: its workbooks, its warehouse and what a night published of it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from conftest import Template, copy_database, live_on, point_settings_at, run_on
from district_reports.database.engine import Role, dispose_engines, engine
from district_reports.publish.release import publish
from district_reports.settings import settings
from district_reports.warehouse.reference_load import load_reference
from recomputed.hostile import sent
from recomputed.place import write_register
from recomputed.play import Sent, on_day, play
from recomputed.published import Published, outcomes, published
from recomputed.register import Register

RELEASED_ON = date(2021, 2, 25)
DATABASE = "hostile_city"


@dataclass(frozen=True)
class City:
    """What was sent, what the ledger says of it by receipt, and every city table of one release.

    `database` is a warehouse to copy, unreleased; `root` has its reference data, and `keys` its token key.
    """

    sent: list[Sent]
    outcomes: dict[int, tuple[str, dict[str, tuple[int, int, int, int]]]]
    tables: Published
    register: Register
    template: Template
    root: Path


@pytest.fixture(scope="session")
def hostile_city(migrated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("hostile")
    server = migrated_template.server
    with pytest.MonkeyPatch.context() as environ:
        point_settings_at(folder, environ)
        root = a_root(folder / "root")
        shutil.copytree(migrated_template.keys, settings().keys)
        copy_database(server, DATABASE, migrated_template.name)
        live_on(server, DATABASE, environ)
        environ.setenv("DISTRICT_REPORTS_ROOT", str(root))
        on_day(date(2019, 8, 1), environ)
        load_reference(lambda _: None)
        register = Register(root / "sql" / "reference")
        done = play(sent(register), folder / "books", engine(Role.LOADER), environ)
        told = outcomes(engine(Role.LOADER))
        dispose_engines()
        copy_database(server, f"{DATABASE}_released", DATABASE)
        live_on(server, f"{DATABASE}_released", environ)
        on_day(RELEASED_ON, environ)
        publish()
        tables = published(engine(Role.ANALYST))
        dispose_engines()
        template = Template(server, DATABASE, settings().keys)
    settings.cache_clear()
    run_on(server, f"DROP DATABASE {DATABASE}_released WITH (FORCE)")
    yield City(done, told, tables, register, template, root)
    run_on(server, f"DROP DATABASE {DATABASE} WITH (FORCE)")


def a_root(root: Path) -> Path:
    """A deployment's root with the city's own register, and rules and summaries as they are."""
    deployment = settings()
    (root / "sql").mkdir(parents=True)
    write_register(root / "sql" / "reference", deployment.reference)
    for folder in (deployment.migrations, deployment.summaries, deployment.expectations):
        (root / folder.relative_to(deployment.root)).symlink_to(folder)
    return root
