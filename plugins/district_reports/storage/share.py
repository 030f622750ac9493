"""Files and folders that others write to as well, reached part by part and never through a link.

Districts write into their folders. Who can make links there could lead us elsewhere, and a path is looked up anew at
each use: checked first and used then, it may mean two things. So a :class:`Place` is a name that the system does not
take for a path. To do something there its folders are opened one after the other, none through a link, and what follows
goes by the descriptor of the last: it stays the folder that was opened, whatever its name comes to mean.
"""

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import BinaryIO

from district_reports.errors import SystemFault

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER_MODE, _FILE_MODE = 0o770, 0o660
"""Before the umask: what lies there is for the service and for those whom the folder's group or its ACL lets in."""
_NO_FOLDER = {errno.ENOTDIR, errno.ELOOP}
_COPIED = 1 << 20


class Unsafe(SystemFault):
    """What lies there may lead elsewhere: a link, a file where a folder should be, another file system, a hard link.

    The message names folders of ours only; those that a clerk named, it doesn't.
    """


@dataclass(frozen=True, order=True)
class Place:
    """A name below `root`, a folder that only we and the administrator can exchange. No ``os.PathLike``, on purpose."""

    root: Path
    parts: tuple[str, ...] = ()

    def join(self, relative: str) -> "Place":
        """The place below this one that `relative` (parts with ``/`` between them) names.

        Raises:
            Unsafe: it leads out of here.
        """
        place = self
        for name in relative.split("/"):
            place /= name
        return place

    def __truediv__(self, name: str) -> "Place":
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            raise Unsafe("a name that leads elsewhere")
        return Place(self.root, (*self.parts, name))

    def __str__(self) -> str:
        return str(self.path)

    @property
    def path(self) -> Path:
        """For people to read, and for programs outside."""
        return self.root.joinpath(*self.parts)

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def parent(self) -> "Place":
        return Place(self.root, self.parts[:-1])

    def relative_to(self, other: "Place") -> str:
        """The parts below `other`, with ``/`` between them.

        Raises:
            ValueError: it does not lie there.
        """
        if (self.root, self.parts[: len(other.parts)]) != (other.root, other.parts):
            raise ValueError("the place does not lie there")
        return "/".join(self.parts[len(other.parts) :])

    @contextmanager
    def opened(self) -> Iterator["Folder"]:
        """The folder there, open; the district's folder and those below it lie on one file system.

        Raises:
            Unsafe: a part of the way is a link, no folder, or lies on another file system.
            OSError: a part is not there, or the share does not answer.
        """
        descriptor = os.open(self.root, _FOLDER)
        try:
            device = None
            for depth, name in enumerate(self.parts, 1):
                inner = self._inner(descriptor, name, depth)
                os.close(descriptor)
                descriptor = inner
                found = os.fstat(descriptor).st_dev
                if found != (device := device or found):
                    raise Unsafe(f"{self._named(depth)} lies on another file system")
            yield Folder(descriptor)
        finally:
            os.close(descriptor)

    def make(self) -> None:
        """Make the folder where it is missing, in the one above it.

        Raises:
            Unsafe: something else lies there, or as :meth:`opened`.
            OSError: it can't be made.
        """
        with self.parent.opened() as folder:
            folder.make_folder(self.name)
        with self.opened():
            return

    def open_file(self) -> BufferedReader:
        """The regular file there, open for reading; raises as :meth:`opened` and :meth:`Folder.open_file`."""
        with self.parent.opened() as folder:
            return folder.open_file(self.name)

    def _inner(self, folder: int, name: str, depth: int) -> int:
        try:
            return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
        except OSError as error:
            if error.errno in _NO_FOLDER:
                raise Unsafe(f"{self._named(depth)} is a link, or no folder") from None
            raise

    def _named(self, depth: int) -> str:
        """The district's folder and the one of ours in it."""
        return "/".join(self.parts[: min(depth, 2)]) + ("/…" if depth > 2 else "")


class Folder:
    """An open folder; names are those of what lies in it directly."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def names(self) -> list[str]:
        return os.listdir(self._descriptor)

    def entries(self) -> "os._ScandirIterator[str]":
        """As :func:`os.scandir`, to be closed; an entry's ``path`` is its name."""
        return os.scandir(self._descriptor)

    def own_status(self) -> os.stat_result:
        return os.fstat(self._descriptor)

    def status(self, name: str) -> os.stat_result:
        """Of what has this name, be it a link."""
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)

    def has(self, name: str) -> bool:
        try:
            self.status(name)
        except FileNotFoundError:
            return False
        return True

    def open_file(self, name: str) -> BufferedReader:
        """The regular file of this name, open for reading.

        Raises:
            Unsafe: it has another name somewhere (a hard link): it may be somebody else's.
            PermissionError: it is a folder, a pipe, a device.
            OSError: it is a link or not there, or the share does not answer.
        """
        descriptor = os.open(name, _READ, dir_fd=self._descriptor)
        try:
            status = os.fstat(descriptor)
            if not is_regular(status):
                raise PermissionError(errno.EACCES, "no regular file")
            if is_linked(status):
                raise Unsafe("a file has several names (hard links)")
            return os.fdopen(descriptor, "rb")
        except BaseException:
            os.close(descriptor)
            raise

    def make_folder(self, name: str) -> None:
        """Make the folder where nothing has this name."""
        try:
            os.mkdir(name, _FOLDER_MODE, dir_fd=self._descriptor)
        except FileExistsError:
            return

    def write_whole(self, name: str, content: bytes) -> None:
        """Let `name` hold `content`, in one step: who reads the folder sees all of it or nothing.

        Not written again if it does: what can't be finished is tried every few seconds, and a file that changes so
        often is copied so often.
        """
        if not self._holds(name, content):
            self.put(name, BytesIO(content))

    def put(self, name: str, source: BinaryIO) -> None:
        """Let `name` hold what is left to read of `source`, in one step."""
        # A name of its own: several workers write into one folder.
        temporary = f".{secrets.token_hex(8)}.tmp"
        try:
            with open(os.open(temporary, _NEW, _FILE_MODE, dir_fd=self._descriptor), "wb") as file:
                shutil.copyfileobj(source, file, _COPIED)
            os.replace(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        finally:
            self.remove(temporary)

    def create_empty(self, name: str) -> os.stat_result:
        """Make an empty file where nothing has this name; its state."""
        descriptor = os.open(name, _NEW, 0o600, dir_fd=self._descriptor)
        try:
            return os.fstat(descriptor)
        finally:
            os.close(descriptor)

    def move(self, name: str, target: "Folder", as_name: str) -> None:
        """Move what has this name; what has the other is replaced."""
        os.replace(name, as_name, src_dir_fd=self._descriptor, dst_dir_fd=target._descriptor)

    def remove(self, name: str) -> None:
        """Remove the file, or the link itself, if it is there."""
        try:
            os.unlink(name, dir_fd=self._descriptor)
        except FileNotFoundError:
            return

    def remove_folder(self, name: str) -> None:
        """Remove the empty folder."""
        os.rmdir(name, dir_fd=self._descriptor)

    def _holds(self, name: str, content: bytes) -> bool:
        try:
            with self.open_file(name) as file:
                return os.fstat(file.fileno()).st_size == len(content) and file.read() == content
        except (OSError, Unsafe):
            return False


@contextmanager
def open_local(path: Path) -> Iterator[Folder]:
    """The folder at `path`, where only we write."""
    descriptor = os.open(path, _FOLDER)
    try:
        yield Folder(descriptor)
    finally:
        os.close(descriptor)


def is_regular(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)


def is_linked(status: os.stat_result) -> bool:
    """Whether the file has several names."""
    return status.st_nlink > 1
