"""Keep 反馈 tidy: what a newer answer supersedes goes into 历史, and goes from there after a long time.

What is ours, and what is superseded, the ledger knows: no name is parsed, and what it does not name is left alone. A
file that a clerk has open or has renamed stays; the next answer, or the next night, tries again.
"""

import errno
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.feedback.folder_notes import former_worklist, write_explanation, write_standing
from district_reports.feedback.notices import notice_name, worklist_notice_name
from district_reports.ledger.answers import all_superseded, answered_before, superseded_of_key
from district_reports.ledger.worklist import delivered_before, returned_before
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.file_state import IN_USE
from district_reports.storage.folders import HISTORY, DistrictFolder, district_folders
from district_reports.storage.share import Place

log = logging.getLogger(__name__)

UNKNOWN_KEPT = timedelta(days=30)
"""How long answers to files that belong to no form and period stay in 反馈: nothing supersedes them."""
HISTORY_KEPT = timedelta(days=400)
"""How long an answer stays in 历史; the archive keeps everything."""
LISTS_OF_A_DAY = 100
"""So many are looked for: nobody runs the comparison so often in a day."""
_HELD = IN_USE | {errno.EACCES, errno.EPERM}


@dataclass(frozen=True)
class Placed:
    """One answer: the district's folder, and the names that its files have or had there."""

    folder: str
    names: tuple[str, ...]


def superseded(
    connection: Connection, form: str, district_code: str, period: str, submission_id: int, name: str
) -> list[Placed]:
    """The answers of the key that a later one supersedes; that of `submission_id`, which the ledger does not have yet,
    lies there as `name`."""
    rows = superseded_of_key(connection, form, district_code, period, submission_id, name)
    return [_placed(row) for row in rows]


def move_aside(folder: DistrictFolder, answers: Iterable[Placed]) -> int:
    """Move what lies in 反馈 of `answers` into 历史; how many files."""
    with folder.feedback.opened() as feedback:
        there = set(feedback.names())
        names = [name for answer in answers for name in answer.names if name in there]
        if not names:
            return 0
        feedback.make_folder(HISTORY)
        moved = 0
        with folder.history.opened() as history:
            for name in names:
                try:
                    feedback.move(name, history, name)
                except FileNotFoundError:
                    log.debug("a superseded answer was moved by another meanwhile")
                    continue
                except OSError as error:
                    if error.errno not in _HELD:
                        raise
                    log.info("a superseded answer stays where it is: %s", error.strerror)
                    continue
                moved += 1
                failpoint("answer: earlier moved")
    return moved


def tidy_folders() -> dict[str, int]:
    """Every district's 反馈 as it should be: superseded and old answers in 历史, very old ones gone from there, the
    notes up to date. How many files were moved and removed.

    Raises:
        SystemFault: the uploads folder can't be listed, or folders could not be tidied; the others were.
        sqlalchemy.exc.DBAPIError: the warehouse can't be asked.
    """
    with engine(Role.LOADER).begin() as connection:
        old = [*all_superseded(connection), *answered_before(connection, UNKNOWN_KEPT, without_identity=True)]
        aside = [*map(_placed, old), *map(_notice, returned_before(connection, UNKNOWN_KEPT))]
        gone = [_placed(row) for row in answered_before(connection, HISTORY_KEPT, without_identity=False)]
        gone += map(_notice, returned_before(connection, HISTORY_KEPT))
        lists = delivered_before(connection, HISTORY_KEPT)
    register = Register.load(settings().reference)
    moved = removed = 0
    faults = []
    for folder in district_folders(settings().uploads):
        try:
            moved += move_aside(folder, (answer for answer in aside if answer.folder == folder.name))
            removed += _remove(folder.history, (answer for answer in gone if answer.folder == folder.name))
            days = {row.day for row in lists if row.district_code == folder.code}
            removed += _remove(folder.history, (_former(folder, day) for day in days))
            write_explanation(folder)
            write_standing(engine(Role.LOADER), register, folder)
        except FileNotFoundError:
            # Receiving makes it again.
            log.info("district %s has no folder for answers", folder.code)
        except SystemFault as fault:
            faults.append(f"district {folder.code}: {fault}")
        except OSError as error:
            faults.append(f"district {folder.code}: {error.strerror}")
    if faults:
        raise SystemFault(f"folders could not be tidied: {'; '.join(faults)}")
    return {"moved": moved, "removed": removed}


def _remove(history: Place, answers: Iterable[Placed]) -> int:
    removed = 0
    try:
        with history.opened() as folder:
            there = set(folder.names())
            for name in (name for answer in answers for name in answer.names if name in there):
                try:
                    folder.remove(name)
                except OSError as error:
                    if error.errno not in _HELD:
                        raise
                    log.info("an old answer stays where it is: %s", error.strerror)
                    continue
                removed += 1
    except FileNotFoundError:
        log.debug("a district has no answers of former days")
    return removed


def _notice(row: Row[Any]) -> Placed:
    """The notice about a worklist that came back: no answer follows it."""
    return Placed(row.folder, (worklist_notice_name(row.file_name, row.receipt_id, row.channel),))


def _former(folder: DistrictFolder, day: date) -> Placed:
    """The worklists of a day; the night makes one, and a run by hand another."""
    return Placed(folder.name, tuple(former_worklist(day, number) for number in range(1, LISTS_OF_A_DAY + 1)))


def _placed(row: Row[Any]) -> Placed:
    workbook = Path(row.answered_as).name
    page = str(Path(workbook).with_suffix(".html"))
    return Placed(row.folder, (workbook, page, notice_name(row.file_name, row.receipt_id)))
