"""Owners and modes of the home and of the keys: what other users of the machine can read or exchange."""

import os
import shlex
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from district_reports.errors import SystemFault
from district_reports.local.doctor.note import Note, State
from district_reports.settings import Settings
from district_reports.warehouse.tokens import KEY_FILE

_OTHERS_READ, _OTHERS_ENTER = 0o044, 0o011


def secure_home(settings: Settings, progress: Callable[[str], None]) -> None:
    """Make the home, or close it to others, before anything is put there.

    Raises:
        SystemFault: something of it is dangerous and not ours to change; the message says how to mend it.
    """
    home = settings.home
    if not home.exists():
        home.mkdir(mode=0o700, parents=True)
    dangers = [note for note in (*of_home(settings), *of_keys(settings)) if note.state is State.DANGER]
    if dangers:
        raise SystemFault("; ".join(f"{note.what}: {note.told}. {note.mend}" for note in dangers))
    if home.stat().st_mode & 0o077:
        # An earlier version made it as the umask said.
        home.chmod(0o700)
        progress(f"{home} was open to other users of this machine; now it is not")


def of_home(settings: Settings) -> Iterator[Note]:
    """The home, and the folders above it, by which it could be exchanged."""
    home = settings.home
    status = home.stat()
    mode = stat.S_IMODE(status.st_mode)
    name = shlex.quote(str(home))
    if status.st_uid not in (os.geteuid(), 0):
        yield Note(
            "home", State.DANGER, f"{home} belongs to the user {status.st_uid}", f"Mend: chown -R {os.geteuid()} {name}"
        )
    if mode & stat.S_IWOTH:
        yield Note(
            "home",
            State.DANGER,
            f"every user of this machine can write into {home} (mode {mode:04o})",
            f"Look what others may have put there, then: chmod 700 {name}",
        )
    elif mode & 0o077:
        yield Note("home", State.WARNING, f"{home} has the mode {mode:04o}", f"Mend: chmod 700 {name}")
    else:
        yield Note("home", State.OK, f"{home} is ours alone")
    for folder in home.resolve().parents:
        above = folder.stat()
        if above.st_mode & stat.S_IWOTH and not above.st_mode & stat.S_ISVTX:
            yield Note(
                "home",
                State.DANGER,
                f"every user of this machine can exchange what lies in {folder}",
                f"Mend: chmod o-w {shlex.quote(str(folder))}, or choose another DISTRICT_REPORTS_HOME",
            )


def of_keys(settings: Settings) -> Iterator[Note]:
    """Keys and passwords: those in the home, and the key of the tokens where it lies elsewhere."""
    found = [path for path in _keys(settings) if path.is_file()]
    readable = [path for path in found if _others_can_read(path, settings.home)]
    for path in readable:
        # A secret that is mounted into a container may be readable for all its users: there is one.
        ours = path.is_relative_to(settings.home)
        yield Note(
            "keys",
            State.DANGER if ours else State.WARNING,
            f"other users of this machine can read {path} (mode {path.stat().st_mode & 0o777:04o})",
            f"Mend: chmod 600 {shlex.quote(str(path))}; who could read it may have, so change what it holds as well "
            "(docs/operations.md)",
        )
    if found and not readable:
        yield Note("keys", State.OK, f"{len(found)} files with keys and passwords are ours alone")


def _keys(settings: Settings) -> Iterator[Path]:
    airflow = settings.home / "airflow"
    yield from settings.keys.rglob("*")
    yield from (airflow / "keys.json", airflow / "passwords.json", settings.home / "postgres" / "password")
    if configured := os.environ.get(KEY_FILE):
        yield Path(configured)


def _others_can_read(path: Path, home: Path) -> bool:
    """Whether the mode of the file lets others read it, and those of the home and of the folders in it let them come
    so far."""
    if not path.stat().st_mode & _OTHERS_READ:
        return False
    return all(folder.stat().st_mode & _OTHERS_ENTER for folder in path.parents if folder.is_relative_to(home))
