"""The hostile city, made once a session: its workbooks, its warehouse and what a night published of it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from conftest import Template, copy_database, live_on, point_settings_at, run_on
from district_reports.database.engine import Role, dispose_engines, engine
from district_reports.publish.release import publish
from district_reports.settings import settings
from district_reports.warehouse.reference_load import load_reference
from recomputed import quick
from recomputed.place import write_register
from recomputed.plan import Report
from recomputed.play import Sent, on_day, play
from recomputed.published import Published, outcomes, published
from recomputed.register import Register
from recomputed.sending import sent

RELEASED_ON = date(2021, 2, 25)
PLANNING = {"PGOPTIONS": "-c enable_nestloop=off"}
"""A release takes a second by it and eight without, since nobody has counted the rows of a warehouse just copied."""


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


Load = Callable[[list[Report], Path, Engine, pytest.MonkeyPatch], list[Sent]]


@pytest.fixture(scope="session")
def hostile_city(migrated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """What was checked by the plan."""
    yield from _made(migrated_template, tmp_path_factory.mktemp("hostile"), "hostile_city", quick.load)


@pytest.fixture(scope="session")
def played_city(migrated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The same, where each workbook went through the real path on its day: in minutes."""
    yield from _made(migrated_template, tmp_path_factory.mktemp("played"), "played_city", play)


def _made(template: Template, folder: Path, database: str, load: Load) -> Iterator[City]:
    server, released = template.server, f"{database}_released"
    with pytest.MonkeyPatch.context() as environ:
        root = begin(template, folder, database, a_root, environ)
        register = Register(root / "sql" / "reference")
        done = load(sent(register), folder / "books", engine(Role.LOADER), environ)
        told = outcomes(engine(Role.LOADER))
        dispose_engines()
        copy_database(server, released, database)
        live_on(server, released, environ)
        on_day(RELEASED_ON, environ)
        for name, value in PLANNING.items():
            environ.setenv(name, value)
        publish()
        tables = published(engine(Role.INSIDER))
        dispose_engines()
        unreleased = Template(server, database, settings().keys)
    settings.cache_clear()
    run_on(server, f"DROP DATABASE {released} WITH (FORCE)")
    yield City(done, told, tables, register, unreleased, root)
    run_on(server, f"DROP DATABASE {database} WITH (FORCE)")


def begin(
    template: Template,
    folder: Path,
    database: str,
    make_root: Callable[[Path], Path],
    environ: pytest.MonkeyPatch,
) -> Path:
    """A deployment in `folder` with a warehouse of its own and the register loaded, before any report; its root."""
    point_settings_at(folder, environ)
    root = make_root(folder / "root")
    shutil.copytree(template.keys, settings().keys)
    copy_database(template.server, database, template.name)
    live_on(template.server, database, environ)
    environ.setenv("DISTRICT_REPORTS_ROOT", str(root))
    on_day(date(2019, 8, 1), environ)
    load_reference(lambda _: None)
    return root


def a_root(root: Path) -> Path:
    """A deployment's root with the city's own register, and rules and summaries as they are."""
    deployment = settings()
    (root / "sql").mkdir(parents=True)
    write_register(root / "sql" / "reference", deployment.reference)
    for folder in (deployment.migrations, deployment.summaries, deployment.reconciliation, deployment.expectations):
        (root / folder.relative_to(deployment.root)).symlink_to(folder)
    return root
