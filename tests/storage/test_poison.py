"""What broke the limited child is not read again; what died with its worker is, once."""

import hashlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from district_reports.database.embedded.server import EmbeddedServer
from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.ledger import reader_runs
from district_reports.receiving import receive
from district_reports.storage import poison
from district_reports.workbook.problem import Problem
from district_reports.workbook.reading import child
from district_reports.workbook.reading.child import ChildLimits
from embedded_server import ask
from fake_child import DONE, READY, FakeChild, alive

CRASH = Problem("F03", "crash")
HANGS = "guard.guard = lambda path: time.sleep(60)"


@pytest.fixture
def content(loader: Engine, ledger_workbook: Path) -> tuple[Engine, str, Path]:
    """Engine, SHA-256 and path, as ``poison`` wants them."""
    return loader, hashlib.sha256(ledger_workbook.read_bytes()).hexdigest(), ledger_workbook


def records(loader: Engine) -> list[list[object] | None]:
    """The problem of every run that is remembered."""
    with loader.begin() as connection:
        return list(connection.scalars(text("SELECT problem FROM ledger.reader_run ORDER BY run_id")))


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
    content, loader, fake_child: FakeChild, monkeypatch, body: str, limits: ChildLimits, problem: Problem
) -> None:
    monkeypatch.setattr(child.inspect, "__defaults__", (limits,))
    fake_child.does(READY, body)
    assert poison.inspect(*content).problems == (problem,)
    assert poison.inspect(*content).problems == (problem,)
    assert fake_child.runs == 1
    assert records(loader) == [["F03", problem.variant, problem.words]]


def test_what_the_reader_itself_calls_a_crash_is_remembered(content, fake_child: FakeChild) -> None:
    fake_child.is_ours("reader.read_sheets = lambda *_: (_ for _ in ()).throw(BaseException('a panic'))")
    for _ in range(2):
        assert poison.read(*content, None).problems == (CRASH,)
    assert fake_child.runs == 1


def test_a_sound_content_is_read_each_time_and_leaves_nothing(content, loader, fake_child: FakeChild) -> None:
    fake_child.is_ours()
    for _ in range(2):
        assert poison.inspect(*content).covers
        assert [sheet.title for sheet in poison.read(*content, ["在校人数"]).sheets] == ["在校人数"]
    assert fake_child.runs == 4
    assert records(loader) == []


def test_what_is_no_workbook_is_looked_at_again(loader: Engine, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"%PDF-1.7")
    assert poison.inspect(loader, "0" * 64, path).problems[0].rule == "F01"
    assert records(loader) == []


def test_a_sheet_that_breaks_the_reader_does_not_cost_the_cover(content, fake_child: FakeChild) -> None:
    fake_child.does(READY, "os.abort()")
    assert poison.read(*content, None).problems == (CRASH,)
    fake_child.is_ours()
    assert poison.inspect(*content).covers
    assert poison.read(*content, None).problems == (CRASH,)
    assert fake_child.runs == 2


def test_another_reader_tries_again(content, loader, fake_child: FakeChild, monkeypatch) -> None:
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


@pytest.mark.parametrize("body", [["sys.exit('no such module')"], [READY, "os.kill(os.getpid(), signal.SIGTERM)"]])
def test_a_fault_of_the_system_is_held_against_nobody(content, loader, fake_child: FakeChild, body: list[str]) -> None:
    fake_child.does(*body)
    for _ in range(3):
        with pytest.raises(SystemFault):
            poison.inspect(*content)
    assert fake_child.runs == 3
    assert records(loader) == []


def test_a_session_lost_while_the_child_runs_is_held_against_nobody(
    content, loader, postgres_server: EmbeddedServer, monkeypatch
) -> None:
    def meanwhile(_: Path) -> child.Inspection:
        ask(
            postgres_server,
            f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{Role.LOADER}'",
        )
        return child.Inspection((), ())

    monkeypatch.setattr(child, "inspect", meanwhile)
    assert poison.inspect(*content).problems == ()
    assert records(loader) == []


def test_nothing_is_read_without_a_record(content, fake_child: FakeChild) -> None:
    fake_child.is_ours()
    with engine("migrator").begin() as connection:
        connection.execute(text("DROP TABLE ledger.reader_run"))
    with pytest.raises(DBAPIError, match="reader_run"):
        poison.inspect(*content)
    assert fake_child.runs == 0


# The worker dies with the child.


def killed_while_reading(content: tuple[Engine, str, Path], fake_child: FakeChild) -> None:
    """Another process reads the content with a child that hangs, and is killed, as is its child then."""
    fake_child.is_ours(HANGS)
    before = fake_child.runs
    loader, sha256, path = content
    statements = (
        "from pathlib import Path",
        "from district_reports.database.engine import engine",
        "from district_reports.storage import poison",
        "from district_reports.workbook.reading import running",
        f"running.MAIN = Path({str(fake_child.script)!r})",
        f"poison.inspect(engine('loader'), {sha256!r}, Path({str(path)!r}))",
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
    # The server sees at once that its client is gone; its session ends a moment later.
    with loader.begin() as connection:
        wait_for(lambda: not connection.execute(text("SELECT FROM pg_locks WHERE locktype = 'advisory'")).all())


def wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_worker_that_died_once_condemns_nothing(content, loader, fake_child: FakeChild) -> None:
    killed_while_reading(content, fake_child)
    assert len(records(loader)) == 1
    fake_child.is_ours()
    assert poison.inspect(*content).problems == ()
    assert fake_child.runs == 2
    assert records(loader) == []

    killed_while_reading(content, fake_child)
    fake_child.is_ours()
    assert poison.inspect(*content).problems == ()


def test_a_content_with_which_two_workers_died_is_not_read_again(content, loader, fake_child: FakeChild) -> None:
    killed_while_reading(content, fake_child)
    killed_while_reading(content, fake_child)
    fake_child.is_ours()
    assert poison.inspect(*content).problems == (CRASH,)
    assert fake_child.runs == 2
    assert poison.inspect(loader, "f" * 64, content[2]).problems == ()


def test_runs_that_go_on_elsewhere_are_not_dead(content, loader, fake_child: FakeChild) -> None:
    fake_child.is_ours()
    asked = reader_runs.Asked(content[1], "inspect", poison._reader())
    elsewhere = [loader.connect().execution_options(isolation_level="AUTOCOMMIT") for _ in range(3)]
    runs = [reader_runs.begin(connection, asked) for connection in elsewhere]
    assert poison.inspect(*content).problems == ()
    assert records(loader) == [None, None, None]
    for connection, run_id in zip(elsewhere, runs, strict=True):
        reader_runs.end(connection, run_id, None)
        connection.close()
    assert records(loader) == []


def test_a_run_whose_thread_is_interrupted_is_not_dead(content, loader, fake_child: FakeChild, monkeypatch) -> None:
    def interrupted(_: Path) -> child.Inspection:
        raise KeyboardInterrupt

    monkeypatch.setattr(child, "inspect", interrupted)
    with pytest.raises(KeyboardInterrupt):
        poison.inspect(*content)
    assert records(loader) == []


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
    assert len(list(folder.feedback.path.glob("*.xlsx"))) == 2


def test_a_poison_file_whose_receipt_was_not_written_is_not_read_again(
    drop, run, monkeypatch, fake_child: FakeChild
) -> None:
    fake_child.does(READY, "os.abort()")
    drop()
    with monkeypatch.context() as patch:
        patch.setattr(receive, "file_drop", lambda *_: (_ for _ in ()).throw(SystemFault("no database")))
        for _ in range(3):
            with pytest.raises(SystemFault, match="no database"):
                run()
    assert run().rejected_at_once == 1
    assert fake_child.runs == 1


def test_done_is_not_enough(content, fake_child: FakeChild) -> None:
    """A child that ends in order but without its cover has gone wrong, and is not asked again."""
    fake_child.does(READY, DONE)
    for _ in range(2):
        assert poison.inspect(*content).problems == (CRASH,)
    assert fake_child.runs == 1
