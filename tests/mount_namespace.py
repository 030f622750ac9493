"""A child process with mounts of its own, for shares that are read-only, away or busy. No rights are needed."""

import ctypes
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

_NEWNS, _NEWUSER = 0x20000, 0x10000000
_RDONLY, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_REFUSED = 77
NO_MOUNTS = "this system does not let a user mount"
_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name} failed")


def _mount(source: Path | None, target: Path, kind: bytes | None, flags: int) -> None:
    _call("mount", source and os.fsencode(source), os.fsencode(target), kind, ctypes.c_ulong(flags), None)


def read_only(folder: Path) -> None:
    _mount(folder, folder, None, _BIND)
    _mount(None, folder, None, _BIND | _REMOUNT | _RDONLY)


def busy(file: Path) -> None:
    """Renaming it is answered with EBUSY, as for a file that is open in Excel on a Windows share."""
    _mount(file, file, None, _BIND)


def away(folder: Path) -> None:
    """Only the empty mount point is left."""
    _mount(None, folder, b"tmpfs", 0)


def back(path: Path) -> None:
    _call("umount2", os.fsencode(path), 0)


def in_namespace(work: Callable[[], None]) -> None:
    """Run `work` in a forked process that may mount; the test is skipped where that may not be."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            user = os.geteuid()
            try:
                _call("unshare", _NEWUSER | _NEWNS)
                Path("/proc/self/uid_map").write_text(f"0 {user} 1")
                _mount(None, Path("/"), None, _REC | _PRIVATE)
            except OSError:
                status = _REFUSED
                raise
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == _REFUSED:
        pytest.skip(NO_MOUNTS)
    assert status == 0, "see the traceback of the child"
