"""What a file on the share is at this moment, and whether it is still that a moment later."""

import errno
import os
from dataclasses import dataclass

from district_reports.storage.share import Place, is_regular

GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.ENAMETOOLONG}
# The answers for a file that another program holds: Windows' through Linux' cifs, and Samba's own (a lease, by oplock).
IN_USE = {errno.EBUSY, errno.ETXTBSY, errno.EAGAIN}


@dataclass(frozen=True, order=True)
class FileState:
    """What tells one state of a file from another."""

    place: Place
    size: int
    modified_ns: int
    inode: int
    changed_ns: int

    @property
    def state(self) -> tuple[int, int, int]:
        return self.size, self.modified_ns, self.inode


def file_state(place: Place) -> FileState | None:
    """The state of the file at `place`; None when it is gone or no regular file.

    Raises:
        Unsafe: the way there leads through a link.
        OSError: the share does not answer.
    """
    try:
        with place.parent.opened() as folder:
            return state_from(place, folder.status(place.name))
    except OSError as error:
        if error.errno in GONE:
            return None
        raise


def state_from(place: Place, status: os.stat_result) -> FileState | None:
    """The state of the file at `place` as `status` tells it; None where it is no regular file."""
    if not is_regular(status):
        return None
    return FileState(place, status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)
