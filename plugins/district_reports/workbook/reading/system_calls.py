"""The system calls that the limited child may make once it reads: all others fail with EPERM (seccomp).

A list of what is allowed, for a list of what is not grows with every kernel: nothing is opened, executed, forked,
traced, connected or mounted, and no signal leaves the process. What stays is memory, time, the descriptors that are
open, and an end. The filter is written here, in a hundred instructions: finding and loading libseccomp takes longer
than a child's start may take (24 ms), and it is not on every machine.
"""

import ctypes
import errno
import os
import struct
import sys

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""As the kernel names to a filter what :data:`_CALLS` has a column for."""
_CALLS: dict[str, tuple[int, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "poll": (7, None),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "writev": (20, 66),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "nanosleep": (35, 101),
    "getpid": (39, 172),
    "exit": (60, 93),
    "wait4": (61, 260),
    "uname": (63, 160),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "time": (201, None),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "ppoll": (271, 73),
    "getrandom": (318, 278),
}
_OF_ONE_PROCESS = {"kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131)}
"""Their first argument must be this process: an abort is a signal to oneself."""
_SECCOMP = (317, 277)

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_LOAD, _COMPARE, _RETURN = 0x20, 0x15, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Where they stand in the kernel's ``struct seccomp_data``."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def filter_for(machine: str, pid: int) -> bytes:
    """The filter (``struct sock_filter[]``) for the process `pid`.

    Raises:
        ValueError: the numbers of this `machine` are not known here.
    """
    column = list(_ARCHITECTURES).index(machine)
    # A program of another architecture means other calls by the same numbers.
    steps = [_step(_LOAD, _ARCHITECTURE), _step(_COMPARE, _ARCHITECTURES[machine], equal=1), _REFUSE]
    steps.append(_step(_LOAD, _NUMBER))
    for numbers in _CALLS.values():
        if (number := numbers[column]) is not None:
            steps += _step(_COMPARE, number, other=1), _ALLOW
    for both in _OF_ONE_PROCESS.values():
        steps += _step(_COMPARE, both[column], other=4), _step(_LOAD, _FIRST_ARGUMENT)
        steps += _step(_COMPARE, pid, other=1), _ALLOW, _REFUSE
    return b"".join([*steps, _REFUSE])


def _step(code: int, value: int, equal: int = 0, other: int = 0) -> bytes:
    """A ``struct sock_filter``; a comparison skips `equal` or `other` steps."""
    return struct.pack("=HBBI", code, equal, other, value)


_ALLOW = _step(_RETURN, 0x7FFF0000)
_REFUSE = _step(_RETURN, 0x00050000 | errno.EPERM)


def refuse_all_others() -> str:
    """Set the filter on this process, for good; why it can't be, or nothing.

    The process must have set ``PR_SET_NO_NEW_PRIVS``.

    Raises:
        OSError: the system has filters and does not take this one.
    """
    machine = os.uname().machine
    if machine not in _ARCHITECTURES or sys.maxsize < 1 << 32:
        return f"no list of system calls for this machine ({machine}, {sys.maxsize.bit_length() + 1} bits)"
    libc = ctypes.CDLL(None, use_errno=True)
    # A filter at no address: EFAULT says that there would be one.
    libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, None, 0, 0)
    if (code := ctypes.get_errno()) != errno.EFAULT:
        return f"no seccomp filter here ({os.strerror(code)})"
    steps = filter_for(machine, os.getpid())
    program = _Program(len(steps) // len(_ALLOW), steps)
    call = _SECCOMP[list(_ARCHITECTURES).index(machine)]
    if libc.syscall(call, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program)) != 0:
        raise OSError(ctypes.get_errno(), "the seccomp filter is not taken")
    return ""
