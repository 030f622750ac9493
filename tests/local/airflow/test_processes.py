"""Nothing is left behind, and nobody else is touched."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from district_reports.local.airflow.family import Identity, identify
from district_reports.local.airflow.processes import Processes, Program
from local.airflow.watching import alive, eventually

SLEEP = "import time; time.sleep(600)"

# A leader with a child in a group of its own (as Airflow's tasks are), and a grandchild in a session of its own.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pids = open("pids", "a", buffering=1)
pids.write(f"{os.getpid()}\\n")
if os.fork() == 0:
    os.setpgid(0, 0)
    pids.write(f"{os.getpid()}\\n")
    if os.fork() == 0:
        os.setsid()
        pids.write(f"{os.getpid()}\\n")
time.sleep(600)
"""


def _pids(tmp_path: Path, count: int = 3) -> list[int]:
    file = tmp_path / "pids"
    eventually(lambda: file.exists() and len(file.read_text().splitlines()) == count)
    return [int(line) for line in file.read_text().splitlines()]


def test_start_and_stop_are_idempotent(processes: Processes, program: Callable[..., Program]) -> None:
    processes.stop(["sleeper"])
    assert processes.start(program(SLEEP))
    assert not processes.start(program(SLEEP))
    assert processes.names() == ["sleeper"]
    assert processes.runs("sleeper")
    processes.stop(["sleeper"])
    processes.stop(["sleeper"])
    assert not processes.runs("sleeper")
    assert processes.names() == []


def test_a_program_ends_in_order_when_it_can(
    tmp_path: Path, processes: Processes, program: Callable[..., Program]
) -> None:
    source = (
        "import signal, sys, time\n"
        "def end(*_):\n    time.sleep(0.5); open('ended', 'w').close(); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); open('ready', 'w').close()\n"
        "time.sleep(600)"
    )
    processes.start(program(source))
    eventually((tmp_path / "ready").exists)
    processes.stop(["sleeper"])
    assert (tmp_path / "ended").exists()


def test_the_whole_family_is_killed(tmp_path: Path, processes: Processes, program: Callable[..., Program]) -> None:
    processes.start(program(STUBBORN))
    pids = _pids(tmp_path)
    assert all(map(alive, pids))
    processes.stop(["sleeper"], grace=0.5)
    assert not any(map(alive, pids))


def test_what_a_killed_leader_leaves_behind_is_stopped(
    tmp_path: Path, processes: Processes, program: Callable[..., Program]
) -> None:
    processes.start(program(STUBBORN))
    leader, *orphans = _pids(tmp_path)
    os.kill(leader, signal.SIGKILL)
    eventually(lambda: not processes.runs("sleeper"))
    assert all(map(alive, orphans))
    processes.stop(["sleeper"], grace=0.5)
    assert not any(map(alive, orphans))


def test_a_start_clears_away_what_a_killed_leader_left_behind(
    tmp_path: Path, processes: Processes, program: Callable[..., Program]
) -> None:
    processes.start(program(STUBBORN))
    leader, *orphans = _pids(tmp_path)
    os.kill(leader, signal.SIGKILL)
    eventually(lambda: not processes.runs("sleeper"))
    assert processes.start(program(SLEEP))
    assert not any(map(alive, orphans))


def test_other_settings_start_it_anew(processes: Processes, program: Callable[..., Program]) -> None:
    assert processes.start(program(SLEEP, DISTRICT_REPORTS_TODAY="2020-07-04"))
    assert not processes.start(program(SLEEP, DISTRICT_REPORTS_TODAY="2020-07-04", TERM="dumb"))
    assert processes.start(program(SLEEP, DISTRICT_REPORTS_TODAY="2020-07-05"))


def test_a_reused_pid_is_not_signalled(
    tmp_path: Path, processes: Processes, bystander: subprocess.Popen[bytes]
) -> None:
    real = identify(bystander.pid)
    assert real is not None
    for claimed in (Identity(real.pid, real.start - 1, real.boot), Identity(real.pid, real.start, "another boot")):
        _record(tmp_path, claimed)
        assert not processes.runs("sleeper")
        processes.stop(["sleeper"], grace=0.0)
        assert bystander.poll() is None
        assert processes.names() == []


def test_a_session_that_reuses_the_number_is_not_signalled(tmp_path: Path, processes: Processes) -> None:
    """Its leader is gone too, as ours is; but it does something that we never do."""
    source = (
        "import os\nchild = os.fork()\nif not child:\n"
        "    os.dup2(os.open(os.devnull, os.O_WRONLY), 1); os.execlp('sleep', 'sleep', '600')\n"
        "print(os.getpid(), child)"
    )
    done = subprocess.run([sys.executable, "-c", source], stdout=subprocess.PIPE, start_new_session=True, check=False)
    leader, orphan = map(int, done.stdout.split())
    own = identify(os.getpid())
    assert own is not None
    try:
        _record(tmp_path, Identity(leader, own.start, own.boot))
        processes.stop(["sleeper"], grace=0.0)
        assert alive(orphan)
    finally:
        os.kill(orphan, signal.SIGKILL)


def test_a_python_that_is_older_than_the_leader_is_not_signalled(tmp_path: Path, processes: Processes) -> None:
    """It leads nothing of ours, though it is ours by its name: the number was another session's before."""
    source = (
        "import os, time\nchild = os.fork()\nif not child:\n    os.close(1); time.sleep(600)\nprint(os.getpid(), child)"
    )
    done = subprocess.run([sys.executable, "-c", source], stdout=subprocess.PIPE, start_new_session=True, check=False)
    leader, orphan = map(int, done.stdout.split())
    older = identify(orphan)
    assert older is not None
    try:
        _record(tmp_path, Identity(leader, older.start + 1, older.boot))
        processes.stop(["sleeper"], grace=0.0)
        assert alive(orphan)
    finally:
        os.kill(orphan, signal.SIGKILL)


def test_a_program_that_is_not_there(tmp_path: Path, processes: Processes) -> None:
    missing = Program("missing", ("/nowhere/program",), {}, tmp_path)
    processes.start(missing)
    eventually(lambda: not processes.runs("missing"))
    assert "FileNotFoundError" in processes.log_tail("missing")


@pytest.mark.parametrize(
    "after", [0.02, 0.1, 0.4, *(pytest.param(after, marks=pytest.mark.slow) for after in (0.0, 0.05, 0.2))]
)
def test_a_start_killed_at_any_moment_can_be_stopped(tmp_path: Path, after: float) -> None:
    """Whoever starts is killed; the next one gets the lock only when the record is there, and finds the program."""
    common = f"""
import sys
from pathlib import Path
from district_reports.local.airflow.lock import locked
from district_reports.local.airflow.processes import Processes, Program
folder = Path({str(tmp_path)!r})
with locked(folder / "lock", print) as lock:
    processes = Processes(folder / "processes", folder / "logs", lock)
"""
    command = f"(sys.executable, '-c', {STUBBORN!r})"
    start = f"{common}    print(1, flush=True)\n    processes.start(Program('p', {command}, {{}}, folder))\n"
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        starter.stdout.readline()
        time.sleep(after)
        starter.kill()
    subprocess.run([sys.executable, "-c", common + "    processes.stop(processes.names(), grace=0.2)\n"], check=True)
    time.sleep(0.5)
    assert _working_in(str(tmp_path)) == []


def test_records_hold_no_secret(tmp_path: Path, processes: Processes, program: Callable[..., Program]) -> None:
    processes.start(program(SLEEP, AIRFLOW__API_AUTH__JWT_SECRET="do-not-tell"))
    record = tmp_path / "processes" / "sleeper.json"
    assert "do-not-tell" not in record.read_text()
    assert record.stat().st_mode & 0o077 == 0


def _record(tmp_path: Path, identity: Identity) -> None:
    folder = tmp_path / "processes"
    folder.mkdir(exist_ok=True)
    (folder / "sleeper.json").write_text(json.dumps(asdict(identity)))


def _working_in(folder: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == folder and alive(process.pid):
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
