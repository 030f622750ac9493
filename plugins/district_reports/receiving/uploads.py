"""What a district has dropped: the files in 上报, also in folders that were dropped whole."""

import errno
import logging
import os
import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from district_reports.receiving.first_seen import FirstSeen
from district_reports.settings import settings

_MOST_ENTRIES, _MOST_LEVELS = 10_000, 16
_EMPTY_SECONDS = 60.0
# Written by programs while they work, and renamed when they are done; locks; and former versions, which would pass for
# corrections. A clerk who drops one by hand waits in vain, so whatever is not plainly of that kind (.lnk) is received.
_TEMPORARY = re.compile(
    r"""
    \..*                                # hidden: rsync, Nextcloud, LibreOffice's and WPS's locks, macOS' ._
    | ~\$.* | ~syncthing~.*             # the owner's mark of an open file in Office and WPS
    | (?-i:(?=.*[A-F])[0-9A-F]{8})      # Excel saves under eight digits and renames
    | .*\.(tmp|temp|wbk|xlk|bak|lock)   # Excel's and WPS's backups are the version before
    | .*\.(part|partial|filepart|download|downloading|crdownload|opdownload|td|xltd|aria2|!ut|!qb|!sync|ffs_tmp)
    | thumbs\.db | ehthumbs\.db | desktop\.ini
    | @eadir | \#recycle | \$recycle\.bin | system\ volume\ information | lost\+found
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# What file managers leave in every folder they show, and our own probe: an emptied folder may be removed with it.
_JUNK = re.compile(r"thumbs\.db|ehthumbs\.db|desktop\.ini|\.ds_store|\._.*|\.clock\.tmp", re.IGNORECASE | re.DOTALL)
_GONE = {errno.ENOENT, errno.ENOTDIR}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dropped:
    """``files`` are the regular files that are no temporary ones, ``folders`` those below 上报, both with the outer
    ones first and then by name; ``faults`` are words about what could not be seen."""

    files: tuple[Path, ...]
    folders: tuple[Path, ...]
    faults: tuple[str, ...] = ()


def look_through(drop: Path) -> Dropped:
    """What lies in `drop`, ten thousand entries and sixteen levels at most. Links, pipes and devices are left alone.

    Raises:
        OSError: `drop` itself can't be listed.
    """
    files: list[Path] = []
    folders: list[Path] = []
    faults: dict[str, None] = {}
    ahead = deque([(drop, 0)])
    entries = 0
    while ahead:
        folder, level = ahead.popleft()
        try:
            found = _list(folder, _MOST_ENTRIES - entries)
        except OSError as error:
            if folder == drop:
                raise
            if error.errno not in _GONE:
                faults[f"a dropped folder can't be listed: {error.strerror}"] = None
            continue
        entries += len(found)
        files += [path for path, is_folder in found if not is_folder]
        inner = [path for path, is_folder in found if is_folder]
        folders += inner
        if inner and level == _MOST_LEVELS:
            faults[f"folders were dropped nested deeper than {_MOST_LEVELS}; what lies there is not received"] = None
        else:
            ahead.extend((path, level + 1) for path in inner)
        if entries >= _MOST_ENTRIES:
            faults[f"more than {_MOST_ENTRIES} entries were dropped; those beyond wait until these are moved"] = None
            break
    return Dropped(tuple(files), tuple(folders), tuple(faults))


def remove_emptied(folders: Iterable[Path]) -> None:
    """Remove those of `folders` that have held nothing for a minute but what file managers leave.

    Not at once: a program that copies a folder makes it first and fills it then.
    """
    first_seen = FirstSeen(settings().home / "first-seen", "folders")
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        try:
            status = os.lstat(folder)
            junk = _only_junk(folder)
            if junk is None or first_seen.seconds_of(folder, status.st_ino, status.st_mtime_ns) < _EMPTY_SECONDS:
                continue
            for path in junk:
                path.unlink(missing_ok=True)
            folder.rmdir()
        except OSError as error:
            # It does no harm there, and the next call tries again.
            log.debug("an emptied folder can't be removed: %s", error.strerror)
    first_seen.save()


def _list(folder: Path, most: int) -> list[tuple[Path, bool]]:
    """The files and folders in `folder` that count, by name, and whether each is a folder; `most` at most."""
    found: list[tuple[Path, bool]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name):
                continue
            if (is_folder := entry.is_dir(follow_symlinks=False)) or entry.is_file(follow_symlinks=False):
                found.append((Path(entry.path), is_folder))
                if len(found) >= most:
                    break
    return sorted(found)


def _only_junk(folder: Path) -> Sequence[Path] | None:
    """The entries of `folder` if it has no other than those that file managers leave."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not _JUNK.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
                return None
            found.append(Path(entry.path))
    return found
