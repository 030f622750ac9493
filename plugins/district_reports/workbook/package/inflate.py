"""Inflate an entry of a ZIP archive, block by block; the sizes that its headers announce are believed by nobody."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from district_reports.workbook.limits import MEBIBYTE, Limits
from district_reports.workbook.package.zip_layout import DEFLATED, Entry
from district_reports.workbook.problem import Refused

BLOCK = MEBIBYTE
_READ = 256 << 10


def inflate(file: BinaryIO, entry: Entry, limits: Limits) -> Iterator[bytes]:
    """The content of `entry` in blocks of at most 1 MiB, its size and CRC checked at the end.

    Raises:
        Refused: damaged, larger than announced, or packed beyond the allowed ratio.
    """
    crc = size = 0
    for block in _unpack(file, entry):
        size += len(block)
        if size > entry.size + BLOCK:
            # A flipped bit adds a little; this much is a lie.
            raise Refused("F03", "declared_size")
        if size > limits.ratio_from and size > limits.ratio * entry.packed_size:
            raise Refused("F03", "ratio", limit=limits.ratio)
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
                block = inflater.decompress(packed, BLOCK)
            except zlib.error as error:
                raise Refused("F01", "damaged") from error
            packed = inflater.unconsumed_tail
            if block:
                yield block
            elif inflater.eof:
                break
    if inflater is not None and (not inflater.eof or inflater.unused_data):
        raise Refused("F01", "damaged")
