"""Which dropped files have stopped changing.

Taken too early, half a workbook would be rejected; taken too late, the clerk waits. A file is quiet when nothing of it
has changed for five seconds. A ZIP archive must also be whole, which its end record tells; one that is not waits ten
minutes, for a slow line, and is then taken as it is.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from district_reports.intake.folders import is_regular
from district_reports.workbook import zip_layout

QUIET_SECONDS = 5.0
# How long a file must have been quiet by its own times to be taken at one look: clocks of servers differ by less.
_SURELY_QUIET_SECONDS = 60.0
PATIENCE_SECONDS = 600.0


@dataclass(frozen=True)
class Look:
    """What tells one state of a file from another."""

    path: Path
    size: int
    modified_ns: int
    inode: int
    changed_ns: int

    @property
    def state(self) -> tuple[int, int, int]:
        return self.size, self.modified_ns, self.inode


@dataclass(frozen=True)
class Settled:
    """``taken`` have stopped changing; ``waiting`` is how many have not, or not yet for sure."""

    taken: tuple[Look, ...]
    waiting: int


def look_at(path: Path) -> Look | None:
    """The state of the file at `path`; None when it is gone, unreadable or no regular file."""
    try:
        status = path.lstat()
    except OSError:
        return None
    if not is_regular(status):
        return None
    return Look(path, status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)


def settled(
    paths: Sequence[Path],
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.time,
) -> Settled:
    """Which of `paths` have stopped changing.

    Sleeps once, for five seconds, if one of them may still be changing. A file that has surely been quiet for a minute
    is not waited for. Times are those that nobody can set (``ctime``): copying keeps the old ``mtime``.
    """
    first = [look for path in paths if (look := look_at(path))]
    young = [look for look in first if _age(look, now()) < _SURELY_QUIET_SECONDS]
    if young:
        sleep(QUIET_SECONDS)
    taken = []
    for look in first:
        again = look_at(look.path)
        if again is None or again.state != look.state:
            continue
        if _is_whole(again) or _age(again, now()) >= PATIENCE_SECONDS:
            taken.append(again)
    return Settled(tuple(taken), len(paths) - len(taken))


def _age(look: Look, now: float) -> float:
    """Seconds since the file last changed; negative when the share's clock is ahead of ours."""
    return now - look.changed_ns / 1e9


def _is_whole(look: Look) -> bool:
    """Whether the file is whole as far as can be told; a file that is plainly no ZIP archive is."""
    try:
        with look.path.open("rb") as file:
            head = file.read(4)
            # Empty, or zeros: the space is reserved and the content is still to come.
            if not head.strip(b"\x00"):
                return False
            return not head.startswith(b"PK") or zip_layout.fits(file, look.size)
    except OSError:
        # Locked by the program that writes it.
        return False
