"""Whether a marked copy holds what its original holds: compared part by part, and cell by cell as they are stored.

It shares nothing with what makes the copy but the reading of the archive. Rows that are the same bytes are the same;
of the others, every cell that holds something must stand in the same place, with the same type, formula, value and
number format.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple
from xml.parsers import expat

from district_reports.workbook.marking.archive import Source, rels_of
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.marking.compared_rows import Rows, Sheet, compare_rows
from district_reports.workbook.package.opc import CONTENT_TYPES
from district_reports.workbook.package.zip_layout import Entry
from district_reports.workbook.problem_list import PROBLEM_LIST

_BLOCK = 1 << 20
_OF_SHEETS = ("comments", "vmldrawing")
# What a marked sheet says otherwise than its original; the columns' formats stand in for those of absent cells.
_MAY_CHANGE = {"dimension", "sheetView", "col", "hyperlinks", "hyperlink", "legacyDrawing"}
_BOOK_MAY_CHANGE = {"bookViews", "workbookView", "sheet", "definedNames", "definedName"}


def check(original: Source, copy: Source, dropped: Collection[str]) -> None:
    """Compare the whole of two packages; `dropped` are parts that belonged to an earlier list.

    Raises:
        CannotMark: something differs that must not.
    """
    main = next(one.target for one in original.relationships("") if one.kind == "officedocument")
    titles = original.package.sheets
    lists = {part for part, title in titles.items() if title == PROBLEM_LIST}
    sheets = [part for part in titles if part not in lists]
    if [title for title in copy.package.sheets.values() if title != PROBLEM_LIST] != [titles[one] for one in sheets]:
        raise CannotMark("the self-check found other sheets")
    if [part for part in copy.package.sheets if part in set(sheets)] != sheets:
        raise CannotMark("the self-check found other sheets")
    of_sheets = {
        one.target
        for sheet in sheets
        for one in (*original.relationships(sheet), *copy.relationships(sheet))
        if one.kind in _OF_SHEETS
    }
    styles = original.package.styles & original.entries.keys()
    may_change = {CONTENT_TYPES, main, rels_of(main), *map(rels_of, sheets), *of_sheets, *styles, *lists}
    for name in original.entries.keys() - may_change - set(sheets) - set(dropped):
        if not _same_bytes(original, copy, name):
            raise CannotMark("the self-check found another part that differs")
    if _elements(original, main, _BOOK_MAY_CHANGE) != _elements(copy, main, _BOOK_MAY_CHANGE):
        raise CannotMark("the self-check found a workbook part that differs")
    meanings = _meanings(original, copy, next(iter(styles), ""))
    for name in sheets:
        if not _same_bytes(original, copy, name):
            _compare_sheets(Sheet(original.blocks(name)), Sheet(copy.blocks(name)), meanings)


def _same_bytes(original: Source, copy: Source, name: str) -> bool:
    """Whether a part is packed into the same bytes in both."""
    if name not in copy.entries:
        return False
    one, other = original.entries[name], copy.entries[name]
    if _told(one) != _told(other):
        return False
    return all(mine == its for mine, its in zip(_packed(original, one), _packed(copy, other), strict=True))


def _told(entry: Entry) -> tuple[object, ...]:
    return entry.name, entry.method, entry.crc, entry.packed_size, entry.size


def _packed(source: Source, entry: Entry) -> Iterator[bytes]:
    for at in range(0, entry.packed_size, _BLOCK):
        source.file.seek(entry.data_offset + at)
        yield source.file.read(min(_BLOCK, entry.packed_size - at))


class _Element(NamedTuple):
    """``path`` are the names from the root's down to its own."""

    path: tuple[str, ...]
    attributes: dict[str, str]
    texts: list[str]


class _Elements:
    """Every element, but for those that may differ."""

    def __init__(self, may_change: Collection[str]) -> None:
        self.found: list[_Element] = []
        self._may_change = may_change
        self._path: tuple[str, ...] = ()
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._open = False

    def parse(self, xml: bytes) -> list[_Element]:
        try:
            self._parser.Parse(xml, True)
        except expat.ExpatError as error:
            raise CannotMark("the self-check found a part that is not well-formed") from error
        return self.found

    def _start(self, name: str, attributes: dict[str, Any]) -> None:
        local = name.rpartition(" ")[2]
        self._path = (*self._path, local)
        self._open = local not in self._may_change
        if self._open:
            self.found.append(_Element(self._path, attributes, []))

    def _end(self, _: str) -> None:
        self._path = self._path[:-1]

    def _characters(self, text: str) -> None:
        if self._open and text.strip():
            self.found[-1].texts.append(text)


def _elements(source: Source, name: str, may_change: Collection[str]) -> list[_Element]:
    return _Elements(may_change).parse(source.read(name))


def _meanings(original: Source, copy: Source, styles: str) -> Sequence[object]:
    """What the copy's formats say of numbers, by their place; those of the original must stand there unchanged."""
    found = []
    for source in (original, copy):
        elements = _elements(source, styles, ())
        # Whatever a newer program puts into a format is passed over.
        formats = [
            (one.attributes.get("numFmtId", "0"), one.attributes.get("quotePrefix", "0"))
            for one in elements
            if one.path[1:] == ("cellXfs", "xf")
        ]
        found.append((formats, [one.attributes for one in elements if one.path[-1] == "numFmt"]))
    (before, numbers_before), (after, numbers_after) = found
    if after[: len(before)] != before or numbers_after != numbers_before:
        raise CannotMark("the self-check found other formats of numbers")
    return after


def _compare_sheets(original: Sheet, copy: Sheet, meanings: Sequence[object]) -> None:
    compare_rows(Rows(original), Rows(copy), meanings)
    around = [_Elements(_MAY_CHANGE).parse(sheet.around()) for sheet in (original, copy)]
    if around[0] != around[1]:
        raise CannotMark("the self-check found a sheet that differs beside its cells")
