"""The folders of the districts on the share (docs/contract.md, "Folders")."""

import os
import re
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from district_reports.errors import SystemFault
from district_reports.model.channel import PRECHECK_CHANNEL, UPLOAD_CHANNEL
from district_reports.reference.register import District

DROP, PRECHECK = UPLOAD_CHANNEL, PRECHECK_CHANNEL
RECEIVED, FEEDBACK = "已接收", "反馈"
HISTORY = "历史"
"""Below 反馈."""
_DISTRICT_FOLDER = re.compile(r"([0-9]{6})-.+")
# Breaks the line, turns its direction, or shows as nothing.
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_NOT_SHOWN = re.compile(f"[{_UNSEEN}]")
_UNSAFE = re.compile(rf'[\\/:*?"<>|{_UNSEEN}]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_NAME_BYTES = 255
TEMPLATES = "模板"
"""Beside 上报: workbooks to fill in."""


@dataclass(frozen=True)
class DistrictFolder:
    """A district's folder; ``code`` is the identity that everything dropped into it has."""

    code: str
    path: Path

    @property
    def drop(self) -> Path:
        return self.path / DROP

    @property
    def precheck(self) -> Path:
        return self.path / PRECHECK

    @property
    def templates(self) -> Path:
        return self.path / TEMPLATES

    @property
    def received(self) -> Path:
        return self.path / RECEIVED

    @property
    def feedback(self) -> Path:
        return self.path / FEEDBACK

    @property
    def history(self) -> Path:
        return self.feedback / HISTORY

    def mend(self) -> None:
        """Make what is missing of the folders that receiving needs.

        Raises:
            SystemFault: none is there, as where a share is not mounted, or one is no folder.
        """
        needed = (self.drop, self.received, self.feedback)
        if not any(os.path.lexists(path) for path in (*needed, self.precheck)):
            raise SystemFault("its folder is empty: is the share mounted?")
        for path in needed:
            if not path.is_dir():
                try:
                    path.mkdir()
                except FileExistsError as error:
                    raise SystemFault(f"{path.name} is no folder") from error


def answer_at(uploads: Path, answered_as: str) -> Path:
    """Where an answer of the ledger lies: in 反馈, or in 历史 once a newer one has taken its place there."""
    placed = uploads / answered_as
    moved = placed.parent / HISTORY / placed.name
    return moved if moved.exists() else placed


def district_folders(uploads: Path) -> list[DistrictFolder]:
    """The folders of `uploads` named ``<six digits>-<name>``, in order.

    Raises:
        SystemFault: `uploads` is not there or can't be listed; a share that is offline is not "no files".
    """
    try:
        with os.scandir(uploads) as entries:
            found = [
                DistrictFolder(match[1], Path(entry.path))
                for entry in entries
                if (match := _DISTRICT_FOLDER.fullmatch(entry.name)) and entry.is_dir(follow_symlinks=False)
            ]
    except OSError as error:
        raise SystemFault(f"the uploads folder {uploads} can't be listed: {error.strerror}") from error
    return sorted(found, key=lambda folder: folder.path.name)


def folder_named(uploads: Path, name: str) -> DistrictFolder:
    """The district's folder of this name.

    Raises:
        SystemFault: it is not there.
    """
    match, path = _DISTRICT_FOLDER.fullmatch(name), uploads / name
    if match is None or path.is_symlink() or not path.is_dir():
        raise SystemFault(f"the folder of district {name[:6]} is not there")
    return DistrictFolder(match[1], path)


def require_share(uploads: Path, archive: Path) -> None:
    """Make sure that `uploads` is not the empty mount point of a share: laid out, it would pass for one without files.

    Raises:
        SystemFault: files were received before, but `uploads` holds no district's folder.
    """
    unused = not archive.is_dir() or not any(archive.iterdir())
    if unused or (uploads.is_dir() and district_folders(uploads)):
        return
    raise SystemFault(
        f"files were received before, but {uploads} holds no district's folder: is the share mounted? If it was"
        " emptied on purpose, make one district's folder there, named <six digits>-<name>"
    )


def lay_out(uploads: Path, districts: Iterable[District]) -> list[DistrictFolder]:
    """Make what is missing of `uploads` and of the folders of `districts`; a district renamed keeps its folder."""
    uploads.mkdir(parents=True, exist_ok=True)
    present = {folder.code: folder for folder in district_folders(uploads)}
    folders = []
    for district in districts:
        folder = present.get(district.code)
        if folder is None:
            folder = DistrictFolder(district.code, uploads / f"{district.code}-{safe_name(district.name)}")
        for path in (folder.drop, folder.precheck, folder.received, folder.feedback):
            path.mkdir(parents=True, exist_ok=True)
        folders.append(folder)
    return folders


def shown_name(name: str) -> str:
    """`name` as one line of text that can be stored: an old client's GBK name arrives as bytes that are no UTF-8.

    Two names may be shown alike.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        name = os.fsencode(name).decode("gb18030", errors="replace")
    return _NOT_SHOWN.sub("_", name)


def safe_name(name: str) -> str:
    """`name` as a file name that every system takes, at most 255 bytes long with its extension kept."""
    clean = _UNSAFE.sub("_", shown_name(name)).strip(" .") or "_"
    if _RESERVED.fullmatch(clean):
        clean = f"_{clean}"
    stem, dot, suffix = clean.rpartition(".")
    if not dot or len(suffix) > 16:
        stem, dot, suffix = clean, "", ""
    room = _NAME_BYTES - len((dot + suffix).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + suffix


def labelled(stem: str, label: str) -> str:
    """`stem`, shortened, with `label` behind it: a file name that keeps the label whole, so that it tells two apart."""
    room = _NAME_BYTES - len(label.encode())
    return safe_name(stem[:60].encode()[:room].decode(errors="ignore") + label)


def free_name(folder: Path, name: str, at: datetime) -> Path:
    """A path in `folder` where nothing lies yet: `name`, or `name` with the time, or with a number as well."""
    stem, dot, suffix = safe_name(name).rpartition(".")
    if not dot:
        stem, suffix = suffix, ""
    candidate, number = folder / safe_name(name), 1
    while os.path.lexists(candidate):
        mark = f"_{at:%Y%m%d-%H%M%S}" + (f"-{number}" if number > 1 else "")
        room = _NAME_BYTES - len(f"{mark}{dot}{suffix}".encode())
        candidate = folder / f"{stem.encode()[:room].decode(errors='ignore')}{mark}{dot}{suffix}"
        number += 1
    return candidate


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step: who reads the folder sees all of it or nothing. Not written again if it is
    there: what can't be finished is tried every few seconds, and a file that changes so often is copied so often."""
    if path.is_file() and path.read_bytes() == content:
        return
    # A name of its own: several workers write into one folder.
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    # Never through a link that somebody laid there.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def is_regular(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)
