"""The limited child: reads one workbook and writes what it found to a pipe.

It is run by path, with ``python -I``, or forked by :mod:`.reader_server`, which has the imports behind it.
Order matters: cut the network and bind the child's life to its parent, import, then set the limits and say READY.
Whatever goes wrong before READY is a fault of the system; after it, the workbook's.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from district_reports.workbook.raw import RawSheet

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


def bind(parent: int) -> None:
    """Die with the parent (the thread that started this process), and gain no privileges."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "prctl"):
        return
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def _leave_network() -> bool:
    """Whether the network is gone."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare"):
        return False
    if libc.unshare(_CLONE_NEWNET) == 0:
        return True
    return bool(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def _limit(memory: int, cpu_seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    if sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


class _ArrowAlone:
    """Arrow imports numpy, and pandas with the first array that it makes: a second and more. It can do without them."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name in ("numpy", "pandas"):
            raise ModuleNotFoundError(name=name)


def _inspect(path: Path, send: Callable[[bytes, bytes], None]) -> None:
    from district_reports.workbook.reading import reader, wire

    send(wire.COVER, wire.covers_to_json(reader.read_sheets(path, ["封面"])))


def _read(path: Path, titles: list[str] | None, send: Callable[[bytes, bytes], None]) -> None:
    import pyarrow as pa

    from district_reports.workbook.problem_list import PROBLEM_LIST
    from district_reports.workbook.reading import reader, sheet_arrow, wire

    def send_all(sheets: "list[RawSheet]") -> None:
        sheets.reverse()
        while sheets:
            # One sheet at a time, and each let go: the pipe's other end collects them.
            table = sheet_arrow.to_arrow(sheets.pop())
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
            send(wire.SHEET, sink.getvalue().to_pybytes())

    if titles is None or PROBLEM_LIST not in titles:
        send_all(reader.read_sheets(path, titles))
        return
    send_all(reader.read_sheets(path, [title for title in titles if title != PROBLEM_LIST]))
    send(wire.ASIDE, b"")
    send_all(reader.read_aside(path, PROBLEM_LIST))


def load(arrow: bool = True) -> None:
    """Import what reading takes: before the limits, which count what is imported after them."""
    # -I looks into neither the working folder nor PYTHONPATH: read with this library, whichever one is installed.
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    import district_reports.workbook.guard.guard
    import district_reports.workbook.reading.reader
    import district_reports.workbook.reading.wire

    if arrow:
        sys.meta_path.insert(0, _ArrowAlone)
        import district_reports.workbook.problem_list
        import district_reports.workbook.reading.columnar
        import district_reports.workbook.reading.sheet_arrow  # noqa: F401


def answer(request: dict[str, Any], result: int) -> None:
    """Serve the request; what is found goes to the descriptor `result`. Returns only where the file can't be opened."""
    # Nothing that parses may read or print anywhere but the pipe.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    bind(request["parent"])
    network_off = _leave_network()

    load(arrow=request["task"] == "read")
    from district_reports.workbook.guard.guard import guard
    from district_reports.workbook.problem import Problem, Refused
    from district_reports.workbook.reading import reader, wire

    def send(tag: bytes, payload: bytes = b"") -> None:
        left = memoryview(wire.frame(tag, payload))
        while left:
            left = left[os.write(result, left) :]

    path = Path(request["path"])
    _limit(request["memory"], request["cpu_seconds"])
    send(wire.READY, json.dumps({"network_off": network_off, "reader": reader.__name__}).encode())
    try:
        problems = guard(path)
    except OSError as error:
        send(wire.FAULT, os.strerror(error.errno or 0).encode())
        return
    try:
        if problems:
            send(wire.PROBLEMS, wire.problems_to_json(problems))
        elif request["task"] == "inspect":
            _inspect(path, send)
        else:
            _read(path, request["titles"], send)
    except Refused as refused:
        send(wire.PROBLEMS, wire.problems_to_json([refused.problem]))
    except MemoryError:
        send(wire.PROBLEMS, wire.problems_to_json([Problem("F03", "memory")]))
    except Exception:
        send(wire.PROBLEMS, wire.problems_to_json([Problem("F01", "unreadable")]))
    except BaseException:
        # A Rust panic arrives as an exception that is no Exception.
        send(wire.PROBLEMS, wire.problems_to_json([Problem("F03", "crash")]))
    send(wire.DONE)
    # At once: taking down what was read would take its time, and nothing of it is left to do.
    os._exit(0)


def main() -> None:
    """Serve the one request on stdin; the first argument is the descriptor of the result."""
    result = int(sys.argv[1])
    answer(json.loads(sys.stdin.buffer.read()), result)


if __name__ == "__main__":
    main()
