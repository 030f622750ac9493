"""The cells with a value that a workbook's XML holds, by the book (ECMA-376 part 1, 18.3), to judge the reader by.

Slow, and of no use for anything but comparing: the whole XML is parsed with ElementTree, nothing is shared with
`district_reports.workbook`.
"""

import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from independent.held_cells import IDS, Package, column_letters, column_number, local, shared_strings, text_of

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Held(NamedTuple):
    """A cell that holds something; ``type`` is its ``t``.

    ``formula`` is one whose result is missing or empty, ``no such string`` one that points outside the shared strings.
    """

    type: str
    text: str


Address = tuple[int, int]


def held_values(path: Path) -> dict[str, dict[Address, Held]]:
    """The cells of every worksheet by title, then by (row, column) from 1; the last of two at one address.

    Raises:
        KeyError, ValueError, zipfile.BadZipFile, ElementTree.ParseError: no workbook by the book.
    """
    with zipfile.ZipFile(path) as archive:
        package = Package(archive)
        main = next(part for kind, part in package.related("").values() if kind == "officeDocument")
        related = package.related(main)
        shared = [part for kind, part in related.values() if kind == "sharedStrings" and package.holds(part)]
        strings = shared_strings(package.open(shared[0])) if shared else []
        sheets = {}
        for element in ElementTree.fromstring(package.open(main).read()).iter():
            id_ = next((element.attrib[name] for name in IDS if name in element.attrib), "")
            if local(element) == "sheet" and id_:
                kind, part = related[id_]
                if kind == "worksheet":
                    sheets[element.attrib["name"]] = dict(_cells(package, part, strings))
        return sheets


def _cells(package: Package, part: str, strings: list[str]) -> Iterator[tuple[Address, Held]]:
    row = column = 0
    with package.open(part) as file:
        for event, element in ElementTree.iterparse(file, ("start", "end")):
            match event, local(element):
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
    parts = {local(child): child for child in cell}
    value = "".join(parts["v"].itertext()) if "v" in parts else ""
    pending = "f" in parts and not value and "is" not in parts
    if type_ == "s" and value.strip():
        if not value.strip().isdecimal() or int(value) >= len(strings):
            return Held("no such string", value)
        value = strings[int(value)]
    elif "is" in parts and not value:
        # By the schema it goes with inlineStr; programs forget to say so.
        type_, value = "inlineStr", text_of(parts["is"])
    if unescaped(value).strip():
        return Held(type_, value)
    return Held("formula", "") if pending else None


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
    return int(match[2]), column_number(match[1].upper())


def reference_of(address: Address) -> str:
    """``AA2`` for (2, 27)."""
    row, column = address
    return f"{column_letters(column)}{row}"
