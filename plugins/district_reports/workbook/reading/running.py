"""Two ways to run a limited child: exec it here, or have the reader server fork it, which saves its start and imports.

The server is for processes that were forked from the one that started it (:func:`start_server`), as Airflow's tasks
are. Whenever it does not serve, the child is exec'd.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from array import array
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from district_reports.code_state import state
from district_reports.errors import SystemFault

log = logging.getLogger(__name__)

MAIN = Path(__file__).with_name("child_main.py")
_SERVER = Path(__file__).with_name("reader_server.py")
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    # Arrow's own allocators reserve address space by the gigabyte, which RLIMIT_AS counts.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    # One of them starts a thread though it is not used; a process that forks should have one thread.
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MALLOC_ARENA_MAX": "1",
    "OMP_NUM_THREADS": "1",
}
_STATUS_SECONDS = 10.0
"""How long the server may take to kill a child and to say so; after that it counts as dead."""


class Running(Protocol):
    """A child that runs: the read ends of its two pipes, and its end."""

    result: int
    stderr: int

    def ends(self, seconds: float) -> bool:
        """Whether it ends by itself within `seconds`."""

    def end(self) -> int:
        """Kill it, with its whole group, and close the pipes; its status, as that of :class:`subprocess.Popen`."""


class Executed:
    """A child of this process.

    Raises:
        SystemFault: it can't be started.
    """

    def __init__(self, request: bytes) -> None:
        self.result, sending = os.pipe()
        try:
            self._process = _exec(MAIN, sending, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as error:
            os.close(self.result)
            raise SystemFault(f"the reading process can't be started: {error.strerror}") from error
        finally:
            os.close(sending)
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        self.stderr = self._process.stderr.fileno()
        try:
            self._process.stdin.write(request)
            self._process.stdin.close()
        except BrokenPipeError:
            log.debug("the reading process ended before its request")

    def ends(self, seconds: float) -> bool:
        """See :class:`Running`; it is left unreaped."""
        deadline = time.monotonic() + seconds
        while os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        return True

    def end(self) -> int:
        os.close(self.result)
        # Before it is reaped: until then its id, and so its group's, can't be another's.
        os.killpg(self._process.pid, signal.SIGKILL)
        status = self._process.wait()
        for stream in (self._process.stdin, self._process.stderr):
            if stream is not None:
                stream.close()
        return status


class Forked:
    """A child of the reader server at the other end of `control`.

    Raises:
        OSError: the server takes no request.
    """

    def __init__(self, request: bytes, control: socket.socket) -> None:
        self._status, theirs = socket.socketpair()
        self.result, result = os.pipe()
        self.stderr, stderr = os.pipe()
        rights = array("i", [result, stderr, theirs.fileno()]).tobytes()
        try:
            # All or nothing, and at once: a server that has not emptied its queue stands still.
            control.sendmsg([request], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)], socket.MSG_DONTWAIT)
        except OSError:
            self._close()
            raise
        finally:
            os.close(result)
            os.close(stderr)
            theirs.close()
        self._told = b""

    def ends(self, seconds: float) -> bool:
        self._status.settimeout(seconds)
        try:
            self._told = self._status.recv(16)
        except TimeoutError:
            return False
        except OSError:
            log.debug("the reader server has ended")
        return True

    def end(self) -> int:
        """See :class:`Running`. A server that has died took its children with it: they were killed too."""
        with suppress(OSError):
            self._status.shutdown(socket.SHUT_WR)
            self._status.settimeout(_STATUS_SECONDS)
            while said := self._status.recv(16):
                self._told = said
        self._close()
        return int(self._told) if self._told else -signal.SIGKILL

    def _close(self) -> None:
        self._status.close()
        os.close(self.result)
        os.close(self.stderr)


@dataclass(frozen=True)
class Server:
    """The reader server, as the process that started it and those forked from that know it."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    code: frozenset[tuple[str, int]]

    def stop(self) -> None:
        """By the process that started it; its children die with it."""
        self.control.close()
        self.process.kill()
        self.process.wait()


_server: Server | None = None


def start_server(program: Path = _SERVER) -> Server | None:
    """Start the server for this process and those that are forked from now on; None where there can't be one.

    It dies with the thread that calls this.
    """
    global _server
    _server = None
    if sys.platform != "linux":
        return None
    # Before it imports: what changes in between is seen as a change.
    code = _code()
    try:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = _exec(program, theirs.fileno(), str(os.getpid()), stdin=subprocess.DEVNULL, stderr=None)
    except OSError as error:
        log.warning("the reader server can't be started: %s", error.strerror)
        return None
    _server = Server(process, ours, code)
    return _server


def ask_server(request: bytes) -> Forked | None:
    """A child of the server that this process has inherited; None where there is none, or none with today's code."""
    if _server is None:
        return None
    try:
        if _server.code == _code():
            return Forked(request, _server.control)
    except OSError as error:
        log.debug("the reader server takes no request: %s", error.strerror)
    return None


def _code() -> frozenset[tuple[str, int]]:
    return state(_SERVER.parent)


def _exec(program: Path, passed: int, *arguments: str, stdin: int, stderr: int | None) -> subprocess.Popen[bytes]:
    """Python isolated from all that is here, but for the descriptor `passed`, its first argument."""
    environment = dict(_ENVIRONMENT)
    if "LD_LIBRARY_PATH" in os.environ:
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return subprocess.Popen(
        [sys.executable, "-I", str(program), str(passed), *arguments],
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        pass_fds=(passed,),
        env=environment,
        cwd="/",
        start_new_session=True,
    )
