"""Programs that behave badly, and a stack that must not touch the checkout's state."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from district_reports.local.airflow.lock import locked
from district_reports.local.airflow.processes import Processes, Program


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Processes of a folder of their own, all stopped in the end."""
    with locked(tmp_path / "lock", print) as lock:
        found = Processes(tmp_path / "processes", tmp_path / "logs", lock)
        yield found
        found.stop(found.names(), grace=0.0)


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    """Make a program from Python source."""

    def make(source: str, name: str = "sleeper", **environment: str) -> Program:
        return Program(name, (sys.executable, "-c", source), environment, tmp_path)

    return make


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's process, a session leader like our programs."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True) as process:
        yield process
        process.kill()
