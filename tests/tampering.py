"""Ways to spoil a plain workbook: each gives a function that changes the file at a path."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import raw_archive
from guarded_files import BOOK, BOOK_RELS, CONTENT, SHEET, rewritten, with_part, with_relationship
from independent.packages import compound
from raw_archive import RawEntry, plain

Make = Callable[[Path], object]
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRINGS, STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
EXTERNAL = 'TargetMode="External"'
SHEET_START = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
BIFF8 = struct.pack("<4H", 0x809, 16, 0x600, 5) + bytes(12)
FILEPASS = struct.pack("<2H", 0x2F, 54) + b"\1" + bytes(53)


def replaced(name: str, old: str, new: str) -> Make:
    def change(parts: dict[str, bytes]) -> None:
        assert old.encode() in parts[name], (name, old)
        parts[name] = parts[name].replace(old.encode(), new.encode())

    return lambda path: rewritten(path, change)


def without(name: str) -> Make:
    return lambda path: rewritten(path, lambda parts: parts.pop(name) and None)


def part(name: str, content: bytes | str = "<x/>", content_type: str = "") -> Make:
    data = content.encode() if isinstance(content, str) else content
    return lambda path: with_part(path, name, data, content_type)


def related(kind: str, target: str, mode: str = "") -> Make:
    return lambda path: with_relationship(path, kind, target, mode)


def content(data: bytes | str) -> Make:
    return lambda path: path.write_bytes(data.encode() if isinstance(data, str) else data)


def packed(*parts: tuple[str, str]) -> Make:
    """Another kind of archive."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in parts:
                archive.writestr(name, text)

    return make


def in_sheet(rows: str = "", after: str = "") -> Make:
    """More rows, or something behind the cells."""
    return replaced(SHEET, "</sheetData>", f"{rows}</sheetData>{after}")


def formula(text: str) -> Make:
    return in_sheet(f'<row r="9"><c r="A9"><f>{text}</f><v>1</v></c></row>')


def name(attributes: str, text: str) -> Make:
    element = f"<definedNames><definedName {attributes}>{text}</definedName></definedNames>"
    return replaced(BOOK, "</sheets>", f"</sheets>{element}")


def merged(*ranges: str) -> Make:
    cells = "".join(f'<mergeCell ref="{one}"/>' for one in ranges)
    return in_sheet('<row r="9"><c r="B9"><v>1</v></c></row>', f"<mergeCells>{cells}</mergeCells>")


def strings(table: str, index: str = "0") -> Make:
    """A table of shared strings, and a cell that points into it."""

    def make(path: Path) -> None:
        in_sheet(f'<row r="9"><c r="A9" t="s"><v>{index}</v></c></row>')(path)
        with_part(path, STRINGS, table.encode(), f"{CONTENT}.sharedStrings+xml")
        with_relationship(path, "sharedStrings", "sharedStrings.xml")

    return make


def entries_of(path: Path) -> list[RawEntry]:
    with zipfile.ZipFile(path) as archive:
        return [plain(name, archive.read(name)) for name in archive.namelist()]


def with_entries(*more: Callable[[], RawEntry]) -> Make:
    """More raw entries behind those of the workbook."""
    return lambda path: raw_archive.write(path, [*entries_of(path), *(make() for make in more)])


def each_entry(change: Callable[[RawEntry], None]) -> Make:
    def make(path: Path) -> None:
        entries = entries_of(path)
        for entry in entries:
            change(entry)
        raw_archive.write(path, entries)

    return make


def instead_of_sheet(packed: bytes, size: int, crc: int = 0) -> Make:
    """The sheet's data replaced; `size` is what its header says."""

    def make(path: Path) -> None:
        entries = [one for one in entries_of(path) if one.name != SHEET]
        raw_archive.write(path, [*entries, RawEntry(SHEET, packed, size, crc)])

    return make


def many_sheets(number: int, size: int, reach: int = 0) -> Make:
    """`number` more sheets, each of `size` spaces."""

    def make(path: Path) -> None:
        data = raw_archive.rows(size, SHEET_START)
        sheets = [RawEntry(f"xl/worksheets/sheet{n}.xml", data, size, reach=reach) for n in range(2, number + 2)]
        raw_archive.write(path, [*entries_of(path), *sheets])

    return make


def ole2(*names: str, **streams: bytes) -> Make:
    return content(compound({**dict.fromkeys(names, b"x"), **streams}))


def dtd(name: str, encoding: str) -> Make:
    text = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "lol"><!ENTITY c SYSTEM "file:///etc/passwd">]><a>&b;&c;</a>'
    return part(name, text.encode(encoding))


def sheet_utf16_with_dde(path: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        text = (
            parts[SHEET]
            .decode()
            .replace("</sheetData>", '<row r="9"><c r="A9"><f>cmd|\'/C calc\'!A0</f></c></row></sheetData>')
        )
        parts[SHEET] = text.encode("utf-16")

    rewritten(path, change)


def more_sheets(number: int) -> Make:
    """`number` sheets, each with a part of its own."""

    def change(parts: dict[str, bytes]) -> None:
        names = [f"sheet{n}" for n in range(100, 100 + number)]
        parts.update({f"xl/worksheets/{one}.xml": parts[SHEET] for one in names})
        sheets = "".join(
            f'<sheet xmlns:r="{OFFICE}" name="{one}" sheetId="{n}" r:id="{one}"/>' for n, one in enumerate(names, 100)
        )
        targets = "".join(
            f'<Relationship Id="{one}" Type="{OFFICE}/worksheet" Target="worksheets/{one}.xml"/>' for one in names
        )
        parts[BOOK] = parts[BOOK].replace(b"</sheets>", f"{sheets}</sheets>".encode())
        parts[BOOK_RELS] = parts[BOOK_RELS].replace(b"</Relationships>", f"{targets}</Relationships>".encode())

    return lambda path: rewritten(path, change)


def backslashed(path: Path) -> None:
    """As old .NET writers named parts."""
    entries = entries_of(path)
    for entry in entries:
        entry.name = entry.name.replace("/", "\\")
    raw_archive.write(path, entries)


def moved_sheets(path: Path) -> None:
    replaced(BOOK_RELS, "worksheets/sheet1.xml", "styles.xml")(path)


def chain(*steps: Make) -> Make:
    def make(path: Path) -> None:
        for step in steps:
            step(path)

    return make


def strict_everywhere(path: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        for one in (BOOK, SHEET, BOOK_RELS, "_rels/.rels"):
            parts[one] = (
                parts[one]
                .replace(
                    b"http://schemas.openxmlformats.org/officeDocument/2006/",
                    b"http://purl.oclc.org/ooxml/officeDocument/",
                )
                .replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            )

    rewritten(path, change)


def link_part(inner: str) -> Make:
    return part("xl/externalLinks/externalLink1.xml", f'<externalLink xmlns="{MAIN}">{inner}</externalLink>')


def connections(inner: str) -> Make:
    return part("xl/connections.xml", f'<connections xmlns="{MAIN}">{inner}</connections>')


def marked_encrypted(entry: RawEntry) -> None:
    entry.flags |= 1


def aes(entry: RawEntry) -> None:
    entry.flags |= 1
    entry.method = 99


def bzip2(entry: RawEntry) -> None:
    entry.method = 12


def other_sum(entry: RawEntry) -> None:
    entry.crc ^= 1
