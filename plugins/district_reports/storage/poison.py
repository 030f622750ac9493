"""The limited child, once per content: what broke it is answered from the ledger the next time.

What was asked and the version of the reader are part of what is remembered, so that a content with a sound cover keeps
its form and period, and an upgrade tries again. Of runs that died with their worker one is forgiven, a power cut being
nobody's fault; the second stands for a crash.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from district_reports.failpoints import failpoint
from district_reports.ledger import reader_runs
from district_reports.ledger.reader_runs import Asked
from district_reports.workbook.problem import Problem
from district_reports.workbook.reading import child

log = logging.getLogger(__name__)

_ENDINGS = {("F03", "crash"), ("F03", "memory"), ("F03", "time")}
_DEAD_RUNS = 2
# What parses in the child, beside the modules of workbook/.
_PARSERS = ("fastexcel", "python-calamine", "pyarrow")

Read = TypeVar("Read", child.Inspection, child.Reading)


def inspect(loader: Engine, sha256: str, path: Path) -> child.Inspection:
    """:func:`child.inspect` on the file at `path`, whose content has the hash `sha256`, unless that broke it before.

    Raises:
        SystemFault: as :func:`child.inspect`; the content is not to blame.
        sqlalchemy.exc.DBAPIError: the ledger can't be asked; nor here.
    """
    asked = Asked(sha256, "inspect", _reader())
    return _once(loader, asked, lambda: child.inspect(path), lambda problem: child.Inspection((problem,), ()))


def read(loader: Engine, sha256: str, path: Path, titles: Sequence[str] | None) -> child.Reading:
    """:func:`child.read`, likewise."""
    asked = Asked(sha256, "read", _reader())
    return _once(loader, asked, lambda: child.read(path, titles), lambda problem: child.Reading((problem,), ()))


def _once(loader: Engine, asked: Asked, run: Callable[[], Read], answered: Callable[[Problem], Read]) -> Read:
    # A statement is a transaction: the server would end one that stands still while the child runs.
    with loader.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        problem = reader_runs.problem_of(connection, asked)
        dead = reader_runs.died(connection, asked)
        if problem is None and dead >= _DEAD_RUNS:
            problem = Problem("F03", "crash")
        if problem is not None:
            log.info("a content that broke the reader before was not read again")
            return answered(problem)
        run_id = reader_runs.begin(connection, asked)
        try:
            failpoint("reader: marked")
            found = run()
            problem = next((each for each in found.problems if (each.rule, each.variant) in _ENDINGS), None)
            failpoint("reader: ended")
        finally:
            try:
                reader_runs.end(connection, run_id, problem)
            except DBAPIError:
                # The run has outlived its session, which is no fault of the content.
                with loader.begin() as another:
                    reader_runs.end(another, run_id, problem)
    if dead and problem is None:
        # The content was not what killed them.
        with loader.begin() as another:
            reader_runs.forget_dead(another, asked)
    return found


@cache
def _reader() -> str:
    """What changes when the reader, its limits or the libraries under it do."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in _PARSERS).encode())
    for path in sorted(Path(child.__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
