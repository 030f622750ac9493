"""Play the days of the hostile city through the real path: drop, receive, validate, load; and withdraw."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports.processing import ingest
from district_reports.processing.withdraw import withdraw
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import Stability
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.file_state import file_state
from district_reports.storage.folders import DistrictFolder, lay_out
from recomputed.plan import Report
from recomputed.sending import in_order


@dataclass(frozen=True)
class Sent:
    """A report that was sent: the workbook on disk, and its receipt's number."""

    report: Report
    path: Path
    receipt: int


def on_day(day: date, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("DISTRICT_REPORTS_TODAY", str(day))
    settings.cache_clear()


def play(reports: Iterable[Report], books: Path, loader: Engine, environ: pytest.MonkeyPatch) -> list[Sent]:
    """Send the reports, each on its day; `books` gets the workbooks.

    A file that is sent again is the same bytes.
    """
    register = Register.load(settings().reference)
    folders = {folder.code: folder for folder in lay_out(settings().uploads, register.districts)}
    books.mkdir()
    written: dict[int, Path] = {}
    sent: dict[int, Sent] = {}
    for day, report, taken_back in in_order(reports):
        on_day(day, environ)
        if taken_back:
            withdraw(sent[id(report)].receipt, "王科长", "报错了", lambda _: None)
            continue
        if id(report.book) not in written:
            written[id(report.book)] = report.book.write(books / f"{len(written):03d}.xlsx")
        path = written[id(report.book)]
        sent[id(report)] = Sent(report, path, _deliver(report, path, folders, loader))
    return list(sent.values())


def _deliver(report: Report, path: Path, folders: dict[str, DistrictFolder], loader: Engine) -> int:
    folder = folders[report.district]
    shutil.copyfile(path, os.fspath(folder.drop.path / "报表.xlsx"))
    register = Register.load(settings().reference)
    receive(loader, register, lambda paths: Stability(tuple(look for p in paths if (look := file_state(p))), 0))
    with loader.begin() as connection:
        receipt = connection.scalar(text("SELECT max(receipt_id) FROM ledger.receipt"))
    step = ingest.validate(report.form, f"{report.district}|{report.period}", "played")
    assert step is not None, f"{report.key} of {report.day} was not taken in"
    ingest.load(step)
    ingest.answer(step)
    assert isinstance(receipt, int)
    return receipt
