"""What Airflow's processes are told."""

import json
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from district_reports.errors import ConfigurationError
from district_reports.local.airflow.environment import airflow_environment
from district_reports.local.airflow.ports import choose_port, kept_port
from district_reports.settings import Settings

URL = make_url("postgresql+psycopg://district_reports_airflow:a%25b@127.0.0.1:5432/airflow")


@pytest.fixture
def given(tmp_path: Path) -> Settings:
    names = tmp_path / "root" / "sql" / "bureau.csv"
    names.parent.mkdir(parents=True)
    names.write_text("language,bureau,system\nzh,鞍山市教育局,上报\nen,Anshan,Reports\n", encoding="utf-8")
    return Settings(tmp_path / "root", tmp_path / "home", tmp_path / "uploads", None, None, production=False)


def test_api_and_tasks_agree_on_the_port(given: Settings) -> None:
    told = airflow_environment(given, URL, 8123, "scheduler")
    assert told["AIRFLOW__API__PORT"] == "8123"
    assert told["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"


def test_airflows_head_says_whose_system_it_is(given: Settings) -> None:
    told = airflow_environment(given, URL, 8123, "api-server")
    assert told["AIRFLOW__API__INSTANCE_NAME"] == "鞍山市教育局 上报"
    assert json.loads(told["AIRFLOW__API__THEME"])["icon"].endswith("/bureau.svg")


def test_keys_are_made_once_and_kept_private(given: Settings) -> None:
    assert airflow_environment(given, URL, 1, "scheduler") == airflow_environment(given, URL, 1, "scheduler")
    for name in ("keys.json", "passwords.json"):
        assert (given.home / "airflow" / name).stat().st_mode & 0o077 == 0


def test_everybody_in_the_table_has_a_password(given: Settings) -> None:
    given.users.parent.mkdir(parents=True)
    given.users.write_text("user,role,district_code\nli,engineer,\nwang,officer,\nzhao,district,210202\n", "utf-8")
    airflow_environment(given, URL, 1, "scheduler")
    passwords = json.loads((given.home / "airflow" / "passwords.json").read_text("utf-8"))
    # As admin we ask Airflow ourselves; it is not in the table, and sees no page.
    assert sorted(passwords) == ["admin", "li", "wang", "zhao"]
    assert len(set(passwords.values())) == 4


def test_no_proxy_is_believed_without_a_word(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    assert airflow_environment(given, URL, 1, "api-server")["FORWARDED_ALLOW_IPS"] == "none"
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.0.0.1")
    assert airflow_environment(given, URL, 1, "api-server")["FORWARDED_ALLOW_IPS"] == "10.0.0.1"


def test_another_installations_airflow_stays_out(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_CONFIG", "/elsewhere/airflow.cfg")
    told = airflow_environment(given, URL, 1, "scheduler")
    assert told["AIRFLOW__CORE__EXECUTOR"].endswith("WarmLocalExecutor")
    assert "AIRFLOW_CONFIG" not in told


def test_our_own_variables_go_through(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_TOKEN_KEY_FILE", "/keys/token")
    told = airflow_environment(replace(given, today="2020-07-04"), URL, 1, "scheduler")
    assert told["DISTRICT_REPORTS_TOKEN_KEY_FILE"] == "/keys/token"
    assert told["DISTRICT_REPORTS_TODAY"] == "2020-07-04"
    assert told["DISTRICT_REPORTS_HOME"] == str(given.home)


def test_a_task_can_clean_airflows_tables(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    elsewhere = "postgresql://airflow:geheim@elsewhere/airflow"
    told = airflow_environment(replace(given, metadata_url=elsewhere), URL, 1, "scheduler")
    assert told["DISTRICT_REPORTS_METADATA_URL"] == elsewhere
    assert shutil.which("airflow", path=told["PATH"]) == str(Path(sys.executable).with_name("airflow"))


KEYS = {
    "AIRFLOW__CORE__FERNET_KEY": "fernet",
    "AIRFLOW__API__SECRET_KEY": "session",
    "AIRFLOW__API_AUTH__JWT_SECRET": "jwt",
}


@pytest.mark.parametrize(
    ("part", "logins", "keys"),
    [
        ("api-server", "pages,reader", {"fernet", "session", "jwt"}),
        ("scheduler", "loader,publisher", {"fernet", "jwt"}),
        ("dag-processor", "none", {"fernet"}),
        ("triggerer", "reader", {"fernet"}),
    ],
)
def test_each_process_is_told_what_it_needs_and_no_more(
    given: Settings, monkeypatch: pytest.MonkeyPatch, part: str, logins: str, keys: set[str]
) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_LOADER_URL", "postgresql://loader:geheim@pooler/w")
    monkeypatch.setenv("DISTRICT_REPORTS_MIGRATOR_URL", "postgresql://migrator:geheim@pooler/w")
    with_administrator = replace(given, warehouse_url="postgresql://postgres:geheim@db:5432/w")
    told = airflow_environment(with_administrator, URL, 1, part)
    assert told["DISTRICT_REPORTS_ROLES"] == logins
    assert {name for variable, name in KEYS.items() if variable in told} == keys
    assert {variable for variable, value in told.items() if "geheim" in value} == (
        {"DISTRICT_REPORTS_LOADER_URL"} if "loader" in logins else set()
    )
    assert told["DISTRICT_REPORTS_WAREHOUSE_URL"] == "postgresql+psycopg://db:5432/w"


def test_a_proxy_is_kept_from_our_own_server(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", "intranet.example")
    assert airflow_environment(given, URL, 1, "scheduler")["NO_PROXY"] == "intranet.example,127.0.0.1,localhost"


def test_what_airflow_would_expand_is_refused(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", "elsewhere")
    with pytest.raises(ConfigurationError, match="AIRFLOW_HOME"):
        airflow_environment(replace(given, home=given.home / "$HERE"), URL, 1, "scheduler")


@pytest.mark.parametrize(
    "url", ["postgresql://airflow:a%25b@127.0.0.1/airflow", "postgresql://airflow:a$HOME@127.0.0.1/airflow"]
)
def test_airflow_reads_the_password_as_it_is(given: Settings, url: str) -> None:
    told = airflow_environment(given, make_url(url), 1, "scheduler")
    source = (
        "from airflow.configuration import conf; from sqlalchemy import make_url\n"
        "print(make_url(conf.get('database', 'sql_alchemy_conn')).password)"
    )
    said = subprocess.run([sys.executable, "-c", source], env=told, capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == make_url(url).password


def test_a_port_is_kept_until_another_takes_it(tmp_path: Path) -> None:
    assert kept_port(tmp_path) is None
    port = choose_port(tmp_path)
    assert choose_port(tmp_path) == port == kept_port(tmp_path)
    with socket.create_server(("127.0.0.1", port)):
        other = choose_port(tmp_path)
        assert other != port
    assert kept_port(tmp_path) == other
