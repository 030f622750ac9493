"""Addresses, and errors that carry no values."""

import os
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from district_reports.database.engine import administrator_url, dispose_engines, engine, login_url, warehouse_url
from district_reports.database.passwords import ensure_password, password_of
from district_reports.database.roles import Role
from district_reports.errors import ConfigurationError
from district_reports.settings import Settings, load_settings


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:p%25@h:5432/w",
        "postgres://u:p%25@h:5432/w",
        "postgresql+psycopg2://u:p%25@h:5432/w",
        "postgresql+psycopg://u:p%25@h:5432/w",
    ],
)
def test_the_driver_is_always_psycopg_3(address: str) -> None:
    found = load_settings({"DISTRICT_REPORTS_WAREHOUSE_URL": address})
    administrator = administrator_url(found)
    assert administrator is not None
    assert administrator.render_as_string(hide_password=False) == "postgresql+psycopg://u:p%25@h:5432/w"
    # Who works in the warehouse is not told who that is.
    assert warehouse_url(found).render_as_string(hide_password=False) == "postgresql+psycopg://h:5432/w"


@pytest.mark.parametrize("address", ["sqlite:///w.db", "w", "mysql://u:geheim@h/w"])
def test_another_database_is_refused_without_showing_its_password(address: str) -> None:
    with pytest.raises(ConfigurationError, match="DISTRICT_REPORTS_WAREHOUSE_URL") as caught:
        warehouse_url(load_settings({"DISTRICT_REPORTS_WAREHOUSE_URL": address}))
    assert "geheim" not in str(caught.value)


def test_without_a_server_the_message_says_what_to_do(tmp_settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="district-reports start"):
        warehouse_url(tmp_settings)


def test_a_role_may_have_an_address_of_its_own(tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_LOADER_URL", "postgresql://loader@pool:p@pooler:6432/w")
    assert login_url(tmp_settings, Role.LOADER).host == "pooler"
    monkeypatch.setenv("DISTRICT_REPORTS_ROLES", "pages,reader")
    with pytest.raises(ConfigurationError, match="may not work as loader"):
        login_url(load_settings(dict(os.environ)), Role.LOADER)


def test_a_password_is_its_owners_alone(tmp_settings: Settings) -> None:
    """One that is mounted in a container may be readable by all of that container; ours is never."""
    password = ensure_password(tmp_settings, "district_reports_loader")
    path = tmp_settings.passwords / "district_reports_loader"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert ensure_password(tmp_settings, "district_reports_loader") == password
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="can be read by others"):
        password_of(tmp_settings, "district_reports_loader")
    mounted = replace(tmp_settings, passwords_folder=path.parent)
    assert password_of(mounted, "district_reports_loader") == password
    path.write_text("\n")
    with pytest.raises(ConfigurationError, match="is empty"):
        password_of(mounted, "district_reports_loader")
    with pytest.raises(ConfigurationError, match="is missing"):
        password_of(mounted, "district_reports_publisher")


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
