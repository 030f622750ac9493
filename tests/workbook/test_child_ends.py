"""However a child ends, it is a finding, in time, and nothing of it is left: no process, no descriptor."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyarrow as pa
import pytest
import xlsxwriter

from district_reports.workbook import raw
from district_reports.workbook.problem import Problem
from district_reports.workbook.reading import child, sheet_arrow
from district_reports.workbook.reading.child import ChildLimits, inspect, read
from fake_child import DONE, READY, FakeChild, alive

SOON = ChildLimits(wall_seconds=1)
"""Limits of a child without end; one that ends by itself has all the time that a busy machine takes."""
LONG_BEFORE_IT_ENDS = 40
"""Seconds, where the child sleeps for 60."""
TIME, CRASH, MEMORY = Problem("F03", "time", {"limit": 1}), Problem("F03", "crash"), Problem("F03", "memory")
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)"
NOTE = "open({noted!r}, 'a').write(f'{{os.getpid()}} ')"

BOTH_WAYS = pytest.mark.parametrize("fake_child", ["exec", "server"], indirect=True)


def family() -> list[int]:
    """The processes that this one and its children have started; the session's database server has its own life."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if process.name() != "postgres":
                found.append(process.pid)
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.fixture(autouse=True)
def nothing_is_left(fake_child: FakeChild) -> Iterator[None]:
    descriptors, before = sorted(os.listdir("/proc/self/fd")), family()
    yield
    fake_child.stop()
    assert sorted(os.listdir("/proc/self/fd")) == descriptors
    assert family() == before
    pids = [int(pid) for pid in fake_child.noted.read_text().split()] if fake_child.noted.exists() else []
    deadline = time.monotonic() + 30
    while left := [pid for pid in pids if alive(pid)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(["time.sleep(60)"], id="sleeps"),
        pytest.param(["while True: pass"], id="is busy"),
        pytest.param([DEAF, "time.sleep(60)"], id="ignores signals"),
        pytest.param(["while True: os.write(2, b'x' * 4096)"], id="writes words without end"),
        pytest.param(["while True: os.write(fd, b'x'); time.sleep(0.001)"], id="drips into its pipe"),
        pytest.param(["os.close(fd)", "time.sleep(60)"], id="closes its pipe and sleeps"),
        pytest.param([DEAF, "os.fork() or os.fork()", "{note}", "time.sleep(60)"], id="forks and sleeps"),
        pytest.param(["if not os.fork(): {note}; time.sleep(60)", DONE], id="leaves a child that holds its pipe"),
        pytest.param(["os.kill(os.getpid(), signal.SIGSTOP)"], id="stands still"),
    ],
)
def test_a_child_without_end(workbook: Path, fake_child: FakeChild, body: list[str]) -> None:
    note = NOTE.format(noted=str(fake_child.noted))
    fake_child.does(READY, *(line.replace("{note}", note) for line in body))
    begun = time.monotonic()
    assert inspect(workbook, SOON).problems == (TIME,)
    assert time.monotonic() - begun < LONG_BEFORE_IT_ENDS


@pytest.mark.parametrize("fake_child", ["server"], indirect=True)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param([DEAF, "os.fork() or os.fork()", "{note}", "time.sleep(60)"], id="forks and sleeps"),
        pytest.param(["if not os.fork(): {note}; time.sleep(60)", DONE], id="leaves a child that holds its pipe"),
        pytest.param(["os.kill(os.getpid(), signal.SIGSTOP)"], id="stands still"),
    ],
)
def test_a_forked_child_without_end(workbook: Path, fake_child: FakeChild, body: list[str]) -> None:
    test_a_child_without_end(workbook, fake_child, body)


@BOTH_WAYS
def test_pipes_closed_and_no_end(workbook: Path, fake_child: FakeChild, monkeypatch) -> None:
    monkeypatch.setattr(child, "_END_SECONDS", 0.5)
    fake_child.does(READY, "os.close(fd); os.close(2)", "time.sleep(60)")
    begun = time.monotonic()
    assert inspect(workbook).problems[0].variant == "time"
    assert time.monotonic() - begun < LONG_BEFORE_IT_ENDS


@BOTH_WAYS
def test_words_before_ready_are_no_end_either(workbook: Path, fake_child: FakeChild, monkeypatch) -> None:
    monkeypatch.setattr(child, "_START_SECONDS", 1)
    fake_child.does("while True: os.write(2, b'x' * 4096)")
    with pytest.raises(child.SystemFault, match="did not start"):
        inspect(workbook)


@BOTH_WAYS
def test_a_child_that_forks_and_ends(workbook: Path, fake_child: FakeChild) -> None:
    """Its own child keeps no pipe, and is ended with the group."""
    note = NOTE.format(noted=str(fake_child.noted))
    fake_child.does(READY, f"if not os.fork(): {note}; os.close(fd); os.close(2); time.sleep(60)", "time.sleep(0.3)")
    assert inspect(workbook).problems == (CRASH,)
    assert fake_child.runs == 2


@BOTH_WAYS
def test_many_words_in_an_orderly_run_harm_nothing(workbook: Path, fake_child: FakeChild) -> None:
    fake_child.is_ours("os.write(2, b'x' * 300_000)")
    assert inspect(workbook).covers


# Our own child, with something in the place of the reader


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("os.abort()", CRASH),
        ("__import__('ctypes').string_at(0)", CRASH),
        ("os._exit(0)", CRASH),
        ("exec('raise BaseException')", CRASH),
        ("exec('while True: pass')", TIME),
        ("bytearray(4 << 30)", MEMORY),
        ("[bytearray(1 << 20) for _ in range(4096)]", MEMORY),
        ("exec('raise ValueError')", Problem("F01", "unreadable")),
        ("exec('def f(): f()', globals()) or f()", Problem("F01", "unreadable")),
        ("time.sleep(60)", TIME),
    ],
)
def test_a_reader_that_goes_wrong(workbook: Path, fake_child: FakeChild, change: str, problem: Problem) -> None:
    fake_child.is_ours(f"reader.read_sheets = lambda *_: {change}")
    limits = ChildLimits(cpu_seconds=1 if problem == TIME else 10, wall_seconds=1 if "sleep" in change else 60)
    begun = time.monotonic()
    assert read(workbook, None, limits).problems == (problem,)
    assert time.monotonic() - begun < LONG_BEFORE_IT_ENDS


@pytest.mark.parametrize("fake_child", ["server"], indirect=True)
@pytest.mark.parametrize(
    ("change", "problem"),
    [("os.abort()", CRASH), ("exec('while True: pass')", TIME), ("[bytearray(1 << 20) for _ in range(4096)]", MEMORY)],
)
def test_a_forked_reader_that_goes_wrong(workbook: Path, fake_child, change: str, problem: Problem) -> None:
    test_a_reader_that_goes_wrong(workbook, fake_child, change, problem)


@BOTH_WAYS
def test_what_is_killed_twice_is_a_finding(workbook: Path, fake_child: FakeChild) -> None:
    """As the kernel does when it is short of memory; the first time may be nobody's doing."""
    fake_child.is_ours("reader.read_sheets = lambda *_: os.kill(os.getpid(), signal.SIGKILL)")
    assert read(workbook, None).problems == (MEMORY,)
    assert fake_child.runs == 2


@pytest.mark.parametrize("ask", [inspect, lambda path: read(path, None)])
def test_two_cells_at_the_ends_of_the_sheet_without_the_guard(tmp_path: Path, fake_child: FakeChild, ask) -> None:
    """calamine asks for a block of memory that holds the whole sheet, and aborts."""
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("封面")
        sheet.write("A1", "报表代码")
        sheet.write("XFD1048576", "x")
    assert path.stat().st_size < 8192
    fake_child.is_ours("guard.guard = lambda path: []")
    [problem] = ask(path).problems
    assert problem.rule == "F03"


# What a child says is data, whatever it is.


def arrow_stream() -> bytes:
    sheet = raw.RawSheet("表", (("甲", None, "乙"), (1.0, None, True)))
    table = sheet_arrow.to_arrow(sheet)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def test_a_damaged_sheet_is_a_sheet_or_a_finding(workbook: Path, monkeypatch) -> None:
    """Four thousand streams with a few bytes changed or cut off, given to the parent as if a child had sent them."""
    whole, chance = arrow_stream(), random.Random(20200704)
    ended = set()
    for _ in range(4000):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 8))):
            damaged[chance.randrange(len(damaged))] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
        if chance.random() < 0.1:
            del damaged[chance.randrange(len(damaged)) :]
        frames = [(child.wire.SHEET, bytes(damaged))]
        monkeypatch.setattr(child, "_ask", lambda *_, sent=frames: ((), sent))
        reading = read(workbook, None)
        assert bool(reading.problems) != bool(reading.sheets)
        assert reading.problems in ((), (CRASH,))
        ended.add(len(reading.problems))
    assert ended == {0, 1}
