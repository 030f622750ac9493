"""Read a workbook in a limited child process, so that a crash, a hang or a bomb there is a finding here.

The child is exec'd (``python -I``), or forked from a server that was, but never from a warm worker: that one's memory
would count against its limit, and its open connections would be in reach. It gets a scrubbed environment, two pipes, a
session of its own, and walls around it (:mod:`.walls`) before it looks at the workbook.
"""

import json
import logging
import os
import selectors
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from district_reports.errors import FileNotOpened, SystemFault
from district_reports.workbook.problem import Problem
from district_reports.workbook.raw import RawSheet
from district_reports.workbook.reading import running, wire
from district_reports.workbook.reading.running import Running
from district_reports.workbook.reading.walls import Wall

log = logging.getLogger(__name__)

_START_SECONDS = 60.0
_END_SECONDS = 5.0
"""How long a child may take to end once its pipes are closed."""
_CHUNK = 1 << 20
_STDERR_KEPT = 4096
_STOPPED_FROM_OUTSIDE = {-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}


@dataclass(frozen=True)
class ChildLimits:
    """``memory`` (address space) and ``result`` are bytes; wall seconds count from when the child is ready to read.

    Child and parent together stay under 15 s and 1 GiB a file. 50,000 rows × 20 columns take 2.5 s of CPU, 430 MB of
    address space and a result of 23 MB. The wall is wide because it does not stop what works, that is the CPU's limit:
    it stops what sleeps, and must not blame a workbook for a machine that is busy.
    """

    memory: int = 768 << 20
    wall_seconds: float = 60
    cpu_seconds: int = 10
    result: int = 128 << 20


LIMITS = ChildLimits()


@dataclass(frozen=True)
class Inspection:
    """What keeps the workbook from being read, or its 封面: one, unless it has none or several of that name.

    Where there is none, ``others`` are the upper left of its sheets.
    """

    problems: tuple[Problem, ...]
    covers: tuple[RawSheet, ...]
    others: tuple[RawSheet, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What keeps the workbook from being read, or its sheets in workbook order; of the others the upper left."""

    problems: tuple[Problem, ...]
    sheets: tuple[RawSheet, ...]
    others: tuple[RawSheet, ...] = ()


@dataclass
class _Run:
    """What came of one child: the bytes it sent, how it ended, and whether it was ended here and why."""

    sent: bytearray
    stderr: bytearray
    status: int
    stopped: str | None


def inspect(path: Path, limits: ChildLimits = LIMITS) -> Inspection:
    """Guard the workbook at `path` and read its cover sheet.

    Raises:
        SystemFault: the child can't be started, the file can't be opened, or someone outside ended the child.
    """
    problems, payloads = _ask({"task": "inspect"}, path, limits)
    if problems:
        return Inspection(problems, ())
    try:
        [covers] = [wire.tops_from_json(payload) for tag, payload in payloads if tag == wire.COVER]
        return Inspection((), covers, _others(payloads))
    except (ValueError, TypeError, KeyError):
        return Inspection((Problem("F03", "crash"),), ())


def read(path: Path, titles: Sequence[str] | None, limits: ChildLimits = LIMITS) -> Reading:
    """Guard the workbook at `path` and read the sheets named `titles` (all when None).

    A list of problems (问题清单), and the upper left of the sheets that aren't named, are no data: where one can't be
    read it is left out, and nothing is said of it.

    Raises:
        SystemFault: as :func:`inspect`.
    """
    problems, payloads = _ask({"task": "read", "titles": None if titles is None else list(titles)}, path, limits)
    if problems:
        return Reading(problems, ())
    try:
        sheets = tuple(_sheet(payload) for tag, payload in payloads if tag == wire.SHEET)
        return Reading((), sheets, _others(payloads))
    except (ValueError, TypeError, LookupError, OverflowError, OSError, NotImplementedError, MemoryError):
        # Arrow's errors are of all these kinds; nothing here touches a file.
        return Reading((Problem("F03", "crash"),), ())


def _others(payloads: Sequence[tuple[bytes, bytes]]) -> tuple[RawSheet, ...]:
    return tuple(one for tag, payload in payloads if tag == wire.TOPS for one in wire.tops_from_json(payload))


def walls() -> tuple[Wall, ...]:
    """The walls around a child on this machine, in force or not, as one says that has raised them.

    Raises:
        SystemFault: the child can't be started, or a wall that the system has can't be raised.
    """
    run = _ready({"task": "inspect"}, Path(os.devnull), LIMITS)
    _, ready = next(wire.frames(bytes(run.sent)))
    return wire.walls_from_json(ready)


def _sheet(payload: bytes) -> RawSheet:
    import pyarrow as pa

    from district_reports.workbook.reading.sheet_arrow import from_arrow

    with pa.ipc.open_stream(payload) as stream:
        table = stream.read_all()
    table.validate(full=True)
    return from_arrow(table)


def _ask(
    task: dict[str, object], path: Path, limits: ChildLimits
) -> tuple[tuple[Problem, ...], list[tuple[bytes, bytes]]]:
    """Run the child and judge how it ended: problems, or the frames between READY and DONE."""
    run = _ready(task, path, limits)
    problem = _how_it_ended(run, limits)
    sent = bytes(run.sent)
    run.sent.clear()
    if problem is None:
        return _what_it_said(sent)
    # A list of problems that brings the child down takes nothing with it.
    data = wire.before(sent, wire.ASIDE)
    return ((problem,), []) if data is None else _what_it_said(data + wire.frame(wire.DONE))


def _ready(task: dict[str, object], path: Path, limits: ChildLimits) -> _Run:
    """What came of a child that was ready to read, however it went on."""
    request = {
        **task,
        "path": str(path.absolute()),
        "parent": os.getpid(),
        "memory": limits.memory,
        "cpu_seconds": limits.cpu_seconds,
    }
    run = _run(json.dumps(request).encode(), limits)
    if run.status == -signal.SIGKILL and run.stopped is None:
        # The kernel short of memory, or an operator, and not the file's doing the first time.
        run = _run(json.dumps(request).encode(), limits)
    if not run.sent.startswith(wire.READY):
        # Nothing of the workbook was read yet, so these words can't be a child's name.
        words = run.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise SystemFault(f"the reading process did not start (status {run.status}): {words[0]}")
    return run


def _how_it_ended(run: _Run, limits: ChildLimits) -> Problem | None:
    """None for an orderly end."""
    if run.status == -signal.SIGXCPU:
        return Problem("F03", "time", {"limit": limits.cpu_seconds})
    if run.stopped == "time":
        return Problem("F03", "time", {"limit": int(limits.wall_seconds)})
    if run.stopped == "size" or b"memory allocation of" in run.stderr or b"MemoryError" in run.stderr:
        return Problem("F03", "memory")
    if run.status in _STOPPED_FROM_OUTSIDE:
        raise SystemFault(f"the reading process was ended from outside (status {run.status})")
    if run.status == -signal.SIGKILL:
        return Problem("F03", "memory")
    return Problem("F03", "crash") if run.status else None


def _what_it_said(sent: bytes) -> tuple[tuple[Problem, ...], list[tuple[bytes, bytes]]]:
    try:
        said = list(wire.frames(sent))
        for tag, payload in said:
            if tag == wire.FAULT:
                words = payload.decode(errors="replace")
                raise FileNotOpened(f"the reading process could not open its file: {words}")
        if said[-1][0] != wire.DONE:
            raise wire.Garbled
        _note_walls(wire.walls_from_json(said[0][1]))
        problems = [one for tag, payload in said if tag == wire.PROBLEMS for one in wire.problems_from_json(payload)]
    except (wire.Garbled, ValueError, TypeError):
        return (Problem("F03", "crash"),), []
    return tuple(problems), said[1:-1]


def _run(request: bytes, limits: ChildLimits) -> _Run:
    """Run a child of the reader server if there is one, and one of our own unless that one was ready to read."""
    forked = running.ask_server(request)
    if forked is not None:
        run = _see_through(forked, limits)
        if run.sent.startswith(wire.READY):
            return run
        log.warning("the reader server did not serve (status %d); a reading process is started anew", run.status)
    return _see_through(running.Executed(request), limits)


def _see_through(child: Running, limits: ChildLimits) -> _Run:
    """Collect what the child sends, and see it ended, with its whole group."""
    run = _Run(bytearray(), bytearray(), 0, None)
    try:
        _collect(child, limits, run)
        if run.stopped is None and not child.ends(_END_SECONDS):
            run.stopped = "time"
    finally:
        run.status = child.end()
    return run


def _collect(child: Running, limits: ChildLimits, run: _Run) -> None:
    """Read both pipes until they end, the time is over or too much has come."""
    deadline = time.monotonic() + _START_SECONDS
    ready = False
    with selectors.DefaultSelector() as selector:
        selector.register(child.result, selectors.EVENT_READ, run.sent)
        selector.register(child.stderr, selectors.EVENT_READ, run.stderr)
        while selector.get_map():
            if time.monotonic() >= deadline:
                run.stopped = "time"
                return
            for key, _ in selector.select(max(0.0, deadline - time.monotonic())):
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fd == child.result:
                    run.sent += chunk
                elif len(run.stderr) < _STDERR_KEPT:
                    run.stderr += chunk[:_STDERR_KEPT]
            if not ready and run.sent:
                # The time of the workbook counts from here: a busy machine's slow start is not its fault.
                ready = True
                deadline = time.monotonic() + limits.wall_seconds
            if len(run.sent) > limits.result:
                run.stopped = "size"
                return


_walls_noted = False


def _note_walls(raised: Sequence[Wall]) -> None:
    """Say once a process which walls the system has not."""
    global _walls_noted
    missing = [f"{wall.name}: {wall.missing}" for wall in raised if wall.missing]
    if missing and not _walls_noted:
        _walls_noted = True
        log.debug("walls around the reading process that are not in force: %s", "; ".join(missing))
