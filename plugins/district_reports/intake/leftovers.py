"""Temporary files that a killed process left behind: nobody reads them, and nothing but this takes them away."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from district_reports.intake.folders import district_folders
from district_reports.settings import settings

KEPT_SECONDS = 24 * 3600.0
"""No step takes so long that a file of this age could still be written."""


def leftovers(older_than: float) -> list[Path]:
    """Temporary files, drafts and snapshots that have not changed for `older_than` seconds, in order.

    Raises:
        SystemFault: the uploads folder can't be listed.
    """
    latest = time.time() - older_than
    return sorted(path for path in _temporary() if (changed := _changed(path)) is not None and changed <= latest)


def remove_leftovers(older_than: float = KEPT_SECONDS) -> int:
    """Remove them; how many. Safe beside workers that are younger than `older_than` seconds.

    Raises:
        SystemFault: the uploads folder can't be listed.
        OSError: one can't be removed.
    """
    found = leftovers(older_than)
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return len(found)


def _temporary() -> Iterator[Path]:
    home, archive = settings().home, settings().archive
    yield from (home / "snapshots").glob("*.xlsx")
    yield from (home / "poison").glob(".*.tmp")
    # <archive>/ab/<sha256>/: the copy before it is named, and a checked snapshot before it is.
    yield from archive.glob("??/*/.*.tmp")
    yield from archive.glob("??/*/.checked-*")
    for folder in district_folders(settings().uploads):
        for path in (folder.received, folder.feedback):
            yield from path.glob(".*.tmp")


def _changed(path: Path) -> float | None:
    """When the file last changed (Unix time), or None if it is gone."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    return max(status.st_mtime, status.st_ctime)
