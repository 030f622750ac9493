"""Which dropped files have stopped changing.

Taken too early, half a workbook would be rejected; taken too late, the clerk waits. How long a file must have been
quiet depends on what it tells of itself:

- A ZIP archive tells that it is whole, by its end record: **5 seconds**.
- A file that is plainly something else (an .xls, a CSV, a PDF) tells nothing, and copying over a slow line pauses for
  more than 5 seconds: **half a minute**. It is answered with F01 either way, so the clerk need not wait for the
  certainty of ten; but taken too early it would be answered twice, once for each part.
- What may still become a workbook (no end record that fits, a page of zeros, empty), and what a program holds open:
  **10 minutes**, and then it is taken as it is.

Quiet is what was seen unchanged for so long by the machine's clock since boot, in this call or since an earlier one. So
that a file that is whole need not be seen twice, the share's own clock may say that it is quiet for long enough, as
long as that clock is seen not to jump. It never has a say in the ten minutes.
"""

import errno
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from district_reports.receiving.first_seen import FirstSeen, since_boot
from district_reports.receiving.share_clock import ShareClock
from district_reports.settings import settings
from district_reports.storage.file_state import GONE, IN_USE, FileState, file_state, state_from
from district_reports.storage.folders import DROP
from district_reports.storage.share import Place, Unsafe
from district_reports.workbook.package import zip_layout

_CLOSED = IN_USE | {errno.EACCES, errno.EPERM}
# Packed data never has so many zeros in a row.
_PAGE = bytes(4096)


@dataclass(frozen=True)
class Quiet:
    """Seconds for which a file must not have changed: a whole archive, what is plainly none, and all else."""

    whole: float = 5.0
    plain: float = 30.0
    unfinished: float = 600.0


@dataclass(frozen=True)
class Stability:
    """``taken`` have stopped changing; ``waiting`` is how many have not, or not yet for sure; ``broken`` are those
    that the share does not give, with its error."""

    taken: tuple[FileState, ...]
    waiting: int
    broken: tuple[tuple[Place, OSError | Unsafe], ...] = ()


def stable_files(
    places: Sequence[Place],
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = since_boot,
    quiet: Quiet | None = None,
) -> Stability:
    """Which of `places` have stopped changing; `now` is a clock in seconds that does not jump.

    Those that surely have are told at once, for they should not wait for the others: ask again for those. Where there
    are none, and one wants five seconds at most, it sleeps so long and looks at it again. A file waits only for those
    of its district that were saved before it and will be taken in a moment, so that both are put in order.
    """
    quiet = quiet or Quiet()
    first_seen = FirstSeen(settings().home / "first-seen", "files", now)
    share = ShareClock(first_seen, now)
    taken: list[FileState] = []
    young: list[FileState] = []
    broken: list[tuple[Place, OSError | Unsafe]] = []
    longest = 0.0

    def examined(place: Place) -> tuple[FileState, float] | None:
        try:
            return _examine(place, quiet)
        except (OSError, Unsafe) as error:
            broken.append((place, error))
            return None

    for place in places:
        if (found := examined(place)) is None:
            continue
        look, needed = found
        missing = needed - first_seen.seconds_of(place, *look.state, look.changed_ns)
        if missing > 0 and needed < quiet.unfinished:
            missing = min(missing, needed - share.age(place, look.changed_ns))
        if missing <= 0:
            taken.append(look)
        elif missing <= quiet.whole and needed < quiet.unfinished:
            young.append(look)
            longest = max(longest, missing)
    first_seen.save()
    oldest: dict[Place, int] = {}
    for look in young:
        oldest[_drop_of(look.place)] = min(look.modified_ns, oldest.get(_drop_of(look.place), look.modified_ns))
    held = {look for look in taken if oldest.get(_drop_of(look.place), look.modified_ns) < look.modified_ns}
    taken = [look for look in taken if look not in held]
    if young and not taken:
        sleep(longest)
        for look in (*held, *young):
            again = examined(look.place)
            if again is not None and again[0] == look and (look in held or again[1] < quiet.unfinished):
                taken.append(look)
    return Stability(tuple(taken), len(places) - len(taken) - len(broken), tuple(broken))


def _drop_of(place: Place) -> Place:
    """上报, for what lies below it, or the folder that the file lies in."""
    folder = place.parent
    while folder.parts and folder.name != DROP:
        folder = folder.parent
    return folder if folder.parts else place.parent


def _examine(place: Place, quiet: Quiet) -> tuple[FileState, float] | None:
    """The state of the file at `place`, and how long it must have been quiet; as :func:`file_state`."""
    # Asked before it is opened, since opening a pipe or a device does something.
    if (look := file_state(place)) is None:
        return None
    try:
        with place.open_file() as file:
            # Asked again now that it is open: network file systems answer an opened file's state from the server, and
            # others' from memory, up to a minute old.
            opened = state_from(place, os.fstat(file.fileno()))
            return None if opened is None else (opened, _needs(file, opened.size, quiet))
    except OSError as error:
        if error.errno in GONE:
            return None
        if error.errno in _CLOSED:
            return look, quiet.unfinished
        raise


def _needs(file: BinaryIO, size: int, quiet: Quiet) -> float:
    head = file.read(4)
    # Empty, or zeros: the space is reserved and the content is still to come.
    if not head.strip(b"\x00"):
        return quiet.unfinished
    if not head.startswith(b"PK"):
        # The first bytes of "PK" itself may be all that came.
        return quiet.unfinished if head == b"P" else quiet.plain
    if not zip_layout.fits(file, size) or _has_hole(file):
        return quiet.unfinished
    return quiet.whole


def _has_hole(file: BinaryIO) -> bool:
    """Whether a page of the file is nothing but zeros: it was written from the end, or in several places at once."""
    file.seek(0)
    while block := file.read(1 << 20):
        if _PAGE in block:
            return True
    return False
