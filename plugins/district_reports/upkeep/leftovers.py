"""What a killed process left behind: temporary files, drafts, and checked snapshots that the ledger does not name.

Nobody reads them, and nothing but this takes them away.
"""

import fnmatch
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from district_reports.database.engine import Role, engine
from district_reports.feedback.delivery import drafts_below
from district_reports.ledger.submissions import checked_snapshots
from district_reports.settings import settings
from district_reports.storage.folders import district_folders
from district_reports.storage.share import Place

KEPT_SECONDS = 24 * 3600.0
"""No step takes so long that a file of this age could still be written."""


def leftovers(older_than: float) -> list[str]:
    """The folders in which something is left over that has not changed for `older_than` seconds, one name for each
    such file, in order; not its own, which may have been a clerk's.

    Raises:
        SystemFault: the uploads folder can't be listed, or a folder there is a link.
        sqlalchemy.exc.DBAPIError: the warehouse can't be asked.
    """
    latest = time.time() - older_than
    ours = [str(path.parent.relative_to(settings().home.parent)) for path in _ours(latest)]
    theirs = [str(place.parent.path.relative_to(settings().uploads.parent)) for place in _on_the_share(latest)]
    return sorted(ours + theirs)


def remove_leftovers(older_than: float = KEPT_SECONDS) -> int:
    """Remove them; how many. Safe beside workers that are younger than `older_than` seconds.

    Raises:
        SystemFault, sqlalchemy.exc.DBAPIError: as :func:`leftovers`.
        OSError: one can't be removed.
    """
    latest = time.time() - older_than
    removed = 0
    for path in list(_ours(latest)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        removed += 1
    for place in list(_on_the_share(latest)):
        with place.parent.opened() as folder:
            folder.remove(place.name)
        removed += 1
    return removed


def _ours(latest: float) -> Iterator[Path]:
    """Below the home, unchanged since `latest` (Unix time)."""
    for path in _temporary():
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            continue
        if _changed(status) <= latest:
            yield path


def _temporary() -> Iterator[Path]:
    home, archive = settings().home, settings().archive
    yield from (home / "snapshots").glob("*.xlsx")
    yield from (home / "first-seen").glob(".*.tmp")
    yield from drafts_below(home).glob("*")
    yield from home.glob(f".{settings().data_docs.name}-*.tmp")
    # <archive>/ab/<sha256>/: the copy before it is named, and checked snapshots before they are, or of lost leases.
    yield from archive.glob("??/*/.*.tmp")
    yield from archive.glob("??/*/.checked-*")
    with engine(Role.LOADER).begin() as connection:
        named = checked_snapshots(connection)
    yield from (path for path in archive.glob("??/*/checked-*") if str(path.relative_to(archive)) not in named)


def _on_the_share(latest: float) -> Iterator[Place]:
    """In the districts' folders that we write into, unchanged since `latest` (Unix time)."""
    for district in district_folders(settings().uploads):
        for place in (district.received, district.feedback):
            try:
                with place.opened() as folder:
                    for name in fnmatch.filter(folder.names(), ".*.tmp"):
                        if _changed(folder.status(name)) <= latest:
                            yield place / name
            except FileNotFoundError:
                continue


def _changed(status: os.stat_result) -> float:
    return max(status.st_mtime, status.st_ctime)
