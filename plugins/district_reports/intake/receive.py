"""Receive what lies in the districts' folders (design.md, "The way of a workbook").

The order makes it safe to be killed anywhere: archive, then ledger, then answer or notice, then the move of the
original, then the mark that the receipt is settled. A second call finds what was begun by its unsettled receipt and
does the rest; every step can be done twice. Before the ledger knows a file nothing has happened to it.
"""

import fcntl
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from district_reports import clock
from district_reports.checks.catalogue import finding
from district_reports.checks.cover import WITHOUT_IDENTITY, check_cover
from district_reports.checks.rules_hash import rules_hash
from district_reports.checks.verdict import reason
from district_reports.errors import SystemFault
from district_reports.faults import reached
from district_reports.forms import forms
from district_reports.intake import archive, poison, snapshot
from district_reports.intake.drop import Filed, Ledger, Rejection, state_of
from district_reports.intake.dropped import look_through, remove_emptied
from district_reports.intake.folders import (
    DROP,
    FEEDBACK,
    DistrictFolder,
    district_folders,
    free_name,
    labelled,
    lay_out,
    safe_name,
    shown_name,
    write_whole,
)
from district_reports.intake.ledger import Drop, Identity
from district_reports.intake.notices import notice_text, receipt_text
from district_reports.intake.settle import IN_USE, Look, Settled, look_at, settled
from district_reports.intake.summary import ReceiveSummary
from district_reports.intake.withdrawal_note import Note, identified, number_of, read_note
from district_reports.model.finding import Finding, Outcome
from district_reports.reference import Register
from district_reports.settings import settings
from district_reports.workbook.answer import Answer, answer_name, write_answer

log = logging.getLogger(__name__)


def receive(
    ledger: Ledger,
    register: Register,
    answer: Callable[[Answer, Path], None] = write_answer,
    settle: Callable[[Sequence[Path]], Settled] = settled,
    progress: Callable[[str], None] = log.info,
) -> ReceiveSummary:
    """Finish what an earlier call began, then receive every file that has stopped changing.

    `answer` writes what goes back for a file rejected at once. `progress` gets lines without personal data. One bad
    file never stops the others; a call while another runs does nothing.

    Raises:
        SystemFault: the uploads folder is not there, or something broke for some files; the others were received.
    """
    summary = ReceiveSummary()
    with _alone(settings().home / "receive.lock") as alone:
        if not alone:
            progress("another call is receiving; nothing done")
            return summary
        snapshot.clear(settings().home / "snapshots")
        folders = {folder.path.name: folder for folder in district_folders(settings().uploads)}
        _Receiving(ledger, register, answer, settle, progress, folders, summary).run()
    if (fault := summary.fault()) is not None:
        raise SystemFault(fault)
    return summary


@contextmanager
def _alone(lock: Path) -> Iterator[bool]:
    """Whether no other call on this machine is receiving; the lock goes with the process, however it ends."""
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@dataclass
class _Receiving:
    ledger: Ledger
    register: Register
    answer: Callable[[Answer, Path], None]
    settle: Callable[[Sequence[Path]], Settled]
    progress: Callable[[str], None]
    folders: dict[str, DistrictFolder]
    summary: ReceiveSummary
    begun: list[Drop] = field(default_factory=list)

    def run(self) -> None:
        for receipt in self.ledger.unsettled():
            with self._fault_of(f"receipt {receipt.receipt_id}"):
                self._finish(receipt)
                self.summary.finished += 1
        waiting: dict[Path, DistrictFolder] = {}
        dropped_folders: list[Path] = []
        for folder in self._districts():
            with self._fault_of(f"district {folder.code}"):
                folder.mend()
                dropped = look_through(folder.drop)
                for words in dropped.faults:
                    self.summary.note(f"district {folder.code}", words)
                waiting.update(dict.fromkeys(dropped.files, folder))
                dropped_folders += dropped.folders
        # What could not be finished keeps its receipt: received again it would have two. Neither may another file that
        # is shown under its name take its place.
        self.begun = [receipt.drop for receipt in self.ledger.unsettled()]
        while waiting:
            looks = self.settle(list(waiting))
            for path, error in looks.broken:
                with self._fault_of(f"district {waiting.pop(path).code}"):
                    raise error
            # Of two for one period the one that was saved last is to win.
            for look in sorted(looks.taken, key=lambda look: (look.modified_ns, look.path.name)):
                folder = waiting.pop(look.path)
                with self._fault_of(f"district {folder.code}"):
                    self._receive(folder, look)
            if not looks.taken:
                break
        self.summary.unsettled += len(waiting)
        if dropped_folders:
            remove_emptied(dropped_folders)

    def _districts(self) -> Iterable[DistrictFolder]:
        """Every district's folder. A new district's is made; one that is gone is a fault of the share."""
        present = {folder.code for folder in self.folders.values()}
        for district in self.register.districts_on(clock.today()):
            if district.code in present:
                continue
            with self._fault_of(f"district {district.code}"):
                if not present or self.ledger.knows(district.code):
                    raise SystemFault("its folder is not there: is the share mounted?")
                for folder in lay_out(settings().uploads, [district]):
                    self.folders[folder.path.name] = folder
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

    def _receive(self, folder: DistrictFolder, look: Look) -> None:
        file_name = shown_name(str(look.path.relative_to(folder.drop)))
        for drop in self.begun:
            if drop.folder == folder.path.name and (state_of(drop) == look.state or drop.file_name == file_name):
                return
        try:
            with snapshot.snapshot(look, settings().home / "snapshots") as taken:
                reached("receive: copied")
                identity, rejection = self._identify(folder, taken)
                reached("receive: identified")
                archived = archive.put(settings().archive, taken.path, taken.sha256)
        except (snapshot.StillChanging, FileNotFoundError):
            self.summary.unsettled += 1
            return
        reached("receive: archived")
        drop = Drop(
            district_code=folder.code,
            folder=folder.path.name,
            file_name=file_name,
            lane=DROP,
            sha256=taken.sha256,
            size_bytes=look.size,
            inode=look.inode,
            modified_ns=look.modified_ns,
            received_at=taken.taken_at,
            archived_as=str(archived.relative_to(settings().archive)),
        )
        self.begun.append(drop)
        receipt = self.ledger.record(drop, identity, rejection)
        reached("receive: recorded")
        self.summary.received += 1
        self.summary.rejected_at_once += rejection is not None
        self.progress(
            f"receipt {receipt.receipt_id}: district {folder.code}, "
            + (f"{identity.form} {identity.period}" if identity else "rejected at once")
        )
        self._finish(receipt)

    def _identify(self, folder: DistrictFolder, taken: snapshot.Snapshot) -> tuple[Identity | None, Rejection | None]:
        """What the file is filed under, or why it can't be."""
        note = read_note(taken.path)
        if note is not None:
            return self._withdrawal(folder, note, taken)
        inspection = poison.inspect(taken.sha256, taken.path)
        findings: tuple[Finding, ...] = tuple(
            finding(problem.rule, problem.variant, **problem.words)  # type: ignore[arg-type]
            for problem in inspection.problems
        )
        if not findings:
            day = taken.taken_at.date()
            checked = check_cover(inspection.covers, forms(), self.register, folder.code, day, self.ledger.taken_until)
            findings, cover = checked.findings, checked.cover
            nameless = cover is None or cover.form is None or cover.period is None
            if not nameless and not any(found.rule in WITHOUT_IDENTITY for found in findings):
                assert cover is not None
                assert cover.form is not None
                assert cover.period is not None
                identity = Identity(
                    form=cover.form.key,
                    period=cover.period.text,
                    filler=cover.filler,
                    telephone=cover.telephone,
                )
                return identity, None
        words = reason(Outcome.REJECTED, findings, ())
        return None, Rejection(reason=words, rules_hash=rules_hash(self.register), findings=findings)

    def _withdrawal(
        self, folder: DistrictFolder, note: Note, taken: snapshot.Snapshot
    ) -> tuple[Identity | None, Rejection | None]:
        number = number_of(note)
        reported = None if number is None else self.ledger.reported(number)
        told = identified(note, folder.code, reported, taken.taken_at.date())
        if isinstance(told, Identity):
            return told, None
        words = f"撤回没有受理：{told.message}"
        return None, Rejection(reason=words, rules_hash=rules_hash(self.register), findings=(told,))

    def _finish(self, receipt: Filed) -> None:
        """Answer or notice, move, settle: every step does no harm when it is done again."""
        folder = self.folders.get(receipt.drop.folder)
        if folder is None:
            raise SystemFault(f"the folder of district {receipt.drop.district_code} is not there")
        folder.mend()
        if receipt.rejection is None:
            stem = safe_name(receipt.drop.file_name).rpartition(".")[0] or "文件"
            name = labelled(stem, f"_回执{receipt.receipt_id}_已收到.txt")
            write_whole(folder.feedback / name, notice_text(receipt))
            reached("receive: noticed")
        else:
            self._answer(folder, receipt, receipt.rejection)
        self._move(folder, receipt)
        self.ledger.settle(receipt)
        reached("receive: settled")

    def _answer(self, folder: DistrictFolder, receipt: Filed, rejection: Rejection) -> None:
        day = receipt.drop.received_at.date()
        district = self.register.district(folder.code, day)
        answer = Answer(
            form_title=None,
            period=None,
            district=district.name if district else folder.code,
            file_name=receipt.drop.file_name,
            received_at=receipt.drop.received_at,
            decided_at=clock.now(),
            outcome=Outcome.REJECTED,
            reason=rejection.reason,
            receipt_no=receipt.receipt_id,
            counts=(),
            findings=rejection.findings,
        )
        target = folder.feedback / safe_name(answer_name(answer))
        temporary = folder.feedback / f".{receipt.receipt_id}.tmp"
        # An earlier call may have written it; the clerk may have it open by now.
        if not target.exists():
            try:
                self.answer(answer, temporary)
                reached("receive: answer written")
                temporary.replace(target)
                reached("receive: answer placed")
            finally:
                temporary.unlink(missing_ok=True)
        self.ledger.answered(receipt, f"{folder.path.name}/{FEEDBACK}/{target.name}")
        reached("receive: answer noted")

    def _move(self, folder: DistrictFolder, receipt: Filed) -> None:
        """Move the original, wherever in the folder it lies now: a clerk may have renamed it meanwhile.

        One that is gone was moved before this call was cut off, or taken back; the archive has it. One that has
        changed is another drop, and is received as such.
        """
        look = look_at(folder.drop / receipt.drop.file_name)
        if look is None or look.state != state_of(receipt.drop):
            looks = (look_at(path) for path in look_through(folder.drop).files)
            look = next((look for look in looks if look and look.state == state_of(receipt.drop)), None)
        if look is None:
            return
        target = free_name(folder.received, receipt.drop.file_name, receipt.drop.received_at)
        # The text first: once the original has moved, nothing leads back to it.
        note = target.with_name(labelled(target.stem, f"_回执{receipt.receipt_id}.txt"))
        write_whole(note, receipt_text(receipt, target.name))
        reached("receive: note written")
        look.path.rename(target)
        reached("receive: moved")
