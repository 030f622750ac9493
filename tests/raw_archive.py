"""ZIP archives written byte by byte, so that their headers can say anything (APPNOTE.TXT 6.3.10)."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

_FULL = 0xFFFFFFFF


@dataclass
class RawEntry:
    """An entry as it is written. ``attributes`` are those of Unix; ``reach`` is how far its data is said to go on."""

    name: str
    packed: bytes
    size: int
    crc: int = 0
    method: int = 8
    flags: int = 0
    attributes: int = 0
    reach: int = 0


def plain(name: str, content: bytes) -> RawEntry:
    """An honest deflated entry."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    return RawEntry(name, deflate.compress(content) + deflate.flush(), len(content), zlib.crc32(content))


def rows(size: int, before: bytes = b"") -> bytes:
    """`before` and then `size` bytes of empty rows, deflated: one block, flushed to a whole byte, again and again."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = deflate.compress(before) + deflate.flush(zlib.Z_FULL_FLUSH)
    block = (b"<row>" + b" " * 1013 + b"</row>") * 1024
    one = deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH)
    return head + one * (size // len(block)) + deflate.flush()


def write(path: Path, entries: list[RawEntry]) -> None:
    """Write the archive."""
    directory = bytearray()
    at = 0
    with path.open("wb") as file:
        for entry in entries:
            name = entry.name.encode()
            wide = entry.size > _FULL
            extra = struct.pack("<2HQ", 1, 8, entry.size) if wide else b""
            size = _FULL if wide else entry.size
            flags = entry.flags if name.isascii() else entry.flags | 0x800
            length = len(entry.packed) + entry.reach
            head = (0, flags, entry.method, 0, 0, entry.crc, length, size, len(name), len(extra))
            tail = (0, 0, 0, entry.attributes << 16, at)
            at += file.write(struct.pack("<4s2B4H3L2H", b"PK\x03\x04", 20, *head) + name + extra + entry.packed)
            directory += struct.pack("<4s4B4H3L5H2L", b"PK\x01\x02", 20, 3, 20, *head, *tail) + name + extra
        number = len(entries)
        file.write(directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, len(directory), at, 0))
