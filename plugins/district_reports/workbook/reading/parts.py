"""The parts of a guarded workbook that hold cells: its sheets, its table of shared strings, its styles.

Runs inside the limited child only.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from posixpath import join
from xml.etree import ElementTree

from district_reports.workbook.package.opc import Relationship, relationships_of
from district_reports.workbook.reading.canonical import is_canonical_sheet, is_canonical_table
from district_reports.workbook.reading.cell_formats import PLAIN, CellFormats, cell_formats_of, struck_strings
from district_reports.workbook.reading.normalise import normalise_sheet, normalise_table

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORKBOOK = "xl/workbook.xml"
_WORKBOOK_RELS = "xl/_rels/workbook.xml.rels"
_USUAL_PLACES = {"sharedstrings": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}
_TRUE = ("1", "true")
# A date that shows its weekday (星期三), which calamine takes for a number.
_WEEKDAY = re.compile(rb'( formatCode="(?:\[\$-[0-9A-Fa-f]+\])?)a{3,4}((?:;@)?")')
# Built-in formats of dates in Chinese programs; fastexcel takes them for numbers where the file doesn't spell them out.
_CHINESE_DATES = {b"%d" % number for number in (*range(27, 37), *range(50, 59))}
_SPELT_OUT = re.compile(rb"""<(?:\w+:)?numFmt\s[^>]*?\bnumFmtId\s*=\s*["']([0-9]+)""")
_USED = re.compile(rb"""<(?:\w+:)?xf\s[^>]*?\bnumFmtId\s*=\s*["']([0-9]+)""")
_ERROR = re.compile(rb'( t="e"[^<]*(?:<f></f>|<f(?: [^>]*)?>[^<]*</f>|<f [^>]*/>)?<v>)([^<]*)')
_KNOWN_ERRORS = {b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"}


class Parts:
    """The package at `source`, or of this content. Sheets count from 0, in workbook order; two may have one title."""

    def __init__(self, source: Path | bytes) -> None:
        self.source = source
        self._archive = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
        self._names = {name.lower(): name for name in self._archive.namelist()}
        self._last: tuple[int, bytes] | None = None

    def close(self) -> None:
        self._archive.close()

    def _read(self, part: str) -> bytes:
        return self._archive.read(self._names[part.lower()])

    @cached_property
    def _workbook(self) -> tuple[ElementTree.Element, dict[str, Relationship]]:
        """The workbook part and its relationships by their id."""
        part = next(one.target for one in self._relationships("").values() if one.kind == "officedocument")
        return ElementTree.fromstring(self._read(part)), self._relationships(part)

    def _relationships(self, part: str) -> dict[str, Relationship]:
        folder, _, name = part.rpartition("/")
        rels = join(folder, "_rels", f"{name}.rels")
        return {one.id: one for one in relationships_of(rels, self._read(rels)) if not one.external}

    def _related(self, part: str, kind: str) -> list[str]:
        """The parts of a kind that `part` relates to."""
        folder, _, name = part.rpartition("/")
        if join(folder, "_rels", f"{name}.rels").lower() not in self._names:
            return []
        targets = [one.target for one in self._relationships(part).values() if one.kind == kind]
        return [target for target in targets if target in self._names]

    @cached_property
    def _elements(self) -> list[ElementTree.Element]:
        """What the workbook says of each sheet. Excel 95 left sheets of macros behind that name no part: they hold no
        cells."""
        root, _ = self._workbook
        every = root.iterfind("m:sheets/m:sheet", {"m": _MAIN})
        return [element for element in every if element.get(f"{{{_OFFICE}}}id")]

    @cached_property
    def sheets(self) -> list[tuple[str, str]]:
        """(title, part) of each sheet."""
        _, relationships = self._workbook
        return [(one.attrib["name"], relationships[one.attrib[f"{{{_OFFICE}}}id"]].target) for one in self._elements]

    def is_hidden(self, index: int) -> bool:
        """Whether a sheet is not shown."""
        return self._elements[index].get("state", "visible") != "visible"

    def has_pictures(self, index: int) -> bool:
        """Whether a picture lies on a sheet or behind it."""
        part = self.sheets[index][1]
        drawings = self._related(part, "drawing")
        return bool(self._related(part, "image")) or any(self._related(one, "image") for one in drawings)

    @cached_property
    def has_pictures_in_cells(self) -> bool:
        """Whether a value of several parts may be a picture that Excel placed in a cell."""
        structures = [name for name in self._names if name.endswith("rdrichvaluestructure.xml")]
        return any(b"localImage" in content or b"webImage" in content for content in map(self._read, structures))

    def tables(self, index: int) -> list[bytes]:
        """The tables of a sheet, as they are stored."""
        return [self._read(part) for part in self._related(self.sheets[index][1], "table")]

    def filter_database(self, index: int) -> bytes:
        """The range that was last filtered on a sheet, as the workbook names it; empty where it names none."""
        root, _ = self._workbook
        for one in root.iterfind("m:definedNames/m:definedName", {"m": _MAIN}):
            if one.get("name") == "_xlnm._FilterDatabase" and one.get("localSheetId") == str(index):
                return (one.text or "").rpartition("!")[2].encode()
        return b""

    @cached_property
    def cell_formats(self) -> CellFormats:
        """What the formats make of the cells; nothing where the styles can't be understood."""
        try:
            return cell_formats_of(self._named("styles"), self._named("theme"))
        except (ElementTree.ParseError, ValueError):
            return PLAIN

    @cached_property
    def struck_strings(self) -> frozenset[int]:
        """The shared strings whose whole text is struck through."""
        return struck_strings(self.strings_as_stored)

    @cached_property
    def _date1904(self) -> str:
        """What the workbook says of its calendar, as it is written."""
        root, _ = self._workbook
        properties = root.find("m:workbookPr", {"m": _MAIN})
        return "0" if properties is None else properties.get("date1904", "0")

    def _named(self, kind: str) -> bytes:
        _, relationships = self._workbook
        part = next((one.target for one in relationships.values() if one.kind == kind), None)
        return self._read(part) if part in self._names else b""

    @cached_property
    def strings_as_stored(self) -> bytes:
        """The table of shared strings; empty where there is none."""
        return self._named("sharedstrings")

    @cached_property
    def strings(self) -> bytes:
        """The table of shared strings in canonical form; empty where there is none."""
        xml = self.strings_as_stored
        return xml if not xml or is_canonical_table(xml) else normalise_table(xml)

    @cached_property
    def _string_pieces(self) -> list[bytes]:
        """What stands before the first shared string, and each one."""
        return self.strings.rstrip().removesuffix(b"</sst>").split(b"<si")

    @property
    def number_of_strings(self) -> int:
        """How many shared strings there are."""
        return len(self._string_pieces) - 1

    def table_of(self, strings: Iterable[int]) -> bytes:
        """A table of these shared strings alone."""
        head, *items = self._string_pieces
        return head + b"".join(b"<si" + items[one] for one in strings) + b"</sst>"

    def sheet_as_stored(self, index: int) -> bytes:
        """The XML of a sheet; the last one asked for is kept."""
        if self._last is None or self._last[0] != index:
            self._last = (index, self._read(self.sheets[index][1]))
        return self._last[1]

    @cached_property
    def strings_are_canonical(self) -> bool:
        """Whether the table of shared strings is given to a reader as the file holds it."""
        return self.strings is self.strings_as_stored

    def start(self, index: int, most: int) -> bytes:
        """The first bytes of a sheet's XML, `most` at most."""
        with self._archive.open(self._names[self.sheets[index][1].lower()]) as file:
            return file.read(most)

    def size(self, index: int) -> int:
        """The bytes of a sheet's XML."""
        return self._archive.getinfo(self._names[self.sheets[index][1].lower()]).file_size

    @cached_property
    def is_usual(self) -> bool:
        """Whether every part is named and lies as programs do it, so that a reader finds it in the file itself."""
        _, relationships = self._workbook
        read = {part for _, part in self.sheets}
        told = [one for one in relationships.values() if one.target in read or one.kind in _USUAL_PLACES]
        return (
            {_WORKBOOK, _WORKBOOK_RELS} <= set(self._names.values())
            and all(one.written.removeprefix("/xl/") == self._names.get(one.target, "")[3:] for one in told)
            and all(_USUAL_PLACES.get(one.kind) in (None, self._names.get(one.target)) for one in told)
            and self._date1904 in ("0", "1", "false", "true")
            and not _has_unusual_dates(self._named("styles"))
        )

    def canonical_sheet(self, index: int) -> bytes:
        """The XML of a sheet in canonical form."""
        xml = self.sheet_as_stored(index)
        return xml if self.strings_are_canonical and is_canonical_sheet(xml) else self.normalised(index)

    def normalised(self, index: int) -> bytes:
        """A sheet written anew in canonical form, whatever it looks like."""
        strings = self.strings.count(b"<si>") + self.strings.count(b"<si/>") + self.strings.count(b"<si ")
        return normalise_sheet(self.sheet_as_stored(index), self.sheets[index][0], strings)

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


def _has_unusual_dates(styles: bytes) -> bool:
    before, _, cell_formats = styles.partition(b"cellXfs")
    used = set(_USED.findall(cell_formats)) - set(_SPELT_OUT.findall(before))
    return not used.isdisjoint(_CHINESE_DATES) or _WEEKDAY.search(styles) is not None


def _relationships(**targets: str) -> bytes:
    """Relationships by kind, which is also their id; targets without their extension."""
    content = "".join(
        f'<Relationship Id="{kind}" Type="{_OFFICE}/{kind}" Target="{target}.xml"/>' for kind, target in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{content}</Relationships>'.encode()


def _known_error(match: re.Match[bytes]) -> bytes:
    """calamine refuses a workbook for an error younger than itself, such as ``#SPILL!``."""
    return match[0] if match[2] in _KNOWN_ERRORS else match[1] + b"#N/A"
