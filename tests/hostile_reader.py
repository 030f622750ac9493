"""A reader that was taken over: it tries to reach what is not the child's, and tells in a sheet what came of it."""

import ctypes
import errno
import json
import os
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from district_reports.workbook.raw import RawSheet
from district_reports.workbook.reading import child_main, columnar, landlock, reader, system_calls, walls

_PTRACE_SEIZE = 0x4206
_ANOTHER_USER = 1234
_ANSWERED = ""


def plant(aims: dict[str, Any], without: list[str], beside: bool = False) -> None:
    """Put it in the reader's place, or into the process beside it, behind all walls but those named in `without`."""
    os.chdir(aims["folder"])
    parent, network = os.getppid(), os.open("/proc/self/ns/net", os.O_RDONLY)
    for wall in without:
        _WITHOUT[wall]()

    def tried() -> dict[str, str]:
        return {name: _outcome(attack) for name, attack in _attacks(aims, parent, network).items()}

    if beside:
        child_main._WORTH_A_SECOND_PROCESS = 0
        columnar.outline = lambda *_: json.dumps(tried()).encode()
        reader.read_sheets = lambda *given: [_sheet(json.loads(given[2].keywords["worker"].start(0)()))]  # type: ignore[assignment]
    else:
        reader.read_sheets = lambda *_: [_sheet(tried())]  # type: ignore[assignment]


def _sheet(told: dict[str, str]) -> RawSheet:
    return RawSheet("攻击", (tuple(told), tuple(told.values())))


def _outcome(attack: Callable[[], object]) -> str:
    """What it gained, or the name of the error that it met."""
    try:
        return f"gained {attack()}"
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))


def _attacks(aims: dict[str, Any], parent: int, network: int) -> dict[str, Callable[[], object]]:
    libc = ctypes.CDLL(None, use_errno=True)
    return {
        "read a key": lambda: len(Path(aims["key"]).read_bytes()),
        "read another district's file": lambda: len(Path(aims["district"]).read_bytes()),
        "list a folder": lambda: len(os.listdir("/")),
        "read /etc/passwd": lambda: len(Path("/etc/passwd").read_bytes()),
        "read the parent's environment": lambda: len(Path(f"/proc/{parent}/environ").read_bytes()),
        "open the parent's memory": lambda: os.open(f"/proc/{parent}/mem", os.O_RDWR),
        "read the parent's memory": lambda: _memory_of(libc, parent),
        "trace the parent": lambda: _called(libc, "ptrace", _PTRACE_SEIZE, parent, None, None),
        "signal the parent": lambda: os.kill(parent, 0),
        "limit the parent": lambda: _called(
            libc, "prlimit", parent, resource.RLIMIT_CORE, None, (ctypes.c_ulong * 2)()
        ),
        "write into a folder": lambda: os.open(aims["written"], os.O_CREAT | os.O_WRONLY),
        "write where it is": lambda: os.open("written where it is", os.O_CREAT | os.O_WRONLY),
        "change a mode": lambda: os.chmod(aims["key"], 0o644),
        "open a socket": lambda: socket.socket(socket.AF_UNIX).close(),
        "connect": lambda: socket.socket().connect(("127.0.0.1", aims["port"])),
        "enter the parent's network": lambda: _called(libc, "setns", network, 0),
        "take a user namespace": lambda: _called(libc, "unshare", 0x10000000),
        "leave a grandchild": _leave_grandchild,
    }


def _called(libc: ctypes.CDLL, name: str, *arguments: Any) -> str:
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)
    return _ANSWERED


def _memory_of(libc: ctypes.CDLL, pid: int) -> str:
    """One byte at an address that this process uses, which need not be one of the other's."""
    byte = ctypes.create_string_buffer(1)
    place = (ctypes.c_size_t * 2)(ctypes.addressof(byte), 1)
    try:
        return _called(libc, "process_vm_readv", pid, place, 1, place, 1, 0)
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise
        return _ANSWERED


def _leave_grandchild() -> int:
    """In a session of its own, with nothing open that anybody waits for."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.closerange(0, 64)
        signal.pause()
    return pid


def _as_another_user(ours: Callable[[int], list[walls.Wall]] = walls.raise_walls) -> None:
    def raise_walls(parent: int) -> list[walls.Wall]:
        os.setgroups([])
        os.setresgid(_ANOTHER_USER, _ANOTHER_USER, _ANOTHER_USER)
        os.setresuid(_ANOTHER_USER, _ANOTHER_USER, _ANOTHER_USER)
        return ours(parent)

    walls.raise_walls = raise_walls


def _put(module: object, name: str, value: object) -> Callable[[], None]:
    return lambda: setattr(module, name, value)


_WITHOUT: dict[str, Callable[[], None]] = {
    "all": _put(walls, "raise_walls", lambda _: []),
    "user": _put(walls, "_become_nobody", lambda: "left out"),
    "capabilities": _put(walls, "_drop_capabilities", lambda _: None),
    # As on a kernel that knows neither, so that the child finds it out.
    "Landlock": _put(landlock, "_CREATE", 9999),
    "seccomp": _put(system_calls, "_MODE_FILTER", 9999),
    "root": _as_another_user,
}
