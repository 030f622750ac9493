"""A release of random reports, made once for all tests that only look at it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from conftest import Template, copied_database, copy_database, live_on, point_settings_at
from district_reports.database.engine import dispose_engines, engine
from district_reports.publish import Release, publish
from district_reports.settings import Settings, settings
from publish.left import Left, corrected_ledger
from publish.plan import shrink_city
from publish.random_reports import random_reports


@dataclass(frozen=True)
class Released:
    """A warehouse to copy, and the release in it."""

    warehouse: Template
    release: Release


@pytest.fixture(scope="session")
def _released(migrated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Released:
    server, name = migrated_template.server, "random_reports"
    copy_database(server, name, migrated_template.name)
    with pytest.MonkeyPatch.context() as environ:
        point_settings_at(tmp_path_factory.mktemp("random reports"), environ)
        live_on(server, name, environ)
        shutil.copytree(migrated_template.keys, settings().keys)
        random_reports(seed=20200704).submit(engine("loader"))
        release = publish()
        dispose_engines()
    settings.cache_clear()
    return Released(Template(server, name, migrated_template.keys), release)


@pytest.fixture
def release(_released: Released, tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Release]:
    """The release of random reports; the settings name a warehouse of the test's own that holds it."""
    warehouse = _released.warehouse
    shutil.copytree(warehouse.keys, tmp_settings.keys)
    for _ in copied_database(warehouse.server, warehouse.name, monkeypatch):
        yield _released.release


@pytest.fixture(scope="session")
def _left(migrated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> tuple[Template, Left]:
    server, name = migrated_template.server, "left_outside"
    copy_database(server, name, migrated_template.name)
    with pytest.MonkeyPatch.context() as environ:
        point_settings_at(tmp_path_factory.mktemp("left"), environ)
        live_on(server, name, environ)
        shutil.copytree(migrated_template.keys, settings().keys)
        found = corrected_ledger()
        dispose_engines()
    settings.cache_clear()
    return Template(server, name, migrated_template.keys), found


@pytest.fixture
def left(_left: tuple[Template, Left], tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Left]:
    """A warehouse of the test's own with two releases outside, as :func:`.left.corrected_ledger` makes them."""
    warehouse, found = _left
    shutil.copytree(warehouse.keys, tmp_settings.keys)
    for _ in copied_database(warehouse.server, warehouse.name, monkeypatch):
        yield found


@pytest.fixture
def two_districts(loader: Engine) -> Engine:
    """A warehouse of a city with two districts and no school in its register."""
    shrink_city()
    return loader
