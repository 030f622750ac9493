"""What a killed process left behind: temporary files, drafts, and checked snapshots that the ledger does not name.

Nobody reads them, and nothing but this takes them away.
"""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from district_reports.database.engine import Role, engine
from district_reports.ledger.submissions import checked_snapshots
from district_reports.settings import settings
from district_reports.storage.folders import district_folders

KEPT_SECONDS = 24 * 3600.0
"""No step takes so long that a file of this age could still be written."""


def leftovers(older_than: float) -> list[Path]:
    """What is left over and has not changed for `older_than` seconds, in order.

    Raises:
        SystemFault: the uploads folder can't be listed.
        sqlalchemy.exc.DBAPIError: the warehouse can't be asked.
    """
    latest = time.time() - older_than
    return sorted(path for path in _temporary() if (changed := _changed(path)) is not None and changed <= latest)


def remove_leftovers(older_than: float = KEPT_SECONDS) -> int:
    """Remove them; how many. Safe beside workers that are younger than `older_than` seconds.

    Raises:
        SystemFault, sqlalchemy.exc.DBAPIError: as :func:`leftovers`.
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
    yield from (home / "first-seen").glob(".*.tmp")
    yield from home.glob(f".{settings().data_docs.name}-*.tmp")
    # <archive>/ab/<sha256>/: the copy before it is named, and checked snapshots before they are, or of lost leases.
    yield from archive.glob("??/*/.*.tmp")
    yield from archive.glob("??/*/.checked-*")
    with engine(Role.LOADER).begin() as connection:
        named = checked_snapshots(connection)
    yield from (path for path in archive.glob("??/*/checked-*") if str(path.relative_to(archive)) not in named)
    for district in district_folders(settings().uploads):
        for path in (district.received, district.feedback):
            yield from path.glob(".*.tmp")


def _changed(path: Path) -> float | None:
    """When the file last changed (Unix time), or None if it is gone."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    return max(status.st_mtime, status.st_ctime)
