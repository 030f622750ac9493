"""How much typing a prefilled template saves, on the made-up city: ``make typing``.

Counted against the report that the city really sends for the next period. Without prefill the clerk types every cell
that holds something. With it she types the cells that the template lacks or has otherwise, empties those that hold too
much, and deletes rows that are no more, at the price of one cell each. What she types on a helper sheet counts as well;
there she types what saves her something. By what a helper sheet's rows are chosen (a course; a school, stage and
programme), new rows that share it stand together and are filled down: each such column counts two cells a block.
"""

import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from district_reports.local.samples.forms import generator, sampled_forms
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.workbooks import SAMPLE_DAY, cover_of
from district_reports.model.form import Form, Sheet
from district_reports.model.period import Period
from district_reports.model.prefill import Known, LastReport, Row
from district_reports.reference.register import District, Register
from district_reports.settings import settings
from district_reports.warehouse.known import asking_everyone
from district_reports.workbook.templates.helper_sheet import Helper
from district_reports.workbook.templates.prefill import Prefilled, prefilled, types_of_schools, yielded
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
    periods = {form.key: [Period.containing(form.period_kind, SAMPLE_DAY).previous()] for form in sampled_forms()}
    for what in ("The demo's periods", "The next ones", "Those after them"):
        sys.stdout.write(f"{what}, each after those from the one before the demo's were accepted:\n")
        total = Typing()
        for form in sampled_forms():
            earlier = periods[form.key]
            period = earlier[-1].following()
            of_form = _of_city(form, register, earlier, period)
            _say(f"  {form.key} {period.text}", of_form)
            total += of_form
            earlier.append(period)
        _say("  together", total)
    return 0


def _of_city(form: Form, register: Register, earlier: Sequence[Period], period: Period) -> Typing:
    districts = register.districts_on(period.last_day)
    return sum((typing_of(form, register, district, earlier, period) for district in districts), Typing())


def _say(what: str, typing: Typing) -> None:
    share = 100 * typing.with_prefill / typing.without
    sys.stdout.write(f"{what}: {typing.without:,} cells without prefill, {typing.with_prefill:,} with, {share:.0f} %\n")
    sys.stdout.flush()


def typing_of(form: Form, register: Register, district: District, earlier: Sequence[Period], period: Period) -> Typing:
    """What one district types for `period` after its reports of the periods `earlier` were accepted, oldest first."""
    *before, then, now = (Sample(register, district, each, each.last_day) for each in (*earlier, period))
    given = prefilled(form, register, district, period, known_from_sample(form, then, before))
    truth = generator(form.key)(now)
    cover = cover_of(now)
    typing = Typing(len(cover), sum(given.cover.get(label, "") != text for label, text in cover.items()))
    return typing + of_rows(form, given, truth, types_of_schools(register, district, period))


def known_from_sample(form: Form, sample: Sample, earlier: Sequence[Sample] = ()) -> Known:
    """What the warehouse knows once the sample's report was accepted, and before it those of `earlier` samples."""
    rows, cover = generator(form.key)(sample), cover_of(sample)
    asked = asking_everyone(form)
    named = [generator(form.key)(each) for each in (earlier if asked else ())]
    everyone = {helper.title: [row for of in (*named, rows) for row in of[sheet.table]] for sheet, helper in asked}
    return Known([LastReport(sample.period, rows)], everyone, cover[FILLER], cover[TELEPHONE])


def of_rows(
    form: Form, given: Prefilled, truth: Mapping[str, Sequence[Row]], types: Mapping[str, str] = MappingProxyType({})
) -> Typing:
    """What the rows `truth` cost by table, where `given` stand already; `types` are the schools' types by code."""
    typing = Typing()
    for sheet in form.sheets:
        partners = _Partners(sheet, given.rows[sheet.table])
        cells = [_Cells(row, partners.take(row)) for row in truth[sheet.table]]
        typing += Typing(sum(sum(v is not None for v in each.wanted.values()) for each in cells), partners.left())
        tables = dict(truth)
        for helper in given.helpers:
            if helper.fills is sheet:
                tables[helper.declared.title], on_helper = _typed_once(helper, cells)
                typing += Typing(0, on_helper)
        results: list[dict[str, object]] = [{} for _ in cells]
        for follow in sheet.follows:
            rows = [each.without(follow.columns) for each in cells]
            for found, more in zip(results, yielded(follow, rows, tables, types), strict=True):
                found |= {name: value for name, value in more.items() if found.get(name) is None}
        typed = [
            {name for name in sheet.by_name if each.costs(name, found.get(name))}
            for each, found in zip(cells, results, strict=True)
        ]
        typing += Typing(0, sum(map(len, typed)) - _filled_down(given, sheet, cells, typed))
    return typing


@dataclass(frozen=True)
class _Cells:
    """A row as it must be, and as the template has it."""

    wanted: Row
    there: Row

    def costs(self, name: str, follows: object) -> bool:
        """Whether the cell must be typed where `follows` is what a formula yields, None if nothing."""
        there = self.there.get(name)
        return self.wanted.get(name) != (follows if there is None else there)

    def without(self, names: Collection[str]) -> Row:
        return {name: value for name, value in self.wanted.items() if name not in names}


def _typed_once(helper: Helper, cells: Sequence[_Cells]) -> tuple[list[Row], int]:
    """The rows of a helper sheet as a clerk leaves them who types there what saves typing, and what she types."""
    declared, total = helper.declared, 0
    known = {tuple(row.get(name) for name in declared.by): row for row in helper.rows}
    groups: dict[tuple[object, ...], list[_Cells]] = {}
    for each in cells:
        groups.setdefault(tuple(each.wanted.get(name) for name in declared.by), []).append(each)
    left: list[Row] = []
    for key, group in groups.items():
        before = known.get(key, {})
        row, typed, saved = dict(zip(declared.by, key, strict=True)), 0, 0
        for name in declared.columns:
            costs = {
                value: (value != before.get(name)) + sum(each.costs(name, value) for each in group)
                for value in {before.get(name), *(each.wanted.get(name) for each in group)}
            }
            row[name] = min(costs, key=lambda value: (costs[value], value != before.get(name)))
            typed += row[name] != before.get(name)
            saved += sum(each.costs(name, None) for each in group) - costs[row[name]]
        if before or saved > len(declared.by):
            left.append(row)
            total += typed + (0 if before else len(declared.by))
    return left, total


def _filled_down(given: Prefilled, sheet: Sheet, cells: Sequence[_Cells], typed: Sequence[Collection[str]]) -> int:
    """What is saved where the same choice of new rows is made once and filled down: two cells a block are left."""
    filled: set[str] = set()
    saved = 0
    for helper in given.helpers:
        if helper.fills is sheet and not helper.declared.everyone:
            by = [name for name in helper.declared.by if name not in filled]
            chosen = Counter(
                (name, *(each.wanted.get(other) for other in helper.declared.by))
                for each, names in zip(cells, typed, strict=True)
                if not each.there
                for name in by
                if name in names
            )
            saved += sum(max(0, count - 2) for count in chosen.values())
            filled.update(by)
    return saved


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
