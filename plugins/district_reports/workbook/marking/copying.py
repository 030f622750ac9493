"""Put a marked copy together: what is done to which part, and all parts written in the original's order."""

import posixpath
from collections.abc import Mapping
from typing import BinaryIO

from district_reports.workbook.marking import earlier
from district_reports.workbook.marking.answer import Answer
from district_reports.workbook.marking.archive import Source, Writer, packed, rels_of
from district_reports.workbook.marking.book import (
    listed_sheets,
    unused_ids,
    with_list,
    with_relationships,
    with_types,
)
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.marking.formatting import Formatting
from district_reports.workbook.marking.list_formats import Looks
from district_reports.workbook.marking.listing import Listing, Sheets
from district_reports.workbook.marking.marked_sheet import Changes, mark_sheet
from district_reports.workbook.marking.marks import Marks, Plan, planned
from district_reports.workbook.marking.sheet import Back
from district_reports.workbook.marking.styles import Styles
from district_reports.workbook.package.opc import CONTENT_TYPES
from district_reports.workbook.problem_list import PROBLEM_LIST

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


def write_copy(source: Source, answer: Answer, target: BinaryIO) -> set[str]:
    """Write the marked copy to `target`; the parts that went with an earlier list.

    Raises:
        CannotMark: the workbook is one that is not marked.
    """
    if any(name.startswith("_xmlsignatures/") for name in source.entries):
        raise CannotMark("a workbook with a digital signature")
    copying = _Copying(source, answer)
    copying.edit()
    copying.write(target)
    return copying.dropped


class _Copying:
    def __init__(self, source: Source, answer: Answer) -> None:
        self._source = source
        self._answer = answer
        self._main = next(one.target for one in source.relationships("") if one.kind == "officedocument")
        self._of_main = source.relationships(self._main)
        self._book = source.read(self._main)
        self._listed = listed_sheets(self._book)
        self._changes = Changes()
        self.dropped: set[str] = set()

    def edit(self) -> None:
        """Work out every part that changes."""
        source, changes = self._source, self._changes
        place, part = self._place_of_list()
        former = self._former_fills(part)
        titles = {one: title for one, title in source.package.sheets.items() if one != part}
        plan = planned(self._answer.findings, titles)
        place_of = {one: number for number, one in enumerate(titles)}
        sheets = sorted(plan.parts, key=lambda title: place_of[plan.parts[title]])
        listing = Listing(self._answer, plan.left_out, sheets)
        styles_part = next((one.target for one in self._of_main if one.kind == "styles"), "")
        if styles_part not in source.entries:
            raise CannotMark("a workbook without styles")
        styles = Styles(source.read(styles_part))
        looks = Looks(styles)
        fills = self._mark_sheets(plan, titles, styles, former, listing)
        list_part = part or self._new_part()
        known = {key: fills[where] for key, where in self._cells(plan) if where in fills}
        changes.put(list_part, packed(listing.xml(looks, Sheets(plan.locations, known))))
        changes.put(styles_part, packed([styles.xml()]))
        relationship = self._listed[place].relationship if part else self._relate(list_part)
        book = with_list(self._book, place, relationship, listing.titles, listing.filtered)
        changes.put(self._main, packed([book]))
        if part is not None:
            self.dropped = _only_of(source, part)
        types = source.read(CONTENT_TYPES)
        types = with_types(types, changes.types, changes.extensions, self.dropped | changes.removed)
        changes.put(CONTENT_TYPES, packed([types]))

    def _place_of_list(self) -> tuple[int, str | None]:
        """Where the list of an earlier marking stands, and its part; else behind the last sheet."""
        targets = {one.id: one.target for one in self._of_main}
        for place, one in enumerate(self._listed):
            if one.title == PROBLEM_LIST:
                return place, targets[one.relationship]
        return len(self._listed), None

    def _former_fills(self, part: str | None) -> Mapping[tuple[str, str], str]:
        if part is None:
            return {}
        table = next((one for one in self._source.package.strings if one in self._source.entries), None)
        strings = self._source.blocks(table) if table else iter(())
        found = earlier.former_fills(self._source.blocks(part), strings)
        if found is None:
            raise CannotMark("a sheet of the list's name that is none of ours")
        return found

    def _mark_sheets(
        self,
        plan: Plan,
        titles: Mapping[str, str],
        styles: Styles,
        former: Mapping[tuple[str, str], str],
        listing: Listing,
    ) -> dict[tuple[str, str], str]:
        """Edit every sheet that needs it; the fills that marked cells had before, by (part, address)."""
        first_rows = {plan.parts[title]: row for title, row in listing.first_rows().items() if title in plan.parts}
        by_sheet: dict[str, dict[str, str]] = {}
        for (sheet, cell), fill in former.items():
            by_sheet.setdefault(sheet, {})[cell] = fill
        fills: dict[tuple[str, str], str] = {}
        for part, title in titles.items():
            marks = plan.marks.get(part, Marks())
            formatting = Formatting(styles, marks.severities, by_sheet.get(title, {}))
            back = Back(first_rows[part], listing.tooltip) if part in first_rows else None
            mark_sheet(self._source, self._changes, part, formatting, marks.comments, back)
            fills |= {(part, cell): fill for cell, fill in formatting.fills.items() if fill}
        return fills

    @staticmethod
    def _cells(plan: Plan) -> list[tuple[tuple[str, str], tuple[str, str]]]:
        """((sheet, cell) as a finding names it, (part, cell)) of every cell with a finding."""
        return [((sheet, cell), (plan.parts[sheet], cell)) for sheet, cell in plan.locations]

    def _new_part(self) -> str:
        folder = posixpath.join(posixpath.dirname(self._main), "worksheets")
        part = self._source.unused(posixpath.join(folder, "sheet{}.xml"), set())
        self._changes.types[part] = _SHEET_TYPE
        return part

    def _relate(self, part: str) -> str:
        """The id of a new relationship of the workbook to `part`."""
        name = rels_of(self._main)
        xml = self._source.read(name)
        [id_] = unused_ids(xml, 1)
        target = posixpath.relpath(part, posixpath.dirname(self._main) or ".")
        self._changes.put(name, packed([with_relationships(xml, {id_: ("worksheet", target)})]))
        return id_

    def write(self, target: BinaryIO) -> None:
        """Write every part: as it was, edited, or new."""
        writer = Writer(target)
        left_out = self.dropped | self._changes.removed
        for name, entry in self._source.entries.items():
            if name in left_out:
                continue
            new = self._changes.parts.get(name)
            if new is None or (new[1].crc, new[1].size) == (entry.crc, entry.size):
                writer.copy(self._source.file, entry)
            else:
                writer.add(entry.name, new[1])
        for lower, (name, new_part) in self._changes.parts.items():
            if lower not in self._source.entries:
                writer.add(name, new_part)
        writer.close()


def _only_of(source: Source, part: str) -> set[str]:
    """The parts that belong to `part` alone, their relationships and its own included, but not itself."""
    targets = {
        name: {one.target for one in source.relationships(name) if not one.external} & source.entries.keys()
        for name in ("", *source.entries)
        if rels_of(name) in source.entries
    }
    found: set[str] = set()
    reach = set(targets.get(part, ()))
    while reach - found:
        found |= reach
        reach = {target for name in found for target in targets.get(name, ())}
    found.discard(part)
    while kept := {one for name, some in targets.items() if name not in found | {part} for one in some} & found:
        found -= kept
    return found | {rels_of(name) for name in (*found, part)} & source.entries.keys()
