"""The comments part of a sheet (ECMA-376 part 1, 18.7): ours come and go, the clerk's own stay as they are written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import unescape
from xml.sax.saxutils import escape

from district_reports.workbook.formats import FONT, lines_needed
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.marking.splicing import (
    MAIN,
    Edit,
    Element,
    appended,
    attributes,
    children,
    namespace_prefix,
    only,
    root_of,
    spliced,
    tag_of,
    text,
)
from district_reports.workbook.names import address
from district_reports.workbook.sheet_xml import column_number

AUTHOR = "数据校验"
HEADING = "【数据校验】"
"""The first line of what we say in a comment."""
SEPARATOR = f"\n────────\n{HEADING}"
"""What stands between the clerk's own words and ours."""
WIDTH = 40
"""Columns of a half-width digit that a line in a box holds."""
LONGEST = 2_000
"""Characters of ours in a comment: a box that holds more fits on no screen."""
_THREADED = "tc="
"""The author of what stands in for a threaded comment begins so; Excel shows the thread instead."""
_TEXT = re.compile(rb"<((?:[\w.-]+:)?)t(?:\s[^<>]*)?>([^<]*)</\1t>")
_SEPARATED = re.compile(rf"─{{8}}\s{{1,3}}{HEADING}")
# What is left of a run whose text went.
_EMPTY_RUN = re.compile(
    rb"<((?:[\w.-]+:)?)r>(?:<\1rPr>(?:(?!</\1rPr>).)*</\1rPr>)?<\1t(?:\s[^<>]*)?></\1t></\1r>", re.DOTALL
)
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
EMPTY = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<comments xmlns="{MAIN.decode()}"><authors></authors><commentList></commentList></comments>'
).encode()


@dataclass(frozen=True)
class Edited:
    """A comments part with its edits; places are (row, column) from 1.

    ``shapes`` is every comment that needs a box, ``gone`` those that need none any more, ``joined`` the lines that a
    box of the clerk's own must hold now.
    """

    xml: bytes
    shapes: frozenset[tuple[int, int]]
    gone: frozenset[tuple[int, int]]
    joined: Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class _Comment:
    """A comment as it is written, and how many lines it has where ours were joined to it."""

    ref: str
    xml: bytes
    is_threaded: bool
    is_ours: bool
    lines: int = 0

    @property
    def place(self) -> tuple[int, int]:
        match = _ADDRESS.fullmatch(self.ref.replace("$", "").upper())
        if match is None:
            raise CannotMark("a comment without its cell")
        return int(match[2]), column_number(match[1].encode())


def edited(xml: bytes, ours: Mapping[tuple[int, int], str]) -> Edited:
    """The comments part `xml` without what an earlier marking said, and with `ours`, texts by place.

    A cell of a threaded comment gets none.
    """
    root = root_of(xml)
    if (prefix := namespace_prefix(tag_of(xml, root), MAIN)) is None or prefix.encode() != root.prefix.rstrip(b":"):
        raise CannotMark("comments in another namespace")
    below = children(xml, root)
    authors, listed = only(below, b"authors"), only(below, b"commentList")
    if authors is None or listed is None:
        raise CannotMark("comments without authors or without a list")
    known = [unescape(xml[one.inner : one.inner_end].decode("utf-8", "replace")) for one in children(xml, authors)]
    edits = []
    if ours and AUTHOR not in known:
        name = root.prefix + b"author>"
        edits.append(appended(xml, authors, b"<" + name + AUTHOR.encode() + b"</" + name))
        known.append(AUTHOR)
    before = [_comment(xml, one, known) for one in children(xml, listed)]
    if len({one.place for one in before}) < len(before):
        raise CannotMark("a cell with two comments")
    stay = {one.place: one for one in (_without_ours(one) for one in before) if one is not None}
    gone = {one.place for one in before} - stay.keys()
    for place, said in ours.items():
        if place not in stay:
            stay[place] = _made(place, said, known.index(AUTHOR), root.prefix)
        elif not stay[place].is_threaded:
            stay[place] = _joined(stay[place], said, root.prefix)
    content = b"".join(stay[place].xml for place in sorted(stay))
    if listed.is_empty_tag:
        edits.append(appended(xml, listed, content))
    else:
        edits.append(Edit(listed.inner, listed.inner_end, content))
    return Edited(
        spliced(xml, edits),
        frozenset(stay),
        frozenset(gone - stay.keys()),
        {place: one.lines for place, one in stay.items() if one.lines},
    )


def has_ours(xml: bytes) -> bool:
    """Whether a comments part may hold something of ours: heading and author are the same word."""
    return AUTHOR.encode() in xml


def _comment(xml: bytes, element: Element, authors: list[str]) -> _Comment:
    given = attributes(tag_of(xml, element))
    number = given.get("authorId", "")
    author = authors[int(number)] if number.isdecimal() and int(number[:6]) < len(authors) else ""
    whole = xml[element.start : element.end]
    return _Comment(given.get("ref", ""), whole, author.startswith(_THREADED), is_ours=author == AUTHOR)


def _without_ours(comment: _Comment) -> _Comment | None:
    """A comment without what we said in it; None where nothing else was."""
    said = "".join(unescape(one[2].decode("utf-8", "replace")) for one in _TEXT.finditer(comment.xml))
    if comment.is_ours or said.lstrip().startswith(HEADING):
        return None
    match = _SEPARATED.search(said)
    if match is None:
        return comment
    left = len(said[: match.start()].removesuffix("\n").removesuffix("\r"))
    edits = []
    for run in _TEXT.finditer(comment.xml):
        piece = unescape(run[2].decode("utf-8", "replace"))
        if left < len(piece):
            edits.append(Edit(run.start(2), run.end(2), escape(piece[:left]).encode()))
        left = max(0, left - len(piece))
    return replace(comment, xml=_EMPTY_RUN.sub(b"", spliced(comment.xml, edits)))


def _made(place: tuple[int, int], said: str, author: int, prefix: bytes) -> _Comment:
    ref = address(*place)
    runs = _run(HEADING, bold=True) + _run(f"\n{said}")
    xml = f'<comment ref="{ref}" authorId="{author}"><text>{runs}</text></comment>'
    return _Comment(ref, _prefixed(xml, prefix), is_threaded=False, is_ours=True)


def _joined(comment: _Comment, said: str, prefix: bytes) -> _Comment:
    """The clerk's own comment, and ours behind it."""
    root = root_of(comment.xml)
    body = only(children(comment.xml, root), b"text")
    if body is None:
        raise CannotMark("a comment without a text")
    edits = []
    for one in children(comment.xml, body):
        if one.local == b"t":
            # A text of runs has no plain text beside them.
            whole = comment.xml[one.start : one.end]
            edits.append(Edit(one.start, one.end, b"<" + prefix + b"r>" + whole + b"</" + prefix + b"r>"))
    edits.append(appended(comment.xml, body, _prefixed(_run(f"{SEPARATOR}\n{said}"), prefix)))
    own = "".join(one[2].decode("utf-8", "replace") for one in _TEXT.finditer(comment.xml))
    lines = lines_needed(f"{own}{SEPARATOR}\n{said}", WIDTH)
    return replace(comment, xml=spliced(comment.xml, edits), lines=lines)


def _run(said: str, *, bold: bool = False) -> str:
    weight = "<b/>" if bold else ""
    properties = f'<rPr>{weight}<sz val="9"/><color indexed="81"/><rFont val="{FONT}"/></rPr>'
    return f'<r>{properties}<t xml:space="preserve">{text(said)}</t></r>'


def _prefixed(xml: str, prefix: bytes) -> bytes:
    return re.sub(rb"<(/?)(?=\w)", rb"<\1" + prefix, xml.encode()) if prefix else xml.encode()
