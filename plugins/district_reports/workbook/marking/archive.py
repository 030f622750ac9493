"""The ZIP archive of a workbook: its parts as they are packed, and a copy in which most of them are the same bytes."""

import posixpath
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from district_reports.workbook.limits import LIMITS
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.marking.splicing import require_utf8
from district_reports.workbook.package import zip_layout
from district_reports.workbook.package.inflate import inflate
from district_reports.workbook.package.opc import Package, Relationship, read_package, relationships_of
from district_reports.workbook.package.xml_prolog import checked
from district_reports.workbook.package.zip_layout import DEFLATED, Entry

_LEVEL = 1
"""Of packing: 6 packs a large sheet a fifth smaller in three times the time."""
_NOT_ALWAYS_XML = ".vml"
_COPIED, _GATHERED = 1 << 20, 64 << 10
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION, _UTF8_NAME = 20, 0x800
_MIDNIGHT, _FIRST_DAY = 0, 0x21
"""1980-01-01, as writers of workbooks have it: the same workbook is marked into the same bytes."""


class Source:
    """A guarded workbook; its parts are named in lower case."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self.file = file
        entries = zip_layout.read_entries(file, length, LIMITS.entries)
        self.entries = {entry.name.lower(): entry for entry in entries}
        self.package: Package = read_package(self.entries, self._read_checked)

    def _read_checked(self, name: str) -> bytes:
        return self._whole(checked(self.blocks(name), LIMITS))

    @staticmethod
    def _whole(blocks: Iterable[bytes]) -> bytes:
        content = bytearray()
        for block in blocks:
            content += block
            if len(content) > LIMITS.control_part:
                raise CannotMark("a part to edit is too large")
        return bytes(content)

    def blocks(self, name: str) -> Iterator[bytes]:
        """The content of a part, block by block, as it is stored."""
        return inflate(self.file, self.entries[name], LIMITS)

    def read(self, name: str) -> bytes:
        """The whole of a part that is to be edited.

        Raises:
            CannotMark: it is too large, not UTF-8 or not well-formed.
        """
        content = self._whole(self.blocks(name))
        require_utf8(content)
        if not name.endswith(_NOT_ALWAYS_XML):
            _require_well_formed(content)
        return content

    def relationships(self, part: str) -> list[Relationship]:
        """Of `part`; of the package for an empty name."""
        name = rels_of(part)
        return relationships_of(name, self._read_checked(name)) if name in self.entries else []

    def unused(self, pattern: str, taken: set[str]) -> str:
        """A part name by `pattern`, with ``{}`` for a number, that neither the package nor `taken` has."""
        number = 1
        while pattern.format(number).lower() in self.entries or pattern.format(number).lower() in taken:
            number += 1
        return pattern.format(number)


def _require_well_formed(content: bytes) -> None:
    """What is looked at by its tags must have no comment or tag without an end: each would be looked for to the end."""
    try:
        expat.ParserCreate().Parse(content, True)
    except expat.ExpatError as error:
        raise CannotMark("a part to edit is not well-formed") from error


def rels_of(part: str) -> str:
    """The name of the part that holds the relationships of `part`."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


@dataclass(frozen=True)
class Packed:
    """An entry of an archive to be: its packed bytes, and what they hold."""

    data: bytes
    crc: int
    size: int


def packed(blocks: Iterable[bytes]) -> Packed:
    """Pack the content of a part.

    Raises:
        CannotMark: it is larger than a workbook may be.
    """
    packer = zlib.compressobj(_LEVEL, DEFLATED, -15)
    pieces: list[bytes] = []
    crc = size = packed_size = 0
    for block in _gathered(blocks):
        crc = zlib.crc32(block, crc)
        size += len(block)
        pieces.append(packer.compress(block))
        packed_size += len(pieces[-1])
        if size > LIMITS.inflated or packed_size > LIMITS.file:
            raise CannotMark("the copy is too large")
    return Packed(b"".join([*pieces, packer.flush()]), crc, size)


def _gathered(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in larger blocks: each call of the packer costs as much as packing a hundred bytes."""
    held: list[bytes] = []
    length = 0
    for block in blocks:
        held.append(block)
        length += len(block)
        if length >= _GATHERED:
            yield b"".join(held)
            held, length = [], 0
    yield b"".join(held)


class Writer:
    """A new archive in `file`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._directory: list[bytes] = []

    def copy(self, source: BinaryIO, entry: Entry) -> None:
        """Take over an entry of `source`, its packed bytes as they are."""
        self._begin(entry.name, entry.method, entry.crc, entry.packed_size, entry.size)
        source.seek(entry.data_offset)
        left = entry.packed_size
        while left:
            block = source.read(min(_COPIED, left))
            if not block:
                raise CannotMark("the original is shorter than it says")
            self._file.write(block)
            left -= len(block)

    def add(self, name: str, new: Packed) -> None:
        """Add a new entry."""
        self._begin(name, DEFLATED, new.crc, len(new.data), new.size)
        self._file.write(new.data)

    def _begin(self, name: str, method: int, crc: int, packed_size: int, size: int) -> None:
        header_at = self._file.tell()
        if header_at > LIMITS.file:
            raise CannotMark("the copy is too large")
        raw = name.encode()
        flags = 0 if name.isascii() else _UTF8_NAME
        common = (flags, method, _MIDNIGHT, _FIRST_DAY, crc, packed_size, size, len(raw), 0)
        self._file.write(_LOCAL.pack(b"PK\x03\x04", _VERSION, *common) + raw)
        central = _CENTRAL.pack(b"PK\x01\x02", _VERSION, _VERSION, *common, 0, 0, 0, 0, header_at)
        self._directory.append(central + raw)

    def close(self) -> None:
        """Write the directory of the archive."""
        directory = b"".join(self._directory)
        number, at = len(self._directory), self._file.tell()
        self._file.write(directory)
        self._file.write(_END.pack(b"PK\x05\x06", 0, 0, number, number, len(directory), at, 0))
