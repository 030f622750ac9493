"""The styles of a marked copy: formats are appended, none is changed or moved (ECMA-376 part 1, 18.8).

A format that is there already is used again, so that a copy marked once more does not grow.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from district_reports.model.finding import Severity
from district_reports.workbook.marking.answer import FILL
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.marking.splicing import MAIN as _MAIN
from district_reports.workbook.marking.splicing import (
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
    with_attribute,
)

_TABLES = ("fonts", "fills", "borders", "cellXfs")
_PATTERN = re.compile(r"[a-zA-Z0-9]{1,20}")
_COLOUR = re.compile(r"rgb:[0-9A-Fa-f]{8}|(?:theme|indexed):[0-9]{1,3}(?:/-?[0-9]\.?[0-9]{0,20}(?:[eE]-?[0-9]{1,3})?)?")
_OURS = {colour.removeprefix("#").upper() for colour in FILL.values()}


class Format(NamedTuple):
    """A format of our own; the parts are elements without a prefix, `alignment` is its attributes."""

    font: str
    fill: str = ""
    border: str = ""
    number_format: int = 0
    alignment: str = ""
    locked: bool = True


def solid(colour: str) -> str:
    """A fill element of one ``#RRGGBB``."""
    rgb = colour.removeprefix("#")
    pattern = f'<patternFill patternType="solid"><fgColor rgb="FF{rgb}"/><bgColor indexed="64"/></patternFill>'
    return f"<fill>{pattern}</fill>"


class _Table:
    """A table of the styles: the elements that it has, those that are new, and where each stands."""

    def __init__(self, xml: bytes, name: str, among: list[Element]) -> None:
        element = only(among, name.encode())
        if element is None:
            raise CannotMark(f"styles without {name}")
        self.element = element
        self.items = [xml[one.start : one.end] for one in children(xml, element)]
        self.old = len(self.items)
        self._key: Callable[[bytes], object] = {"cellXfs": _key_of_format, "fills": _described}.get(name, bytes)
        self._places: dict[object, int] = {}
        for place, item in enumerate(self.items):
            self._places.setdefault(self._key(item), place)

    def place_of(self, item: bytes) -> int:
        """Where `item`, or one that means the same, stands; it is appended if it is new."""
        place = self._places.setdefault(self._key(item), len(self.items))
        if place == len(self.items):
            self.items.append(item)
        return place


class Styles:
    """The styles part `xml`, and what is appended to it."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        root = root_of(xml)
        prefix = namespace_prefix(tag_of(xml, root), _MAIN)
        if prefix is None or root.prefix.decode().rstrip(":") != prefix:
            raise CannotMark("styles in another namespace")
        self._prefix = root.prefix
        below = children(xml, root)
        self._tables = {name: _Table(xml, name, below) for name in _TABLES}
        self._formats, self._fills = self._tables["cellXfs"], self._tables["fills"]
        self._changed: dict[tuple[int, str], int] = {}
        self._described: dict[int, str] = {}
        ours = {place for place, fill in enumerate(self._fills.items) if self._is_ours(fill)}
        self.marked = {place for place in range(self._formats.old) if self._fill_of(place) in ours}
        """The formats with one of our fills, from an earlier marking."""

    @staticmethod
    def _is_ours(fill: bytes) -> bool:
        description = _described(fill)
        return description.startswith("solid|rgb:") and description.split("|")[1][-6:].upper() in _OURS

    def _fill_of(self, format_: int) -> int:
        if format_ >= len(self._formats.items):
            raise CannotMark("a cell of a format that is not there")
        given = attributes(self._formats.items[format_].partition(b">")[0] + b">").get("fillId", "0")
        return int(given) if given.isdecimal() and len(given) < 7 else 0

    def fill_of(self, format_: int) -> str:
        """What describes the fill of a format; empty for none, and for what is not described, such as a gradient."""
        if format_ not in self._described:
            fill = self._fill_of(format_)
            known = fill < len(self._fills.items)
            self._described[format_] = _described(self._fills.items[fill]) if known else ""
        return self._described[format_]

    def marked_as(self, format_: int, severity: Severity) -> int:
        """The format that has the fill of `severity` and else is `format_`."""
        return self.filled(format_, _OF_SEVERITY[severity])

    def filled(self, format_: int, description: str) -> int:
        """The format that has the fill so described, by :meth:`fill_of`, and else is `format_`."""
        key = (format_, description)
        if key not in self._changed:
            place = self._fills.place_of(self._of_ours(_fill_from(description))) if description else 0
            tag, _, rest = self._formats.items[format_].partition(b">")
            tag = with_attribute(with_attribute(tag + b">", "fillId", str(place)), "applyFill", "1" if place else None)
            self._changed[key] = self._formats.place_of(tag + rest)
        return self._changed[key]

    def _of_ours(self, element: str) -> bytes:
        """An element as it is written below this root."""
        return re.sub(rb"<(/?)(?=\w)", rb"<\1" + self._prefix, element.encode()) if self._prefix else element.encode()

    def add(self, format_: Format) -> int:
        """The number of a format of our own."""
        places = {
            name: self._tables[table].place_of(self._of_ours(element)) if element else 0
            for name, table, element in (
                ("fontId", "fonts", format_.font),
                ("fillId", "fills", format_.fill),
                ("borderId", "borders", format_.border),
            )
        }
        given = "".join(f' {name}="{place}" apply{name[:-2].capitalize()}="1"' for name, place in places.items())
        inner = f"<alignment {format_.alignment}/>" if format_.alignment else ""
        inner += "" if format_.locked else '<protection locked="0"/>'
        applied = ' applyAlignment="1"' * bool(format_.alignment) + ' applyProtection="1"' * (not format_.locked)
        number = f' numFmtId="{format_.number_format}" applyNumberFormat="1"'
        xf = f'<xf{number}{given} xfId="0"{applied}>{inner}</xf>'
        tag, _, rest = self._of_ours(xf).partition(b">")
        return self._formats.place_of(tag + b">" + rest)

    def xml(self) -> bytes:
        """The part with what was appended."""
        edits = []
        for table in self._tables.values():
            new = b"".join(table.items[table.old :])
            if not new:
                continue
            tag = with_attribute(tag_of(self._xml, table.element), "count", str(len(table.items)))
            if table.element.is_empty_tag:
                tag = tag[:-2].rstrip() + b">"
                edits.append(
                    Edit(table.element.start, table.element.end, tag + new + b"</" + table.element.name + b">")
                )
            else:
                edits.append(Edit(table.element.start, table.element.inner, tag))
                edits.append(appended(self._xml, table.element, new))
        return spliced(self._xml, edits)


def _key_of_format(item: bytes) -> object:
    """What a format says, whichever way it is written. Programs heed a fill whether it is said to apply or not."""
    tag, _, rest = item.partition(b">")
    return frozenset(one for one in attributes(tag + b">").items() if one[0] != "applyFill"), rest


def _described(fill: bytes) -> str:
    """``solid|rgb:FFFF0000|indexed:64``: pattern, foreground and background; empty for no fill and for a gradient."""
    root = root_of(fill)
    pattern = next((one for one in children(fill, root) if one.local == b"patternFill"), None)
    if pattern is None:
        return ""
    kind = attributes(tag_of(fill, pattern)).get("patternType", "none")
    if kind == "none" or not _PATTERN.fullmatch(kind):
        return ""
    colours = {one.local: _colour(attributes(tag_of(fill, one))) for one in children(fill, pattern)}
    return "|".join((kind, colours.get(b"fgColor", ""), colours.get(b"bgColor", "")))


def _colour(given: Mapping[str, str]) -> str:
    for name in ("rgb", "theme", "indexed"):
        if name in given:
            tint = f"/{given['tint']}" if "tint" in given and name != "rgb" else ""
            colour = f"{name}:{given[name]}{tint}"
            return colour if _COLOUR.fullmatch(colour) else ""
    return ""


def _fill_from(description: str) -> str:
    """The fill element so described; no fill where the description is none of ours: it lay in the clerk's hands."""
    kind, *colours = description.split("|")
    if not _PATTERN.fullmatch(kind) or len(colours) != 2 or any(one and not _COLOUR.fullmatch(one) for one in colours):
        return '<fill><patternFill patternType="none"/></fill>'
    inner = "".join(
        f"<{name} {_colour_attributes(colour)}/>"
        for name, colour in zip(("fgColor", "bgColor"), colours, strict=True)
        if colour
    )
    return f'<fill><patternFill patternType="{kind}">{inner}</patternFill></fill>'


def _colour_attributes(colour: str) -> str:
    name, _, value = colour.partition(":")
    value, _, tint = value.partition("/")
    return f'{name}="{value}"' + (f' tint="{tint}"' if tint else "")


_OF_SEVERITY = {severity: _described(solid(colour).encode()) for severity, colour in FILL.items()}
