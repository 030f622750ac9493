"""The boxes of comments: the VML drawing that a sheet has beside its comments part (ECMA-376 part 4, 8.1, 19.4).

VML that Excel writes is not always well-formed XML, so shapes are found by their tags alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.marking.splicing import Edit, attributes, spliced

_TYPE = "_x0000_t202"
_NOTE = re.compile(rb"""ObjectType=["']Note["']""")
_SHAPE_ID = re.compile(rb"_x0000_[si]([0-9]{4,9})")
_BLOCKS = re.compile(rb"""(<\w+:idmap\s[^<>]*?\bdata=)(["'])([^"'<>]*)\2""")
_ROOT = re.compile(rb"<xml(?=[\s>])[^<>]*>")
_NAMESPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_PREFIXED = re.compile(r"(?<=[<\s/])([vox]):(?=\w)")
_BLOCK = 1024
"""Shapes are numbered in blocks, which belong to one drawing of a workbook."""
_PIXELS_WIDE, _LINE, _ROW_HEIGHT, _PIXELS_OF_A_CHARACTER = 300, 17, 20, 7
_USUAL_WIDTH = 64
_LAST_COLUMN, _LAST_ROW = 16_383, 1_048_575
_BOUND = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
EMPTY = f"<xml {_BOUND}></xml>".encode()

Place = tuple[int, int]


def blocks_of(xml: bytes) -> set[int]:
    """The blocks of numbers that a drawing has taken."""
    named = {int(one) for match in _BLOCKS.finditer(xml) for one in match[3].split(b",") if one.strip().isdigit()}
    return named | {int(number) // _BLOCK for number in _SHAPE_ID.findall(xml)}


def any_left(xml: bytes) -> bool:
    """Whether a drawing has a shape of any kind."""
    return re.search(rb"<\w+:shape[\s>]", xml) is not None


def edited(
    xml: bytes,
    shapes: Mapping[Place, int],
    gone: Iterable[Place],
    joined: Mapping[Place, int],
    columns: Sequence[tuple[int, int, float]],
    first_block: int,
) -> bytes:
    """The drawing `xml` with a box for each of `shapes` that has none, without those `gone`.

    Numbers are lines of text; places are (row, column) from 1. `columns` are the widths of columns in characters, and
    from `first_block` on no drawing has taken numbers.

    Raises:
        CannotMark: it is no drawing such as programs write.
    """
    root, end = _ROOT.search(xml), xml.rfind(b"</xml>")
    if root is None or end < 0:
        raise CannotMark("a drawing of comments that is written in another way")
    dialect = _Dialect(root[0])
    dropped, edits, present, numbers = set(gone), [], set(), set()
    for start, stop in dialect.shapes(xml):
        shape = xml[start:stop]
        place = dialect.place(shape)
        if place in dropped:
            edits.append(Edit(start, stop, b""))
            continue
        numbers |= {int(number) // _BLOCK for number in _SHAPE_ID.findall(shape)}
        if place is not None:
            present.add(place)
            if place in joined:
                edits.append(Edit(start, stop, dialect.grown(shape, joined[place])))
    new = sorted(shapes.keys() - present)
    blocks = range(first_block, first_block + -(-len(new) // (_BLOCK - 1)))
    edits += _numbered(dialect, xml, root.end(), numbers, blocks)
    made = []
    if new and _TYPE.encode() not in xml:
        made.append(
            f'<v:shapetype id="{_TYPE}" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
            '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
        )
    for index, place in enumerate(new):
        number = blocks[index // (_BLOCK - 1)] * _BLOCK + 1 + index % (_BLOCK - 1)
        made.append(_box(number, place, shapes[place], columns))
    return spliced(xml, [*edits, Edit(end, end, dialect.spelt("".join(made)))])


class _Dialect:
    """How a drawing names what is in it: programs bind the namespaces to prefixes of their own."""

    def __init__(self, root_tag: bytes) -> None:
        bound = {value: name.removeprefix("xmlns:") for name, value in attributes(root_tag).items()}
        if not set(_NAMESPACES.values()) <= bound.keys():
            raise CannotMark("a drawing of comments that is written in another way")
        self._prefixes = {usual: bound[uri] for usual, uri in _NAMESPACES.items()}
        v, x = (re.escape(self._prefixes[one].encode()) for one in "vx")
        self._shape = re.compile(rb"<" + v + rb":shape(?=[\s>])")
        self._shape_end = self.spelt("</v:shape>")
        self._row, self._column = (
            re.compile(rb"<" + x + b":" + name + rb">\s*([0-9]{1,7})\s*<") for name in (b"Row", b"Column")
        )
        self._anchor = re.compile(rb"<" + x + rb":Anchor>([^<]*)<")

    def spelt(self, xml: str) -> bytes:
        """What is written with the usual prefixes, in those of the drawing."""
        return _PREFIXED.sub(lambda match: f"{self._prefixes[match[1]]}:", xml).encode()

    def shapes(self, xml: bytes) -> Iterator[tuple[int, int]]:
        """Where each shape begins and ends."""
        at = 0
        while match := self._shape.search(xml, at):
            end = xml.find(self._shape_end, match.end())
            if end < 0:
                raise CannotMark("a drawing with a shape that has no end")
            at = end + len(self._shape_end)
            yield match.start(), at

    def place(self, shape: bytes) -> Place | None:
        """The cell whose comment a shape is the box of."""
        row, column = self._row.search(shape), self._column.search(shape)
        if not _NOTE.search(shape) or row is None or column is None:
            return None
        return int(row[1]) + 1, int(column[1]) + 1

    def grown(self, shape: bytes, lines: int) -> bytes:
        """A box that holds so many lines; as it is where it does."""
        anchor = self._anchor.search(shape)
        numbers = [int(one) for one in anchor[1].split(b",") if one.strip().isdigit()] if anchor else []
        if anchor is None or len(numbers) != 8:
            return shape
        bottom = min(numbers[2] + -(-lines * _LINE // _ROW_HEIGHT) + 1, _LAST_ROW)
        if bottom <= numbers[6]:
            return shape
        new = ", ".join(map(str, [*numbers[:6], bottom, numbers[7]])).encode()
        return shape[: anchor.start(1)] + new + shape[anchor.end(1) :]


def _numbered(dialect: _Dialect, xml: bytes, root_end: int, kept: set[int], blocks: Iterable[int]) -> list[Edit]:
    """The edit that gives the drawing the blocks of the shapes that it has; the first that it had stays."""
    match = _BLOCKS.search(xml)
    if match is None:
        data = ",".join(map(str, sorted({*kept, *blocks})))
        layout = f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{data}"/></o:shapelayout>'
        return [Edit(root_end, root_end, dialect.spelt(layout))] if data else []
    named = [int(one) for one in match[3].split(b",") if one.strip().isdigit()]
    new = [*named[:1], *(one for one in named[1:] if one in kept), *blocks]
    return [Edit(match.start(3), match.end(3), ",".join(map(str, new)).encode())]


def _box(number: int, place: Place, lines: int, columns: Sequence[tuple[int, int, float]]) -> str:
    row, column = place
    # Beside its cell, or to its left where the sheet ends; counted from 0.
    left = min(column, _LAST_COLUMN - 6)
    top = max(row - 2, 0)
    right, rest = left, _PIXELS_WIDE
    while right < _LAST_COLUMN and rest > (width := _pixels(right + 1, columns)):
        right, rest = right + 1, rest - width
    high = lines * _LINE + 8
    bottom = min(top + high // _ROW_HEIGHT, _LAST_ROW)
    anchor = f"{left}, 12, {top}, 4, {right}, {rest}, {bottom}, {high % _ROW_HEIGHT}"
    return (
        f'<v:shape id="_x0000_s{number}" type="#{_TYPE}" style="position:absolute;width:225pt;height:{high * 3 // 4}pt;'
        'z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
        '<v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData></v:shape>"
    )


def _pixels(column: int, columns: Sequence[tuple[int, int, float]]) -> int:
    for first, last, width in columns:
        if first <= column <= last:
            return int(width * _PIXELS_OF_A_CHARACTER) + 5
    return _USUAL_WIDTH
