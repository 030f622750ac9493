"""The guard: what a file must be before any parser of workbooks may see it (F01 to F04).

Only the standard library, only bytes counted by ourselves: sizes in headers are believed by nobody here. The guard
stops at the first block over a limit, so a bomb costs what the limit costs.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import BinaryIO

from district_reports.workbook import zip_layout
from district_reports.workbook.identify import identify
from district_reports.workbook.package import inspect_package, kind_of_archive, wants
from district_reports.workbook.problem import Problem, Refused, crafted
from district_reports.workbook.zip_layout import DEFLATED, STORED, Entry

__all__ = ["LIMITS", "Limits", "Problem", "guard"]

_MEBIBYTE = 1 << 20
_BLOCK = _MEBIBYTE
_READ = 256 << 10
# How much of a block is looked at again with the next one: more than a tag of a cell, or a declaration, is long.
_TAIL = 1024
# A cell that holds something, right of column ZZ or below row 500,000. Formatted empty cells there are harmless.
_FAR_CELL = re.compile(
    rb"""[ ]r=["']([A-Z]{3}[0-9]{1,7}|[A-Z]{1,2}(?:[5-9][0-9]{5}|[0-9]{7}))["'][^<>]*(?<!/)><(?!/)"""
)
_FORMULA_WITH_BAR = re.compile(rb"<(?:\w+:)?f(?:\s[^<>]*)?>([^<|]*\|[^<]*)<")
_QUOTED = re.compile(r'"[^"]*"')
_DDE = re.compile(r"[\w.']\|.+!")
_DECLARED_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
# Encodings in which "<!DOCTYPE" is these bytes and nothing else is.
_ASCII_ENCODINGS = re.compile(r"utf-?8|(us-)?ascii|iso-8859-\d+|windows-125\d|gb2312|gbk|gb18030|big5", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes; ``ratio`` is inflated to packed of one part, judged from ``ratio_from`` bytes on."""

    file: int = 50 * _MEBIBYTE
    inflated: int = 500 * _MEBIBYTE
    ratio: int = 300
    ratio_from: int = 100 * _MEBIBYTE
    entries: int = 2000
    control_part: int = 16 * _MEBIBYTE
    control_parts: int = 64 * _MEBIBYTE


LIMITS = Limits()


def guard(path: Path, limits: Limits = LIMITS) -> list[Problem]:
    """What keeps the file at `path` from being read; empty for a plain .xlsx.

    Raises:
        OSError: the file can't be read at all (a fault of the system).
    """
    length = path.stat().st_size
    if length > limits.file:
        return [Problem("F03", "file_size", {"limit": limits.file // _MEBIBYTE})]
    with path.open("rb") as file:
        try:
            return _guard(file, length, limits)
        except Refused as refused:
            return [refused.problem]
        except zip_layout.Truncated:
            return [Problem("F01", "truncated")]
        except zip_layout.TooManyEntries:
            return [Problem("F03", "entries", {"limit": limits.entries})]
        except zip_layout.Crafted:
            return [crafted("压缩结构自相矛盾").problem]


def _guard(file: BinaryIO, length: int, limits: Limits) -> list[Problem]:
    head = file.read(_BLOCK)
    if not head.strip(b"\x00"):
        # Zeros are what a copy leaves that was cut off after the space had been reserved.
        raise Refused("F01", "truncated" if head else "empty")
    if not head.startswith(b"PK"):
        rule, variant, kind = identify(file)
        raise Refused(rule, variant, kind=kind)
    entries = zip_layout.read_entries(file, length, limits.entries)
    _check_kind(file, entries, limits)
    _check_names(entries)
    if any(entry.encrypted for entry in entries):
        raise Refused("F02", "default")
    if sum(entry.size for entry in entries) > limits.inflated:
        raise Refused("F03", "inflated", limit=limits.inflated // _MEBIBYTE)
    parts, scans = _read_parts(file, entries, limits)
    far_cells = {name: scan.far_cell for name, scan in scans.items() if scan.far_cell}
    dde_formula = any(scan.dde_formula for scan in scans.values())
    return inspect_package([entry.name.lower() for entry in entries], parts, far_cells, dde_formula)


def _check_kind(file: BinaryIO, entries: list[Entry], limits: Limits) -> None:
    mimetype = b""
    for entry in entries:
        if entry.name == "mimetype" and entry.size < 200 and not entry.encrypted:
            mimetype = b"".join(_inflate(file, entry, limits))
    if refused := kind_of_archive([entry.name.lower() for entry in entries], mimetype):
        raise refused


def _check_names(entries: list[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = entry.name
        segments = name.removesuffix("/").split("/")
        if not name or re.search(r"[\\:\x00-\x1f]", name) or any(part in ("", ".", "..") for part in segments):
            raise crafted("部件名称含有路径符号")
        # Part names are compared without regard to case (ECMA-376 part 2, 6.2.2.3).
        folded = name.casefold()
        if folded in seen:
            raise crafted("部件名称重复")
        seen.add(folded)
        if entry.method not in (STORED, DEFLATED) and not entry.encrypted:
            raise crafted("使用了工作簿不用的压缩方法")


def _read_parts(file: BinaryIO, entries: list[Entry], limits: Limits) -> tuple[dict[str, bytes], dict[str, "_Scan"]]:
    """Inflate everything once: count, check, scan; keep the parts that say what the package holds."""
    parts: dict[str, bytes] = {}
    scans: dict[str, _Scan] = {}
    total = kept = 0
    for entry in entries:
        name = entry.name.lower()
        scan = None if name.startswith("xl/media/") else _Scan("sheet" in name)
        keep = bytearray() if wants(name) else None
        for block in _inflate(file, entry, limits):
            total += len(block)
            if total > limits.inflated:
                raise Refused("F03", "inflated", limit=limits.inflated // _MEBIBYTE)
            if scan is not None:
                scan.feed(block)
            if keep is not None:
                keep += block
                kept += len(block)
                if len(keep) > limits.control_part or kept > limits.control_parts:
                    raise crafted("描述性部件过大")
        if keep is not None:
            parts[name] = bytes(keep)
        if scan is not None:
            scans[name] = scan
    return parts, scans


def _inflate(file: BinaryIO, entry: Entry, limits: Limits) -> Iterator[bytes]:
    """The content of `entry` in blocks of at most 1 MiB, its size and CRC checked at the end.

    Raises:
        Refused: damaged, larger than announced, or packed beyond the allowed ratio.
    """
    crc = size = 0
    for block in _unpack(file, entry):
        size += len(block)
        if size > entry.size + _BLOCK:
            # A flipped bit adds a little; this much is a lie.
            raise crafted("部件比其声明的更大")
        if size > limits.ratio_from and size > limits.ratio * entry.packed_size:
            raise Refused("F03", "inflated", limit=limits.inflated // _MEBIBYTE)
        crc = zlib.crc32(block, crc)
        yield block
    if size != entry.size or crc != entry.crc:
        raise Refused("F01", "damaged")


def _unpack(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    file.seek(entry.data_offset)
    left = entry.packed_size
    inflater = zlib.decompressobj(-15) if entry.method == DEFLATED else None
    while left:
        packed = file.read(min(_READ, left))
        left -= len(packed)
        if not packed:
            raise Refused("F01", "damaged")
        if inflater is None:
            yield packed
            continue
        while packed:
            try:
                block = inflater.decompress(packed, _BLOCK)
            except zlib.error as error:
                raise Refused("F01", "damaged") from error
            packed = inflater.unconsumed_tail
            if block:
                yield block
            elif inflater.eof:
                break
    if inflater is not None and (not inflater.eof or inflater.unused_data):
        raise Refused("F01", "damaged")


class _Scan:
    """Looks through a part, block by block, for a DTD in any encoding, cells far out and formulas with DDE."""

    def __init__(self, cells: bool) -> None:
        self.far_cell: str | None = None
        self.dde_formula = False
        self._cells = cells
        self._doctype: bytes | None = None
        self._tail = b""

    def feed(self, block: bytes) -> None:
        """Scan `block` together with the end of the one before.

        Raises:
            Refused: a DTD, or an encoding in which none could be seen.
        """
        data = self._tail + block
        if self._doctype is None:
            if len(data) < 4:
                self._tail = data
                return
            self._doctype = _doctype_bytes(data)
        if self._doctype in data:
            raise crafted("部件中含有 DTD 声明")
        if self._cells and self.far_cell is None and (far := _FAR_CELL.search(data)):
            self.far_cell = far[1].decode()
        if self._cells and not self.dde_formula and b"|" in data:
            self.dde_formula = any(map(_calls_a_program, _FORMULA_WITH_BAR.findall(data)))
        self._tail = data[-_TAIL:]


def _calls_a_program(formula: bytes) -> bool:
    """Whether a formula has DDE, ``app|topic!item``; a bar within quotes is text."""
    return _DDE.search(_QUOTED.sub("", unescape(formula.decode("utf-8", "replace")))) is not None


def _doctype_bytes(head: bytes) -> bytes:
    """What ``<!DOCTYPE`` looks like in a part that begins with `head` (XML 1.0, appendix F)."""
    if head[:4] in (b"\x00\x00\xfe\xff", b"\xff\xfe\x00\x00", b"\x00\x00\x00<", b"<\x00\x00\x00", b"\x4c\x6f\xa7\x94"):
        raise crafted("部件使用了不支持的编码")
    if head.startswith(b"\xff\xfe") or head[1::2][:2] == b"\x00\x00":
        return "<!DOCTYPE".encode("utf-16-le")
    if head.startswith(b"\xfe\xff") or head[0::2][:2] == b"\x00\x00":
        return "<!DOCTYPE".encode("utf-16-be")
    declared = _DECLARED_ENCODING.match(head[:1024])
    if declared and not _ASCII_ENCODINGS.fullmatch(declared[1].decode("latin-1")):
        raise crafted("部件使用了不支持的编码")
    return b"<!DOCTYPE"
