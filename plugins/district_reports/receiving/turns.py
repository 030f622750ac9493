"""Whose file is next: the districts take turns, each with its oldest file first.

Nobody waits for a neighbour's five thousand files: in one call every district gets one file before any gets two, and a
call ends soon, so that what it received is signalled and what came meanwhile is seen. What is left is for the next.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from district_reports.model.channel import PRECHECK_CHANNEL
from district_reports.storage.dropped import FILES_A_CALL
from district_reports.storage.file_state import FileState
from district_reports.storage.folders import DistrictFolder
from district_reports.storage.share import Place

LOOKED_AT = 40
"""Of one district and channel, the oldest: a look at a file reads it."""
BUSY_SECONDS, CALL_SECONDS = 5.0, 8.0
"""How long a call works on files, and how long it goes on in all, once every district has had a file."""

Queue = tuple[str, str]
"""A district's folder by name, and a channel."""


@dataclass
class Turns:
    """What waits, by district and channel."""

    now: Callable[[], float] = time.monotonic
    _waiting: dict[Queue, list[FileState]] = field(default_factory=dict)
    _folders: dict[str, DistrictFolder] = field(default_factory=dict)
    _queue_of: dict[Place, Queue] = field(default_factory=dict)
    _had: Counter[Queue] = field(default_factory=Counter)
    _busy: float = 0.0

    def __post_init__(self) -> None:
        self._begun = self.now()

    def add(self, folder: DistrictFolder, channel: str, looks: Iterable[FileState]) -> None:
        """Let the files that `looks` saw wait. Of two for one period, the one that was saved last is to win."""
        queue = (folder.name, channel)
        self._folders[folder.name] = folder
        self._waiting[queue] = sorted(looks, key=lambda look: (look.modified_ns, look.place))
        self._queue_of.update((look.place, queue) for look in self._waiting[queue])

    @property
    def left(self) -> int:
        """How many files wait."""
        return sum(map(len, self._waiting.values()))

    @property
    def stopped_early(self) -> bool:
        """Whether files were left that are to be received as soon as may be."""
        full = any(looks and self._had[queue] == FILES_A_CALL for queue, looks in self._waiting.items())
        return full or (self.left > 0 and self._over())

    def ahead(self) -> list[Place]:
        """The files to look at next; none once the call has gone on for long enough."""
        if self._over():
            return []
        return [
            look.place
            for queue, looks in self._waiting.items()
            if self._had[queue] < FILES_A_CALL
            for look in looks[:LOOKED_AT]
        ]

    def in_turn(self, taken: Iterable[FileState]) -> Iterator[tuple[DistrictFolder, str, FileState]]:
        """Those of the files that have stopped changing that this call receives, in turn: reports, then the others.

        A district's first of each channel always is one; the time that the caller takes for them is counted.
        """
        ready: dict[Queue, list[FileState]] = {}
        for look in taken:
            ready.setdefault(self._queue_of[look.place], []).append(look)
        ranked = sorted(
            (queue[1] == PRECHECK_CHANNEL, rank, queue[0], look)
            for queue, looks in ready.items()
            for rank, look in enumerate(sorted(looks, key=lambda look: (look.modified_ns, look.place)))
        )
        for _, _, name, look in ranked:
            queue = self._queue_of[look.place]
            if self._had[queue] and (self._had[queue] == FILES_A_CALL or self._over()):
                continue
            self._had[queue] += 1
            self.leave(look.place)
            begun = self.now()
            yield self._folders[name], queue[1], look
            self._busy += self.now() - begun

    def leave(self, place: Place) -> DistrictFolder:
        """The file waits no more; its district's folder."""
        queue = self._queue_of[place]
        self._waiting[queue] = [look for look in self._waiting[queue] if look.place != place]
        return self._folders[queue[0]]

    def _over(self) -> bool:
        return self._busy > BUSY_SECONDS or self.now() - self._begun > CALL_SECONDS


def more_waits(home: Path) -> Path:
    """A file that is there while the last call of receiving left files for the next."""
    return home / "more-waits"
