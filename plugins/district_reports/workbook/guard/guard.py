"""The guard: what a file must be before any parser of workbooks may see it (F01 to F04).

Only the standard library, only bytes counted by ourselves. The guard stops at the first block over a limit, so a bomb
costs what the limit costs. Every entry is inflated once, but for a sheet with a merged range of absurd size.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from district_reports.workbook.guard.active import active, is_source, is_source_by_its_head
from district_reports.workbook.guard.file_type import identify
from district_reports.workbook.guard.merges import wide_merges
from district_reports.workbook.guard.scan import SheetScan, StringsScan, hidden_value
from district_reports.workbook.guard.style_count import check_styles
from district_reports.workbook.limits import LIMITS, MEBIBYTE, Limits
from district_reports.workbook.names import address
from district_reports.workbook.package import zip_layout
from district_reports.workbook.package.inflate import BLOCK, inflate
from district_reports.workbook.package.opc import Package, kind_of_archive, read_package
from district_reports.workbook.package.part_names import check_names
from district_reports.workbook.package.xml_prolog import checked
from district_reports.workbook.package.zip_layout import Entry
from district_reports.workbook.problem import Problem, Refused, crafted

__all__ = ["LIMITS", "Limits", "Problem", "guard"]

_SHEET_PART = re.compile(r"(?:.*/)?(?:work|macro|dialog|chart)?sheets/[^/]*\.xml")
_HEAD_KEPT = 64 << 10
_NAMED = 100


def guard(workbook: Path | bytes, limits: Limits = LIMITS) -> list[Problem]:
    """What keeps the file at a path, or one of this content, from being read; empty for a plain .xlsx.

    Raises:
        OSError: the file can't be read at all (a fault of the system).
    """
    with io.BytesIO(workbook) if isinstance(workbook, bytes) else workbook.open("rb") as file:
        length = file.seek(0, io.SEEK_END)
        if length > limits.file:
            return [Problem("F03", "file_size", {"limit": limits.file // MEBIBYTE})]
        file.seek(0)
        try:
            return _guard(file, length, limits)
        except Refused as refused:
            return [refused.problem]
        except zip_layout.Truncated:
            return [Problem("F01", "truncated")]
        except zip_layout.TooManyEntries:
            return [Problem("F03", "entries", {"limit": limits.entries})]
        except zip_layout.Overlapping:
            return [Problem("F03", "overlap")]
        except zip_layout.Crafted:
            return [crafted("压缩结构自相矛盾").problem]


def _guard(file: BinaryIO, length: int, limits: Limits) -> list[Problem]:
    head = file.read(BLOCK)
    if not head.strip(b"\x00"):
        # Zeros are what a copy leaves that was cut off after the space had been reserved.
        raise Refused("F01", "truncated" if head else "empty")
    if not head.startswith(b"PK"):
        rule, variant, kind = identify(file)
        raise Refused(rule, variant, kind=kind)
    archive = _Archive(file, zip_layout.read_entries(file, length, limits.entries), limits)
    _check_kind(archive)
    check_names(list(archive.entries.values()))
    return _check_parts(archive, read_package(archive.entries, archive.read))


class _Archive:
    """The entries of a ZIP by their name in lower case, and how much of them has been inflated."""

    def __init__(self, file: BinaryIO, entries: list[Entry], limits: Limits) -> None:
        self.limits = limits
        self.entries = {entry.name.lower(): entry for entry in entries}
        if len(self.entries) != len(entries):
            raise Refused("F03", "duplicate")
        self.read_whole: set[str] = set()
        self._file = file
        self._inflated = self._kept = 0
        # Before anything is inflated, so that a bomb that says what it is costs nothing.
        if not any(entry.encrypted for entry in entries):
            for entry in entries:
                if entry.size > limits.ratio_from and entry.size > limits.ratio * entry.packed_size:
                    raise Refused("F03", "ratio", limit=limits.ratio)
            if sum(entry.size for entry in entries) > limits.inflated:
                raise self._too_large()

    def _too_large(self) -> Refused:
        return Refused("F03", "inflated", limit=self.limits.inflated // MEBIBYTE)

    def blocks(self, name: str) -> Iterator[bytes]:
        """The content of an entry in blocks, counted."""
        for block in inflate(self._file, self.entries[name], self.limits):
            self._inflated += len(block)
            if self._inflated > self.limits.inflated:
                raise self._too_large()
            yield block

    def xml(self, name: str) -> Iterator[bytes]:
        """As :meth:`blocks`, in UTF-8 and without a document type."""
        return checked(self.blocks(name), self.limits)

    def read(self, name: str) -> bytes:
        """The whole of a part that says what the package holds."""
        content = bytearray()
        for block in self.blocks(name) if name == "mimetype" else self.xml(name):
            content += block
            self._kept += len(block)
            if len(content) > self.limits.control_part or self._kept > self.limits.control_parts:
                raise Refused("F03", "control_part", limit=self.limits.control_part // MEBIBYTE)
        self.read_whole.add(name)
        return bytes(content)


def _check_kind(archive: _Archive) -> None:
    entries = archive.entries
    encrypted = any(entry.encrypted for entry in entries.values())
    mimetype = archive.read("mimetype") if "mimetype" in entries and not encrypted else b""
    if b"opendocument" in mimetype:
        manifest = archive.read("meta-inf/manifest.xml") if "meta-inf/manifest.xml" in entries else b""
        if b"encryption-data" in manifest or "encrypted-package" in entries:
            raise Refused("F02", "open_document")
    if encrypted:
        raise Refused("F02", "archive")
    if refused := kind_of_archive(entries, mimetype):
        raise refused


def _check_parts(archive: _Archive, package: Package) -> list[Problem]:
    """Look through every part once; what is active in them, and in the package."""
    if len(package.names) > archive.limits.names:
        raise Refused("F03", "names", limit=archive.limits.names)
    parts: dict[str, bytes] = {}
    found: list[tuple[str, dict[str, str]]] = []
    strings = 0
    # The shared strings first: the sheets' indices must lie within them.
    for name in sorted(archive.entries, key=lambda name: name not in package.strings):
        if name in archive.read_whole or archive.entries[name].is_folder:
            continue
        if name in package.strings:
            strings += _count_strings(archive, name)
        elif name in package.sheets or _SHEET_PART.fullmatch(name):
            found.extend((variant, {}) for variant in _scan_sheet(archive, name, package.sheets.get(name), strings))
        elif name in package.styles:
            if archive.entries[name].size > archive.limits.control_part:
                raise Refused("F03", "styles", limit=archive.limits.cell_formats)
            check_styles(archive.read(name), archive.limits)
        elif is_source(name):
            parts[name] = archive.read(name)
        elif is_source_by_its_head(name):
            parts[name] = b""
            for block in archive.xml(name):
                parts[name] = parts[name] or block[:_HEAD_KEPT]
        else:
            for _ in archive.blocks(name) if name.startswith("xl/media/") else archive.xml(name):
                pass
    # Each name and each link at once, so that nobody has to come back for the next.
    problems = (Problem("F04", variant, dict(words)) for variant, words in [*found, *active(package, parts)])
    return list({(one.variant, *one.words.values()): one for one in problems}.values())[:_NAMED]


def _count_strings(archive: _Archive, name: str) -> int:
    scan = StringsScan(archive.limits)
    for block in archive.xml(name):
        scan.feed(block)
    return scan.count


def _scan_sheet(archive: _Archive, name: str, title: str | None, strings: int) -> list[str]:
    """What is active in a sheet; one without a `title` belongs to no workbook, and may be anything.

    Raises:
        Refused: what :class:`SheetScan` refuses, or merged ranges that no program makes.
    """
    small = archive.entries[name].size <= archive.limits.index_checked
    scan = SheetScan(title, archive.limits, strings if small else None)
    for block in archive.xml(name):
        scan.feed(block)
    scan.end()
    wide = wide_merges(bytes(scan.merge_xml), scan.title, archive.limits)
    if wide and (hidden := hidden_value(archive.xml(name), wide)):
        merged, row, column = hidden
        raise Refused("F03", "wide_merge", sheet=scan.title, range=merged.text, cell=address(row, column))
    return sorted(scan.active)
