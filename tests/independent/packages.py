"""What a saved workbook's ZIP can be turned into, and files of other kinds, written by hand."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

Pack = Callable[[Path], None]
TYPES, BOOK, BOOK_RELS = "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def changed_parts(change: Callable[[dict[str, bytes]], None]) -> Pack:
    def pack(path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        change(parts)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)

    return pack


def replaced(old: str, new: str) -> Pack:
    """Replace a text that occurs once in all the worksheets."""

    def change(parts: dict[str, bytes]) -> None:
        [name] = [name for name, content in parts.items() if "worksheets/" in name and old.encode() in content]
        assert parts[name].count(old.encode()) == 1
        parts[name] = parts[name].replace(old.encode(), new.encode())

    return changed_parts(change)


def with_parts(kind: str, parts: dict[str, tuple[str, bytes]], owner: str = BOOK) -> Pack:
    """Add parts (name → content type, content); `owner` refers to the first with a relationship of type `kind`."""
    folder, _, name = owner.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels"
    first = next(iter(parts))

    def change(all_parts: dict[str, bytes]) -> None:
        for added, (content_type, content) in parts.items():
            all_parts[added] = content
            override = f'<Override PartName="/{added}" ContentType="{content_type}"/></Types>'
            if content_type:
                all_parts[TYPES] = all_parts[TYPES].replace(b"</Types>", override.encode())
        empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        element = f'<Relationship Id="rId77" Type="{OFFICE}/{kind}" Target="/{first}"/></Relationships>'
        all_parts[rels] = all_parts.get(rels, empty).replace(b"</Relationships>", element.encode())

    return changed_parts(change)


def macros(path: Path) -> None:
    with_parts("vbaProject", {"xl/vbaProject.bin": ("application/vnd.ms-office.vbaProject", compound({"VBA": b"x"}))})(
        path
    )
    plain, enabled = f"{SPREADSHEET}.sheet.main+xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    changed_parts(lambda parts: parts.update({TYPES: parts[TYPES].replace(plain.encode(), enabled.encode())}))(path)


def _external(inner: str) -> tuple[str, bytes]:
    content = f'<externalLink xmlns="{MAIN}" xmlns:r="{OFFICE}">{inner}</externalLink>'
    return f"{SPREADSHEET}.externalLink+xml", content.encode()


_LINK = "xl/externalLinks/externalLink1.xml"
_LINK_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/externalLinkPath" Target="file:///D:/去年.xlsx" TargetMode="External"/></Relationships>'
)
external_link = with_parts(
    "externalLink",
    {
        _LINK: _external('<externalBook r:id="rId1"><sheetNames><sheetName val="Sheet1"/></sheetNames></externalBook>'),
        "xl/externalLinks/_rels/externalLink1.xml.rels": ("", _LINK_RELS.encode()),
    },
)
dde_link = with_parts("externalLink", {_LINK: _external('<ddeLink ddeService="cmd" ddeTopic="/C calc"/>')})
connection = with_parts(
    "connections",
    {
        "xl/connections.xml": (
            f"{SPREADSHEET}.connections+xml",
            f'<connections xmlns="{MAIN}"><connection id="1" name="学籍库" type="1" refreshedVersion="6">'
            '<dbPr connection="DSN=xj" command="select 1"/></connection></connections>'.encode(),
        )
    },
)


def ole_object(path: Path) -> None:
    embedded = {"xl/embeddings/oleObject1.bin": (f"{SPREADSHEET}.oleObject", compound({"Ole": b"x"}))}
    with_parts("oleObject", embedded, "xl/worksheets/sheet2.xml")(path)


def embedded_workbook(path: Path) -> None:
    part = {"xl/embeddings/Microsoft_Excel_Sheet1.xlsx": (f"{SPREADSHEET}.sheet", path.read_bytes())}
    with_parts("package", part, "xl/worksheets/sheet2.xml")(path)


# Crafted archives (F03)


def entity_bomb(path: Path) -> None:
    """Nested entities in a worksheet, a thousand million times "lol" when expanded."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    document_type = f'<!DOCTYPE worksheet [<!ENTITY l0 "lol">{levels}]>'

    def change(parts: dict[str, bytes]) -> None:
        sheet = "xl/worksheets/sheet2.xml"
        text = parts[sheet].decode().replace("<worksheet", f"{document_type}<worksheet", 1)
        bomb = '<row r="9000"><c r="A9000" t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData>'
        parts[sheet] = text.replace("</sheetData>", bomb, 1).encode()

    changed_parts(change)(path)


def parent_folder(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../evil.xml", "<x/>")


def huge_part(path: Path) -> None:
    """800 million bytes of spaces that take under one million in the file."""
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/theme/theme9.xml", "w") as part,
    ):
        for _ in range(800):
            part.write(b" " * 1_000_000)


def same_name_twice(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        content = archive.read("xl/worksheets/sheet2.xml")
    body = path.read_bytes()
    # Written under a name of the same length, which is then changed in both headers.
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheetZ.xml", content)
    assert body.count(b"sheetZ.xml") == 0
    path.write_bytes(path.read_bytes().replace(b"sheetZ.xml", b"sheet2.xml"))


# Files of other kinds (F01, F02)


def compound(streams: dict[str, bytes]) -> bytes:
    """An OLE compound file (MS-CFB, version 3) with these streams, each in whole sectors of its own."""
    sectors: list[bytes] = []
    fat: list[int] = []

    def chain(content: bytes) -> int:
        start, count = len(sectors), max(1, -(-len(content) // 512))
        sectors.extend(content[512 * n : 512 * n + 512].ljust(512, b"\0") for n in range(count))
        fat.extend([*range(start + 1, start + count), 0xFFFFFFFE])
        return start

    def entry(name: str, kind: int, child: int, right: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le")
        head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
        return (head + struct.pack("<III", 0xFFFFFFFF, right, child) + bytes(36)) + struct.pack("<IQ", start, size)

    # A stream below 4,096 bytes would belong into the mini stream.
    whole = {name: content.ljust(4096, b"\0") for name, content in streams.items()}
    directory = entry("Root Entry", 5, 1, 0xFFFFFFFF, 0xFFFFFFFE, 0)
    for number, (name, content) in enumerate(whole.items(), 1):
        right = number + 1 if number < len(whole) else 0xFFFFFFFF
        directory += entry(name, 2, 0xFFFFFFFF, right, chain(content), len(content))
    directory_start = chain(directory)
    fat_sector = len(sectors)
    fat += [0xFFFFFFFD] + [0xFFFFFFFF] * (127 - len(fat))
    sectors.append(struct.pack("<128I", *fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, directory_start, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return header + struct.pack("<109I", fat_sector, *[0xFFFFFFFF] * 108) + b"".join(sectors)


BIFF8 = struct.pack("<HHHHHHII", 0x809, 16, 0x600, 5, 0x2694, 0x7CD, 0x41, 0x606) + struct.pack("<HH", 0x0A, 0)


def other_content(content: bytes) -> Pack:
    def pack(path: Path) -> None:
        path.write_bytes(content)

    return pack


def open_document(path: Path) -> None:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    names = "urn:oasis:names:tc:opendocument:xmlns"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"><manifest:file-entry '
            f'manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{names}:office:1.0" office:version="1.2"><office:body>'
            "<office:spreadsheet/></office:body></office:document-content>",
        )


def truncated(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
