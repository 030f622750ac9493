"""The limits that a file must keep to: the one place that declares them."""

from dataclasses import dataclass

MEBIBYTE = 1 << 20

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Excel's grid ends at XFD1048576."""

FAR_ROW = 500_000
"""A cell from this row on lies far out: the largest report has 60,000 rows."""

FAR_ADDRESS = (
    rb"[A-Za-z]{3,}[0-9]+|[A-Za-z]{1,2}[0-9]{7,}|[A-Za-z][5-9][0-9]{5}"
    rb"|[A-Za-z]{2}[0-9]{6}|[H-Zh-z][A-Za-z][4-9][0-9]{4}"
)
"""A cell that lies far out, or makes a sheet larger than :attr:`Limits.area` from A1 to itself, or may with others."""

MAX_TEXT = 32_767
"""Characters in one cell (Excel's limit)."""

MAX_ELEMENTS = 200_000
"""Elements of a part that says what the package holds: each costs a hundred times its bytes."""

MAX_SHEETS = 1000
"""Sheets of a workbook; Excel itself allows what memory holds."""

MAX_PART_NAME = 500
"""Characters in the name of a part."""


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes; ``ratio`` is inflated to packed of one part, judged from ``ratio_from`` bytes on.

    ``control_part`` and ``control_parts`` are one and all of the parts that say what the package holds, ``prolog`` is
    what may stand before the root element of a part. ``cell_formats`` is Excel's own limit; ``columns`` are column
    definitions of a sheet, ``wide_merge`` cells of a merged range, ``area`` cells from A1 to the last row and column
    that hold something, for a reader makes a place for each. Indices of shared strings are looked at in sheets up to
    ``index_checked``: in a larger one it would cost half as much as inflating, and reading finds it.
    """

    file: int = 50 * MEBIBYTE
    inflated: int = 500 * MEBIBYTE
    ratio: int = 300
    ratio_from: int = 100 * MEBIBYTE
    entries: int = 2000
    control_part: int = 16 * MEBIBYTE
    control_parts: int = 64 * MEBIBYTE
    prolog: int = 64 << 10
    cell_formats: int = 65_490
    names: int = 10_000
    columns: int = LAST_COLUMN
    merges: int = 50_000
    wide_merge: int = LAST_ROW
    area: int = 30_000_000
    strings: int = 3_000_000
    index_checked: int = 4 * MEBIBYTE


LIMITS = Limits()
