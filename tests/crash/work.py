"""A worker that does all there is to do, without Airflow: receive, then validate, load and answer key by key."""

import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from district_reports.database.engine import Role, engine
from district_reports.errors import LeaseLost, SystemFault
from district_reports.ledger import leases
from district_reports.processing import ingest
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import Stability
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.file_state import file_state

SHORT_LEASE = 0.2
"""Seconds; so long a killed worker's submission stays its own."""


LOST, BROKE = 3, 4
"""How a worker ends whose lease another holds, and one to whom the database or the disk says no."""


class Restless(Exception):
    """There is still work, and no more time."""


def until_it_breaks(holder: str) -> int:
    """Work to rest; 0, or how it ended."""
    try:
        run_to_rest(holder)
    except LeaseLost:
        return LOST
    except (SystemFault, OSError, DBAPIError):
        return BROKE
    return 0


def run_to_rest(holder: str, seconds: float = 240) -> None:
    """Work as `holder` until every file is received, decided and answered.

    Raises:
        Restless: that takes longer than `seconds`.
        SystemFault, sqlalchemy.exc.DBAPIError: whatever breaks on the way.
    """
    deadline = time.monotonic() + seconds
    while not _at_rest():
        receive(engine(Role.LOADER), Register.load(settings().reference), stable_files=_at_once)
        if not work_on_keys(holder):
            if time.monotonic() > deadline:
                raise Restless
            time.sleep(0.02)


def work_on_keys(holder: str) -> bool:
    """Take a turn at every key that has work and nobody at it; whether there was one."""
    loader = engine(Role.LOADER)
    with loader.begin() as connection:
        leases.make_all_due(connection)
        keys = [
            (form, key)
            for form in leases.forms_to_signal(connection)
            for key in leases.keys_to_signal(connection, form)
        ]
    for form, key in keys:
        step = ingest.validate(form, key, holder)
        if step is not None:
            ingest.load(step)
            ingest.answer(step)
    return bool(keys)


def _at_rest() -> bool:
    with engine(Role.LOADER).begin() as connection:
        unfinished = connection.scalar(
            text(
                "SELECT count(*) FROM ledger.receipt LEFT JOIN ledger.submission USING (receipt_id)"
                " WHERE settled_at IS NULL OR state <> 'answered'"
            )
        )
        prechecked = connection.scalar(text("SELECT count(*) FROM ledger.receipt WHERE channel = '预检'"))
    uploads = settings().uploads
    left = any(uploads.glob("*/上报/*")) or len(list(uploads.glob("*/预检/*"))) > prechecked
    return not unfinished and not left


def _at_once(paths: Sequence[Path]) -> Stability:
    """Files are whole here: test_stability.py is about the waiting."""
    return Stability(tuple(look for path in paths if (look := file_state(path))), 0)
