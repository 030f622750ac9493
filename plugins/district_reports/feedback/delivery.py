"""Put an answer into a district's 反馈: a workbook, and a page of the same name beside it.

The workbook is the district's own with the mistakes marked; a list of the mistakes where it can't be marked. Marking
is help, the answer is the duty: whatever goes wrong in it, there is a list.
"""

import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from district_reports.errors import at
from district_reports.failpoints import failpoint
from district_reports.feedback.folder_notes import write_explanation
from district_reports.model.finding import Outcome
from district_reports.storage.folders import DistrictFolder, safe_name
from district_reports.workbook.marking.answer import Answer, answer_name
from district_reports.workbook.marking.list_workbook import write_answer

if TYPE_CHECKING:
    from district_reports.feedback.facts import ReportFacts

log = logging.getLogger(__name__)

NOT_OPENED = frozenset({"F01", "F02", "F03", "F04"})
"""Rules about a file that is not opened, or was better not."""
_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.ESTALE, errno.ENOENT}


def put_answer(
    answer: Answer,
    original: Path,
    facts: "ReportFacts",
    folder: DistrictFolder,
    still_ours: Callable[[], None] = lambda: None,
) -> str:
    """Write both files into the folder's 反馈; the workbook's name.

    `original` is the archived file, which is only read. `still_ours` is called before anything is placed; what it
    raises keeps it from being placed. Both files appear whole, the page first: where the workbook is there, all is
    done, and a second call writes nothing.

    Raises:
        OSError: the share or the disk refused; nothing half is seen.
    """
    folder.feedback.mkdir(exist_ok=True)
    workbook = folder.feedback / safe_name(answer_name(answer))
    if not workbook.exists():
        place_answer(answer, original, facts, workbook, still_ours)
    write_explanation(folder)
    return workbook.name


def place_answer(
    answer: Answer, original: Path, facts: "ReportFacts", workbook: Path, still_ours: Callable[[], None]
) -> None:
    """Write both files, and put them where they belong: the one at `workbook`, the page beside it.

    What lies there is replaced at once by something whole; `still_ours` as in :func:`put_answer`.

    Raises:
        OSError: the share or the disk refused; nothing half is seen.
    """
    draft = workbook.with_name(f".{answer.receipt_no}-{os.getpid()}.tmp")
    page_draft = draft.with_suffix(".html.tmp")
    try:
        write_page(answer, facts, page_draft)
        failpoint("answer: page written")
        write_workbook(answer, original, draft)
        failpoint("answer: written")
        still_ours()
        if page_draft.exists():
            page_draft.replace(workbook.with_suffix(".html"))
        failpoint("answer: page placed")
        draft.replace(workbook)
        failpoint("answer: placed")
    finally:
        page_draft.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)


def write_workbook(answer: Answer, original: Path, path: Path) -> None:
    """Write the marked copy of `original` to `path`; the list where there is nothing to mark, or it can't be done.

    Raises:
        OSError: the disk refused.
    """
    if _has_places(answer):
        from district_reports.workbook.marking.marked import CannotMark, write_marked

        try:
            write_marked(original, answer, path)
            return
        except CannotMark as why:
            log.info("receipt %s: answered with a list: %s", answer.receipt_no, why)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
                raise
            log.error("receipt %s: not marked: %s at %s", answer.receipt_no, type(error).__name__, at(error))
        path.unlink(missing_ok=True)
    write_answer(answer, path)


def write_page(answer: Answer, facts: "ReportFacts", path: Path) -> None:
    """Write the report to `path`; nothing, where it can't be written for a mistake of ours.

    Raises:
        OSError: the disk refused.
    """
    from district_reports.feedback.report import write_report

    try:
        write_report(answer, facts, path)
    except OSError:
        raise
    except Exception as error:
        log.error("receipt %s: no page: %s at %s", answer.receipt_no, type(error).__name__, at(error))
        path.unlink(missing_ok=True)


def _has_places(answer: Answer) -> bool:
    """Whether the answer is about the cells of the file itself."""
    if answer.outcome is Outcome.DUPLICATE or answer.withdrawn_receipt is not None:
        return False
    return not any(found.rule in NOT_OPENED for found in answer.findings)
