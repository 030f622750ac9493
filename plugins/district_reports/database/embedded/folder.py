"""What the folder of an embedded server holds beside its data: a lock, the password, the port and the log."""

import fcntl
import os
import random
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from district_reports.errors import SystemFault

HOST = "127.0.0.1"
_LOG_BYTES = 10 * 2**20
_TAIL_BYTES = 4000


class ServerFolder:
    """The files of one server. Created 0700, each file 0600; a folder that exists keeps the mode it has."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path / "data"
        self.log = path / "server.log"

    def exists(self) -> bool:
        """Whether there is such a folder.

        Raises:
            SystemFault: only another user could tell.
        """
        try:
            return self.path.exists()
        except PermissionError as error:
            raise _foreign(error) from error

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Hold the folder's lock, waiting for it; yields its descriptor. The kernel drops it if we are killed.

        Raises:
            SystemFault: the folder belongs to another user.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = open(self.path / "lock", "ab", opener=_private)  # noqa: SIM115 (closed below)
        except PermissionError as error:
            raise _foreign(error) from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file.fileno()

    def read(self, name: str) -> str:
        """The text of the file `name`.

        Raises:
            SystemFault: there is none, or it is another user's.
        """
        try:
            return (self.path / name).read_text("ascii")
        except FileNotFoundError as error:
            raise SystemFault(f"{self.path / name} is missing; was the server ever started?") from error
        except PermissionError as error:
            raise _foreign(error) from error

    def write(self, name: str, text: str) -> None:
        """Replace the file `name` in one step, so that nobody reads half of it; the folder owner's, if root writes."""
        descriptor, temporary = tempfile.mkstemp(dir=self.path)
        with open(descriptor, "w", encoding="ascii") as file:
            if os.geteuid() == 0:
                os.fchown(descriptor, self.path.stat().st_uid, self.path.stat().st_gid)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, self.path / name)

    def pid_file(self) -> list[str]:
        """The lines of PostgreSQL's ``postmaster.pid`` (miscadmin.h): first the pid, eighth the state; [] without one.

        Raises:
            SystemFault: it is another user's.
        """
        try:
            return (self.data / "postmaster.pid").read_text("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except PermissionError as error:
            raise _foreign(error) from error

    def choose_port(self) -> int:
        """The kept port if it is free (waiting 1 s for that), else another that is, and keep it.

        From below the range the kernel hands out for outgoing connections, which would take it while we are down.

        Raises:
            SystemFault: none is free.
        """
        if (self.path / "port").exists():
            kept = int(self.read("port"))
            # A server killed this very moment may hold it a little longer than its process can be seen.
            for _ in range(20):
                if _is_free(kept):
                    return kept
                time.sleep(0.05)
        for port in random.sample(range(20000, 30000), 100):
            if _is_free(port):
                self.write("port", str(port))
                return port
        raise SystemFault(f"found no free port on {HOST} between 20000 and 29999")

    def open_log(self) -> BinaryIO:
        """The log, to append to; a new one if the old has passed 10 MB (the one before is kept)."""
        if self.log_end() > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        return open(self.log, "ab", opener=_private)

    def log_end(self) -> int:
        """Where in the log (bytes) what comes next will stand."""
        return self.log.stat().st_size if self.log.exists() else 0

    def log_tail(self, start: int) -> str:
        """The end of what the log says from the offset `start` (bytes) on, at most 4,000 bytes."""
        with self.log.open("rb") as log:
            log.seek(start)
            return log.read()[-_TAIL_BYTES:].decode("utf-8", errors="replace")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL does
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _foreign(error: PermissionError) -> SystemFault:
    return SystemFault(f"{error.filename} is closed to us; use the embedded server as the user who started it")
