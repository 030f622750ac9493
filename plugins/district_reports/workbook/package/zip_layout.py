"""Where the entries of a ZIP archive lie, read by ourselves (APPNOTE.TXT 6.3.10).

Readers of ZIP files differ in what they believe when an archive contradicts itself, and CPython before 3.11.8 reads
entries that overlap (CVE-2024-0450). So the layout must be the one plain layout that leaves nothing to believe: it
starts with an entry, ends with its end record, and no two entries share a byte.
"""

import stat
import struct
from dataclasses import dataclass
from typing import BinaryIO

STORED, DEFLATED = 0, 8
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_AES = 99
_UNIX, _DARWIN = 3, 19

_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MAX_COMMENT = 0xFFFF
_ZIP64_EXTRA, _UNICODE_NAME_EXTRA = 0x0001, 0x7075


class Truncated(Exception):
    """The archive has no end record that fits its length: the file is not whole, or still being written."""


class Crafted(Exception):
    """The archive contradicts itself in a way that no program that saves workbooks does."""


class Overlapping(Crafted):
    """Entries share bytes, so that a small archive inflates without end."""


class TooManyEntries(Exception):
    """More entries than allowed."""


@dataclass(frozen=True)
class End:
    """The end record: where the central directory lies and how many entries it announces."""

    entries: int
    offset: int
    size: int


@dataclass(frozen=True)
class Entry:
    """One entry; ``data_offset`` is the first byte of its packed data. Sizes are what the headers say.

    ``is_special``: a symbolic link, a device or a pipe, by the attributes of a Unix file system.
    """

    name: str
    method: int
    encrypted: bool
    crc: int
    packed_size: int
    size: int
    data_offset: int
    is_special: bool

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def find_end(file: BinaryIO, length: int) -> End:
    """The end record of the archive in `file`, `length` bytes long, ZIP64 or not.

    Raises:
        Truncated: there is none that ends with the file and lies right behind its central directory.
    """
    start = max(0, length - _END.size - _MAX_COMMENT)
    tail = _read(file, start, length - start)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        record = tail[at : at + _END.size]
        if len(record) == _END.size:
            _, disk, directory_disk, here, entries, size, offset, comment = _END.unpack(record)
            if start + at + _END.size + comment == length and disk == directory_disk == 0 and here == entries:
                end = _end64(file, start + at) if 0xFFFFFFFF in (size, offset) or entries == 0xFFFF else None
                if end is not None:
                    return end
                if offset + size == start + at:
                    return End(entries, offset, size)
        at = tail.rfind(b"PK\x05\x06", 0, at)
    raise Truncated


def _end64(file: BinaryIO, end_at: int) -> End | None:
    """The ZIP64 end record before the plain one at `end_at`, or None."""
    locator_at = end_at - _END64_LOCATOR.size
    if locator_at < 0:
        return None
    signature, _, record_at, _ = _END64_LOCATOR.unpack(_read(file, locator_at, _END64_LOCATOR.size))
    if signature != b"PK\x06\x07" or record_at + _END64.size > locator_at:
        return None
    record = _END64.unpack(_read(file, record_at, _END64.size))
    signature, entries, size, offset = record[0], record[7], record[8], record[9]
    if signature != b"PK\x06\x06" or offset + size != record_at:
        return None
    return End(entries, offset, size)


def fits(file: BinaryIO, length: int) -> bool:
    """Whether the archive in `file` is whole as far as its end record and central directory tell."""
    try:
        end = find_end(file, length)
    except Truncated:
        return False
    return end.entries == 0 or _read(file, end.offset, 4) == b"PK\x01\x02"


def read_entries(file: BinaryIO, length: int, limit: int) -> list[Entry]:
    """The entries of the archive in `file`, in the order of the central directory.

    Raises:
        Truncated: no end record.
        TooManyEntries: more than `limit`.
        Crafted: headers that contradict one another, entries that overlap, or names that mean two things.
    """
    end = find_end(file, length)
    if end.entries > limit:
        raise TooManyEntries
    directory = _read(file, end.offset, end.size)
    entries: list[Entry] = []
    extents: list[tuple[int, int]] = []
    at = 0
    while at < len(directory):
        if len(entries) == end.entries or len(directory) - at < _CENTRAL.size:
            raise Crafted("the central directory does not hold what the end record announces")
        entry, header_at, step = _entry(file, directory, at)
        entries.append(entry)
        extents.append((header_at, entry.data_offset + entry.packed_size))
        at += step
    if len(entries) != end.entries:
        raise Crafted("the central directory does not hold what the end record announces")
    _check_extents(sorted(extents), end.offset)
    return entries


def _entry(file: BinaryIO, directory: bytes, at: int) -> tuple[Entry, int, int]:
    """The entry whose central header is at `at`, where its local header lies, and the length of the central one."""
    head = _CENTRAL.unpack_from(directory, at)
    signature, flags, method, crc, packed, size = head[0], head[5], head[6], head[9], head[10], head[11]
    name_length, extra_length, comment_length, header_at = head[12], head[13], head[14], head[18]
    name_at = at + _CENTRAL.size
    raw_name = directory[name_at : name_at + name_length]
    extra = directory[name_at + name_length : name_at + name_length + extra_length]
    if signature != b"PK\x01\x02" or len(raw_name) != name_length or len(extra) != extra_length:
        raise Crafted("a broken central header")
    name = _name(raw_name, flags, extra)
    size, packed, header_at = _wide(extra, size, packed, header_at)
    local = _read(file, header_at, _LOCAL.size + name_length)
    if len(local) != _LOCAL.size + name_length:
        raise Crafted("a local header beyond the end")
    fields = _LOCAL.unpack_from(local)
    same = (b"PK\x03\x04", method, flags & _ENCRYPTED, name_length, raw_name)
    if (fields[0], fields[3], fields[2] & _ENCRYPTED, fields[9], local[_LOCAL.size :]) != same:
        raise Crafted("a local header that contradicts the central one")
    entry = Entry(
        name=name,
        method=method,
        encrypted=bool(flags & _ENCRYPTED) or method == _AES,
        crc=crc,
        packed_size=packed,
        size=size,
        data_offset=header_at + _LOCAL.size + name_length + fields[10],
        is_special=head[2] in (_UNIX, _DARWIN) and stat.S_IFMT(head[17] >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR),
    )
    return entry, header_at, _CENTRAL.size + name_length + extra_length + comment_length


def _extras(extra: bytes) -> dict[int, bytes]:
    """The extra fields by their tag; a tail too short for a field is padding, as Excel leaves it."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        found.setdefault(tag, extra[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def _wide(extra: bytes, size: int, packed: int, header_at: int) -> tuple[int, int, int]:
    """Sizes and offset, taken from the ZIP64 extra field where the plain header is full."""
    wanted = [value == 0xFFFFFFFF for value in (size, packed, header_at)]
    if not any(wanted):
        return size, packed, header_at
    field = _extras(extra).get(_ZIP64_EXTRA, b"")
    if len(field) < 8 * sum(wanted):
        raise Crafted("a ZIP64 field is missing")
    wide = iter(struct.unpack_from(f"<{sum(wanted)}Q", field))
    values = [next(wide) if wants else value for wants, value in zip(wanted, (size, packed, header_at), strict=True)]
    return values[0], values[1], values[2]


def _name(raw: bytes, flags: int, extra: bytes) -> str:
    try:
        name = raw.decode("utf-8" if flags & _UTF8_NAME else "cp437")
    except UnicodeDecodeError as error:
        raise Crafted("a name that is not UTF-8") from error
    other = _extras(extra).get(_UNICODE_NAME_EXTRA)
    # A second name in the extra field: some readers take this one, others the first.
    if other is not None and other[5:] != raw and other[5:] != name.encode():
        raise Crafted("an entry with two names")
    return name


def _check_extents(extents: list[tuple[int, int]], directory_at: int) -> None:
    if not extents:
        return
    if extents[0][0] != 0:
        raise Crafted("something lies before the first entry")
    for (_, stop), (start, _) in zip(extents, [*extents[1:], (directory_at, directory_at)], strict=True):
        if stop > start:
            raise Overlapping("entries overlap")
