"""What broke the limited child is not read again; what died with its worker is, once."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from district_reports.errors import SystemFault
from district_reports.settings import Settings
from district_reports.storage import poison
from district_reports.workbook.problem import Problem
from district_reports.workbook.reading import child
from district_reports.workbook.reading.child import ChildLimits
from fake_child import DONE, READY, FakeChild, alive

CRASH = Problem("F03", "crash")
HANGS = "guard.guard = lambda path: time.sleep(60)"


@pytest.fixture
def content(ledger_workbook: Path, deployment: Settings) -> tuple[str, Path]:
    """SHA-256 and path, as ``poison`` wants them."""
    return hashlib.sha256(ledger_workbook.read_bytes()).hexdigest(), ledger_workbook


def records(deployment: Settings) -> list[Path]:
    return sorted((deployment.home / "poison").iterdir())


@pytest.mark.parametrize(
    ("body", "limits", "problem"),
    [
        ("os.abort()", ChildLimits(), CRASH),
        ("os.write(fd, b'x' * 100)", ChildLimits(), CRASH),
        ("time.sleep(60)", ChildLimits(wall_seconds=1), Problem("F03", "time", {"limit": 1})),
        ("os.kill(os.getpid(), signal.SIGXCPU)", ChildLimits(cpu_seconds=7), Problem("F03", "time", {"limit": 7})),
        ("print('MemoryError', file=sys.stderr); sys.exit(1)", ChildLimits(), Problem("F03", "memory")),
        ("while True: os.write(fd, bytes(1 << 16))", ChildLimits(result=1 << 20), Problem("F03", "memory")),
    ],
)
def test_what_broke_the_child_is_remembered(
    content, deployment, fake_child: FakeChild, monkeypatch, body: str, limits: ChildLimits, problem: Problem
) -> None:
    monkeypatch.setattr(child.inspect, "__defaults__", (limits,))
    fake_child.does(READY, body)
    assert poison.inspect(*content).problems == (problem,)
    assert poison.inspect(*content).problems == (problem,)
    assert fake_child.runs == 1
    [record] = records(deployment)
    assert json.loads(record.read_text()) == [["F03", problem.variant, problem.words]]


def test_what_the_reader_itself_calls_a_crash_is_remembered(content, fake_child: FakeChild) -> None:
    fake_child.is_ours("reader.read_sheets = lambda *_: (_ for _ in ()).throw(BaseException('a panic'))")
    for _ in range(2):
        assert poison.read(*content, None).problems == (CRASH,)
    assert fake_child.runs == 1


def test_a_sound_content_is_read_each_time_and_leaves_nothing(content, deployment, fake_child: FakeChild) -> None:
    fake_child.is_ours()
    for _ in range(2):
        assert poison.inspect(*content).covers
        assert [sheet.title for sheet in poison.read(*content, ["在校人数"]).sheets] == ["在校人数"]
    assert fake_child.runs == 4
    assert records(deployment) == []


def test_what_is_no_workbook_is_looked_at_again(deployment, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"%PDF-1.7")
    assert poison.inspect("0" * 64, path).problems[0].rule == "F01"
    assert records(deployment) == []


def test_a_sheet_that_breaks_the_reader_does_not_cost_the_cover(content, fake_child: FakeChild) -> None:
    fake_child.does(READY, "os.abort()")
    assert poison.read(*content, None).problems == (CRASH,)
    fake_child.is_ours()
    assert poison.inspect(*content).covers
    assert poison.read(*content, None).problems == (CRASH,)
    assert fake_child.runs == 2


def test_another_reader_tries_again(content, deployment, fake_child: FakeChild, monkeypatch) -> None:
    fake_child.does(READY, "os.abort()")
    poison.inspect(*content)
    monkeypatch.setattr(poison, "_reader", lambda: "another")
    fake_child.is_ours()
    assert poison.inspect(*content).problems == ()


def test_the_version_of_the_reader_follows_its_source(tmp_path: Path, monkeypatch) -> None:
    for name in ("child.py", "reader.py"):
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(child, "__file__", str(tmp_path / "child.py"))
    version = poison._reader.__wrapped__
    before = version()
    assert version() == before
    (tmp_path / "reader.py").write_text("2")
    assert version() != before


@pytest.mark.parametrize("broken", [b"", b"[]", b"null", b"{"])
def test_a_record_that_is_none_is_no_verdict(content, deployment, fake_child: FakeChild, broken: bytes) -> None:
    fake_child.does(READY, "os.abort()")
    poison.inspect(*content)
    records(deployment)[0].write_bytes(broken)
    assert poison.inspect(*content).problems == (CRASH,)
    assert fake_child.runs == 2
    assert json.loads(records(deployment)[0].read_bytes()) == [["F03", "crash", {}]]


@pytest.mark.parametrize("body", [["sys.exit('no such module')"], [READY, "os.kill(os.getpid(), signal.SIGTERM)"]])
def test_a_fault_of_the_system_is_held_against_nobody(
    content, deployment, fake_child: FakeChild, body: list[str]
) -> None:
    fake_child.does(*body)
    for _ in range(3):
        with pytest.raises(SystemFault):
            poison.inspect(*content)
    assert fake_child.runs == 3
    assert records(deployment) == []


def test_no_room_for_the_record(content, deployment, fake_child: FakeChild) -> None:
    fake_child.is_ours()
    deployment.home.mkdir()
    (deployment.home / "poison").write_text("a file where the folder should be")
    with pytest.raises(SystemFault, match="records of broken contents can't be kept"):
        poison.inspect(*content)
    assert fake_child.runs == 0


# The worker dies with the child.


def killed_while_reading(content: tuple[str, Path], fake_child: FakeChild) -> None:
    """Another process reads the content with a child that hangs, and is killed, as is its child then."""
    fake_child.is_ours(HANGS)
    before = fake_child.runs
    statements = (
        "from pathlib import Path",
        "from district_reports.storage import poison",
        "from district_reports.workbook.reading import running",
        f"running.MAIN = Path({str(fake_child.script)!r})",
        f"poison.inspect({content[0]!r}, Path({str(content[1])!r}))",
    )
    worker = subprocess.Popen([sys.executable, "-c", "\n".join(statements)])
    try:
        wait_for(lambda: fake_child.runs > before)
        time.sleep(0.5)
    finally:
        worker.kill()
        assert worker.wait() == -signal.SIGKILL
    pids = [int(pid) for pid in fake_child.noted.read_text().split()]
    wait_for(lambda: not any(alive(pid) for pid in pids))


def wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_worker_that_died_once_condemns_nothing(content, deployment, fake_child: FakeChild) -> None:
    killed_while_reading(content, fake_child)
    assert len(records(deployment)) == 1
    fake_child.is_ours()
    assert poison.inspect(*content).problems == ()
    assert fake_child.runs == 2
    assert records(deployment) == []

    killed_while_reading(content, fake_child)
    fake_child.is_ours()
    assert poison.inspect(*content).problems == ()


def test_a_content_with_which_two_workers_died_is_not_read_again(content, deployment, fake_child: FakeChild) -> None:
    killed_while_reading(content, fake_child)
    killed_while_reading(content, fake_child)
    fake_child.is_ours()
    assert poison.inspect(*content).problems == (CRASH,)
    assert fake_child.runs == 2
    other = ("f" * 64, content[1])
    assert poison.inspect(*other).problems == ()


def test_runs_that_go_on_elsewhere_are_not_dead(content, deployment, fake_child: FakeChild) -> None:
    fake_child.is_ours()
    with ExitStack() as elsewhere:
        for _ in range(3):
            record = poison._Record(deployment.home / "poison", f"{content[0]}.inspect.{poison._reader()}")
            elsewhere.enter_context(record.running())
        assert poison.inspect(*content).problems == ()
        assert len(records(deployment)) == 3
    assert records(deployment) == []


def test_a_run_whose_thread_is_interrupted_is_not_dead(content, deployment, fake_child: FakeChild, monkeypatch) -> None:
    def interrupted(_: Path) -> child.Inspection:
        raise KeyboardInterrupt

    monkeypatch.setattr(child, "inspect", interrupted)
    with pytest.raises(KeyboardInterrupt):
        poison.inspect(*content)
    assert records(deployment) == []


# Receiving


def test_a_poison_file_dropped_again_is_answered_from_the_record(
    drop, run, ledger, folder, fake_child: FakeChild
) -> None:
    fake_child.does(READY, "os.abort()")
    for number in (1, 2):
        drop(f"{number}.xlsx")
        assert run().rejected_at_once == 1
    assert fake_child.runs == 1
    found = [[one.rule for one in receipt.rejection.findings] for receipt in ledger.receipts.values()]
    assert found == [["F03"], ["F03"]]
    assert len(list(folder.feedback.glob("*.xlsx"))) == 2


def test_a_poison_file_whose_receipt_was_not_written_is_not_read_again(
    drop, run, ledger, monkeypatch, fake_child: FakeChild
) -> None:
    fake_child.does(READY, "os.abort()")
    drop()
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "record", lambda *_: (_ for _ in ()).throw(SystemFault("no database")))
        for _ in range(3):
            with pytest.raises(SystemFault, match="no database"):
                run()
    assert run().rejected_at_once == 1
    assert fake_child.runs == 1


# Keeping deployment


def test_old_records_are_forgotten(content, deployment, fake_child: FakeChild) -> None:
    assert poison.forget_old() == 0
    fake_child.does(READY, "os.abort()")
    poison.inspect(*content)
    poison.inspect("f" * 64, content[1])
    old = next(path for path in records(deployment) if path.name.startswith("f" * 64))
    before = time.time() - poison.KEPT.total_seconds() - 60
    os.utime(old, (before, before))
    assert poison.forget_old() == 1
    assert [path.name[:64] for path in records(deployment)] == [content[0]]


def test_done_is_not_enough(content, fake_child: FakeChild) -> None:
    """A child that ends in order but without its cover has gone wrong, and is not asked again."""
    fake_child.does(READY, DONE)
    for _ in range(2):
        assert poison.inspect(*content).problems == (CRASH,)
    assert fake_child.runs == 1
