"""Ten gigabytes in ten megabytes, packed in five ways: refused in 2 s of CPU and 200 MB, in a process of its own."""

import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import raw_archive
from guarded_files import SHEET
from raw_archive import RawEntry, plain
from tampering import SHEET_START, entries_of

TEN_GIGABYTES = 10 << 30
MEASURE = """
import json, re, sys, time
from pathlib import Path
from district_reports.workbook.guard.guard import guard
begun = time.process_time()
found = [(one.rule, one.variant) for one in guard(Path(sys.argv[1]))]
seconds = time.process_time() - begun
# ru_maxrss would be that of the process that started this one, where it is larger.
kilobytes = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
print(json.dumps([found, seconds, kilobytes]))
"""
Pack = Callable[[list[RawEntry], bytes], list[RawEntry]]


def one_entry(parts: list[RawEntry], data: bytes) -> list[RawEntry]:
    return [*parts, RawEntry(SHEET, data, TEN_GIGABYTES)]


def one_that_says_a_thousand(parts: list[RawEntry], data: bytes) -> list[RawEntry]:
    return [*parts, RawEntry(SHEET, data, 1000)]


def one_that_says_what_is_allowed(parts: list[RawEntry], data: bytes) -> list[RawEntry]:
    return [*parts, RawEntry(SHEET, data, 90 << 20)]


def many_below_the_limit(parts: list[RawEntry], _: bytes) -> list[RawEntry]:
    """Each under the size from which the ratio counts, and each says that it is small."""
    size = 90 << 20
    data = raw_archive.rows(size, SHEET_START)
    sheets = [RawEntry(f"xl/worksheets/sheet{n}.xml", data, size) for n in range(2, TEN_GIGABYTES // size + 3)]
    return [*parts, plain(SHEET, SHEET_START), *sheets]


def many_over_one_another(parts: list[RawEntry], data: bytes) -> list[RawEntry]:
    """Each reaches over all that follow."""
    size = 20 << 20
    small = raw_archive.rows(size, SHEET_START)
    number = TEN_GIGABYTES // size
    sheets = [
        RawEntry(f"xl/worksheets/sheet{n}.xml", small, size, reach=(number - n) * len(small)) for n in range(2, number)
    ]
    return [*parts, plain(SHEET, SHEET_START), *sheets]


def nested(parts: list[RawEntry], data: bytes) -> list[RawEntry]:
    """Packed twice: within the limits until the inner archive would be opened."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    embedded = RawEntry("xl/embeddings/b.xlsx", deflate.compress(data) + deflate.flush(), len(data), zlib.crc32(data))
    return [*parts, plain(SHEET, SHEET_START + b"</sheetData></worksheet>"), embedded]


@pytest.mark.parametrize(
    ("pack", "variant"),
    [
        (one_entry, ("F03", "ratio")),
        (one_that_says_a_thousand, ("F03", "declared_size")),
        (one_that_says_what_is_allowed, ("F03", "declared_size")),
        (many_below_the_limit, ("F03", "inflated")),
        (many_over_one_another, ("F03", "overlap")),
        (nested, ("F04", "embedded")),
    ],
)
def test_ten_gigabytes_cost_little(workbook: Path, pack: Pack, variant: tuple[str, str]) -> None:
    parts = [one for one in entries_of(workbook) if one.name != SHEET]
    raw_archive.write(workbook, pack(parts, raw_archive.rows(TEN_GIGABYTES, SHEET_START)))
    assert workbook.stat().st_size < 50 << 20

    command = [sys.executable, "-c", MEASURE, str(workbook)]
    found, seconds, kilobytes = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=300).stdout)

    assert [tuple(one) for one in found] == [variant]
    assert seconds < 2
    assert kilobytes < 200_000
