"""A share on which a district makes links, and everything of ours that touches it."""

import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import NoResultFound

from district_reports import clock
from district_reports.errors import LeaseLost, SystemFault
from district_reports.feedback.tidy import tidy_folders
from district_reports.ledger import leases
from district_reports.processing import ingest
from district_reports.processing.redelivery import NotAnsweredAgain, answer_again, what_lies_there
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import Quiet, stable_files
from district_reports.receiving.watch import look_now
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import DistrictFolder, answer_at
from district_reports.upkeep.leftovers import remove_leftovers
from district_reports.upkeep.template_folder import fill_templates
from district_reports.upkeep.verify import verify

SECRET = "王小明的秘密"
_RENAME_EXCHANGE = 2
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
# Exchanges two names of a pair by turns, until it is killed. The folders that hold them are opened before it begins.
_EXCHANGER = """
import ctypes, json, os, random, sys, time
libc = ctypes.CDLL(None, use_errno=True)
pairs = [
    [(os.open(os.path.dirname(path), os.O_DIRECTORY), os.fsencode(os.path.basename(path))) for path in pair]
    for pair in json.loads(sys.argv[1])
]
dice = random.Random(1)
print("exchanging", flush=True)
while True:
    one, other = dice.choice(pairs)
    for _ in range(dice.choice((1, 2, 2, 50))):
        libc.renameat2(*one, *other, 2)
        time.sleep(dice.choice((0, 0.0002, 0.002, 0.012)))
"""


@dataclass
class HostileShare:
    """``outside`` is a folder that the district can't read, with a workbook in it; ``loader`` is the warehouse's."""

    loader: Engine
    folder: DistrictFolder
    outside: Path

    def lay_out_secret(self, workbook: bytes) -> None:
        """Files outside that have the names of what lies on the share."""
        self.outside.mkdir(exist_ok=True)
        for name in ("台账.xlsx", "a.xlsx", "上报情况.txt", *self.names_of_answers()):
            (self.outside / name).write_bytes(workbook)
        (self.outside / ".old.tmp").write_bytes(workbook)
        for path in self.outside.iterdir():
            os.utime(path, (1.5e9, 1.5e9))

    def names_of_answers(self) -> list[str]:
        with self.loader.begin() as connection:
            found = connection.scalars(text("SELECT answered_as FROM ledger.submission WHERE answered_as IS NOT NULL"))
            workbooks = [Path(one).name for one in found]
        return [*workbooks, *(str(Path(name).with_suffix(".html")) for name in workbooks)]

    def actors(self) -> dict[str, Callable[[], object]]:
        """Everything that touches the share, by its name."""
        ours = settings()
        register = Register.load(ours.reference)
        return {
            "receiving": lambda: receive(
                self.loader, register, lambda places: stable_files(places, sleep=lambda _: None, quiet=Quiet(0, 0, 0))
            ),
            "watch": lambda: look_now(False),
            "answering": self.work,
            "answering again": self.again,
            "tidying": tidy_folders,
            "templates": lambda: fill_templates(
                self.loader, register, ours.uploads, ours.home / "templates", clock.today()
            ),
            "leftovers": lambda: remove_leftovers(0),
            "audit": lambda: verify(hashes=False),
            "pages": self.hand_out,
        }

    def work(self) -> None:
        with self.loader.begin() as connection:
            leases.make_all_due(connection)
            keys = leases.keys_to_signal(connection, "dropout_control")
        for key in keys:
            step = ingest.validate("dropout_control", key, "run")
            if step is not None:
                ingest.load(step)
                ingest.answer(step)

    def again(self) -> None:
        for submission_id, answered_as in self.answered():
            try:
                answer_again(submission_id, what_lies_there(answered_as))
            except (NotAnsweredAgain, NoResultFound):
                continue

    def hand_out(self) -> None:
        for _, answered_as in self.answered():
            with answer_at(settings().uploads, answered_as).open_file() as file:
                assert SECRET.encode() not in file.read()

    def answered(self) -> list[tuple[int, str]]:
        with self.loader.begin() as connection:
            every = "SELECT submission_id, answered_as FROM ledger.submission WHERE answered_as IS NOT NULL"
            return [(row.submission_id, row.answered_as) for row in connection.execute(text(every))]

    def act(self) -> dict[str, str]:
        """Let all of them act once; what each was refused, in words."""
        refused = {}
        for name, actor in self.actors().items():
            try:
                actor()
            except LeaseLost:
                continue
            except (SystemFault, OSError) as error:
                refused[name] = str(error)
        return refused

    def taken(self, secret: bytes) -> list[str]:
        """Where the secret has come to lie that should not leave its folder."""
        digest = hashlib.sha256(secret).hexdigest()
        found = [str(path) for path in settings().archive.glob(f"??/{digest}")]
        own = self.folder.place.path
        inside = [Path(top, name) for top, _, names in os.walk(own) if not own.is_symlink() for name in names]
        return found + [str(path) for path in inside if not path.is_symlink() and path.read_bytes() == secret]

    @cached_property
    def _descriptors(self) -> dict[str, int]:
        """The places that :meth:`refill` writes into, opened before anybody made a link."""
        return {name: os.open(self.folder.place.path / name, os.O_DIRECTORY) for name in ("上报", "上报/六月", "预检")}

    def refill(self, content: bytes) -> None:
        """Let there be something to receive and to look at, whatever the folders' names mean by now."""
        for descriptor in self._descriptors.values():
            with suppress(OSError), open(os.open("台账.xlsx", _WRITE, 0o600, dir_fd=descriptor), "wb") as file:
                file.write(content)

    def close(self) -> None:
        for descriptor in self._descriptors.values():
            os.close(descriptor)


def everything_in(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes() if path.is_file() else b"", path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
    }


def link_instead(place: Path, target: Path) -> None:
    """Put a link to `target` in the place of a folder, which is kept beside it."""
    place.rename(place.with_name(f"真-{place.name}"))
    place.symlink_to(target)


@contextmanager
def exchanging(pairs: list[tuple[Path, Path]]) -> Iterator[None]:
    """Another process exchanges the two of each pair with one another, all the time."""
    process = subprocess.Popen(
        [sys.executable, "-c", _EXCHANGER, json.dumps([[str(one), str(other)] for one, other in pairs])],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def can_exchange(folder: Path) -> bool:
    """Whether the file system can exchange two names at once."""
    one, other = folder / "one", folder / "other"
    one.mkdir()
    other.symlink_to(one)
    done = ctypes.CDLL(None, use_errno=True).renameat2(
        -100, os.fsencode(one), -100, os.fsencode(other), _RENAME_EXCHANGE
    )
    for path in (one, other):
        path.unlink() if path.is_symlink() else shutil.rmtree(path)
    return done == 0
