"""The embedded server in ordinary life: paths, settings, secrets, databases, two at once."""

import os

import psutil
import psycopg
import pytest

from district_reports.database.embedded.server import EmbeddedServer
from district_reports.database.roles import AIRFLOW, Role
from district_reports.errors import SystemFault
from embedded_server import START, Make, ask, folder, lives, pid, port, run_python, session


@pytest.mark.parametrize("name", ['区 县/报表\'s "$x" %20', "a" * 75 + "/" + "长" * 75], ids=["characters", "length"])
def test_any_path_will_do(make: Make, name: str) -> None:
    said: list[str] = []
    server = make(name)
    server.start(said.append)
    assert said[0] == "Creating the database server (first start only)"
    assert ask(server, "SELECT '大连' || lower('Ä')") == "大连ä"


def test_settings(server: EmbeddedServer) -> None:
    with session(server) as connection:

        def show(name: str) -> str:
            row = connection.execute(f"SHOW {name}".encode()).fetchone()
            assert row is not None
            return str(row[0])

        assert show("server_version").startswith("18.")
        assert (show("listen_addresses"), show("unix_socket_directories")) == ("127.0.0.1", "")
        assert (show("server_encoding"), show("data_checksums")) == ("UTF8", "on")
        assert (show("max_connections"), show("timezone")) == ("200", "Asia/Shanghai")
        locale = connection.execute("SELECT DISTINCT datlocprovider, datlocale FROM pg_database").fetchall()
        assert locale == [("b", "C.UTF-8")]
        rules = connection.execute("SELECT database, user_name, auth_method FROM pg_hba_file_rules").fetchall()
        assert rules == [
            (["all"], ["all"], "reject"),
            (["all"], ["owner"], "scram-sha-256"),
            (["warehouse"], list(Role), "scram-sha-256"),
            (["airflow"], [AIRFLOW], "scram-sha-256"),
        ]


def test_data_are_durable_unless_a_test_says_otherwise(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISTRICT_REPORTS_EMBEDDED_FSYNC")
    server.stop()
    server.start()
    assert [ask(server, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3
    server.stop()


def test_secrets_stay_ours(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "canary")
    server.stop()
    server.start()
    password = (folder(server) / "password").read_text()
    assert len(password) == 48
    for name in ("password", "port", "lock", "server.log"):
        assert (folder(server) / name).stat().st_mode & 0o777 == 0o600
    assert (folder(server) / "data").stat().st_mode & 0o777 == 0o700
    postmaster = psutil.Process(pid(server))
    for process in (postmaster, *postmaster.children(recursive=True)):
        assert password not in " ".join(process.cmdline())
        assert process.uids().real != 0
    with session(server) as connection:
        connection.execute("CREATE TEMP TABLE environment (line text)")
        connection.execute("COPY environment FROM PROGRAM 'env'")
        lines = [line for (line,) in connection.execute("SELECT line FROM environment")]
    assert f"PATH={os.defpath}" in lines
    assert not any("canary" in line for line in lines)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url("postgres", "postgresql").replace(password, "wrong"))


def test_the_log_holds_no_values(server: EmbeddedServer) -> None:
    with session(server) as connection:
        connection.execute("CREATE TEMP TABLE person (id text PRIMARY KEY, age int)")
        for wrong in ("INSERT INTO person VALUES ('张三', 1), ('张三', 2)", "SELECT '张三'::int", "SELECT 张三"):
            with pytest.raises(psycopg.Error):
                connection.execute(wrong.encode())
        with pytest.raises(psycopg.Error), connection.cursor().copy("COPY person FROM STDIN") as copy:
            copy.write("李四\t张三\n")
    log = (folder(server) / "server.log").read_text()
    assert "ready to accept connections" in log
    assert "张三" not in log


def test_nothing_to_stop_or_to_name(make: Make) -> None:
    server = make("postgres")
    server.stop()
    assert not server.running()
    assert not folder(server).exists()
    with pytest.raises(SystemFault, match="was the server ever started"):
        server.url("airflow")
    with pytest.raises(SystemFault, match="was the server ever started"):
        server.address("airflow")


def test_it_outlives_its_starter_and_starts_once(make: Make) -> None:
    """Two processes start it at once and end; it is the same server for both, and for us."""
    server = make("postgres")
    starters = [run_python(START, str(folder(server))) for _ in range(2)]
    for starter in starters:
        assert (starter.communicate()[1], starter.returncode) == ("", 0)
    assert server.running()
    assert os.getsid(pid(server)) == pid(server)
    first = pid(server)
    server.start()
    assert pid(server) == first
    assert (folder(server) / "server.log").read_text().count("ready to accept connections") == 1
    assert ask(server, "SELECT 1") == 1
    family = [psutil.Process(first), *psutil.Process(first).children(recursive=True)]
    server.stop()
    server.stop()
    assert not any(map(lives, family))


def test_two_folders_at_once(server: EmbeddedServer, make: Make) -> None:
    one, two = make("one"), server
    one.start()
    with session(one) as connection:
        connection.execute("CREATE TABLE only_here ()")
    assert port(one) != port(two)
    assert ask(two, "SELECT to_regclass('only_here')") is None
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(one.url("postgres", "postgresql").replace(str(port(one)), str(port(two))))
    one.stop()
    assert two.running()
