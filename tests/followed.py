"""A clerk's way with an answer: the file is checked in the child and marked; the copy is mended and sent again."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from openpyxl import Workbook, load_workbook

from district_reports.checks.file import check_file
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Severity
from district_reports.reference.register import Register
from district_reports.workbook.marking.marked import write_marked
from guarded_files import rewritten
from marked_book import answer, faults

RECEIVED_ON = date(2020, 7, 4)
Parts = dict[str, bytes]


def checked(path: Path, register: Register) -> CheckedWorkbook:
    """The verdict on a file of 中山区, read as a drop is."""
    return check_file(path, register, "210202", RECEIVED_ON)


def told(of: CheckedWorkbook) -> list[tuple[str, str | None, str | None]]:
    """(rule, sheet, cell) of the findings that say that something must be done or explained."""
    return [(one.rule, one.sheet, one.cell) for one in of.findings if one.severity is not Severity.INFO]


def marked(path: Path, of: CheckedWorkbook) -> Path:
    """The marked copy, whose package is sound, in which every part of the original is still there."""
    copy = path.with_name("marked.xlsx")
    write_marked(path, answer(*of.findings), copy)
    assert faults(copy) == []
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(copy) as after:
        assert set(before.namelist()) <= set(after.namelist())
    return copy


def mended(path: Path, change: Callable[[Workbook], object]) -> Path:
    """The file with what a person does to it in a program for spreadsheets."""
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def with_parts(path: Path, change: Callable[[Parts], object]) -> Path:
    """The file with its parts changed, as no person does it."""
    return rewritten(path, lambda parts: change(parts) and None)
