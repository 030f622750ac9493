"""How much typing a prefilled template saves, on the made-up city: ``make typing``.

Counted against the report that the city really sends for the next period. Without prefill the clerk types every cell
that holds something. With it she types the cells that the template lacks or has otherwise, empties those that hold too
much, and deletes rows that are no more, at the price of one cell each. Copying from a roster is not counted as saved.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from district_reports.local.samples.forms import generator, sampled_forms
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.workbooks import SAMPLE_DAY, cover_of
from district_reports.model.form import Form, Sheet
from district_reports.model.period import Period
from district_reports.model.prefill import Known, LastReport, Roster, Row
from district_reports.reference.register import District, Register
from district_reports.settings import settings
from district_reports.workbook.templates.prefill import prefilled
from district_reports.workbook.templates.template import FILLER, TELEPHONE


@dataclass(frozen=True)
class Typing:
    """Cells that a clerk types for one or more reports."""

    without: int = 0
    with_prefill: int = 0

    def __add__(self, other: "Typing") -> "Typing":
        return Typing(self.without + other.without, self.with_prefill + other.with_prefill)


def main() -> int:
    """Print a line for each form and period: those of the demo, and the next ones."""
    register = Register.load(settings().reference)
    demo = {form.key: Period.containing(form.period_kind, SAMPLE_DAY) for form in sampled_forms()}
    following = {key: period.following() for key, period in demo.items()}
    for what, periods in (("The demo's periods", demo), ("The next ones", following)):
        sys.stdout.write(f"{what}, each after the one before was accepted:\n")
        total = Typing()
        for form in sampled_forms():
            period = periods[form.key]
            of_form = _of_city(form, register, period)
            _say(f"  {form.key} {period.text}", of_form)
            total += of_form
        _say("  together", total)
    return 0


def _of_city(form: Form, register: Register, period: Period) -> Typing:
    districts = register.districts_on(period.last_day)
    return sum((typing_of(form, register, district, period.previous(), period) for district in districts), Typing())


def _say(what: str, typing: Typing) -> None:
    share = 100 * typing.with_prefill / typing.without
    sys.stdout.write(f"{what}: {typing.without:,} cells without prefill, {typing.with_prefill:,} with, {share:.0f} %\n")
    sys.stdout.flush()


def typing_of(form: Form, register: Register, district: District, last: Period, period: Period) -> Typing:
    """What one district types for `period` after its report of `last` was accepted."""
    then, now = (Sample(register, district, each, each.last_day) for each in (last, period))
    given = prefilled(form, register, district, period, known_from_sample(form, then))
    truth = generator(form.key)(now)
    cover = cover_of(now)
    typing = Typing(len(cover), sum(given.cover.get(label, "") != text for label, text in cover.items()))
    for sheet in form.sheets:
        typing += of_sheet(sheet, given.rows.get(sheet.table, ()), truth[sheet.table])
    return typing


def known_from_sample(form: Form, sample: Sample) -> Known:
    """What the warehouse knows once the sample's report was accepted."""
    rows, cover = generator(form.key)(sample), cover_of(sample)
    rosters = {
        sheet.table: list({row[sheet.prefill.by]: row for row in rows[sheet.table]}.values())
        for sheet in form.sheets
        if isinstance(sheet.prefill, Roster)
    }
    return Known([LastReport(sample.period, rows)], rosters, cover[FILLER], cover[TELEPHONE])


def of_sheet(sheet: Sheet, given: Sequence[Row], truth: Sequence[Row]) -> Typing:
    """What the rows `truth` cost in a sheet where `given` stand already."""
    partners = _Partners(sheet, given)
    typing = Typing()
    for row in truth:
        before = partners.take(row)
        cells = [(row.get(name), before.get(name)) for name in sheet.by_name]
        typing += Typing(
            sum(wanted is not None for wanted, _ in cells), sum(wanted != there for wanted, there in cells)
        )
    return typing + Typing(0, partners.left())


class _Partners:
    """A template's rows, each handed out once: to the report's row with its key, or with as much of it as is known."""

    def __init__(self, sheet: Sheet, rows: Sequence[Row]) -> None:
        self._keys = sheet.key
        self._waiting: dict[tuple[object, ...], list[Row]] = {}
        for row in rows:
            self._waiting.setdefault(tuple(row.get(name) for name in self._keys), []).append(row)

    def take(self, row: Row) -> Row:
        """The partner of `row`; an empty one if it has none."""
        whole = tuple(row.get(name) for name in self._keys)
        for known in range(len(whole), 0, -1):
            found = self._waiting.get((*whole[:known], *[None] * (len(whole) - known)))
            if found:
                return found.pop()
        return {}

    def left(self) -> int:
        """How many have found no partner."""
        return sum(map(len, self._waiting.values()))


if __name__ == "__main__":
    sys.exit(main())
