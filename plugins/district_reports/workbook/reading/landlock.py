"""No file can be opened, made or removed any more, and no other process reached by socket or signal (Landlock).

Its three system calls, which the C library has no names for. Their numbers are the same on every architecture. What
was opened before stays usable.
"""

import ctypes
import os

_CREATE, _RESTRICT = 444, 446
_VERSION = 1
_NETWORK_FROM, _SCOPES_FROM = 4, 6
_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""From which version on how many rights to files can be taken away; all are, and none is given back by a rule."""
_BIND_AND_CONNECT, _ABSTRACT_SOCKETS_AND_SIGNALS = 0b11, 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def forbid_files() -> str:
    """Forbid it this thread and what comes of it, for good; why it can't be, or nothing.

    The process must have set ``PR_SET_NO_NEW_PRIVS``.

    Raises:
        OSError: the system says that it has Landlock and does not do it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return f"no Landlock here ({os.strerror(ctypes.get_errno())})"
    rules = _Ruleset(
        (1 << max(number for since, number in _RIGHTS.items() if since <= version)) - 1,
        _BIND_AND_CONNECT if version >= _NETWORK_FROM else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if version >= _SCOPES_FROM else 0,
    )
    ruleset = libc.syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "Landlock makes no ruleset")
    try:
        if libc.syscall(_RESTRICT, ruleset, 0) != 0:
            raise OSError(ctypes.get_errno(), "Landlock does not restrict")
    finally:
        os.close(ruleset)
    return ""
