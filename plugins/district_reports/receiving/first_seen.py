"""What earlier calls saw, by a clock that nobody can set.

Neither our wall clock nor the share's says how long something has been as it is: both can be hours off, and jump. So
each state is remembered with the moment at which it was first seen, by the machine's clock since boot, and is forgotten
by the first call that does not see it any more. A machine that starts anew starts to count anew.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

from district_reports.storage.share import Place, open_local

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_STEADY_SECONDS = 1.0
_KEPT_SECONDS = 24 * 3600.0

log = logging.getLogger(__name__)


def since_boot() -> float:
    """Seconds since the machine was started, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class FirstSeen:
    """States under the name `kind`, kept in `folder`. Names of files are not: they may name people."""

    def __init__(self, folder: Path, kind: str, now: Callable[[], float] = since_boot) -> None:
        self._now = now
        # By boot: several machines may share the folder, and none can read another's clock.
        self._path = folder / f"{kind}-{_BOOT.read_text().strip()}.json"
        kept = self._load()
        self._seen: dict[str, float] = kept["seen"]
        self._clocks: dict[str, float] = kept["clocks"]
        self._kept = kept
        self._still: dict[str, float] = {}

    def seconds_of(self, place: Place, *state: int) -> float:
        """How long what lies at `place` has been seen in this `state`: 0 at the first sight."""
        key = hashlib.sha256(repr((str(place), state)).encode(errors="surrogateescape")).hexdigest()[:32]
        now = self._now()
        first = self._seen.get(key, now)
        self._still[key] = first
        return now - first

    def is_steady(self, device: int, offset: float) -> bool:
        """Whether the clock of `device` is as far from ours as it was when it was last measured: it did not jump."""
        before = self._clocks.get(str(device))
        self._clocks[str(device)] = offset
        return before is not None and abs(offset - before) <= _STEADY_SECONDS

    def save(self) -> None:
        """Keep what was seen. Where that can't be done, the next call begins to count anew and takes nothing early."""
        kept = {"seen": self._still, "clocks": self._clocks}
        if kept == self._kept:
            return
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open_local(self._path.parent) as folder:
                folder.write_whole(self._path.name, json.dumps(kept).encode())
            self._remove_old()
        except OSError as error:
            log.warning("what was seen can't be remembered: %s", error.strerror)

    def _load(self) -> dict[str, dict[str, float]]:
        try:
            kept = json.loads(self._path.read_bytes())
            return {part: {str(key): float(value) for key, value in kept[part].items()} for part in ("seen", "clocks")}
        except FileNotFoundError:
            log.debug("nothing was seen since the machine was started")
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("what was seen before can't be read: %s", type(error).__name__)
        return {"seen": {}, "clocks": {}}

    def _remove_old(self) -> None:
        for path in self._path.parent.glob("*.json"):
            if path != self._path and time.time() - path.stat().st_mtime > _KEPT_SECONDS:
                path.unlink(missing_ok=True)
