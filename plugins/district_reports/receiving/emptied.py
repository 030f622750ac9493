"""Folders that were dropped whole, and whose files have been received: an emptied one goes, too."""

import logging
import re
from collections.abc import Iterable, Sequence

from district_reports.errors import SystemFault
from district_reports.receiving.first_seen import FirstSeen
from district_reports.settings import settings
from district_reports.storage.share import Folder, Place

_EMPTY_SECONDS = 60.0
# What file managers leave in every folder they show, and our own probe: an emptied folder may be removed with it.
_JUNK = re.compile(r"thumbs\.db|ehthumbs\.db|desktop\.ini|\.ds_store|\._.*|\.clock\.tmp", re.IGNORECASE | re.DOTALL)

log = logging.getLogger(__name__)


def remove_emptied(folders: Iterable[Place]) -> None:
    """Remove those of `folders` that have held nothing for a minute but what file managers leave.

    Not at once: a program that copies a folder makes it first and fills it then.
    """
    first_seen = FirstSeen(settings().home / "first-seen", "folders")
    for place in sorted(folders, key=lambda place: len(place.parts), reverse=True):
        try:
            with place.parent.opened() as outer, place.opened() as folder:
                status = folder.own_status()
                junk = _only_junk(folder)
                if junk is None or first_seen.seconds_of(place, status.st_ino, status.st_mtime_ns) < _EMPTY_SECONDS:
                    continue
                for name in junk:
                    folder.remove(name)
                outer.remove_folder(place.name)
        except OSError as error:
            # It does no harm there, and the next call tries again.
            log.debug("an emptied folder can't be removed: %s", error.strerror)
        except SystemFault as fault:
            log.debug("an emptied folder can't be removed: %s", fault)
    first_seen.save()


def _only_junk(folder: Folder) -> Sequence[str] | None:
    """The entries of `folder` if it has no other than those that file managers leave."""
    found = []
    with folder.entries() as entries:
        for entry in entries:
            if not _JUNK.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
                return None
            found.append(entry.name)
    return found
