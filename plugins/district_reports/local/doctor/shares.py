"""The districts' folders: who can write where, links among them, and how the share is mounted."""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from district_reports.errors import SystemFault
from district_reports.local.doctor.note import Note, State
from district_reports.settings import Settings
from district_reports.storage.dropped import look_through
from district_reports.storage.folders import DistrictFolder, district_folders

_MANUAL = 'docs/security.md, "Permissions on the share", has examples'


def of_uploads(settings: Settings) -> Iterator[Note]:
    """The uploads folder itself, its mount, and each district's folder."""
    uploads = settings.uploads
    try:
        folders = district_folders(uploads)
    except SystemFault as fault:
        yield Note("share", State.WARNING, str(fault), "Mount the share, or start the deployment once")
        return
    mode = stat.S_IMODE(uploads.stat().st_mode)
    name = shlex.quote(str(uploads))
    if mode & stat.S_IWOTH:
        yield Note(
            "share",
            State.DANGER,
            f"every user of this machine can exchange the districts' folders in {uploads}",
            f"Mend: chmod o-w {name}",
        )
    elif mode & stat.S_IROTH:
        yield Note("share", State.WARNING, f"every user of this machine can list {uploads}", f"Mend: chmod o-r {name}")
    else:
        yield Note("share", State.OK, f"{uploads}: {len(folders)} districts")
    yield from _mount(uploads)
    for folder in folders:
        yield from _of_district(folder, entered=bool(mode & stat.S_IXOTH))


def _of_district(folder: DistrictFolder, entered: bool) -> Iterator[Note]:
    """Of one district; `entered` is whether every user of the machine comes so far."""
    try:
        with folder.place.opened() as opened:
            mode = opened.own_status().st_mode
        for place in (folder.received, folder.feedback, folder.history, folder.templates):
            try:
                with place.opened():
                    continue
            except FileNotFoundError:
                continue
        links = sum(look_through(place).links for place in (folder.drop, folder.precheck))
    except FileNotFoundError:
        yield Note(folder.name, State.WARNING, "a folder is missing", "Receiving makes it again")
        return
    except SystemFault as fault:
        yield Note(
            folder.name,
            State.DANGER,
            str(fault),
            "Find out who made it (ls -l), then put a folder in its place; nothing is read or written through it",
        )
        return
    except OSError as error:
        yield Note(folder.name, State.WARNING, f"it can't be looked at: {error.strerror}", "Look at the share")
        return
    if links:
        yield Note(
            folder.name,
            State.WARNING,
            f"{links} links, hard links or special files were dropped, and are not received",
            "Ask the district what they are for; the note on its reports tells it, too",
        )
    if entered and mode & stat.S_IXOTH:
        yield Note(
            folder.name,
            State.WARNING,
            f"every user of this machine can enter it (mode {stat.S_IMODE(mode):04o})",
            f"Mend: chmod o= {shlex.quote(str(folder.place))}. {_MANUAL}",
        )
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield Note(
            folder.name,
            State.WARNING,
            f"others than the service can write into the folder itself (mode {stat.S_IMODE(mode):04o}), and so"
            " exchange the folders in it",
            f"Mend: chmod go-w {shlex.quote(str(folder.place))}; clerks write inside the folders in it. {_MANUAL}",
        )


def _mount(uploads: Path) -> Iterator[Note]:
    """How the file system with the uploads is mounted: nothing there is ever run, and no device lies there."""
    found = _mounted(uploads)
    if found is None:
        return
    point, kind, options = found
    missing = [option for option in ("nosuid", "nodev", "noexec") if option not in options]
    if point == Path("/") or not missing:
        told = "on the root file system" if point == Path("/") else f"mounted on {point}, {','.join(options)}"
        yield Note("mount", State.OK, f"{uploads} ({kind}): {told}")
    else:
        yield Note(
            "mount",
            State.WARNING,
            f"{point} ({kind}) is mounted without {', '.join(missing)}",
            f"Add them to its options in /etc/fstab, and remount it. {_MANUAL}",
        )


def _mounted(path: Path) -> tuple[Path, str, list[str]] | None:
    """Mount point, kind and options of the file system that `path` lies on; None where the system doesn't tell."""
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    best: tuple[Path, str, list[str]] | None = None
    for line in lines:
        # See proc(5): fields before the hyphen may be more or fewer.
        before, _, after = line.partition(" - ")
        fields = before.split()
        point = Path(os.fsdecode(fields[4].encode().decode("unicode_escape").encode("latin-1")))
        if path.resolve().is_relative_to(point) and (best is None or len(point.parts) >= len(best[0].parts)):
            best = (point, after.split()[0], fields[5].split(","))
    return best
