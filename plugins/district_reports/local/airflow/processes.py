"""Start and stop programs so that none is ever left behind, and nobody else's process is ever signalled."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from district_reports.errors import SystemFault
from district_reports.local.airflow.family import Identity, family, lives
from district_reports.private import make_folder, read_json

_LAUNCH_SECONDS = 60.0
_TERM_SECONDS = 3.0
_KILL_SECONDS = 15.0
_LOG_LIMIT = 20_000_000
# What of the environment makes a program another one; the rest (terminal, locale, session) may differ between calls.
_TELLING = ("AIRFLOW", "DISTRICT_REPORTS_", "FORWARDED_ALLOW_IPS")

# The programs that this process started, polled so that an ended one does not stay as a zombie.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Program:
    """A program that runs until it is told to stop."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path

    @property
    def fingerprint(self) -> str:
        """What the program was started with; contains no secret in readable form."""
        telling = sorted(item for item in self.environment.items() if item[0].startswith(_TELLING))
        return hashlib.sha256(repr((self.command, telling)).encode()).hexdigest()


class Processes:
    """The programs recorded in `folder`, each in a session of its own, with a log file in `logs`.

    Objects hold no state: any process may make one for the same folders. Calls that start or stop are made under the
    lock whose descriptor is `lock` (see :func:`district_reports.local.airflow.lock.locked`).
    """

    def __init__(self, folder: Path, logs: Path, lock: int) -> None:
        self._folder = folder
        self._logs = logs
        self._lock = lock

    def start(self, program: Program) -> bool:
        """Start `program` unless it runs already; False if it does.

        One that runs with other settings is stopped first, and so is what a killed one has left behind.

        Raises:
            SystemFault: it couldn't be started.
        """
        if self.runs(program.name) and self._record(program.name).get("fingerprint") == program.fingerprint:
            return False
        self.stop([program.name])
        path = self._path(program.name)
        make_folder(self._folder)
        log = self.log(program.name)
        make_folder(log.parent)
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        launch = [sys.executable, "-I", "-m", "district_reports.local.airflow.launch", str(path), str(self._lock)]
        with log.open("ab") as output:
            child = subprocess.Popen(
                [*launch, program.fingerprint, "--", *program.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=program.folder,
                env=dict(program.environment),
                start_new_session=True,
                pass_fds=(self._lock,),
            )
        _children[child.pid] = child
        try:
            deadline = time.monotonic() + _LAUNCH_SECONDS
            while self._record(program.name).get("pid") != child.pid:
                if child.poll() is not None or time.monotonic() > deadline:
                    raise SystemFault(f"{program.name} did not start; {log} says:\n{self.log_tail(program.name)}")
                time.sleep(0.01)
        except BaseException:
            child.kill()  # before its record is written it is the launcher only, and has no children
            child.wait()
            raise
        return True

    def runs(self, name: str) -> bool:
        """Whether the program `name` lives (what it has left behind doesn't count)."""
        identity = self._identity(name)
        if identity is None:
            return False
        child = _children.get(identity.pid)
        if child is not None and child.poll() is not None:
            del _children[identity.pid]
        return lives(identity)

    def names(self) -> list[str]:
        """The programs that were started and not stopped since."""
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def stop(self, names: Iterable[str], grace: float = 20.0) -> None:
        """Stop programs together: TERM to each, `grace` seconds to end in order, then TERM and KILL to what is left.

        The first TERM goes to the program alone. The scheduler then lets its running tasks end; a TERM to a task
        itself would fail it.

        Raises:
            SystemFault: something of them belongs to another user, or won't die.
        """
        leaders = {name: identity for name in names if (identity := self._identity(name)) is not None}
        seen: dict[int, psutil.Process] = {}
        try:
            for name, identity in leaders.items():
                if self.runs(name):
                    _signal(psutil.Process(identity.pid), signal.SIGTERM)
            if any(self.runs(name) for name in leaders):
                self._wait_gone(leaders, seen, grace)
            for kind, seconds in ((signal.SIGTERM, _TERM_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
                deadline = time.monotonic() + seconds
                # Again and again for KILL: a process may fork while it is being looked for.
                while left := self._left(leaders, seen):
                    for process in left:
                        _signal(process, kind)
                    if kind == signal.SIGTERM:
                        self._wait_gone(leaders, seen, seconds)
                    if time.monotonic() > deadline:
                        break
                    time.sleep(0.05)
        except (PermissionError, psutil.AccessDenied) as error:
            raise SystemFault(f"a process recorded in {self._folder} belongs to another user") from error
        if left:
            raise SystemFault(f"processes {sorted(process.pid for process in left)} survived KILL")
        for name, identity in leaders.items():
            self.runs(name)  # reaps it if it was our child
            _children.pop(identity.pid, None)
            self._path(name).unlink(missing_ok=True)

    def log(self, name: str) -> Path:
        """The file with what the program says."""
        return self._logs / f"{name}.log"

    def log_tail(self, name: str, lines: int = 15) -> str:
        """The last lines of the program's log."""
        try:
            with self.log(name).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 20_000))
                return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""

    def _left(self, leaders: Mapping[str, Identity], seen: dict[int, psutil.Process]) -> list[psutil.Process]:
        """What lives of the leaders' families; `seen` remembers those who have since lost their way back to it."""
        for name, identity in leaders.items():
            self.runs(name)
            seen |= {process.pid: process for process in family(identity)}
        return [process for process in seen.values() if _lives(process)]

    def _wait_gone(self, leaders: Mapping[str, Identity], seen: dict[int, psutil.Process], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._left(leaders, seen) and time.monotonic() < deadline:
            time.sleep(0.1)

    def _identity(self, name: str) -> Identity | None:
        record = self._record(name)
        try:
            return Identity(int(record["pid"]), float(record["start"]), str(record["boot"]))
        except KeyError:
            return None

    def _record(self, name: str) -> dict[str, Any]:
        return read_json(self._path(name))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _signal(process: psutil.Process, kind: signal.Signals) -> None:
    try:
        process.send_signal(kind)  # psutil compares start times once more
    except psutil.NoSuchProcess:
        return
