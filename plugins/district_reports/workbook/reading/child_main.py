"""The limited child: reads one workbook and writes what it found to a pipe.

It is run by path, with ``python -I``, or forked by :mod:`.reader_server`, which has the imports behind it.
Order matters: import, take the workbook's bytes, raise the walls (:mod:`.walls`), then set the limits and say READY.
Whatever goes wrong before READY is a fault of the system; after it, the workbook's.
"""

import codecs
import json
import os
import resource
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from district_reports.workbook.raw import RawSheet
    from district_reports.workbook.reading.forked import ForkedWorker

# Of names in a package and of XML, as far as the guard lets it pass; Python imports each with its first use.
_ENCODINGS = (
    *("cp437", "utf-16", "utf-16-le", "utf-16-be"),
    *(f"iso-8859-{number}" for number in range(1, 17) if number != 12),
    *(f"windows-{number}" for number in range(1250, 1259)),
    *("gb2312", "gbk", "gb18030", "big5"),
)
_WORTH_A_SECOND_PROCESS = 256 << 10
"""Bytes of a workbook from which on it may hold a sheet that two processes read faster."""


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


def _inspect(content: bytes, send: Callable[[bytes, bytes], None]) -> None:
    from district_reports.workbook.reading import reader, tops, wire

    # Cell by cell: for one small sheet Arrow is not imported.
    covers = reader.read_sheets(content, ["封面"], None)
    send(wire.COVER, wire.covers_to_json(covers))
    if not covers:
        send(wire.ASIDE, b"")
        send(wire.TOPS, wire.tops_to_json(tops.read_tops(content, ())))


def _read(
    content: bytes,
    titles: list[str] | None,
    send: Callable[[bytes, bytes], None],
    worker: "ForkedWorker | None" = None,
) -> None:
    import pyarrow as pa

    from district_reports.workbook.problem_list import PROBLEM_LIST
    from district_reports.workbook.reading import reader, sheet_arrow, tops, wire

    def send_all(sheets: "list[RawSheet]") -> None:
        sheets.reverse()
        while sheets:
            # One sheet at a time, and each let go: the pipe's other end collects them.
            table = sheet_arrow.to_arrow(sheets.pop())
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
            send(wire.SHEET, sink.getvalue().to_pybytes())

    large = partial(reader.by_columns, worker=worker)
    if titles is None:
        send_all(reader.read_sheets(content, titles, large))
        return
    send_all(reader.read_sheets(content, [title for title in titles if title != PROBLEM_LIST], large))
    send(wire.ASIDE, b"")
    send(wire.TOPS, wire.tops_to_json(tops.read_tops(content, [*titles, PROBLEM_LIST])))
    if PROBLEM_LIST in titles:
        send_all(reader.read_aside(content, PROBLEM_LIST))


def load(arrow: bool = True) -> None:
    """Import all that reading takes: behind the walls no module can be read any more."""
    # -I looks into neither the working folder nor PYTHONPATH: read with this library, whichever one is installed.
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    import district_reports.workbook.guard.guard
    import district_reports.workbook.reading.forked
    import district_reports.workbook.reading.reader
    import district_reports.workbook.reading.tops
    import district_reports.workbook.reading.walls
    import district_reports.workbook.reading.wire

    for encoding in _ENCODINGS:
        codecs.lookup(encoding)

    if arrow:
        sys.meta_path.insert(0, _ArrowAlone)
        import district_reports.workbook.problem_list
        import district_reports.workbook.reading.columnar
        import district_reports.workbook.reading.sheet_arrow  # noqa: F401


def _outliner(content: bytes, result: int, close_in: Callable[[int], object]) -> "ForkedWorker":
    from district_reports.workbook.reading.columnar import outline
    from district_reports.workbook.reading.forked import ForkedWorker
    from district_reports.workbook.reading.parts import Parts

    parent = os.getpid()

    def prepare() -> None:
        os.close(result)
        close_in(parent)

    opened = cache(lambda: Parts(content))
    return ForkedWorker(prepare, lambda index: outline(opened(), index))


def answer(request: dict[str, Any], result: int) -> None:
    """Serve the request; what is found goes to the descriptor `result`. Returns only where the file can't be opened."""
    # Nothing that parses may read or print anywhere but the pipe.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)

    load(arrow=request["task"] == "read")
    from district_reports.workbook.guard.guard import LIMITS, guard
    from district_reports.workbook.problem import Problem, Refused
    from district_reports.workbook.reading import reader, walls, wire

    def send(tag: bytes, payload: bytes = b"") -> None:
        left = memoryview(wire.frame(tag, payload))
        while left:
            left = left[os.write(result, left) :]

    def close_in(parent: int) -> "list[walls.Wall]":
        _limit(request["memory"], request["cpu_seconds"])
        return walls.raise_walls(parent)

    content, fault = b"", ""
    try:
        with open(request["path"], "rb") as file:
            content = file.read(LIMITS.file + 1)
    except OSError as error:
        fault = os.strerror(error.errno or 0)
    worker = None
    if request["task"] == "read" and len(content) >= _WORTH_A_SECOND_PROCESS:
        worker = _outliner(content, result, close_in)
    raised = close_in(request["parent"])
    send(wire.READY, wire.ready_to_json(reader.__name__, raised))
    if fault:
        send(wire.FAULT, fault.encode())
        return
    problems = guard(content)
    try:
        if problems:
            send(wire.PROBLEMS, wire.problems_to_json(problems))
        elif request["task"] == "inspect":
            _inspect(content, send)
        else:
            _read(content, request["titles"], send, worker)
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
    if worker:
        worker.end()
    # At once: taking down what was read would take its time, and nothing of it is left to do.
    os._exit(0)


def main() -> None:
    """Serve the one request on stdin; the first argument is the descriptor of the result."""
    result = int(sys.argv[1])
    answer(json.loads(sys.stdin.buffer.read()), result)


if __name__ == "__main__":
    main()
