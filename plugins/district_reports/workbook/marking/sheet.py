"""What stands around the rows of a worksheet: its head and its tail, edited (ECMA-376 part 1, 18.3.1.99)."""

import re
from dataclasses import dataclass

from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.marking.formatting import Formatting
from district_reports.workbook.marking.rows import Rows
from district_reports.workbook.marking.splicing import (
    MAIN,
    Edit,
    Element,
    appended,
    attributes,
    children,
    children_between,
    namespace_prefix,
    only,
    quoted,
    relationship_attribute,
    require_utf8,
    spliced,
    tag_of,
    with_attribute,
)
from district_reports.workbook.names import column_letter
from district_reports.workbook.problem_list import PROBLEM_LIST
from district_reports.workbook.sheet_xml import column_number

_ROOT = re.compile(rb"""<([\w.-]+:)?worksheet(?=[\s>])[^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*)*>""")
_RANGE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Za-z]{1,3})\$?([0-9]{1,7}))?")
_TO_OUR_LIST = re.compile(rf"#?\$?'?{PROBLEM_LIST}'?[!.]")
# What may follow the rows, in this order.
_ORDER = (
    *(b"sheetCalcPr", b"sheetProtection", b"protectedRanges", b"scenarios", b"autoFilter", b"sortState"),
    *(b"dataConsolidate", b"customSheetViews", b"mergeCells", b"phoneticPr", b"conditionalFormatting"),
    *(b"dataValidations", b"hyperlinks", b"printOptions", b"pageMargins", b"pageSetup", b"headerFooter", b"rowBreaks"),
    *(b"colBreaks", b"customProperties", b"cellWatches", b"ignoredErrors", b"smartTags", b"drawing", b"legacyDrawing"),
    *(b"legacyDrawingHF", b"drawingHF", b"picture", b"oleObjects", b"controls", b"webPublishItems", b"tableParts"),
    b"extLst",
)
_MOST_LINKS = 65_530
"""Hyperlinks that a sheet can have in Excel."""


@dataclass(frozen=True)
class Back:
    """Where the link on the first cell leads: a row of 问题清单, and what it says under the pointer."""

    row: int
    tooltip: str


@dataclass
class SheetEdit:
    """What is done to one worksheet beside its cells.

    ``drawing`` is the relationship of a drawing of comments, should the sheet have none, ``emptied`` that of one that
    goes. Set once the sheet has passed: ``present_drawing``, that of the drawing that it had, and the widths of its
    ``columns`` in characters, as (first, last, width).
    """

    formatting: Formatting
    back: Back | None
    drawing: str | None
    emptied: str | None = None
    present_drawing: str | None = None
    root_tag: bytes = b""
    columns: tuple[tuple[int, int, float], ...] = ()

    def head(self, xml: bytes) -> tuple[bytes, Rows]:
        """What comes before the rows, and who edits them."""
        require_utf8(xml)
        root = _ROOT.search(xml)
        if root is None:
            raise CannotMark("a sheet without a root element")
        prefix = root[1] or b""
        self.root_tag = root[0]
        if (found := namespace_prefix(root[0], MAIN)) is None or found.encode() != prefix.rstrip(b":"):
            raise CannotMark("a sheet in another namespace")
        below = children_between(xml, root.end(), len(xml))
        edits = [*self._dimension(xml, below), *unselected(xml, below), *self._columns(xml, below)]
        return spliced(xml, edits), Rows(prefix, self.formatting)

    def _dimension(self, xml: bytes, below: list[Element]) -> list[Edit]:
        element = only(below, b"dimension")
        places = [(row, column) for row, columns in self.formatting.severities.items() for column in columns]
        if element is None or not places:
            return []
        tag = tag_of(xml, element)
        match = _RANGE.fullmatch(attributes(tag).get("ref", ""))
        if match is None:
            return []
        rows = [int(match[2]), int(match[4] or match[2]), *(row for row, _ in places)]
        corners = [column_number((letters or match[1]).upper().encode()) for letters in (match[1], match[3])]
        columns = [*corners, *(column for _, column in places)]
        ref = f"{column_letter(min(columns))}{min(rows)}:{column_letter(max(columns))}{max(rows)}"
        if rows[:2] == [min(rows), max(rows)] and corners == [min(columns), max(columns)]:
            return []
        return [Edit(element.start, element.inner, with_attribute(tag, "ref", ref))]

    def _columns(self, xml: bytes, below: list[Element]) -> list[Edit]:
        element = only(below, b"cols")
        edits, formats, widths = [], [], []
        for one in children(xml, element) if element else ():
            tag = tag_of(xml, one)
            given = attributes(tag)
            numbers = [given.get(name, "0") for name in ("min", "max", "style")]
            if not all(number.isdecimal() and len(number) < 7 for number in numbers):
                raise CannotMark("a column whose number is none")
            first, last, before = map(int, numbers)
            after = self.formatting.format_of_line(before)
            if after != before:
                edits.append(Edit(one.start, one.inner, with_attribute(tag, "style", str(after))))
            formats.append((first, last, after))
            widths.append((first, last, _number(given.get("width", ""))))
        self.formatting.columns, self.columns = formats, tuple(widths)
        return edits

    def tail(self, xml: bytes) -> bytes:
        """What comes behind the rows; without the root's end tag no sheet is whole."""
        end = xml.rfind(b"</")
        if end < 0:
            raise CannotMark("a sheet without an end")
        if xml[end:].rstrip()[2:-1].rstrip() != self.root_tag[1:].split(None, 1)[0].rstrip(b">"):
            raise CannotMark("a sheet without an end")
        below = children_between(xml, 0, end)
        return spliced(xml, [*self._links(xml, below, end), *self._drawing(xml, below, end)])

    def _links(self, xml: bytes, below: list[Element], end: int) -> list[Edit]:
        """Our link of an earlier marking goes, and the new one comes, unless the first cell has another."""
        element = only(below, b"hyperlinks")
        links = children(xml, element) if element else []
        ours = [one for one in links if _TO_OUR_LIST.match(attributes(tag_of(xml, one)).get("location", ""))]
        kept = [one for one in links if one not in ours]
        taken = any(_covers_first(attributes(tag_of(xml, one)).get("ref", "")) for one in kept)
        new = b""
        if self.back is not None and not taken and len(kept) < _MOST_LINKS:
            new = self._link(self._first_cell(xml, below))
        if not new and not ours:
            return []
        if element is None:
            prefix = self._prefix
            whole = b"<" + prefix + b"hyperlinks>" + new + b"</" + prefix + b"hyperlinks>"
            return [self._inserted(b"hyperlinks", below, end, whole)]
        if not new and not kept:
            # An empty table of links is none that Excel reads.
            return [Edit(element.start, element.end, b"")]
        edits = [Edit(one.start, one.end, b"") for one in ours]
        return [*edits, appended(xml, element, new)] if new else edits

    @property
    def _prefix(self) -> bytes:
        return self.root_tag[1:].partition(b"worksheet")[0]

    def _first_cell(self, xml: bytes, below: list[Element]) -> str:
        """A1, or the merged range that shows it."""
        merged = only(below, b"mergeCells")
        refs = (attributes(tag_of(xml, one)).get("ref", "") for one in children(xml, merged)) if merged else ()
        return next((ref for ref in refs if _RANGE.fullmatch(ref) and ref.upper().startswith("A1:")), "A1")

    def _link(self, ref: str) -> bytes:
        assert self.back is not None
        location, tooltip = f"'{PROBLEM_LIST}'!A{self.back.row}", quoted(self.back.tooltip)
        return (
            b"<" + self._prefix + f'hyperlink ref="{ref}" location="{location}" tooltip="{tooltip}" '.encode()
        ).rstrip() + b"/>"

    def _drawing(self, xml: bytes, below: list[Element], end: int) -> list[Edit]:
        element = only(below, b"legacyDrawing")
        if element is not None:
            given = attributes(tag_of(xml, element))
            self.present_drawing = next((value for name, value in given.items() if name.endswith(":id")), None)
            gone = self.emptied is not None and self.present_drawing == self.emptied
            return [Edit(element.start, element.end, b"")] if gone else []
        if self.drawing is None:
            return []
        attribute = relationship_attribute(self.root_tag, self.drawing)
        new = b"<" + self._prefix + f"legacyDrawing {attribute}/>".encode()
        return [self._inserted(b"legacyDrawing", below, end, new)]

    @staticmethod
    def _inserted(local: bytes, below: list[Element], end: int, new: bytes) -> Edit:
        """The edit that puts an element where the schema wants it: before the first that must follow it."""
        order = _ORDER.index(local)
        for one in below:
            # What a newer program wraps for an older one are controls.
            name = b"controls" if one.local == b"AlternateContent" else one.local
            # What no worksheet has is a newer program's, and stands where that put it.
            if name in _ORDER and _ORDER.index(name) > order:
                return Edit(one.start, one.start, new)
        return Edit(end, end, new)


def unselected(xml: bytes, below: list[Element]) -> list[Edit]:
    """The edits after which a sheet is not the one that is shown: with two such, typing goes into both."""
    edits = []
    views = only(below, b"sheetViews")
    for view in children(xml, views) if views else ():
        tag = tag_of(xml, view)
        if attributes(tag).get("tabSelected") not in (None, "0", "false"):
            edits.append(Edit(view.start, view.inner, with_attribute(tag, "tabSelected", None)))
    return edits


def _covers_first(ref: str) -> bool:
    match = _RANGE.fullmatch(ref)
    return match is not None and match[1].upper() == "A" and int(match[2]) == 1


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 255.0)
    except ValueError:
        return 9.0
