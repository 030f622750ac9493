"""Disks that are full: a small file system that nobody else sees, and a limit on how large files may become."""

import ctypes
import os
import resource
from collections.abc import Callable
from pathlib import Path

from crash.processes import fork
from crash.recorded import recorded
from crash.work import BROKE, until_it_breaks

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_REC, _MS_PRIVATE = 16384, 1 << 18
_FILLER = ".filler"
_libc = ctypes.CDLL(None, use_errno=True)


class NotAllowed(Exception):
    """The system lets us mount nothing."""


def enter_own_namespace() -> None:
    """Mounts of this process and what it starts are seen by nobody else from now on, and go with it.

    Raises:
        NotAllowed: neither root's rights nor user namespaces are given.
    """
    uid, gid = os.getuid(), os.getgid()
    if _libc.unshare(_CLONE_NEWNS) != 0:
        if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS) != 0:
            raise NotAllowed(os.strerror(ctypes.get_errno()))
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    _checked(_libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None))


def mount_small(folder: Path, size: int) -> None:
    """A file system of `size` bytes in memory, on `folder`, which is made. Raises NotAllowed."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={size},mode=0700".encode()
    _checked(_libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, options))


def _checked(status: int) -> None:
    if status != 0:
        raise NotAllowed(os.strerror(ctypes.get_errno()))


def fill(folder: Path, left: int) -> None:
    """Take all but `left` bytes of the file system that is mounted on `folder`."""
    status = os.statvfs(folder)
    with (folder / _FILLER).open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, status.f_bavail * status.f_frsize - left)


def make_room(folder: Path) -> None:
    """Take back what :func:`fill` took."""
    (folder / _FILLER).unlink()


def with_files_up_to(size: int) -> Callable[[], None]:
    """A worker whose files may have `size` bytes and no more (EFBIG), which breaks it."""

    def work() -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        with recorded():
            return until_it_breaks("the one without room")

    def disturb() -> None:
        assert fork(work).wait() == BROKE

    return disturb


def in_a_full_house(folder: Path, left: int) -> Callable[[], None]:
    """A worker in a deployment on the small file system `folder`, with room for `left` bytes more, which breaks it."""

    def work() -> int:
        with recorded():
            return until_it_breaks("the one without room")

    def disturb() -> None:
        fill(folder, left)
        try:
            assert fork(work).wait() == BROKE
        finally:
            make_room(folder)

    return disturb
