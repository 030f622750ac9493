"""The folder of a bundle, ``发布/<period>/<version>/``: finished or not there, whenever the writer is killed.

What is to lie there is made beside it, brought to the disk, and takes the name when it is whole. What is left of a
writer that was killed goes away with the next.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, text

from district_reports import clock
from district_reports.database.engine import engine
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.publish.bundle.content import Version, version_of
from district_reports.publish.bundle.files import bundle_files
from district_reports.publish.bundle.readme import NOTICE_PATH
from district_reports.settings import settings
from district_reports.storage.archive import sync

_MODE = 0o750
_TEMPORARY = ".tmp"


def write_bundle(release_id: int) -> Path:
    """Write what leaves of the release, or after a revocation what is left of it; where it lies.

    A folder that holds just these bytes is left alone, another one is replaced.

    Raises:
        SystemFault: the release never left, or the disk does not take it.
        DatabaseFault, sqlalchemy.exc.DBAPIError: the database refused.
    """
    with engine("publisher").begin() as connection:
        version, files = version_of(connection, release_id), standing_files(connection, release_id)
    target = bundle_folder(version)
    try:
        _bring(target, files)
    except OSError as error:
        raise SystemFault(f"the folder {settings().bundles} does not take a bundle: {error.strerror}") from error
    return target


def take_back(release_id: int) -> Path:
    """Leave nothing but the notice of what was revoked; where it lies.

    Raises:
        SystemFault: the release has not been revoked; or as :func:`write_bundle`.
    """
    with engine("publisher").begin() as connection:
        if _notice(connection, release_id) is None:
            raise SystemFault(f"release {release_id} has not been taken back")
    return write_bundle(release_id)


def bundle_folder(version: Version) -> Path:
    return settings().bundles / version.period / version.version


def standing_files(connection: Connection, release_id: int) -> Mapping[str, bytes]:
    """What is to lie in the folder of the release now: its bundle, or of a revoked one the notice alone.

    Raises:
        SystemFault: the release never left.
    """
    notice = _notice(connection, release_id)
    return bundle_files(connection, release_id) if notice is None else {NOTICE_PATH: notice}


def _notice(connection: Connection, release_id: int) -> bytes | None:
    row = connection.execute(
        text("SELECT period, version, revoked_at, notice FROM outside.revoked WHERE release_id = :release_id"),
        {"release_id": release_id},
    ).one_or_none()
    if row is None:
        return None
    moment = f"{row.revoked_at.astimezone(clock.ZONE):%Y-%m-%d %H:%M}"
    lines = (
        f"{row.period} {row.version} 已于 {moment} 撤回，请不要再使用或转发。",
        f"原因：{row.notice}",
        "",
        f"{row.period} {row.version} was taken back at {moment} (Asia/Shanghai). Do not use it or pass it on.",
    )
    # Windows shows a text in Chinese with a byte order mark and its own line ends.
    return "\r\n".join((*lines, "")).encode("utf-8-sig")


def holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Whether the folder holds these files with these bytes, and nothing else."""
    return folder.is_dir() and not folder.is_symlink() and not any(unlike(folder, files))


def unlike(folder: Path, files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """The path of each file that is ``missing``, ``more``, or an ``other`` one, and which of these it is."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    for path in sorted(found | files.keys()):
        if path not in found:
            yield path, "missing"
        elif path not in files:
            yield path, "more"
        elif (folder / path).is_symlink() or (folder / path).read_bytes() != files[path]:
            yield path, "other"


def _bring(target: Path, files: Mapping[str, bytes]) -> None:
    for folder in (settings().bundles, target.parent):
        folder.mkdir(mode=_MODE, parents=True, exist_ok=True)
    with _alone(target.parent):
        _clear(target)
        if holds(target, files):
            return
        new, old = (target.with_name(f".{target.name}.{secrets.token_hex(8)}{_TEMPORARY}") for _ in range(2))
        _write(new, files)
        failpoint("bundle: written")
        if target.exists():
            # A folder can't take the place of another in one step; killed here, the next writer begins anew.
            target.rename(old)
            failpoint("bundle: old one aside")
        new.rename(target)
        failpoint("bundle: named")
        for folder in (target.parent, settings().bundles):
            sync(folder)
        _clear(target)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    made = {folder}
    folder.mkdir(mode=_MODE)
    for path, content in files.items():
        for above in reversed(PurePosixPath(path).parents[:-1]):
            if folder / above not in made:
                (folder / above).mkdir(mode=_MODE)
                made.add(folder / above)
        with open(os.open(folder / path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        failpoint("bundle: file written")
    for each in made:
        sync(each)


def _clear(target: Path) -> None:
    """Remove what earlier writers of this bundle left unfinished."""
    for left in target.parent.glob(f".{target.name}.*{_TEMPORARY}"):
        shutil.rmtree(left)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer of a period's bundles at a time; the lock goes with the process."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
