"""Bring ``反馈/待核对.xlsx`` of every district up to date with the last run, and the number of open items in its note.

A list is made anew where it tells something else than the one that was delivered last; that one goes into 历史. One
that the clerk moved away, as by cutting it out to drop it in 上报, is put there again by the next night. The
ledger notes a list once it lies there. It tells what was known at the moment of its run, so a call that was cut off
anywhere is called again and does the rest: a list that lies there already is the same, byte for byte.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from sqlalchemy import Engine, text

from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.feedback.folder_notes import WORKLIST_FILE, former_worklist, write_explanation, write_standing
from district_reports.ledger.worklist import (
    Run,
    delivered,
    last_run,
    note_delivered,
    own_rows,
    touched_districts,
)
from district_reports.reconciliation.rules import cross_rules
from district_reports.reconciliation.worklist_book import content_of, worklist_book
from district_reports.reconciliation.worklist_words import worklist_rows
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.file_state import IN_USE
from district_reports.storage.folders import HISTORY, DistrictFolder, district_folders
from district_reports.storage.share import Folder, Unsafe

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Told:
    """How many districts have a new list, and how many wait for one since theirs is open in another program."""

    delivered: int = 0
    waiting: int = 0


def tell_districts(progress: Callable[[str], None] = log.info) -> Told:
    """Bring every district's list and note up to date. `progress` gets lines without personal data.

    A list that a clerk has open is exchanged by the next call.

    Raises:
        SystemFault: the uploads folder can't be listed, or districts could not be told; the others were.
        sqlalchemy.exc.DBAPIError: the warehouse can't be asked.
    """
    loader = engine(Role.LOADER)
    with loader.begin() as connection:
        run = last_run(connection)
        codes = touched_districts(connection)
    if run is None:
        return Told()
    register = Register.load(settings().reference)
    folders = {folder.code: folder for folder in district_folders(settings().uploads)}
    done = waiting = 0
    faults = []
    for code in sorted(codes | folders.keys()):
        try:
            new = code in codes and _deliver(loader, code, folders, run, register)
            if code in folders:
                write_standing(loader, register, folders[code])
        except SystemFault as fault:
            faults.append(f"district {code}: {fault}")
        except OSError as error:
            if error.errno in IN_USE:
                log.info("the list of district %s stays as it is until the next call: %s", code, error.strerror)
                waiting += 1
            else:
                faults.append(f"district {code}: {error.strerror}")
        else:
            done += new
    progress(f"{done} districts have a new list of items")
    if faults:
        raise SystemFault(f"districts could not be told of their items: {'; '.join(faults)}")
    return Told(done, waiting)


def _deliver(loader: Engine, code: str, folders: Mapping[str, DistrictFolder], run: Run, register: Register) -> bool:
    """Bring the list of a district up to date with `run`; whether it tells something else than the one before."""
    with loader.begin() as connection:
        # One after the other: what is noted is what lies there.
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtext('worklist of a district'), :code)"), {"code": int(code)}
        )
        before = delivered(connection).get(code)
        if before is not None and before.run_id >= run.run_id:
            return False
        found = own_rows(connection, code, run.known_at, before.run_id if before else run.run_id)
        rows = worklist_rows(found, run.day, register, cross_rules())
        content = content_of(rows)
        folder = folders.get(code)
        if content == (before.content if before else content_of(())):
            if rows and folder is not None:
                _put_back(folder, worklist_book(rows, code, run.day))
            return False
        if folder is None:
            if not rows and register.district(code, run.day) is None:
                # It was merged, and its folder taken away: nobody is left to be told that nothing is left.
                return False
            raise SystemFault("its folder is not there, or is a link: is the share mounted?")
        folder.mend()
        with folder.feedback.opened() as feedback:
            _put(
                folder,
                feedback,
                worklist_book(rows, code, run.day) if rows else None,
                before.day if before else run.day,
            )
        write_explanation(folder)
        note_delivered(connection, code, run.run_id, content)
        failpoint("tell: before commit")
    failpoint("tell: noted")
    return True


def _put(folder: DistrictFolder, feedback: Folder, book: bytes | None, made_on: date) -> None:
    """Let `book` be the list in 反馈, or none; another one that lies there goes into 历史 under the day it is from."""
    if feedback.has(WORKLIST_FILE):
        if book is not None and _holds(feedback, book):
            return
        feedback.make_folder(HISTORY)
        with folder.history.opened() as history:
            number = 1
            while history.has(name := former_worklist(made_on, number)):
                number += 1
            feedback.move(WORKLIST_FILE, history, name)
        failpoint("tell: earlier moved")
    if book is not None:
        feedback.put(WORKLIST_FILE, BytesIO(book))
        failpoint("tell: placed")


def _put_back(folder: DistrictFolder, book: bytes) -> None:
    """Let a list that the clerk took out of 反馈, perhaps to send it back, lie there again."""
    with folder.feedback.opened() as feedback:
        if not feedback.has(WORKLIST_FILE):
            feedback.put(WORKLIST_FILE, BytesIO(book))


def _holds(feedback: Folder, book: bytes) -> bool:
    try:
        with feedback.open_file(WORKLIST_FILE) as file:
            return file.read(len(book) + 1) == book
    except (OSError, Unsafe):
        # Whatever it is, it is not ours.
        return False
