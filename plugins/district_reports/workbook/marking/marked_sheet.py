"""Mark one sheet: its cells, its comments with their boxes, its link to the list; and what of the package changes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from district_reports.workbook.formats import lines_needed
from district_reports.workbook.limits import LIMITS
from district_reports.workbook.marking import boxes, comments
from district_reports.workbook.marking.archive import Packed, Source, packed, rels_of
from district_reports.workbook.marking.book import (
    NO_RELATIONSHIPS,
    unused_ids,
    with_relationships,
    without_relationships,
)
from district_reports.workbook.marking.formatting import Formatting
from district_reports.workbook.marking.rows import streamed
from district_reports.workbook.marking.sheet import Back, SheetEdit, unselected
from district_reports.workbook.marking.splicing import children, root_of, spliced
from district_reports.workbook.problem_list import PROBLEM_LIST

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_SELECTED = re.compile(rb"""\stabSelected\s*=\s*["'](?:1|true)["']""")
_LINES_OF_ANOTHER = 4
"""Of a box for a comment of the clerk's own that had none."""

Place = tuple[int, int]


@dataclass
class Changes:
    """What of a package changes: the parts by their name in lower case, with the name that a new one has."""

    parts: dict[str, tuple[str, Packed]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, str] = field(default_factory=dict)
    first_block: int = 0

    def put(self, name: str, content: Packed) -> None:
        """A new or edited part."""
        self.parts[name.lower()] = (name, content)


class _Talk:
    """The comments of one sheet in the making."""

    def __init__(self, source: Source, part: str, texts: Mapping[Place, str]) -> None:
        self._source = source
        self._texts = texts
        self._related = [one for one in source.relationships(part) if not one.external]
        self.part = next((one.target for one in self._related if one.kind == "comments"), None)
        before = source.read(self.part) if self.part else comments.EMPTY
        self.edited = comments.edited(before, texts) if texts or comments.has_ours(before) else None

    def drawing(self, id_: str | None) -> str | None:
        """The part that the sheet's drawing of comments is."""
        return next((one.target for one in self._related if one.id == id_), None)

    def emptied(self) -> str | None:
        """The id of the drawing that goes with the last comment, where there is one and nothing else is in it."""
        if self.edited is None or self.edited.shapes:
            return None
        for one in self._related:
            xml = self._source.read(one.target) if one.kind == "vmldrawing" else b""
            if b"ObjectType" in xml and not boxes.any_left(boxes.edited(xml, {}, self.edited.gone, {}, (), 0)):
                return one.id
        return None

    def lines(self) -> dict[Place, int]:
        """How many lines the box of each comment holds."""
        assert self.edited is not None
        said = {place: lines_needed(text, comments.WIDTH) + 1 for place, text in self._texts.items()}
        return {place: said.get(place, _LINES_OF_ANOTHER) for place in self.edited.shapes}


def mark_sheet(
    source: Source, changes: Changes, part: str, formatting: Formatting, texts: Mapping[Place, str], back: Back | None
) -> None:
    """Put the marked sheet `part`, and what belongs to it, into `changes`; nothing where nothing of it changes.

    Raises:
        CannotMark: the sheet is no plain worksheet.
    """
    talk = _Talk(source, part, texts)
    head = next(source.blocks(part), b"")
    if b"sheetData" not in head and b"worksheet" not in head[:4096]:
        _unselect(source, changes, part)
        return
    touched = formatting.severities or formatting.marked or talk.edited or back
    if not touched and not _SELECTED.search(head) and PROBLEM_LIST not in source.package.sheets.values():
        return
    name = rels_of(part)
    rels = source.read(name) if name in source.entries else NO_RELATIONSHIPS
    id_of_comments, id_of_drawing = unused_ids(rels, 2)
    emptied = talk.emptied()
    edit = SheetEdit(formatting, back, id_of_drawing if talk.edited and talk.edited.shapes else None, emptied)
    changes.put(part, packed(streamed(source.blocks(part), edit.head, edit.tail, LIMITS.control_part)))
    if talk.edited is None:
        return
    if emptied is not None:
        gone = [one for one in (talk.part, talk.drawing(emptied)) if one is not None]
        changes.removed |= {*gone, *map(rels_of, gone)}
        changes.put(name, packed([without_relationships(rels, part, set(gone))]))
        return
    new: dict[str, tuple[str, str]] = {}
    if talk.part is None:
        talk.part = source.unused("xl/comments{}.xml", set(changes.parts))
        changes.types[talk.part] = _COMMENTS_TYPE
        new[id_of_comments] = ("comments", f"/{talk.part}")
    changes.put(talk.part, packed([talk.edited.xml]))
    drawing = talk.drawing(edit.present_drawing)
    before = source.read(drawing) if drawing else boxes.EMPTY
    if drawing is None and talk.edited.shapes:
        drawing = source.unused("xl/drawings/vmlDrawing{}.vml", set(changes.parts))
        changes.extensions["vml"] = _DRAWING_TYPE
        new[id_of_drawing] = ("vmlDrawing", f"/{drawing}")
    if drawing is not None:
        xml = _boxes(source, changes, talk, before, edit)
        changes.put(drawing, packed([xml]))
    if new:
        changes.put(name, packed([with_relationships(rels, new)]))


def _boxes(source: Source, changes: Changes, talk: _Talk, before: bytes, edit: SheetEdit) -> bytes:
    assert talk.edited is not None
    if not changes.first_block:
        taken = (
            block for name in source.entries if name.endswith(".vml") for block in boxes.blocks_of(source.read(name))
        )
        changes.first_block = max(taken, default=0) + 1
    shapes = talk.lines()
    xml = boxes.edited(before, shapes, talk.edited.gone, talk.edited.joined, edit.columns, changes.first_block)
    changes.first_block = max(changes.first_block, *boxes.blocks_of(xml), 0) + 1
    return xml


def _unselect(source: Source, changes: Changes, part: str) -> None:
    """A sheet without cells, such as a chart's, is only no longer the one that is shown."""
    xml = source.read(part)
    if _SELECTED.search(xml):
        changes.put(part, packed([spliced(xml, unselected(xml, children(xml, root_of(xml))))]))
