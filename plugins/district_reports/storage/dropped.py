"""What a district has dropped: the files in 上报, also in folders that were dropped whole."""

import os
import re
from collections import deque
from dataclasses import dataclass

from district_reports.storage.file_state import GONE, FileState, state_from
from district_reports.storage.share import Place, Unsafe, is_linked

FILES_A_CALL = 20
"""How many files of one district and channel one call of receiving takes."""
_MOST_ENTRIES, _MOST_LEVELS = 10_000, 16
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


@dataclass(frozen=True)
class Dropped:
    """``files`` are the regular files that are no temporary ones, ``folders`` those below 上报, both with the outer
    ones first and then by name; ``links`` is how many entries are links, pipes or devices, or files that have another
    name somewhere; ``faults`` are words about what could not be seen, or must not be received."""

    files: tuple[FileState, ...]
    folders: tuple[Place, ...]
    links: int = 0
    faults: tuple[str, ...] = ()


def look_through(drop: Place) -> Dropped:
    """What lies in `drop`, ten thousand entries and sixteen levels at most. Links, pipes and devices are left alone.

    Raises:
        Unsafe: the way to `drop` leads through a link.
        OSError: `drop` itself can't be listed.
    """
    files: list[FileState] = []
    folders: list[Place] = []
    faults: dict[str, None] = {}
    ahead = deque([(drop, 0)])
    entries = links = 0
    while ahead:
        place, level = ahead.popleft()
        try:
            found = _list(place, _MOST_ENTRIES - entries)
        except OSError as error:
            if place == drop:
                raise
            if error.errno not in GONE:
                faults[f"a dropped folder can't be listed: {error.strerror}"] = None
            continue
        except Unsafe as unsafe:
            if place == drop:
                raise
            faults[str(unsafe)] = None
            continue
        entries += len(found.files) + len(found.folders) + found.links + found.hard_links
        files += sorted(found.files)
        folders += sorted(found.folders)
        links += found.links + found.hard_links
        if found.hard_links:
            faults["files with several names (hard links) were dropped; they are not received"] = None
        if found.folders and level == _MOST_LEVELS:
            faults[f"folders were dropped nested deeper than {_MOST_LEVELS}; what lies there is not received"] = None
        else:
            ahead.extend((inner, level + 1) for inner in sorted(found.folders))
        if entries >= _MOST_ENTRIES:
            faults[f"more than {_MOST_ENTRIES} entries were dropped; those beyond wait until these are moved"] = None
            break
    return Dropped(tuple(files), tuple(folders), links, tuple(faults))


@dataclass
class _Found:
    files: list[FileState]
    folders: list[Place]
    links: int = 0
    hard_links: int = 0

    def add(self, place: Place, entry: "os.DirEntry[str]") -> None:
        if entry.is_dir(follow_symlinks=False):
            self.folders.append(place)
            return
        status = entry.stat(follow_symlinks=False)
        if (look := state_from(place, status)) is None:
            self.links += 1
        elif is_linked(status):
            self.hard_links += 1
        else:
            self.files.append(look)


def _list(place: Place, most: int) -> _Found:
    """What lies in the folder and counts; `most` entries at most."""
    found, seen = _Found([], []), 0
    with place.opened() as folder, folder.entries() as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name):
                continue
            try:
                found.add(place / entry.name, entry)
            except FileNotFoundError:
                continue
            seen += 1
            if seen >= most:
                break
    return found
