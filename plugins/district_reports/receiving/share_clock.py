"""How long ago a file changed, by the clock that stamped it: the share's, which need not agree with ours."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

from district_reports.receiving.first_seen import FirstSeen

_PROBE = ".clock.tmp"
_SLOW_SECONDS = 1.0

log = logging.getLogger(__name__)


class ShareClock:
    """The clocks of the file systems that files lie on, each measured once by an empty file made for a moment."""

    def __init__(self, first_seen: FirstSeen, now: Callable[[], float]) -> None:
        self._first_seen, self._now = first_seen, now
        self._offsets: dict[int, float | None] = {}
        self._closed: set[Path] = set()

    def age(self, path: Path, changed_ns: int) -> float:
        """Seconds since the file at `path` changed; 0 if that can't be told.

        It can't where no file can be made (a share that is read-only or full), before the clock was measured a first
        time, and where it has jumped since: what was stamped before the jump may look old.
        """
        offset = self._offset(path.parent)
        if offset is None:
            return 0.0
        age = self._now() + offset - changed_ns / 1e9
        # FAT rounds to 2 s, others to whole ones.
        return max(0.0, age if changed_ns % 10**9 else age - 2.0)

    def _offset(self, folder: Path) -> float | None:
        if folder in self._closed:
            return None
        try:
            device = folder.stat().st_dev
            if device not in self._offsets:
                self._offsets[device] = self._measured(device, folder / _PROBE)
            return self._offsets[device]
        except OSError as error:
            log.debug("the clock of the share can't be asked: %s", error.strerror)
            self._closed.add(folder)
            return None

    def _measured(self, device: int, probe: Path) -> float | None:
        # One name for all, so that what a killed process left is removed; never truncated, since what that does to
        # times differs between servers.
        probe.unlink(missing_ok=True)
        before = self._now()
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            stamped = os.fstat(descriptor).st_ctime_ns / 1e9
            after = self._now()
        finally:
            os.close(descriptor)
            probe.unlink(missing_ok=True)
        offset = stamped - after
        if after - before > _SLOW_SECONDS or not self._first_seen.is_steady(device, offset):
            return None
        return offset
