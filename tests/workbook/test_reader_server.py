"""The reader server: what a child of it can reach, and what remains when one of the three processes is killed."""

import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from district_reports.workbook.reading import running
from district_reports.workbook.reading.child import Inspection, inspect, read
from district_reports.workbook.reading.running import Server
from fake_child import DONE, READY, FakeChild, alive

COVER = "os.write(fd, b'COVR' + (2).to_bytes(8, 'big') + b'[]')"
HANGS = "reader.read_sheets = lambda *_: time.sleep(60)"
pytestmark = pytest.mark.parametrize("fake_child", ["server"], indirect=True)


@pytest.fixture
def server(fake_child: FakeChild, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Ours, and no child can be exec'd."""
    monkeypatch.setattr(running, "_server", None)
    server = running.start_server()
    assert server is not None
    monkeypatch.setattr(running, "MAIN", Path("/nonexistent"))
    yield server
    server.stop()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_reads_as_an_execd_child_does(tmp_path: Path, workbook: Path, server: Server, monkeypatch) -> None:
    long = tmp_path / "long.xlsx"
    with xlsxwriter.Workbook(long) as book:
        for title in ("封面", "在校人数"):
            sheet = book.add_worksheet(title)
            for row in range(300):
                sheet.write_row(row, 0, [f"学校{row}", row, row % 2 == 0, row / 7])
    said = [(inspect(path), read(path, None)) for path in (workbook, long)]
    # One thread: what it forks is whole.
    assert len(os.listdir(f"/proc/{server.process.pid}/task")) == 1
    monkeypatch.undo()
    monkeypatch.setattr(running, "_server", None)
    assert said == [(inspect(path), read(path, None)) for path in (workbook, long)]


def test_garbage_does_not_end_it(workbook: Path, server: Server) -> None:
    with open(os.devnull, "rb") as null:
        for message, descriptors in (
            (b"", 0), (b"x", 0), (b"", 1), (b"{}", 2), (b"{}", 3), (bytes(50_000), 4),
        ):  # fmt: skip
            rights = array("i", [null.fileno()] * descriptors).tobytes()
            server.control.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if descriptors else [])
    child = running.Forked(b"\xff no request", server.control)
    assert child.ends(30)
    assert child.end() == 1
    assert inspect(workbook).covers


def test_its_children_see_neither_it_nor_one_another(workbook: Path, fake_child: FakeChild, tmp_path: Path) -> None:
    report = tmp_path / "report"
    fake_child.does(
        READY,
        "time.sleep(0.5)",
        "links = [f'/proc/self/fd/{one}' for one in os.listdir('/proc/self/fd')]",
        "seen = [os.readlink(link) for link in links if os.path.exists(link)]",
        "told = time.time(), os.getsid(0), os.getpgid(0), os.getpid(), seen",
        f"open({str(report)!r}, 'a').write(repr(told) + '\\n')",
        COVER,
        DONE,
    )
    with ThreadPoolExecutor() as pool:
        assert list(pool.map(inspect, [workbook] * 2)) == [Inspection((), ())] * 2
    one, other = (eval(line) for line in report.read_text().splitlines())
    assert abs(one[0] - other[0]) < 0.5
    for _, session, group, pid, seen in (one, other):
        assert session == group == pid
        assert sum(name.startswith("pipe:") for name in seen) == 2
        assert [name for name in seen if name.startswith(("socket:", "anon_inode:"))] == []
    pipes = [{name for name in seen if name.startswith("pipe:")} for *_, seen in (one, other)]
    assert not pipes[0] & pipes[1]


def test_a_child_dies_with_its_client(workbook: Path, fake_child: FakeChild) -> None:
    fake_child.is_ours(HANGS)
    client = multiprocessing.get_context("fork").Process(target=inspect, args=(workbook,))
    client.start()
    wait_for(lambda: fake_child.runs)
    pid = int(fake_child.noted.read_text())
    assert alive(pid)
    client.kill()
    client.join()
    wait_for(lambda: not alive(pid))
    assert fake_child.server is not None
    assert fake_child.server.process.poll() is None


def test_without_it_a_child_is_execd(workbook: Path, fake_child: FakeChild, monkeypatch) -> None:
    """Killed while it serves, and before it is asked."""
    ours = running.MAIN
    fake_child.is_ours(HANGS)
    monkeypatch.setattr(running, "MAIN", ours)
    server = fake_child.server
    assert server is not None
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(inspect, workbook)
        wait_for(lambda: fake_child.runs)
        time.sleep(0.3)
        server.process.kill()
        assert reading.result().covers
    wait_for(lambda: not alive(int(fake_child.noted.read_text())))
    assert inspect(workbook).covers
    assert running.ask_server(b"{}") is None


def test_a_server_that_cannot_start_costs_nothing(workbook: Path, fake_child: FakeChild, monkeypatch) -> None:
    monkeypatch.setattr(running, "_server", None)
    server = running.start_server(Path("/nonexistent"))
    assert server is not None
    assert inspect(workbook).covers
    server.stop()


def test_changed_code_is_not_read_with(workbook: Path, server: Server, monkeypatch) -> None:
    assert inspect(workbook).covers
    monkeypatch.setattr(running, "_server", replace(server, code=server.code - {min(server.code)}))
    assert running.ask_server(b"{}") is None


@pytest.mark.parametrize("how", ["starter killed", "nobody left"])
def test_it_ends_and_its_children_with_it(workbook: Path, fake_child: FakeChild, how: str) -> None:
    """A scheduler that is killed leaves workers that still hold its socket."""
    fake_child.is_ours(HANGS)
    statements = (
        "import os, sys, time; from pathlib import Path; from district_reports.workbook.reading import child, running",
        f"server = running.start_server(Path({str(fake_child.script.with_name('fake_server.py'))!r}))",
        "print(server.process.pid, flush=True)",
        f"held = running.Forked({request(workbook)!r}, server.control)",
        "worker = os.fork()",
        "if worker: print(worker, flush=True)",
        "if worker and sys.argv[1] == 'nobody left': server.control.close(); held._status.close()",
        "time.sleep(60)",
    )
    starter = subprocess.Popen([sys.executable, "-c", "\n".join(statements), how], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid, worker = int(starter.stdout.readline()), int(starter.stdout.readline())
    try:
        wait_for(lambda: fake_child.runs)
        child = int(fake_child.noted.read_text())
        assert alive(pid)
        assert alive(child)
        if how == "starter killed":
            starter.kill()
        else:
            os.kill(worker, signal.SIGKILL)
        wait_for(lambda: not alive(pid) and not alive(child))
    finally:
        starter.kill()
        starter.wait()
        starter.stdout.close()
        if alive(worker):
            os.kill(worker, signal.SIGKILL)


def request(path: Path) -> bytes:
    return json.dumps({"task": "inspect", "path": str(path), "memory": 768 << 20, "cpu_seconds": 10}).encode()
