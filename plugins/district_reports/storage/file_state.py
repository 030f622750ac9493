"""What a file on the share is at this moment, and whether it is still that a moment later."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from district_reports.storage.folders import is_regular

GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.ENAMETOOLONG}
# The answers for a file that another program holds: Windows' through Linux' cifs, and Samba's own (a lease, by oplock).
IN_USE = {errno.EBUSY, errno.ETXTBSY, errno.EAGAIN}


@dataclass(frozen=True)
class FileState:
    """What tells one state of a file from another."""

    path: Path
    size: int
    modified_ns: int
    inode: int
    changed_ns: int

    @property
    def state(self) -> tuple[int, int, int]:
        return self.size, self.modified_ns, self.inode


def file_state(path: Path) -> FileState | None:
    """The state of the file at `path`; None when it is gone or no regular file.

    Raises:
        OSError: the share does not answer.
    """
    try:
        return state_from(path, os.lstat(path))
    except OSError as error:
        if error.errno in GONE:
            return None
        raise


def state_from(path: Path, status: os.stat_result) -> FileState | None:
    """The state of the file at `path` as `status` tells it; None where it is no regular file."""
    if not is_regular(status):
        return None
    return FileState(path, status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)
