"""The archive of originals: by content, immutable, durable before anything else happens.

``<archive>/ab/<sha256>/original.xlsx``; what later steps derive from it lies in the same folder.
"""

import hashlib
import os
from pathlib import Path
from uuid import uuid4

from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint

_BLOCK = 1 << 20
ORIGINAL = "original.xlsx"


def folder_of(archive: Path, sha256: str) -> Path:
    """The folder of the content with this hash."""
    return archive / sha256[:2] / sha256


def put(archive: Path, source: Path, sha256: str) -> Path:
    """Archive the file at `source`, whose content has the hash `sha256`; where it lies now.

    Safe to repeat, and to be killed in: the name appears when the content is on the disk. An archived file that no
    longer matches its name is replaced.

    Raises:
        SystemFault: `source` has another content, or the disk does not take it.
    """
    target = folder_of(archive, sha256) / ORIGINAL
    try:
        if target.exists() and _hash(target) == sha256:
            return target
        for folder in (archive, target.parent.parent, target.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = target.with_name(f".{uuid4().hex}.tmp")
        try:
            if _write(source, temporary) != sha256:
                raise SystemFault("a snapshot changed before it was archived")
            failpoint("archive: written")
            temporary.replace(target)
            failpoint("archive: named")
        finally:
            temporary.unlink(missing_ok=True)
        for folder in (target.parent, target.parent.parent, archive):
            sync(folder)
    except OSError as error:
        raise SystemFault(f"the archive {archive} does not take a file: {error.strerror}") from error
    return target


def original(archive: Path, sha256: str) -> Path:
    """The archived file with this hash, verified.

    Raises:
        SystemFault: it is missing, can't be read, or has changed.
    """
    path = folder_of(archive, sha256) / ORIGINAL
    try:
        found = _hash(path)
    except OSError as error:
        raise SystemFault(f"the archived original {sha256[:12]} can't be read: {error.strerror}") from error
    if found != sha256:
        raise SystemFault(f"the archived original {sha256[:12]} no longer has the content it was archived with")
    return path


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(source: Path, target: Path) -> str:
    digest = hashlib.sha256()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
    with source.open("rb") as original_, open(descriptor, "wb") as copy:
        while block := original_.read(_BLOCK):
            digest.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(descriptor)
    return digest.hexdigest()


def sync(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
