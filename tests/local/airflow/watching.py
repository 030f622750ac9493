"""Looking at processes from outside."""

import time
from collections.abc import Callable

import psutil


def alive(pid: int) -> bool:
    """Whether `pid` is a process that still does something."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Fail unless `condition` comes true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
