"""Addresses, and errors that carry no values."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from district_reports.database.engine import dispose_engines, engine, warehouse_url
from district_reports.errors import ConfigurationError
from district_reports.settings import Settings, settings


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:p%25@h:5432/w",
        "postgres://u:p%25@h:5432/w",
        "postgresql+psycopg2://u:p%25@h:5432/w",
        "postgresql+psycopg://u:p%25@h:5432/w",
    ],
)
def test_the_driver_is_always_psycopg_3(tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_WAREHOUSE_URL", address)
    settings.cache_clear()
    assert warehouse_url().render_as_string(hide_password=False) == "postgresql+psycopg://u:p%25@h:5432/w"


@pytest.mark.parametrize("address", ["sqlite:///w.db", "w", "mysql://u:geheim@h/w"])
def test_another_database_is_refused_without_showing_its_password(
    tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_WAREHOUSE_URL", address)
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match="DISTRICT_REPORTS_WAREHOUSE_URL") as caught:
        warehouse_url()
    assert "geheim" not in str(caught.value)


def test_without_a_server_the_message_says_what_to_do(tmp_settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="district-reports start"):
        warehouse_url()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger.token_key VALUES (2, :secret), (2, :secret)",  # DETAIL: Key (version)=(2) already exists
        "INSERT INTO ledger.token_key (version, fingerprint) VALUES (CAST(:secret AS integer), 'x')",
        "INSERT INTO ledger.sheet_count VALUES (1, :secret, 'x', 1, 0, 0, 0)",  # DETAIL: Failing row contains (…)
        "SELECT CAST(:secret AS date)",
    ],
)
def test_an_error_shows_no_value(warehouse_url: str, statement: str) -> None:
    with engine("loader").connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text(statement), {"secret": "2102021X"})
    error: BaseException | None = caught.value
    while error is not None:
        assert "2102021X" not in f"{error} {error!r}"
        assert "DETAIL" not in str(error)
        error = error.__cause__ or error.__context__


def test_an_engine_is_kept_for_its_role_and_address(warehouse_url: str) -> None:
    first = engine("loader")
    assert engine("loader") is first
    assert engine("publisher") is not first
    dispose_engines()
    assert engine("loader") is not first
