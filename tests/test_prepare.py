"""What ``init`` refuses; what it makes, tests/compose shows."""

from pathlib import Path

import pytest

from district_reports.errors import ConfigurationError
from district_reports.local.prepare import prepare
from district_reports.settings import Settings, settings


def test_without_an_administrator_or_passwords_nothing_is_made(
    tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who may make logins is named, so they must be there: whoever made them has their passwords."""
    monkeypatch.setenv("DISTRICT_REPORTS_WAREHOUSE_URL", "postgresql://127.0.0.1:1/warehouse")
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match="district_reports_migrator is missing"):
        prepare(print)
    assert not tmp_settings.uploads.exists()
    assert not tmp_settings.archive.exists()


def test_a_secret_that_is_not_mounted_is_named(
    tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_WAREHOUSE_URL", "postgresql://administrator@127.0.0.1:1/warehouse")
    monkeypatch.setenv("DISTRICT_REPORTS_PASSWORDS", str(tmp_path / "secrets"))
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match="secrets/administrator is missing"):
        prepare(print)
