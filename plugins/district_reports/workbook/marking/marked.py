"""The marked copy: the clerk's own workbook with every finding where it is, by editing the package and nothing else.

All parts but those that change are copied as they are packed; what changes is edited in place, byte by byte, and the
copy is checked against its original before anybody gets it.
"""

import os
import secrets
from pathlib import Path

from district_reports.errors import at
from district_reports.workbook.guard.guard import guard
from district_reports.workbook.marking.answer import Answer
from district_reports.workbook.marking.archive import Source
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.marking.copying import write_copy
from district_reports.workbook.marking.inert import inert
from district_reports.workbook.marking.self_check import check

__all__ = ["CannotMark", "write_marked"]


def write_marked(original: Path, answer: Answer, path: Path) -> None:
    """Write a marked copy of the workbook `original`, about which `answer` speaks, to `path`.

    Each cell with an open finding is filled by severity and has a comment; a sheet 问题清单 lists all findings. What an
    earlier marking left in `original` is taken out first, and so is what leads out of the workbook (:mod:`.inert`).
    `path` is there whole, or not at all.

    Raises:
        CannotMark: the workbook is none that can be marked, or the copy would not hold the same values.
        OSError: a file can't be read or written.
    """
    # A name that whoever clears up after a killed worker knows, however long the clerk's own is.
    unfinished = path.with_name(f".{secrets.token_hex(8)}-unfinished.tmp")
    try:
        with original.open("rb") as file:
            source = inert(Source(file, original.stat().st_size))
            with unfinished.open("w+b") as target:
                dropped = write_copy(source, answer, target)
                target.flush()
                length = target.tell()
                if guard(unfinished):
                    raise CannotMark("the guard would refuse the copy")
                check(source, Source(target, length), dropped)
        os.replace(unfinished, path)
    except (CannotMark, OSError):
        raise
    except Exception as error:
        # Its words may hold what stands in the workbook.
        raise CannotMark(f"{type(error).__name__} at {at(error)}") from None
    finally:
        unfinished.unlink(missing_ok=True)
