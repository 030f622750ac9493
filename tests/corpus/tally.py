"""The cells with a value that a workbook's XML holds, by the book (ECMA-376 part 1, 18.3), to judge the reader by.

Slow, and of no use for anything but comparing: the whole XML is parsed with ElementTree, nothing is shared with
`district_reports.workbook`.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Held(NamedTuple):
    """A cell that holds something; ``type`` is its ``t``.

    ``formula`` is one whose result is missing or empty, ``no such string`` one that points outside the shared strings.
    """

    type: str
    text: str


Address = tuple[int, int]


class _Package(zipfile.ZipFile):
    """Part names are compared without regard to case (part 2, 6.2.2.3)."""

    def getinfo(self, name: str) -> zipfile.ZipInfo:
        for info in self.infolist():
            if info.filename.lower() == name.lower():
                return info
        raise KeyError(name)

    def holds(self, name: str) -> bool:
        return any(info.filename.lower() == name.lower() for info in self.infolist())


def tally(path: Path) -> dict[str, dict[Address, Held]]:
    """The cells of every worksheet by title, then by (row, column) from 1; the last of two at one address.

    Raises:
        KeyError, ValueError, zipfile.BadZipFile, ElementTree.ParseError: no workbook by the book.
    """
    with _Package(path) as archive:
        package = _relations(archive, "")
        main = next(part for kind, part in package.values() if kind == "officeDocument")
        relations = _relations(archive, main)
        shared = [part for kind, part in relations.values() if kind == "sharedStrings" and archive.holds(part)]
        strings = _strings(archive, shared[0]) if shared else []
        sheets = {}
        for element in ElementTree.fromstring(archive.read(main)).iter():
            if _local(element) == "sheet":
                id_ = next(value for name, value in element.attrib.items() if name.endswith("}id"))
                kind, part = relations[id_]
                if kind == "worksheet":
                    sheets[element.attrib["name"]] = dict(_cells(archive, part, strings))
        return sheets


def _relations(archive: _Package, part: str) -> dict[str, tuple[str, str]]:
    """Id → (kind, part) of the relationships of `part`."""
    folder, name = posixpath.split(part)
    found = {}
    for element in ElementTree.fromstring(archive.read(posixpath.join(folder, "_rels", f"{name}.rels"))):
        if element.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, element.attrib["Target"])).lstrip("/")
            found[element.attrib["Id"]] = (element.attrib["Type"].rsplit("/", 1)[-1], target)
    return found


def _strings(archive: _Package, part: str) -> list[str]:
    with archive.open(part) as file:
        return [_text(element) for _, element in ElementTree.iterparse(file) if _local(element) == "si"]


def _cells(archive: _Package, part: str, strings: list[str]) -> Iterator[tuple[Address, Held]]:
    row = column = 0
    with archive.open(part) as file:
        for event, element in ElementTree.iterparse(file, ("start", "end")):
            match event, _local(element):
                case "start", "row":
                    row, column = int(element.get("r", row + 1)), 0
                case "start", "c":
                    column += 1
                    if address := element.get("r"):
                        row, column = address_of(address)
                case "end", "c":
                    if held := _held(element, strings):
                        yield (row, column), held
                case "end", "row":
                    element.clear()


def _held(cell: ElementTree.Element, strings: list[str]) -> Held | None:
    type_ = cell.get("t", "n")
    parts = {_local(child): child for child in cell}
    value = "".join(parts["v"].itertext()) if "v" in parts else ""
    pending = "f" in parts and not value and "is" not in parts
    if type_ == "s" and value.strip():
        if not value.strip().isdecimal() or int(value) >= len(strings):
            return Held("no such string", value)
        value = strings[int(value)]
    elif "is" in parts and not value:
        # By the schema it goes with inlineStr; programs forget to say so.
        type_, value = "inlineStr", _text(parts["is"])
    if unescaped(value).strip():
        return Held(type_, value)
    return Held("formula", "") if pending else None


def _text(item: ElementTree.Element) -> str:
    """The text of a string item without its phonetic runs."""
    found = []
    for child in item:
        if _local(child) == "t":
            found.append(child.text or "")
        elif _local(child) == "r":
            found += [part.text or "" for part in child if _local(part) == "t"]
    return "".join(found)


def unescaped(text: str) -> str:
    """`text` with ``_xHHHH_`` as the character it stands for (18.4.12)."""
    return _ESCAPED.sub(
        lambda match: match[0] if 0xD800 <= int(match[1], 16) < 0xE000 else chr(int(match[1], 16)), text
    )


def address_of(reference: str) -> Address:
    """(2, 27) for ``AA2``."""
    match = re.fullmatch(r"\$?([A-Za-z]+)\$?([0-9]+)", reference)
    if match is None:
        raise ValueError(f"no address: {reference!r}")
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def reference_of(address: Address) -> str:
    """``AA2`` for (2, 27)."""
    row, column = address
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row}"


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
