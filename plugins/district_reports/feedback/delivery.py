"""Put an answer into a district's 反馈: a workbook, and a page of the same name beside it.

The workbook is the district's own with the mistakes marked; a list of the mistakes where it can't be marked. Marking
is help, the answer is the duty: whatever goes wrong in it, there is a list.
"""

import errno
import logging
from collections.abc import Callable
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from district_reports.errors import at
from district_reports.failpoints import failpoint
from district_reports.feedback.folder_notes import write_explanation
from district_reports.model.finding import Outcome
from district_reports.settings import settings
from district_reports.storage.folders import DistrictFolder, safe_name
from district_reports.storage.share import Place
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
    folder.feedback.make()
    workbook = folder.feedback / safe_name(answer_name(answer))
    with folder.feedback.opened() as feedback:
        there = feedback.has(workbook.name)
    if not there:
        place_answer(answer, original, facts, workbook, still_ours)
    write_explanation(folder)
    return workbook.name


def place_answer(
    answer: Answer, original: Path, facts: "ReportFacts", workbook: Place, still_ours: Callable[[], None]
) -> None:
    """Write both files, and put them where they belong: the one at `workbook`, the page beside it.

    They are written where nobody else can, and copied. What lies there is replaced at once by something whole;
    `still_ours` as in :func:`put_answer`.

    Raises:
        Unsafe: the folder is a link.
        OSError: the share or the disk refused; nothing half is seen.
    """
    drafts = drafts_below(settings().home)
    drafts.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=drafts, prefix=f"{answer.receipt_no}-") as private:
        draft, page_draft = Path(private, "answer.xlsx"), Path(private, "answer.html")
        write_page(answer, facts, page_draft)
        failpoint("answer: page written")
        write_workbook(answer, original, draft)
        failpoint("answer: written")
        still_ours()
        with workbook.parent.opened() as folder:
            if page_draft.exists():
                with page_draft.open("rb") as page:
                    folder.put(str(PurePath(workbook.name).with_suffix(".html")), page)
            failpoint("answer: page placed")
            with draft.open("rb") as written:
                folder.put(workbook.name, written)
            failpoint("answer: placed")


def drafts_below(home: Path) -> Path:
    """Where answers are written before they are placed."""
    return home / "drafts"


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
