"""Put an answer into 反馈 once more, for a clerk who lost or spoilt it. Decision and ledger stay as they are."""

import logging
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports import clock
from district_reports.database.engine import Role, engine
from district_reports.failpoints import failpoint
from district_reports.feedback.folder_notes import write_explanation
from district_reports.feedback.tidy import move_aside, superseded
from district_reports.forms import forms
from district_reports.ledger.answers import later_under_way
from district_reports.ledger.submissions import submission
from district_reports.settings import settings
from district_reports.storage import archive
from district_reports.storage.file_state import file_state
from district_reports.storage.folders import folder_named, free_name, labelled
from district_reports.storage.share import Place

log = logging.getLogger(__name__)


class Obstacle(StrEnum):
    """Why an answer is not written again.

    UNDER_WAY: it is not written for the first time yet. NONE: it never had one, since it told nothing new. SUPERSEDED:
    a later file of the same form, district and period has its answer, which is the one to go by. LATER_UNDER_WAY: such
    a file is to be decided or answered. UNDECLARED: the form is no longer declared. CHANGED: what lies in 反馈 is not
    what was seen. BUSY: another is writing it at this moment.
    """

    UNDER_WAY = "under_way"
    NONE = "none"
    SUPERSEDED = "superseded"
    LATER_UNDER_WAY = "later_under_way"
    UNDECLARED = "undeclared"
    CHANGED = "changed"
    BUSY = "busy"


class NotAnsweredAgain(Exception):
    """Nothing was written, and why."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


@dataclass(frozen=True)
class AnsweredAgain:
    """Names in 反馈: of the workbook, and of the copy of what lay in its place, if anything did."""

    name: str
    kept_as: str | None


def obstacle_to(connection: Connection, submission_id: int) -> Obstacle | None:
    """What the ledger has against answering a submission again, if anything; as the reader.

    Raises:
        sqlalchemy.exc.NoResultFound: there is no such submission.
    """
    row = submission(connection, submission_id)
    if row.state != "answered":
        return Obstacle.UNDER_WAY
    if row.answered_as is None:
        return Obstacle.NONE
    if row.form is None:
        return None
    if row.form not in forms():
        return Obstacle.UNDECLARED
    if _is_superseded(connection, row):
        return Obstacle.SUPERSEDED
    return Obstacle.LATER_UNDER_WAY if later_under_way(connection, row) else None


def what_lies_there(answered_as: str) -> str:
    """A text that tells what lies in the place of an answer from anything else; empty where nothing does.

    Raises:
        OSError: the share does not answer.
    """
    look = file_state(Place(settings().uploads).join(answered_as))
    return "-".join(map(str, look.state)) if look else ""


def answer_again(submission_id: int, seen: str) -> AnsweredAgain:
    """Write the answer to a submission under its old name, as things stand today.

    What lies there is kept under another name: a clerk may have written explanations into it. `seen` is what
    :func:`what_lies_there` said when somebody decided that it should be replaced; a second call with it writes nothing.
    Cut off at any point, either the old workbook or the whole new one is there.

    Raises:
        NotAnsweredAgain: see :class:`Obstacle`.
        SystemFault: the district's folder is not there, or the archived file is damaged.
        OSError: the share or the disk refused.
        sqlalchemy.exc.NoResultFound: there is no such submission.
    """
    # Pandas comes with it, and who only asks for an obstacle needs none.
    from district_reports.feedback.composing import answer_of, facts_of
    from district_reports.feedback.delivery import place_answer

    reader = engine(Role.READER)
    with reader.begin() as locked:
        if not locked.scalar(
            text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"answer {submission_id}"}
        ):
            raise NotAnsweredAgain(Obstacle.BUSY)
        row = _ready(locked, submission_id)
        told, _ = answer_of(locked, submission_id)
        folder_name, _, name = row.answered_as.split("/")
        folder = folder_named(settings().uploads, folder_name)
        folder.feedback.make()
        workbook = folder.feedback / name
        kept: list[str] = []

        def still_so() -> None:
            # Marking takes seconds, in which the district may have reported again.
            with reader.begin() as connection:
                _ready(connection, submission_id)
            _require(row.answered_as, seen)
            if seen:
                kept.append(_keep(workbook))
                if what_lies_there(row.answered_as) != seen:
                    with folder.feedback.opened() as feedback:
                        feedback.remove(kept[0])
                    raise NotAnsweredAgain(Obstacle.CHANGED)

        _require(row.answered_as, seen)
        original = archive.original(settings().archive, row.sha256)
        place_answer(told, original, facts_of(reader, submission_id), workbook, still_so)
    with reader.begin() as connection:
        if row.form is not None and _is_superseded(connection, row):
            move_aside(folder, superseded(connection, row.form, row.district_code, row.period, submission_id, name))
    write_explanation(folder)
    log.info("submission %d: answered again", submission_id)
    return AnsweredAgain(name, kept[0] if kept else None)


def _ready(connection: Connection, submission_id: int) -> Row[Any]:
    if obstacle := obstacle_to(connection, submission_id):
        raise NotAnsweredAgain(obstacle)
    return submission(connection, submission_id)


def _is_superseded(connection: Connection, row: Row[Any]) -> bool:
    name = PurePath(row.answered_as).name
    passed = superseded(connection, row.form, row.district_code, row.period, row.submission_id, name)
    return any(name in answer.names for answer in passed)


def _require(answered_as: str, seen: str) -> None:
    if what_lies_there(answered_as) != seen:
        raise NotAnsweredAgain(Obstacle.CHANGED)


def _keep(workbook: Place) -> str:
    """Copy what lies at `workbook` beside it, whole or not at all; under which name."""
    at = clock.now()
    with workbook.parent.opened() as folder, folder.open_file(workbook.name) as source:
        stem = PurePath(workbook.name).stem
        copy = free_name(folder, labelled(stem, f"_原有{at:%Y%m%d-%H%M%S}.xlsx"), at)
        folder.put(copy, source)
    failpoint("answer again: kept")
    return copy
