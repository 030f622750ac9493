"""What stands between the limited child and the rest of the machine, each wall where the system has it.

The child raises them once it has imported what it needs and holds the bytes of its workbook, and before it looks at
them: from then on it needs nothing but memory, a processor and its pipe. A wall that the system hasn't is named in what
the child says (:class:`Wall`); one that it has and that can't be raised is a fault of the system.
"""

import ctypes
import errno
import os
import resource
import signal
import sys
from dataclasses import dataclass

from district_reports.workbook.reading import landlock, system_calls

_NETWORK, _USER, _FILES = "no network", "a user who is not root", "no files (Landlock)"
_PROCESSES, _CALLS = "no other processes", "few system calls (seccomp)"
_NOBODY = 65534
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITIES_VERSION = 0x20080522


@dataclass(frozen=True)
class Wall:
    """`missing` says why it is not in force; empty where it is."""

    name: str
    missing: str


def bind(parent: int) -> None:
    """Die with the parent (the thread that started this process), and gain no privileges.

    A change of the user takes the former back.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "prctl"):
        return
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def raise_walls(parent: int) -> list[Wall]:
    """Raise them around this process, for good; `parent` is the one that it dies with.

    Raises:
        OSError: the system has a wall and does not let it be raised.
    """
    if sys.platform != "linux":
        return [Wall(name, "the system is not Linux") for name in (_NETWORK, _USER, _FILES, _PROCESSES, _CALLS)]
    libc = ctypes.CDLL(None, use_errno=True)
    # Root takes a network of its own; anybody else, and root without that right, a user namespace as well.
    alone = libc.unshare(_CLONE_NEWNET) == 0
    user = _become_nobody()
    network = "" if alone or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0 else os.strerror(ctypes.get_errno())
    _drop_capabilities(libc)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    bind(parent)
    files = landlock.forbid_files()
    # Fewer than this process alone: neither a process nor a thread can be added, but by root.
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    calls = system_calls.refuse_all_others()
    processes = _forks()
    return [
        Wall(_NETWORK, network),
        Wall(_USER, user),
        Wall(_FILES, files),
        Wall(_PROCESSES, processes),
        Wall(_CALLS, calls),
    ]


def _become_nobody() -> str:
    """Leave root for the user that owns nothing; why not, or nothing."""
    if 0 not in os.getresuid():
        return ""
    try:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    except OSError as error:
        # Without the capability, or in a user namespace that has no such user.
        if error.errno not in (errno.EPERM, errno.EINVAL):
            raise
        return f"root can't become another user here ({os.strerror(error.errno)})"
    return ""


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    none = (ctypes.c_uint32 * 6)()
    if libc.capset(header, none) != 0:
        raise OSError(ctypes.get_errno(), "the capabilities can't be dropped")


def _forks() -> str:
    """Tried, for either of two walls forbids it, and root is free of one."""
    try:
        pid = os.fork()
    except OSError:
        return ""
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return "neither a limit nor a filter keeps this process from forking"
