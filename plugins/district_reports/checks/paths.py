"""What lies in a folder, judged file by file: whatever a path is, it has an outcome, and nothing waits for it."""

import errno
import os
import stat
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from district_reports.checks.catalogue import finding
from district_reports.checks.file import check_file
from district_reports.checks.run import rejected_file
from district_reports.errors import FileNotOpened
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Finding
from district_reports.model.knowledge import NOTHING_KNOWN, Knowledge
from district_reports.reference.register import Register

LOCK_FILE = "~$"
"""How the names of the small files begin that Excel and WPS keep beside a workbook while it is open."""
_WHY = {
    errno.ENOENT: "文件已不在，或链接指向的文件不存在",
    errno.EACCES: "没有读取权限",
    errno.EPERM: "没有读取权限",
    errno.ELOOP: "链接绕成了圈",
    errno.EIO: "磁盘读取出错",
}
_KINDS = ((stat.S_ISFIFO, "命名管道"), (stat.S_ISSOCK, "套接字"), (stat.S_ISDIR, "文件夹"))


def files_below(paths: Iterable[Path], left_out: Callable[[Path, str], None]) -> list[Path]:
    """The files among `paths`, and all below the folders among them, by name; each once.

    Links to folders are not followed below a folder. `left_out` is told, in English, of what is not gone into.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found.update(dict.fromkeys(_below(path, left_out) if os.path.isdir(path) else [path]))
    return list(found)


def _below(folder: Path, left_out: Callable[[Path, str], None]) -> list[Path]:
    found = []

    def unreadable(error: OSError) -> None:
        left_out(Path(error.filename), f"can't be listed: {error.strerror}")
        # An outcome for what it holds: nothing of it may pass for checked.
        found.append(Path(error.filename))

    for parent, folders, names in os.walk(folder, onerror=unreadable):
        for name in folders:
            if os.path.islink(os.path.join(parent, name)):
                left_out(Path(parent, name), "a link to a folder")
        for name in names:
            if name.startswith(LOCK_FILE):
                left_out(Path(parent, name), "a lock file of Excel or WPS")
            else:
                found.append(Path(parent, name))
    return sorted(found)


def check_path(
    path: Path,
    register: Register,
    folder_district: str | None,
    received_on: date,
    knowledge: Knowledge = NOTHING_KNOWN,
) -> CheckedWorkbook:
    """As :func:`check_file`, for a path that may be anything: what is no file, or can't be opened, is F01.

    Raises:
        SystemFault: as :func:`check_file`, but for a file that can't be opened.
    """
    refused = _refused(path)
    if refused is None:
        try:
            return check_file(
                path,
                register,
                folder_district,
                received_on,
                knowledge,
            )
        except FileNotOpened:
            # It could be opened a moment ago.
            refused = finding("F01", "unopened", why=_WHY[errno.ENOENT])
    return rejected_file([refused], register, received_on)


def _refused(path: Path) -> Finding | None:
    """What keeps `path` from being opened as a file."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            return finding("F01", "not_workbook", kind=next((kind for test, kind in _KINDS if test(mode)), "设备"))
        # Should it have become a pipe since, this does not wait for its other end.
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError as error:
        code = error.errno or errno.EIO
        return finding("F01", "unopened", why=_WHY.get(code, f"系统报告 {errno.errorcode.get(code, code)}"))
    return None
