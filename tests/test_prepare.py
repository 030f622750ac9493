"""What ``init`` refuses; what it makes, tests/compose shows."""

import pytest

from district_reports.errors import ConfigurationError
from district_reports.local.prepare import prepare
from district_reports.settings import Settings


def test_without_an_address_of_airflows_database_nothing_is_made(
    tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISTRICT_REPORTS_METADATA_URL", raising=False)
    with pytest.raises(ConfigurationError, match="DISTRICT_REPORTS_METADATA_URL"):
        prepare(print)
    assert not tmp_settings.home.exists()
    assert not tmp_settings.uploads.exists()
