"""One `up` or `down` at a time."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from district_reports.errors import SystemFault
from district_reports.private import make_folder

_WAIT_SECONDS = 600.0


@contextmanager
def locked(path: Path, progress: Callable[[str], None]) -> Iterator[int]:
    """Hold the lock at `path`; yields its descriptor, which a child may inherit to hold on to it.

    Raises:
        SystemFault: another process has held it for ten minutes.
    """
    make_folder(path.parent)
    deadline = time.monotonic() + _WAIT_SECONDS
    with path.open("ab") as file:
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise SystemFault(f"another start or stop has held {path} for ten minutes") from error
            if not told:
                progress("Waiting for another start or stop to end")
                told = True
            time.sleep(0.1)
        # Not unlocked: the lock ends with the last descriptor, be it ours or that of a child just being born.
        yield file.fileno()
