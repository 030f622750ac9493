"""Receive what lies in the districts' folders (docs/architecture.md, "The way of a workbook").

The order makes it safe to be killed anywhere: archive, then ledger, then answer or notice, then the move of the
original, then the mark that the receipt is settled. A second call finds what was begun by its unsettled receipt and
does the rest; every step can be done twice. Before the ledger knows a file nothing has happened to it.
"""

import fcntl
import logging
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from district_reports import clock
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.feedback.folder_notes import write_standing
from district_reports.ledger.receipts import Drop, Filed, dropped_anything, file_drop, unsettled
from district_reports.model.channel import PRECHECK_CHANNEL, UPLOAD_CHANNEL
from district_reports.receiving import snapshot
from district_reports.receiving.emptied import remove_emptied
from district_reports.receiving.finishing import finish
from district_reports.receiving.identity import identify
from district_reports.receiving.precheck import not_checked_yet
from district_reports.receiving.stability import Stability, stable_files
from district_reports.receiving.summary import ReceiveSummary
from district_reports.receiving.turns import Turns, more_waits
from district_reports.reconciliation.returned import ReturnedBook
from district_reports.reconciliation.taking_in import file_worklist
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage import archive
from district_reports.storage.dropped import FILES_A_CALL, look_through
from district_reports.storage.file_state import IN_USE, FileState
from district_reports.storage.folders import DistrictFolder, district_folders, lay_out, shown_name
from district_reports.storage.share import Place

log = logging.getLogger(__name__)

_HELD_SECONDS = 1200.0
"""Twice as long as Airflow lets a call of receiving run."""


def receive(
    loader: Engine,
    register: Register,
    stable_files: Callable[[Sequence[Place]], Stability] = stable_files,
    progress: Callable[[str], None] = log.info,
) -> ReceiveSummary:
    """Finish what an earlier call began, then receive every file that has stopped changing.

    `progress` gets lines without personal data. One bad file never stops the others. The districts take turns,
    and what is left after some seconds waits for the next call. Files that are only to be checked come last, and are
    left where they lie. A call while another runs does nothing.

    Raises:
        SystemFault: the uploads folder is not there, or something broke for some files; the others were received. Or
            something holds the lock that no call of receiving would hold for so long.
    """
    summary = ReceiveSummary()
    with _alone(settings().home / "receive.lock") as alone:
        if not alone:
            progress("another call is receiving; nothing done")
            return summary
        snapshot.clear(settings().home / "snapshots")
        folders = {folder.name: folder for folder in district_folders(settings().uploads)}
        _Receiving(loader, register, stable_files, progress, folders, summary).run()
    if (fault := summary.fault()) is not None:
        raise SystemFault(fault)
    return summary


@contextmanager
def _alone(lock: Path) -> Iterator[bool]:
    """Whether no other call on this machine is receiving; the lock goes with the process, however it ends.

    Raises:
        SystemFault: it has been held for longer than any call takes.
    """
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # When its holder took it, it wrote to it.
            if time.time() - os.fstat(file.fileno()).st_mtime > _HELD_SECONDS:
                raise SystemFault(f"{lock} has been held for {_HELD_SECONDS / 60:.0f} minutes: by what?") from None
            yield False
            return
        file.write(b"\n")
        file.flush()
        yield True


@dataclass
class _Receiving:
    loader: Engine
    register: Register
    stable_files: Callable[[Sequence[Place]], Stability]
    progress: Callable[[str], None]
    folders: dict[str, DistrictFolder]
    summary: ReceiveSummary
    begun: list[Drop] = field(default_factory=list)
    turns: Turns = field(default_factory=Turns)
    to_tell: list[DistrictFolder] = field(default_factory=list)

    def run(self) -> None:
        for receipt in self._to_finish():
            with self._fault_of(f"receipt {receipt.receipt_id}"):
                finish(receipt, self.folders, self.register, self.loader)
                self.summary.finished += 1
        # What could not be finished keeps its receipt: received again it would have two. Neither may another file that
        # is shown under its name take its place.
        self.begun = [receipt.drop for receipt in self._unsettled()]
        dropped_folders = self._look_around()
        while ahead := self.turns.ahead():
            looks = self.stable_files(ahead)
            for place, error in looks.broken:
                with self._fault_of(f"district {self.turns.leave(place).code}"):
                    raise error
            for folder, channel, look in self.turns.in_turn(looks.taken):
                # Where a report met a full disk, what is smaller must not overtake it.
                if channel == PRECHECK_CHANNEL and self.summary.failed(f"district {folder.code}"):
                    self.summary.unsettled += 1
                    continue
                with self._fault_of(f"district {folder.code}"):
                    self._receive(folder, channel, look)
            if not looks.taken:
                break
        self.summary.unsettled += self.turns.left
        self._say_what_waits()
        if dropped_folders:
            remove_emptied(dropped_folders)

    def _to_finish(self) -> list[Filed]:
        """What an earlier call began, of each district as much as one call receives; any of it, where there is more."""
        by_folder: dict[str, list[Filed]] = {}
        for receipt in self._unsettled():
            by_folder.setdefault(receipt.drop.folder, []).append(receipt)
        return [
            receipt
            for begun in by_folder.values()
            for receipt in (begun if len(begun) <= FILES_A_CALL else random.sample(begun, FILES_A_CALL))
        ]

    def _look_around(self) -> list[Place]:
        """Let wait what lies in the districts' folders; the folders that were dropped whole."""
        dropped_folders: list[Place] = []
        unfinished = Counter(drop.folder for drop in self.begun)
        left_before = more_waits(settings().home).exists()
        for folder in self._districts():
            with self._fault_of(f"district {folder.code}"):
                folder.mend()
                dropped = look_through(folder.drop)
                for words in dropped.faults:
                    self.summary.note(f"district {folder.code}", words)
                if unfinished[folder.name] >= FILES_A_CALL:
                    # Its answers can't be placed: more of them would cost the others their time, each call anew.
                    self.summary.unsettled += len(dropped.files)
                    continue
                self.turns.add(folder, UPLOAD_CHANNEL, dropped.files)
                dropped_folders += dropped.folders
                if dropped.links or len(dropped.files) > FILES_A_CALL or (left_before and dropped.files):
                    self.to_tell.append(folder)
                self.turns.add(folder, PRECHECK_CHANNEL, not_checked_yet(folder, self.loader))
        return dropped_folders

    def _say_what_waits(self) -> None:
        """Tell the districts whose files wait for another call, and the watch, so that it comes soon."""
        for folder in self.to_tell:
            with self._fault_of(f"district {folder.code}"):
                write_standing(self.loader, self.register, folder)
        if self.turns.stopped_early:
            more_waits(settings().home).touch(mode=0o600)
        else:
            more_waits(settings().home).unlink(missing_ok=True)

    def _unsettled(self) -> list[Filed]:
        with self.loader.begin() as connection:
            return unsettled(connection)

    def _dropped_anything(self, district_code: str) -> bool:
        with self.loader.begin() as connection:
            return dropped_anything(connection, district_code)

    def _districts(self) -> Iterable[DistrictFolder]:
        """Every district's folder. A new district's is made; one that is gone is a fault of the share."""
        present = {folder.code for folder in self.folders.values()}
        for district in self.register.districts_on(clock.today()):
            if district.code in present:
                continue
            with self._fault_of(f"district {district.code}"):
                if not present or self._dropped_anything(district.code):
                    raise SystemFault("its folder is not there, or is a link: is the share mounted?")
                for folder in lay_out(settings().uploads, [district]):
                    self.folders[folder.name] = folder
        return self.folders.values()

    @contextmanager
    def _fault_of(self, what: str) -> Iterator[None]:
        """Note what breaks, in words without personal data, and let the others go on."""
        try:
            yield
        except SystemFault as fault:
            self.summary.note(what, str(fault))
        except OSError as error:
            if error.errno in IN_USE:
                log.info("a file of %s is open in another program; the next call tries again", what)
                self.summary.unsettled += 1
                return
            # Its text holds the file's name.
            self.summary.note(what, f"{type(error).__name__}: {error.strerror}")
        except Exception as error:
            self.summary.note(what, type(error).__name__)

    def _receive(self, folder: DistrictFolder, channel: str, look: FileState) -> None:
        file_name = shown_name(look.place.relative_to(folder.drop if channel == UPLOAD_CHANNEL else folder.precheck))
        for drop in self.begun:
            if (drop.folder, drop.channel) == (folder.name, channel) and (
                drop.state == look.state or drop.file_name == file_name
            ):
                return
        try:
            with snapshot.snapshot(look, settings().home / "snapshots") as taken:
                failpoint("receive: copied")
                what = identify(taken, folder.code, channel, self.register, self.loader)
                failpoint("receive: identified")
                archived = archive.put(settings().archive, taken.path, taken.sha256)
        except (snapshot.StillChanging, FileNotFoundError):
            self.summary.unsettled += 1
            return
        failpoint("receive: archived")
        drop = Drop(
            district_code=folder.code,
            folder=folder.name,
            file_name=file_name,
            channel=channel,
            sha256=taken.sha256,
            size_bytes=look.size,
            inode=look.inode,
            modified_ns=look.modified_ns,
            received_at=taken.taken_at,
            archived_as=str(archived.relative_to(settings().archive)),
        )
        self.begun.append(drop)
        with self.loader.begin() as connection:
            receipt = (
                file_worklist(connection, drop, what)
                if isinstance(what, ReturnedBook)
                else file_drop(connection, drop, what)
            )
        failpoint("receive: recorded")
        self.summary.received += 1
        self.summary.rejected_at_once += receipt.rejection is not None
        self.progress(
            f"receipt {receipt.receipt_id}: district {folder.code}, {_told(receipt)}"
            + ("" if channel == UPLOAD_CHANNEL else ", to be checked only")
        )
        finish(receipt, self.folders, self.register, self.loader)


def _told(receipt: Filed) -> str:
    if receipt.is_worklist:
        return "a worklist"
    return f"{receipt.identity.form} {receipt.identity.period}" if receipt.identity else "rejected at once"
