"""Releases of a small city of which some left the house, made once; each test has a copy to alter."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from conftest import Template, copied_database, copy_database, live_on, point_settings_at
from district_reports.database.engine import dispose_engines
from district_reports.settings import Settings, settings
from rebuilt.house import Releases, releases_of_a_small_city


@dataclass(frozen=True)
class _Made:
    warehouse: Template
    releases: Releases
    bundles: object


@pytest.fixture(scope="session")
def _made(migrated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> _Made:
    server, name = migrated_template.server, "rebuilt_releases"
    copy_database(server, name, migrated_template.name)
    with pytest.MonkeyPatch.context() as environ:
        point_settings_at(tmp_path_factory.mktemp("rebuilt"), environ)
        live_on(server, name, environ)
        shutil.copytree(migrated_template.keys, settings().keys)
        releases = releases_of_a_small_city()
        bundles = settings().bundles
        dispose_engines()
    settings.cache_clear()
    return _Made(Template(server, name, migrated_template.keys), releases, bundles)


@pytest.fixture
def releases(_made: _Made, tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Releases]:
    """A warehouse of the test's own with the releases of :func:`.house.releases_of_a_small_city`, and their bundles."""
    shutil.copytree(_made.warehouse.keys, tmp_settings.keys)
    shutil.copytree(str(_made.bundles), tmp_settings.bundles)
    for _ in copied_database(_made.warehouse.server, _made.warehouse.name, monkeypatch):
        yield _made.releases
