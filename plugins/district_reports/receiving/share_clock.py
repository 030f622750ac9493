"""How long ago a file changed, by the clock that stamped it: the share's, which need not agree with ours."""

import logging
from collections.abc import Callable

from district_reports.receiving.first_seen import FirstSeen
from district_reports.storage.share import Folder, Place

_PROBE = ".clock.tmp"
_SLOW_SECONDS = 1.0

log = logging.getLogger(__name__)


class ShareClock:
    """The clocks of the file systems that files lie on, each measured once by an empty file made for a moment."""

    def __init__(self, first_seen: FirstSeen, now: Callable[[], float]) -> None:
        self._first_seen, self._now = first_seen, now
        self._offsets: dict[int, float | None] = {}
        self._closed: set[Place] = set()

    def age(self, place: Place, changed_ns: int) -> float:
        """Seconds since the file at `place` changed; 0 if that can't be told.

        It can't where no file can be made (a share that is read-only or full), before the clock was measured a first
        time, and where it has jumped since: what was stamped before the jump may look old.
        """
        offset = self._offset(place.parent)
        if offset is None:
            return 0.0
        age = self._now() + offset - changed_ns / 1e9
        # FAT rounds to 2 s, others to whole ones.
        return max(0.0, age if changed_ns % 10**9 else age - 2.0)

    def _offset(self, place: Place) -> float | None:
        if place in self._closed:
            return None
        try:
            with place.opened() as folder:
                device = folder.own_status().st_dev
                if device not in self._offsets:
                    self._offsets[device] = self._measured(device, folder)
                return self._offsets[device]
        except OSError as error:
            log.debug("the clock of the share can't be asked: %s", error.strerror)
            self._closed.add(place)
            return None

    def _measured(self, device: int, folder: Folder) -> float | None:
        # One name for all, so that what a killed process left is removed; never truncated, since what that does to
        # times differs between servers.
        folder.remove(_PROBE)
        before = self._now()
        try:
            stamped = folder.create_empty(_PROBE).st_ctime_ns / 1e9
            after = self._now()
        finally:
            folder.remove(_PROBE)
        offset = stamped - after
        if after - before > _SLOW_SECONDS or not self._first_seen.is_steady(device, offset):
            return None
        return offset
