"""The limited child, once per content: what broke it is answered from a record the next time.

A record lies in ``<home>/poison``, which machines with one archive share, under the content's SHA-256, what was asked
and the version of the reader: an upgrade tries again. What was asked is part of it, so that a content with a sound
cover keeps its form and period. While a child runs, a mark held locked lies beside the records. A mark that nobody
holds is a run that died with its worker; one is forgiven, a power cut being nobody's fault, the second stands for a
crash. Records and marks hold no names and no values.
"""

import fcntl
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.settings import settings
from district_reports.storage import archive
from district_reports.workbook.problem import Problem
from district_reports.workbook.reading import child, wire

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)
"""How long records are kept; after it a content is tried again."""
_ENDINGS = {("F03", "crash"), ("F03", "memory"), ("F03", "time")}
_DEAD_RUNS = 2
# What parses in the child, beside the modules of workbook/.
_PARSERS = ("fastexcel", "python-calamine", "pyarrow")

Read = TypeVar("Read", child.Inspection, child.Reading)


def inspect(sha256: str, path: Path) -> child.Inspection:
    """:func:`child.inspect` on the file at `path`, whose content has the hash `sha256`, unless that broke it before.

    Raises:
        SystemFault: as :func:`child.inspect`, or the record can't be kept; the content is not to blame.
    """
    record = _Record(settings().home / "poison", f"{sha256}.inspect.{_reader()}")
    return _once(record, lambda: child.inspect(path), lambda problem: child.Inspection((problem,), ()))


def read(sha256: str, path: Path, titles: Sequence[str] | None) -> child.Reading:
    """:func:`child.read`, likewise."""
    record = _Record(settings().home / "poison", f"{sha256}.read.{_reader()}")
    return _once(record, lambda: child.read(path, titles), lambda problem: child.Reading((problem,), ()))


def forget_old(now: float | None = None) -> int:
    """Remove records and marks older than :data:`KEPT`; how many. `now` is a Unix time."""
    oldest = (time.time() if now is None else now) - KEPT.total_seconds()
    forgotten = 0
    with _faults():
        for path in (settings().home / "poison").glob("*"):
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
                    forgotten += 1
            except FileNotFoundError:
                log.debug("a run ended meanwhile")
    return forgotten


def _once(record: "_Record", run: Callable[[], Read], answered: Callable[[Problem], Read]) -> Read:
    if problem := record.problem():
        log.info("a content that broke the reader before was not read again")
        return answered(problem)
    with record.running():
        found = run()
        for problem in found.problems:
            if (problem.rule, problem.variant) in _ENDINGS:
                record.keep(problem)
                return found
    record.clear()
    return found


@cache
def _reader() -> str:
    """What changes when the reader, its limits or the libraries under it do."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in _PARSERS).encode())
    for path in sorted(Path(child.__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class _Record:
    """What is known of one content; every change is on the disk, whole, when its method returns."""

    def __init__(self, folder: Path, key: str) -> None:
        self._folder, self._key = folder, key
        self._kept = folder / f"{key}.json"

    def problem(self) -> Problem | None:
        """How an earlier run ended, if it is to stand."""
        with _faults():
            if self._kept.exists():
                try:
                    return wire.problems_from_json(self._kept.read_bytes())[0]
                except (ValueError, TypeError, IndexError):
                    log.warning("a record of a broken content can't be read; the content is read again")
            dead = len(self._dead_marks())
        return Problem("F03", "crash") if dead >= _DEAD_RUNS else None

    @contextmanager
    def running(self) -> Iterator[None]:
        """A mark that outlives this process if it is killed inside."""
        name = uuid4().hex
        draft, mark = self._folder / f".{name}.tmp", self._folder / f"{self._key}.{name}.mark"
        with _faults():
            if not self._folder.exists():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                archive.sync(self._folder.parent)
            held = draft.open("xb")
        # Locked before it has its name, and until it has lost it: nobody ever sees it free while we live.
        with held:
            try:
                with _faults():
                    fcntl.flock(held, fcntl.LOCK_EX)
                    draft.rename(mark)
                    archive.sync(self._folder)
                failpoint("reader: marked")
                yield
                failpoint("reader: ended")
            finally:
                with _faults():
                    mark.unlink(missing_ok=True)
                    archive.sync(self._folder)

    def keep(self, problem: Problem) -> None:
        draft = self._folder / f".{uuid4().hex}.tmp"
        with _faults():
            with open(draft, "xb") as file:
                file.write(wire.problems_to_json([problem]))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._kept)
            archive.sync(self._folder)

    def clear(self) -> None:
        """Forget the runs that died: the content was not what killed them."""
        with _faults():
            dead = self._dead_marks()
            for mark in dead:
                mark.unlink(missing_ok=True)
            if dead:
                archive.sync(self._folder)

    def _dead_marks(self) -> list[Path]:
        return [mark for mark in self._folder.glob(f"{self._key}.*.mark") if not _held(mark)]


def _held(mark: Path) -> bool:
    """Whether the run that made `mark` goes on, or has just ended in order."""
    try:
        descriptor = os.open(mark, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SystemFault(f"the records of broken contents can't be kept: {error.strerror}") from error
