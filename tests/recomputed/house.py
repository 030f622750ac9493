"""Which workbooks are in force, by the plan's own bookkeeping, what stands in them, and what each looks back on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook

from recomputed.exact import Row
from recomputed.periods import Period
from recomputed.play import Sent
from recomputed.register import Register


@dataclass(frozen=True, eq=False)
class Accepted:
    """A report in force and its sound rows, by sheet and header; of a nil return there are none."""

    form: str
    district: str
    period: Period
    sheets: dict[str, list[Row]]
    nil: bool


def sheets_of(path: Path, left_out: dict[str, set[int]]) -> dict[str, list[Row]]:
    """The rows of the data sheets, from row 4, but those `left_out`; days without their hours."""
    found: dict[str, list[Row]] = {}
    book = load_workbook(path)
    for sheet in book.worksheets[1:]:
        lines = list(sheet.iter_rows(min_row=3, values_only=True))
        rows = [
            dict(zip(lines[0], map(_plain, line), strict=True))
            for number, line in enumerate(lines[1:], 4)
            if number not in left_out.get(sheet.title, ())
        ]
        found[sheet.title] = [row for row in rows if any(value is not None for value in row.values())]
    return found


def _plain(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


def in_force(sent: Iterable[Sent]) -> dict[tuple[str, str, str], Sent]:
    """The last accepted of each form, district and period that nobody took back."""
    standing: dict[tuple[str, str, str], Sent] = {}
    for one in sent:
        if one.report.outcome in ("accepted", "accepted_with_errors") and not one.report.taken_back:
            standing[one.report.key] = one
    return standing


class House:
    """The register, every report in force, and how one looks back on others."""

    def __init__(self, register: Register, sent: list[Sent], today: date) -> None:
        self.register, self.sent, self.today = register, sent, today
        self.standing = in_force(sent)
        self.reports: dict[tuple[str, str, str], Accepted] = {}
        for one in self.standing.values():
            left_out = {
                sheet: one.report.wrong.get(sheet, set()) | one.report.totals.get(sheet, set())
                for sheet in one.report.book.sheets
            }
            period = Period.of(one.report.period)
            sheets = sheets_of(one.path, left_out)
            self.reports[one.report.key] = Accepted(
                one.report.form, one.report.district, period, sheets, one.report.nil
            )

    def of(self, form: str, district: str) -> list[Accepted]:
        """A district's reports in force, oldest period first."""
        found = [report for report in self.reports.values() if (report.form, report.district) == (form, district)]
        return sorted(found, key=lambda report: report.period)

    def _spoken_for(self, report: Accepted) -> list[str]:
        return sorted(self.register.spoken_for(report.district, report.period.last))

    def earlier(self, report: Accepted) -> list[Accepted]:
        """All reports of earlier periods, of the district and of those that it speaks for."""
        return [
            other
            for district in self._spoken_for(report)
            for other in self.of(report.form, district)
            if other.period < report.period
        ]

    def previous(self, report: Accepted) -> list[Accepted]:
        """The district's last accepted report before; the first after a merger looks back on the last of each.

        Once it has reported for both, what the merged one had said is past.
        """
        last = {other.district: other for other in self.earlier(report)}
        own = last.get(report.district)
        if own is None:
            return list(last.values())
        spoke_then = self.register.spoken_for(report.district, own.period.last)
        return [own, *(other for district, other in last.items() if district not in spoke_then)]

    def first_of_year(self, report: Accepted) -> list[Accepted]:
        """The first reports of the period's calendar year; empty where this report is its district's first itself."""
        firsts: dict[str, Accepted] = {}
        for other in self.earlier(report):
            if other.period.year == report.period.year:
                firsts.setdefault(other.district, other)
        return list(firsts.values())

    def year_to_date(self, report: Accepted) -> list[Accepted]:
        """The reports of the calendar year up to this one, itself last."""
        return [*(other for other in self.earlier(report) if other.period.year == report.period.year), report]
