"""The folders of the districts on the share (docs/contract.md, "Folders")."""

import logging
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from district_reports.errors import SystemFault
from district_reports.model.channel import PRECHECK_CHANNEL, UPLOAD_CHANNEL
from district_reports.reference.register import District
from district_reports.storage.file_state import file_state
from district_reports.storage.share import Folder, Place

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

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DistrictFolder:
    """A district's folder; ``code`` is the identity that everything dropped into it has."""

    code: str
    place: Place

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def drop(self) -> Place:
        return self.place / DROP

    @property
    def precheck(self) -> Place:
        return self.place / PRECHECK

    @property
    def templates(self) -> Place:
        return self.place / TEMPLATES

    @property
    def received(self) -> Place:
        return self.place / RECEIVED

    @property
    def feedback(self) -> Place:
        return self.place / FEEDBACK

    @property
    def history(self) -> Place:
        return self.feedback / HISTORY

    def mend(self) -> None:
        """Make what is missing of the folders that receiving needs.

        Raises:
            SystemFault: none is there, as where a share is not mounted, or one is a link or a file.
            OSError: the share refused.
        """
        with self.place.opened() as folder:
            if not any(map(folder.has, (DROP, RECEIVED, FEEDBACK, PRECHECK))):
                raise SystemFault("its folder is empty: is the share mounted?")
        for place in (self.drop, self.received, self.feedback):
            place.make()


def answer_at(uploads: Path, answered_as: str) -> Place:
    """Where an answer of the ledger lies: in 反馈, or in 历史 once a newer one has taken its place there.

    Raises:
        Unsafe, OSError: as :func:`.file_state.file_state`.
    """
    placed = Place(uploads).join(answered_as)
    moved = placed.parent / HISTORY / placed.name
    return moved if file_state(moved) else placed


def district_folders(uploads: Path) -> list[DistrictFolder]:
    """The folders of `uploads` named ``<six digits>-<name>``, in order; links are none.

    Raises:
        SystemFault: `uploads` is not there or can't be listed; a share that is offline is not "no files".
    """
    try:
        with os.scandir(uploads) as entries:
            found = [
                DistrictFolder(match[1], Place(uploads, (entry.name,)))
                for entry in entries
                if (match := _DISTRICT_FOLDER.fullmatch(entry.name)) and entry.is_dir(follow_symlinks=False)
            ]
    except OSError as error:
        raise SystemFault(f"the uploads folder {uploads} can't be listed: {error.strerror}") from error
    return sorted(found, key=lambda folder: folder.name)


def folder_named(uploads: Path, name: str) -> DistrictFolder:
    """The district's folder of this name.

    Raises:
        SystemFault: it is not there, or is a link.
    """
    match = _DISTRICT_FOLDER.fullmatch(name)
    if match is not None:
        folder = DistrictFolder(match[1], Place(uploads) / name)
        try:
            with folder.place.opened():
                return folder
        except FileNotFoundError:
            log.debug("the folder of a district is gone")
    raise SystemFault(f"the folder of district {name[:6]} is not there")


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
    """Make what is missing of `uploads` and of the folders of `districts`; a district renamed keeps its folder.

    What is made of `uploads` itself only we can enter: who else may is for the administrator to say (docs/security.md).
    """
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    present = {folder.code: folder for folder in district_folders(uploads)}
    folders = []
    for district in districts:
        folder = present.get(district.code)
        if folder is None:
            name = f"{district.code}-{safe_name(district.name)}"
            folder = DistrictFolder(district.code, Place(uploads) / name)
        for place in (folder.place, folder.drop, folder.precheck, folder.received, folder.feedback):
            place.make()
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


def template_name(form_title: str, period: str) -> str:
    """What the template of a report is called in the folder 模板."""
    return safe_name(f"{form_title}_{period}_{TEMPLATES}.xlsx")


def labelled(stem: str, label: str) -> str:
    """`stem`, shortened, with `label` behind it: a file name that keeps the label whole, so that it tells two apart."""
    room = _NAME_BYTES - len(label.encode())
    return safe_name(stem[:60].encode()[:room].decode(errors="ignore") + label)


def free_name(folder: Folder, name: str, at: datetime) -> str:
    """What nothing in `folder` is called yet: `name`, or `name` with the time, or with a number as well."""
    candidate, number = safe_name(name), 1
    while folder.has(candidate):
        candidate = with_mark(name, f"_{at:%Y%m%d-%H%M%S}" + (f"-{number}" if number > 1 else ""))
        number += 1
    return candidate


def with_mark(name: str, mark: str) -> str:
    """:func:`safe_name` with `mark` before its extension, shortened as far as that takes."""
    stem, dot, suffix = safe_name(name).rpartition(".")
    if not dot:
        stem, suffix = suffix, ""
    room = _NAME_BYTES - len(f"{mark}{dot}{suffix}".encode())
    return f"{stem.encode()[:room].decode(errors='ignore')}{mark}{dot}{suffix}"
