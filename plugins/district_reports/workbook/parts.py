"""The parts of a guarded workbook that hold cells: its sheets, its table of shared strings, its styles.

Runs inside the limited child only.
"""

import io
import re
import zipfile
from functools import cached_property
from pathlib import Path
from posixpath import join, normpath
from urllib.parse import unquote
from xml.etree import ElementTree

from district_reports.workbook.plain_xml import is_plain_table
from district_reports.workbook.respell import respell_sheet, respell_table

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORKBOOK = "xl/workbook.xml"
_USUAL_PLACES = {"sharedStrings": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}
_TRUE = ("1", "true")
# A date that shows its weekday (星期三), which calamine takes for a number.
_WEEKDAY = re.compile(rb'( formatCode="(?:\[\$-[0-9A-Fa-f]+\])?)a{3,4}((?:;@)?")')
_ERROR = re.compile(rb'( t="e"[^<]*(?:<f></f>|<f(?: [^>]*)?>[^<]*</f>|<f [^>]*/>)?<v>)([^<]*)')
_KNOWN_ERRORS = {b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"}


class Parts:
    """The package at `path`. Sheets count from 0, in workbook order; two may have the same title."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._archive = zipfile.ZipFile(path)
        self._names = {name.lower(): name for name in self._archive.namelist()}
        self._last: tuple[int, bytes] | None = None

    def close(self) -> None:
        self._archive.close()

    def _read(self, part: str) -> bytes:
        return self._archive.read(self._names[part.lower()])

    @cached_property
    def _workbook(self) -> tuple[ElementTree.Element, dict[str, tuple[str, str]]]:
        """The workbook part and its relationships."""
        part = next(target for kind, target in self._relations("").values() if kind == "officeDocument")
        return ElementTree.fromstring(self._read(part)), self._relations(part)

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationship id → (last segment of its type, target part)."""
        folder, _, name = part.rpartition("/")
        found = {}
        for relation in ElementTree.fromstring(self._read(join(folder, "_rels", f"{name}.rels"))):
            target = unquote(relation.attrib["Target"])
            part = normpath(join("/", folder, target)).lstrip("/")
            found[relation.attrib["Id"]] = (relation.attrib["Type"].rpartition("/")[2], part)
        return found

    @cached_property
    def sheets(self) -> list[tuple[str, str]]:
        """(title, part) of each sheet."""
        root, relations = self._workbook
        elements = root.iterfind("m:sheets/m:sheet", {"m": _MAIN})
        named = [(element.attrib["name"], element.get(f"{{{_OFFICE}}}id", "")) for element in elements]
        # Excel 95 left sheets of macros behind that name no part: they hold no cells.
        return [(title, relations[relation][1]) for title, relation in named if relation]

    @cached_property
    def _date1904(self) -> str:
        """What the workbook says of its calendar, as it is written."""
        root, _ = self._workbook
        properties = root.find("m:workbookPr", {"m": _MAIN})
        return "0" if properties is None else properties.get("date1904", "0")

    def _named(self, kind: str) -> bytes:
        _, relations = self._workbook
        part = next((target for found, target in relations.values() if found == kind), None)
        return self._read(part) if part and part.lower() in self._names else b""

    @cached_property
    def strings_as_stored(self) -> bytes:
        """The table of shared strings; empty where there is none."""
        return self._named("sharedStrings")

    @cached_property
    def strings(self) -> bytes:
        """The table of shared strings, plainly spelt; empty where there is none."""
        xml = self.strings_as_stored
        return xml if not xml or is_plain_table(xml) else respell_table(xml)

    def sheet_as_stored(self, index: int) -> bytes:
        """The XML of a sheet; the last one asked for is kept."""
        if self._last is None or self._last[0] != index:
            self._last = (index, self._read(self.sheets[index][1]))
        return self._last[1]

    @cached_property
    def strings_are_plain(self) -> bool:
        """Whether the table of shared strings is given to a reader as the file holds it."""
        return self.strings is self.strings_as_stored

    def size(self, index: int) -> int:
        """The bytes of a sheet's XML."""
        return self._archive.getinfo(self._names[self.sheets[index][1].lower()]).file_size

    @cached_property
    def is_usual(self) -> bool:
        """Whether every part is named and lies as programs do it, so that a reader finds it in the file itself."""
        named = set(self._names.values())
        _, relations = self._workbook
        usual = {_WORKBOOK, *(part for _, part in self.sheets)}
        usual |= {part for kind, part in relations.values() if kind in _USUAL_PLACES}
        rels = self._names.get("xl/_rels/workbook.xml.rels", "")
        targets = {element.attrib["Target"] for element in ElementTree.fromstring(self._read(rels))} if rels else set()
        return (
            usual <= named
            and all(_USUAL_PLACES.get(kind, part) == part for kind, part in relations.values())
            and all(part.removeprefix("xl/") in targets or f"/{part}" in targets for part in usual - {_WORKBOOK})
            and self._date1904 in ("0", "1", "false", "true")
            and _WEEKDAY.search(self._named("styles")) is None
        )

    def respelt(self, index: int) -> bytes:
        """A sheet in the plain spelling, whatever it looks like."""
        strings = self.strings.count(b"<si>") + self.strings.count(b"<si/>") + self.strings.count(b"<si ")
        return respell_sheet(self.sheet_as_stored(index), self.sheets[index][0], strings)

    def book_of(self, sheet: bytes, strings: bytes) -> io.BytesIO:
        """A workbook in memory that holds this sheet alone, with the styles and the calendar of the package."""
        styles = self._named("styles") or f'<styleSheet xmlns="{_MAIN}"/>'.encode()
        calendar = '<workbookPr date1904="1"/>' if self._date1904.strip().lower() in _TRUE else ""
        workbook = (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{calendar}'
            '<sheets><sheet name="1" sheetId="1" r:id="worksheet"/></sheets></workbook>'
        )
        parts = {
            "_rels/.rels": _relationships(officeDocument="xl/workbook"),
            "xl/workbook.xml": workbook.encode(),
            "xl/_rels/workbook.xml.rels": _relationships(
                worksheet="worksheets/sheet1", sharedStrings="sharedStrings", styles="styles"
            ),
            "xl/worksheets/sheet1.xml": _ERROR.sub(_known_error, sheet) if b't="e"' in sheet else sheet,
            "xl/sharedStrings.xml": strings or f'<sst xmlns="{_MAIN}"/>'.encode(),
            "xl/styles.xml": _WEEKDAY.sub(rb"\1yyyy-mm-dd\2", styles),
        }
        book = io.BytesIO()
        with zipfile.ZipFile(book, "w", zipfile.ZIP_STORED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        book.seek(0)
        return book


def _relationships(**targets: str) -> bytes:
    """Relationships by kind, which is also their id; targets without their extension."""
    content = "".join(
        f'<Relationship Id="{kind}" Type="{_OFFICE}/{kind}" Target="{target}.xml"/>' for kind, target in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{content}</Relationships>'.encode()


def _known_error(match: re.Match[bytes]) -> bytes:
    """calamine refuses a workbook for an error younger than itself, such as ``#SPILL!``."""
    return match[0] if match[2] in _KNOWN_ERRORS else match[1] + b"#N/A"
