"""Which cells of a workbook hold a value, counted from the XML alone (ECMA-376 parts 1 to 3); nothing else is asked.

A cell holds a value if it has a formula, or a ``v`` or ``is`` with text. A shared string stands for its text, of which
phonetic runs are no part. Text of nothing but blanks, tabs and line breaks is none.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import unquote
from xml.etree.ElementTree import Element, fromstring, iterparse

_OOXML = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
IDS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_BLANK = " \t\r\n"
_ADDRESS = re.compile("[A-Z]+[1-9][0-9]*")


class SheetCells(NamedTuple):
    """A sheet and the addresses of its cells with a value, in the order of the XML; one that occurs twice is twice."""

    title: str
    addresses: tuple[str, ...]


def held_cells(path: Path) -> list[SheetCells]:
    """The sheets of the workbook at `path` in their order; a chart sheet has no cells.

    Raises:
        ParseError, KeyError, ValueError: the package is not well-formed; expat knows UTF-8, UTF-16 and 8-bit encodings.
    """
    with zipfile.ZipFile(path) as archive:
        package = Package(archive)
        book = next(target for kind, target in package.related("").values() if kind == "officeDocument")
        related = package.related(book)
        texts = [part for kind, part in related.values() if kind == "sharedStrings"]
        strings = shared_strings(package.open(texts[0])) if texts else []
        found = []
        for sheet in fromstring(package.open(book).read()).iter():
            if local(sheet) == "sheet":
                id_ = next((sheet.attrib[name] for name in IDS if name in sheet.attrib), "")
                if not id_:
                    continue  # it has no part
                kind, part = related[id_]
                addresses = tuple(_addresses(package.open(part), strings)) if kind == "worksheet" else ()
                found.append(SheetCells(sheet.attrib["name"], addresses))
        return found


class Package:
    """Parts by name; names are compared without regard to case (part 2, 6.2.2.3)."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {name.lower(): name for name in archive.namelist()}

    def open(self, part: str) -> IO[bytes]:
        return self._archive.open(self._names.get(part.lower()) or self._names[unquote(part).lower()])

    def holds(self, part: str) -> bool:
        return part.lower() in self._names

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationship id → (last segment of its type, part)."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        return {
            one.attrib["Id"]: (
                one.attrib["Type"].rsplit("/", 1)[-1],
                posixpath.normpath(posixpath.join("/", folder, one.attrib["Target"])).lstrip("/"),
            )
            for one in fromstring(self.open(rels).read()).iter(_RELATIONSHIP)
            if one.attrib.get("TargetMode") != "External"
        }


def local(element: Element) -> str:
    """The name of an element of SpreadsheetML; empty for any other."""
    namespace, _, name = element.tag.rpartition("}")
    return name if namespace[1:] in _OOXML else ""


def _children(element: Element, name: str) -> Iterator[Element]:
    """Children called `name`; of alternate content the fallback counts, as for one who knows no extension (part 3)."""
    for child in element:
        if child.tag == f"{_COMPATIBILITY}AlternateContent":
            for fallback in child.iter(f"{_COMPATIBILITY}Fallback"):
                yield from _children(fallback, name)
        elif local(child) == name:
            yield child


def text_of(item: Element) -> str:
    """The text of an ``si`` or ``is``."""
    runs = [item, *_children(item, "r")]
    return "".join("".join(text.itertext()) for run in runs for text in _children(run, "t"))


def shared_strings(content: IO[bytes]) -> list[str]:
    texts = []
    for _, element in iterparse(content):
        if local(element) == "si":
            texts.append(text_of(element))
            element.clear()
    return texts


def _addresses(content: IO[bytes], strings: list[str]) -> Iterator[str]:
    row = 0
    # The elements around: a row counts in sheetData, be it within a fallback, and nowhere else.
    around: list[str] = []
    for event, element in iterparse(content, ("start", "end")):
        if event == "start":
            around.append(element.tag.removeprefix(_COMPATIBILITY) if not local(element) else local(element))
            continue
        around.pop()
        if local(element) == "row":
            places = [name for name in around if name not in ("AlternateContent", "Fallback")]
            if places == ["worksheet", "sheetData"]:
                row = int(element.get("r", row + 1))
                yield from _addresses_of_row(element, row, strings)
                element.clear()


def _addresses_of_row(element: Element, row: int, strings: list[str]) -> Iterator[str]:
    column = 0
    for cell in _children(element, "c"):
        address = cell.get("r", f"{column_letters(column + 1)}{row}").strip(_BLANK).upper()
        if not _ADDRESS.fullmatch(address):
            raise ValueError(f"no address: {address}")
        column = column_number(address.rstrip("0123456789"))
        if _holds_a_value(cell, strings):
            yield address


def _holds_a_value(cell: Element, strings: list[str]) -> bool:
    if next(_children(cell, "f"), None) is not None:
        return True
    if any(text_of(inline).strip(_BLANK) for inline in _children(cell, "is")):
        return True
    value = "".join("".join(one.itertext()) for one in _children(cell, "v")).strip(_BLANK)
    if cell.get("t") == "s" and value.isascii() and value.isdigit() and int(value) < len(strings):
        return bool(strings[int(value)].strip(_BLANK))
    return bool(value)


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
