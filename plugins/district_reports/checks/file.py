"""Check a workbook on disk: read it in the limited child, then check what was read."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from district_reports.checks.catalogue import finding
from district_reports.checks.declared import titles_to_read
from district_reports.checks.run import check_workbook, rejected_file
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Finding
from district_reports.model.knowledge import NOTHING_KNOWN, Knowledge
from district_reports.reference.register import Register
from district_reports.workbook.problem import Problem
from district_reports.workbook.reading import child


def check_file(
    path: Path,
    register: Register,
    folder_district: str | None,
    received_on: date,
    knowledge: Knowledge = NOTHING_KNOWN,
    read: Callable[[Path, Sequence[str]], child.Reading] = child.read,
) -> CheckedWorkbook:
    """The verdict on the file at `path`; see :func:`district_reports.checks.run.check_workbook`.

    `read` gives the sheets with these titles, or what keeps them from being read.

    Raises:
        SystemFault: the child can't be started, the file can't be opened, or a rule can't be evaluated.
    """
    reading = read(path, titles_to_read())
    if reading.problems:
        return rejected_file([in_words(problem) for problem in reading.problems], register, received_on)
    return check_workbook((*reading.sheets, *reading.others), register, folder_district, received_on, knowledge)


def in_words(problem: Problem) -> Finding:
    """The finding that tells the clerk of `problem`."""
    words: dict[str, Any] = dict(problem.words)
    return finding(problem.rule, problem.variant, **words)
