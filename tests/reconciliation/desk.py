"""A small city that can be played day by day: five districts and two that come late, each with a pile of reports.

A report is kept as rows; what changes is changed there, and sent again.
"""

import copy
from collections.abc import Callable
from datetime import date, datetime, time
from itertools import count

import pytest
from sqlalchemy import Engine, text

from district_reports.clock import ZONE
from independent.book import Row
from recomputed.hostile import WRONG
from recomputed.plan import Report, blank
from recomputed.play import on_day
from recomputed.quick import checked
from reconciliation.draft import FORM_OF, SHEETS
from submitted import submit, withdraw

Key = tuple[str, str, str]


class Desk:
    """What the districts have to send, what they sent, and what became of it."""

    def __init__(self, loader: Engine, environ: pytest.MonkeyPatch) -> None:
        self.loader, self.environ = loader, environ
        self.sent: list[Report] = []
        self._rows: dict[Key, dict[str, list[Row]]] = {}
        self._decided: dict[int, int] = {}
        self._contents = count(1)
        self.today = date.min

    def morning(self, today: date) -> None:
        self.today = today
        on_day(today, self.environ)

    def add(self, sheet: str, district: str, period: str, row: Row) -> Row:
        """A row on the pile, to change and send later."""
        key = FORM_OF[sheet], district, period
        self._rows.setdefault(key, {title: [] for title in SHEETS[key[0]]})[sheet].append(row)
        return row

    def rows(self, sheet: str, district: str, period: str) -> list[Row]:
        return self._rows[FORM_OF[sheet], district, period][sheet]

    def send(self, form: str, district: str, period: str, spoil: Callable[[Report], None] | None = None) -> None:
        """Send a report as its rows are now; `spoil` plants what is wrong in it."""
        report = blank(form, district, period, self.today, copy.deepcopy(self._rows[form, district, period]))
        if spoil is not None:
            spoil(report)
        decision = submit(self.loader, f"content {next(self._contents)}", checked(report), received_at=self._at(9))
        assert decision.outcome.value == report.judged
        self._decided[id(report)] = decision.submission_id
        self.sent.append(report)

    def send_all(self) -> None:
        for key in self._rows:
            self.send(*key)

    def take_back(self, form: str, district: str, period: str) -> None:
        """Withdraw the report that stands."""
        standing = [
            report
            for report in self.sent
            if report.key == (form, district, period) and report.judged != "rejected" and not report.taken_back
        ]
        standing[-1].taken_back = self.today
        withdraw(self.loader, self._decided[id(standing[-1])], received_at=self._at(10))

    def receipt(self) -> int:
        """Any receipt, to say where an explanation came from."""
        with self.loader.begin() as connection:
            found = connection.scalar(text("SELECT min(receipt_id) FROM ledger.receipt"))
        assert isinstance(found, int)
        return found

    def _at(self, hour: int) -> datetime:
        return datetime.combine(self.today, time(hour), ZONE)


def without_sheet(report: Report) -> None:
    """F10: sent back."""
    report.book.sheets.popitem()
    report.refused = True


def with_wrong(sheet: str, who: str) -> Callable[[Report], None]:
    """A row of `who` is quarantined."""

    def spoil(report: Report) -> None:
        rows = report.book.sheets[sheet].rows
        index = next(at for at, row in enumerate(rows) if row["身份证件号"] == who)
        report.put_wrong(sheet, index, WRONG[sheet])

    return spoil
