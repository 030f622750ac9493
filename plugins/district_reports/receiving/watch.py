"""When receiving is to start: a look at the folders and the ledger that costs next to nothing, and a pace.

Nothing is decided here. Receiving looks for itself and is safe to start for nothing; a start that comes too rarely
costs a clerk time, one that comes too often costs Airflow a run. A watch keeps what it saw in memory only: one that
starts anew takes everything for new, and at worst starts receiving once too often.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.ledger.leases import forms_to_signal
from district_reports.receiving.turns import more_waits
from district_reports.settings import settings
from district_reports.storage.dropped import look_through
from district_reports.storage.folders import district_folders
from district_reports.storage.share import Place

File = tuple[Place, int, int, int]
"""A file's place and state."""

QUIET_SECONDS = 2.0
"""Receiving wants five, and waits for them; until it has started, two have passed."""
AGAIN_SECONDS = 8.0
"""Between two starts while a call has left something, or something has changed lately, so that what is not taken yet is
taken within 10 s of rest."""
SELDOM_SECONDS = 60.0
"""Between two starts while something lies there that receiving does not take, or can't be seen."""
LATELY_SECONDS = 120.0
LEDGER_SECONDS = 4.0


@dataclass(frozen=True)
class Seen:
    """What one look saw: the files in all 上报 and 预检, whether a key is due for a signal, whether a look failed,
    whether the last call of receiving left files for the next."""

    reports: frozenset[File] = frozenset()
    prechecks: frozenset[File] = frozenset()
    due: bool = False
    fault: bool = False
    more: bool = False


class Watch:
    """Decides after each look whether receiving starts; see :meth:`look`."""

    def __init__(self, now: Callable[[], float] = time.monotonic, look: Callable[[bool], Seen] | None = None) -> None:
        self._now, self._look = now, look or look_now
        self._since: dict[File, float] = {}
        self._rested: frozenset[File] = frozenset()
        self._fault = False
        self._started = self._asked = float("-inf")

    def look(self) -> bool:
        """Look once; whether receiving is to start now.

        It starts when a file's new state has rested, and when the share or the ledger fails to answer. It starts again
        every 8 s while a call has left files for the next, a key of the ledger is due for a signal, or a file that has
        changed lately may not be taken yet, and once a minute while a report lies there for longer or the fault lasts.
        """
        now = self._now()
        ask = now - self._asked >= LEDGER_SECONDS
        if ask:
            self._asked = now
        seen = self._look(ask)
        self._since = {file: self._since.get(file, now) for file in seen.reports | seen.prechecks}
        rested = frozenset(file for file, since in self._since.items() if now - since >= QUIET_SECONDS)
        news = rested - self._rested or (seen.fault and not self._fault and now - self._started >= AGAIN_SECONDS)
        self._rested, self._fault = rested, seen.fault and (self._fault or bool(news))
        pause = self._pause(seen, now)
        if not news and (pause is None or now - self._started < pause):
            return False
        self._started = now
        return True

    def _pause(self, seen: Seen, now: float) -> float | None:
        """Seconds from one start to the next without news; None where there is nothing to start for."""
        if seen.due or seen.more or any(now - self._since[file] < LATELY_SECONDS for file in self._rested):
            return AGAIN_SECONDS
        return SELDOM_SECONDS if seen.reports & self._rested or seen.fault else None


def look_now(ledger: bool) -> Seen:
    """What lies in the districts' folders, and with `ledger` whether a key is due; never raises for what is away."""
    reports: set[File] = set()
    prechecks: set[File] = set()
    fault = due = False
    try:
        for folder in district_folders(settings().uploads):
            for place, into in ((folder.drop, reports), (folder.precheck, prechecks)):
                try:
                    into |= {(look.place, *look.state) for look in look_through(place).files}
                except FileNotFoundError:
                    continue
                except (OSError, SystemFault):
                    # That district's alone: the others' files are seen all the same.
                    fault = True
        if ledger:
            with engine(Role.READER).connect() as connection:
                due = bool(forms_to_signal(connection))
    except (OSError, SystemFault, SQLAlchemyError):
        fault = True
    return Seen(frozenset(reports), frozenset(prechecks), due, fault, more_waits(settings().home).exists())
