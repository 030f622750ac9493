"""What the demo's city sent in the months before: taken in by what Airflow's tasks call, on the days that it came."""

import gc
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import partial
from importlib import import_module
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import text

from district_reports.checks.content import batch_definition
from district_reports.database.engine import Role, engine
from district_reports.feedback.report import template
from district_reports.local.samples.earlier import Sent, earlier_reports
from district_reports.printing import Display
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import Quiet, stable_files
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import district_folders
from district_reports.workbook.reading.running import start_server

_PLAYED = "DISTRICT_REPORTS_TODAY"


def take_in_earlier(display: Display) -> int:
    """Let the reports of the months before have come, been checked and answered, each on its day; how many.

    To be called before Airflow starts, which would receive them on another day.
    """
    register = Register.load(settings().reference)
    sent = earlier_reports(register)
    with tempfile.TemporaryDirectory() as folder:
        display.now(f"Making {len(sent)} workbooks of earlier months")
        with _workers() as workers:
            writing = workers.map(partial(_write, Path(folder), register), sent, chunksize=4)
            _warm_up()
            written = list(writing)
        server = start_server()
        try:
            with _workers() as workers:
                _take_in(register, list(zip(sent, written, strict=True)), workers, display)
        finally:
            if server is not None:
                server.stop()
    return len(sent)


def _workers() -> ProcessPoolExecutor:
    """Processes that have what this one has imported."""
    return ProcessPoolExecutor(os.cpu_count(), get_context("fork"), _look_for_garbage_seldom)


def _take_in(
    register: Register, written: Sequence[tuple[Sent, Path]], workers: ProcessPoolExecutor, display: Display
) -> None:
    done = 0
    for day, of_day in groupby(written, key=lambda each: each[0].on):
        paths = [path for _, path in of_day]
        display.now(f"Earlier months: {done} of {len(written)} workbooks taken in, now those of {day}")
        with _played(day):
            _receive(register, paths)
            list(workers.map(partial(_ingest, day), _waiting()))
        done += len(paths)


def _warm_up() -> None:
    """Import and compile once what each worker would otherwise by itself, for seconds."""
    import_module("district_reports.processing.ingest")
    batch_definition()
    template()


def _look_for_garbage_seldom() -> None:
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def _write(folder: Path, register: Register, one: Sent) -> Path:
    return one.write(folder, register)


def _receive(register: Register, paths: Sequence[Path]) -> None:
    drops = {one.code: one.drop.path for one in district_folders(settings().uploads)}
    for path in paths:
        path.rename(drops[path.parent.name[:6]] / path.name)
    receive(engine(Role.LOADER), register, partial(stable_files, quiet=Quiet(0, 0, 0)), lambda _: None)


def _waiting() -> list[tuple[str, str]]:
    """Form and key of everything that is not answered."""
    with engine(Role.LOADER).begin() as connection:
        found = connection.execute(
            text(
                "SELECT DISTINCT form, district_code || '|' || period AS key FROM ledger.submission"
                " WHERE state <> 'answered'"
            )
        )
        return [(row.form, row.key) for row in found]


def _ingest(day: date, work: tuple[str, str]) -> None:
    from district_reports.processing import ingest

    form, key = work
    with _played(day):
        while (step := ingest.validate(form, key, f"demo {key}")) is not None:
            ingest.load(step)
            ingest.answer(step)


@contextmanager
def _played(day: date) -> Iterator[None]:
    """Let this process play another day."""
    before = os.environ.get(_PLAYED)
    os.environ[_PLAYED] = day.isoformat()
    settings.cache_clear()
    try:
        yield
    finally:
        del os.environ[_PLAYED]
        if before is not None:
            os.environ[_PLAYED] = before
        settings.cache_clear()
