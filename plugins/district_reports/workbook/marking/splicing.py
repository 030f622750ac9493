"""Edit XML by replacing bytes of it: what is not meant stays as it was written.

Small parts are looked at whole, by their tags; comments, CDATA sections and processing instructions are passed over.
"""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import NamedTuple
from xml.sax.saxutils import escape

from district_reports.workbook.marking.cannot import CannotMark

MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TOKEN = re.compile(
    rb"""<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|"""
    rb"""<(?P<end>/?)(?P<name>[^\s<>/="'!?]+)(?P<more>[^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*)*)>""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rb"""\s([^\s=<>"'/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_UTF8 = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["'](?!(?:utf-?8|us-ascii|ascii)["'])""", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# An underscore that begins what ST_Xstring would decode (ECMA-376 part 1, 22.9.2.19).
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


class Element(NamedTuple):
    """Where an element lies: its start tag, its content and its end; those of an empty tag are the same."""

    name: bytes
    start: int
    inner: int
    inner_end: int
    end: int

    @property
    def local(self) -> bytes:
        return self.name.rpartition(b":")[2]

    @property
    def prefix(self) -> bytes:
        """``x:`` or nothing."""
        return self.name[: self.name.rfind(b":") + 1]

    @property
    def is_empty_tag(self) -> bool:
        return self.inner == self.end


class Edit(NamedTuple):
    """Bytes from `start` to `end` give way to `new`."""

    start: int
    end: int
    new: bytes


def spliced(xml: bytes, edits: Iterable[Edit]) -> bytes:
    """`xml` with every edit done; those at one place in the order given.

    Raises:
        CannotMark: two edits overlap.
    """
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        if edit.start < at:
            raise CannotMark("two edits overlap")
        pieces += [xml[at : edit.start], edit.new]
        at = edit.end
    return b"".join([*pieces, xml[at:]])


def require_utf8(head: bytes) -> None:
    """Raise unless a part that begins with `head` is UTF-8 and says so, or nothing.

    Raises:
        CannotMark: it is something else.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head[:64] or _UTF8.search(head[:1024]):
        raise CannotMark("a part to edit is not UTF-8")


def root_of(xml: bytes) -> Element:
    """The root element.

    Raises:
        CannotMark: the tags do not match.
    """
    root = next(_elements(xml, 0, len(xml)), None)
    if root is None:
        raise CannotMark("a part without a root element")
    return root


def children(xml: bytes, parent: Element) -> list[Element]:
    """The elements directly within `parent`, in order.

    Raises:
        CannotMark: the tags do not match.
    """
    return list(_elements(xml, parent.inner, parent.inner_end))


def children_between(xml: bytes, start: int, end: int) -> list[Element]:
    """As :func:`children`, for a stretch of XML."""
    return list(_elements(xml, start, end))


def _elements(xml: bytes, start: int, end: int) -> Iterator[Element]:
    open_: list[bytes] = []
    first = (0, 0)
    for token in _TOKEN.finditer(xml, start, end):
        name = token["name"]
        if name is None:
            continue
        if token["end"]:
            if not open_ or open_.pop() != name:
                raise CannotMark("tags that do not match")
            if not open_:
                yield Element(name, first[0], first[1], token.start(), token.end())
        elif token["more"].endswith(b"/"):
            if not open_:
                yield Element(name, token.start(), token.end(), token.end(), token.end())
        else:
            if not open_:
                first = token.span()
            open_.append(name)
    if open_:
        raise CannotMark("tags that do not match")


def only(elements: Iterable[Element], local: bytes) -> Element | None:
    """The element called `local`, whatever its prefix; None where there is none.

    Raises:
        CannotMark: there are two.
    """
    found = [one for one in elements if one.local == local]
    if len(found) > 1:
        raise CannotMark("an element that may stand once stands twice")
    return found[0] if found else None


def tag_of(xml: bytes, element: Element) -> bytes:
    """The start tag of `element` as it is written."""
    return xml[element.start : element.inner]


def attributes(tag: bytes) -> dict[str, str]:
    """The attributes of a start tag, prefixes as they are written."""
    return {
        name.decode("utf-8", "replace"): unescape((double or single).decode("utf-8", "replace"))
        for name, double, single in _ATTRIBUTE.findall(tag)
    }


def with_attribute(tag: bytes, name: str, value: str | None) -> bytes:
    """A start tag with one attribute set, or without it where `value` is None."""
    written = b"" if value is None else f' {name}="{quoted(value)}"'.encode()
    for match in _ATTRIBUTE.finditer(tag):
        if match[1] == name.encode():
            return tag[: match.start()] + written + tag[match.end() :]
    end = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:end].rstrip() + written + tag[end:]


def quoted(value: str) -> str:
    """`value` as it stands between the double quotes of an attribute."""
    return escape(_ILLEGAL.sub("", value), {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def text(value: str) -> str:
    """`value` as the content of a text element, so that what comes out of it is `value`: no escape in it is decoded,
    and characters that XML can't hold are left out."""
    return escape(_ESCAPED.sub("_x005F_", _ILLEGAL.sub("", value))).replace("\r", "&#13;")


def appended(xml: bytes, parent: Element, new: bytes) -> Edit:
    """The edit that puts `new` behind the last child of `parent`."""
    if not parent.is_empty_tag:
        return Edit(parent.inner_end, parent.inner_end, new)
    opened = tag_of(xml, parent)[:-2].rstrip() + b">"
    return Edit(parent.start, parent.end, opened + new + b"</" + parent.name + b">")


def namespace_prefix(tag: bytes, uri: bytes) -> str | None:
    """The prefix that the start tag binds to `uri`; empty for the default namespace, None where it is not bound.

    Raises:
        CannotMark: it is bound twice.
    """
    found = [name for name, value in attributes(tag).items() if name.startswith("xmlns") and value == uri.decode()]
    if len(found) > 1:
        raise CannotMark("a namespace with two prefixes")
    return found[0].removeprefix("xmlns").removeprefix(":") if found else None


def relationship_attribute(root_tag: bytes, id_: str) -> str:
    """``r:id="…"`` for an element below a root with `root_tag`."""
    prefix = namespace_prefix(root_tag, OFFICE)
    if prefix:
        return f'{prefix}:id="{quoted(id_)}"'
    return f'xmlns:r="{OFFICE.decode()}" r:id="{quoted(id_)}"'
