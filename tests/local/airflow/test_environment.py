"""What Airflow's processes are told."""

import json
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from district_reports.errors import ConfigurationError
from district_reports.local.airflow.environment import airflow_environment
from district_reports.local.airflow.ports import choose_port, kept_port
from district_reports.settings import Settings

URL = "postgresql+psycopg2://owner:a%25b@127.0.0.1:5432/airflow"


@pytest.fixture
def given(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "root", tmp_path / "home", tmp_path / "uploads", None, None, production=False)


def test_api_and_tasks_agree_on_the_port(given: Settings) -> None:
    told = airflow_environment(given, URL, 8123)
    assert told["AIRFLOW__API__PORT"] == "8123"
    assert told["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"


def test_keys_are_made_once_and_kept_private(given: Settings) -> None:
    assert airflow_environment(given, URL, 1) == airflow_environment(given, URL, 1)
    for name in ("keys.json", "passwords.json"):
        assert (given.home / "airflow" / name).stat().st_mode & 0o077 == 0


def test_airflow_knows_the_users_of_the_pages(given: Settings) -> None:
    given.users.parent.mkdir(parents=True)
    given.users.write_text("user,role,district_code\nli,engineer,\nwang,officer,\nzhao,district,210202\n", "utf-8")
    told = airflow_environment(given, URL, 1)
    # As admin we ask Airflow ourselves; it is not in the table, and sees no page.
    assert told["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == "li:admin,wang:viewer,zhao:,admin:admin"
    passwords = json.loads((given.home / "airflow" / "passwords.json").read_text("utf-8"))
    assert sorted(passwords) == ["admin", "li", "wang", "zhao"]
    assert len(set(passwords.values())) == 4


def test_another_installations_airflow_stays_out(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_CONFIG", "/elsewhere/airflow.cfg")
    told = airflow_environment(given, URL, 1)
    assert told["AIRFLOW__CORE__EXECUTOR"].endswith("WarmLocalExecutor")
    assert "AIRFLOW_CONFIG" not in told


def test_our_own_variables_go_through(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_TOKEN_KEY_FILE", "/keys/token")
    told = airflow_environment(replace(given, today="2020-07-04"), URL, 1)
    assert told["DISTRICT_REPORTS_TOKEN_KEY_FILE"] == "/keys/token"
    assert told["DISTRICT_REPORTS_TODAY"] == "2020-07-04"
    assert told["DISTRICT_REPORTS_HOME"] == str(given.home)


def test_a_task_can_clean_airflows_tables(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    told = airflow_environment(given, URL, 1)
    assert told["DISTRICT_REPORTS_METADATA_URL"] == URL
    assert shutil.which("airflow", path=told["PATH"]) == str(Path(sys.executable).with_name("airflow"))


def test_a_proxy_is_kept_from_our_own_server(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", "intranet.example")
    assert airflow_environment(given, URL, 1)["NO_PROXY"] == "intranet.example,127.0.0.1,localhost"


def test_what_airflow_would_expand_is_refused(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", "elsewhere")
    with pytest.raises(ConfigurationError, match="AIRFLOW_HOME"):
        airflow_environment(replace(given, home=given.home / "$HERE"), URL, 1)


@pytest.mark.parametrize("url", [URL, "postgresql+psycopg2://owner:a$HOME@127.0.0.1/airflow"])
def test_airflow_reads_the_password_as_it_is(given: Settings, url: str) -> None:
    told = airflow_environment(given, url, 1)
    source = (
        "from airflow.configuration import conf; from sqlalchemy import make_url\n"
        "print(make_url(conf.get('database', 'sql_alchemy_conn')).password)"
    )
    said = subprocess.run([sys.executable, "-c", source], env=told, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == ("a%b" if url is URL else "a$HOME")


def test_a_port_is_kept_until_another_takes_it(tmp_path: Path) -> None:
    assert kept_port(tmp_path) is None
    port = choose_port(tmp_path)
    assert choose_port(tmp_path) == port == kept_port(tmp_path)
    with socket.create_server(("127.0.0.1", port)):
        other = choose_port(tmp_path)
        assert other != port
    assert kept_port(tmp_path) == other
