"""A private copy of a dropped file, so that what is hashed, guarded, read and archived is the same bytes."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from district_reports import clock
from district_reports.storage.file_state import FileState
from district_reports.storage.share import is_regular

_BLOCK = 1 << 20


class StillChanging(Exception):
    """The file changed, or was exchanged, while it was copied."""


@dataclass(frozen=True)
class Snapshot:
    """``taken_at`` is the moment of receipt."""

    path: Path
    sha256: str
    look: FileState
    taken_at: datetime


@contextmanager
def snapshot(look: FileState, folder: Path) -> Iterator[Snapshot]:
    """A copy in `folder` of the file that `look` saw, readable by us only; removed at the end.

    Raises:
        StillChanging: it is not, or no longer, what `look` saw.
        Unsafe: the way there leads through a link, or the file has another name somewhere.
        OSError: it can't be read, or the copy can't be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{uuid4().hex}.xlsx"
    try:
        taken_at = clock.now()
        yield Snapshot(path, _copy(look, path), look, taken_at)
    finally:
        path.unlink(missing_ok=True)


def clear(folder: Path) -> None:
    """Remove what a killed process left in `folder`."""
    for path in folder.glob("*.xlsx"):
        path.unlink(missing_ok=True)


def _copy(look: FileState, path: Path) -> str:
    digest = hashlib.sha256()
    with look.place.parent.opened() as folder, folder.open_file(look.place.name) as original:
        source = original.fileno()
        _same(os.fstat(source), look)
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(target, "wb") as copy:
            left = look.size
            # One byte more is asked for than there should be: a file that grows must not be copied without end.
            while block := original.read(min(_BLOCK, left + 1)):
                left -= len(block)
                if left < 0:
                    raise StillChanging
                digest.update(block)
                copy.write(block)
        _same(os.fstat(source), look)
        if left:
            raise StillChanging
        _same(folder.status(look.place.name), look)
    return digest.hexdigest()


def _same(status: os.stat_result, look: FileState) -> None:
    if not is_regular(status) or (status.st_size, status.st_mtime_ns, status.st_ino) != look.state:
        raise StillChanging
