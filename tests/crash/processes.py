"""Processes that are forked with everything imported, killed, and collected together with what they left behind.

Importing Great Expectations takes seconds and a trial much less, so trials are forked. What a forked process must not
share, connections, the library keeps by process.
"""

import ctypes
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import psutil

from embedded_server import lives

Told = TypeVar("Told")
_PR_SET_CHILD_SUBREAPER = 36
_LEFT_BEHIND_SECONDS = 60.0
_TRIAL_SECONDS = 300


class Failed(AssertionError):
    """What ran in another process raised; the text is its traceback."""


@dataclass(frozen=True)
class Running:
    """A forked process."""

    pid: int

    def send(self, signal_number: int) -> None:
        os.kill(self.pid, signal_number)

    def wait_stopped(self) -> None:
        """Wait until it is stopped; it must not end before."""
        status = os.waitpid(self.pid, os.WUNTRACED)[1]
        assert os.WIFSTOPPED(status), f"ended with {os.waitstatus_to_exitcode(status)}"

    def wait(self) -> int:
        """Its exit code, negative for a signal."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def fork(work: Callable[[], int | None]) -> Running:
    """A process that does `work` and returns its exit code (None is 0); 1 after an exception, told on stderr."""
    pid = os.fork()
    if pid:
        return Running(pid)
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        code = work() or 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def apart(work: Callable[[], Told]) -> Told:
    """What `work` returns in a process of its own, which collects whatever its own children leave behind.

    Raises:
        Failed: it raised, was killed, took longer than :data:`_TRIAL_SECONDS`, or left a process behind.
    """
    receiving, sending = os.pipe()

    def supervise() -> None:
        os.close(receiving)
        _become_subreaper()
        signal.signal(signal.SIGALRM, _too_long)
        signal.alarm(_TRIAL_SECONDS)
        try:
            told: Any = (True, work())
            _nothing_left_behind()
        except BaseException:
            told = (False, traceback.format_exc())
        finally:
            signal.alarm(0)
        with os.fdopen(sending, "wb") as pipe:
            pickle.dump(told, pipe)

    running = fork(supervise)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        sent = pipe.read()
    code = running.wait()
    if not sent:
        raise Failed(f"the trial's own process ended with {code}")
    good, told = pickle.loads(sent)
    if not good:
        raise Failed(told)
    return told


def collect_orphans() -> None:
    """Wait for what a killed child of this process left behind.

    Raises:
        AssertionError: it does not end by itself.
    """
    deadline = time.monotonic() + _LEFT_BEHIND_SECONDS
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            left = _left()
            if not left:
                return
            if time.monotonic() > deadline:
                for process in left:
                    process.kill()
                raise AssertionError(f"left behind: {[process.cmdline() for process in left]}")
            time.sleep(0.01)


def _too_long(_signal: int, _frame: object) -> None:
    for process in _left():
        process.kill()
    raise TimeoutError(f"the trial takes longer than {_TRIAL_SECONDS} s")


def _left() -> list[psutil.Process]:
    """What lives below this process, but for a server that it has started again."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if lives(process) and not process.name().startswith("postgres"):
                found.append(process)
    return found


def _nothing_left_behind() -> None:
    left = _left()
    assert not left, f"left behind: {[process.cmdline() for process in left]}"


def _become_subreaper() -> None:
    assert ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
