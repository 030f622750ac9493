"""What Great Expectations found in a workbook, in counts and Excel rows. It never holds a value of the workbook."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROWS_KEPT = 20
"""Excel rows that are kept of an expectation that fails; all are counted."""


@dataclass(frozen=True)
class ExpectationResult:
    """What became of one expectation; type and kwargs are as declared, with the days that its parameters stood for.

    ``elements`` are the rows that it looked at, ``missing`` those of them without a value (None where that is what it
    looks for), ``unexpected`` those that fail, of which ``rows`` are the first.
    """

    type: str
    kwargs: Mapping[str, Any]
    rule: str
    title: str
    severity: str
    elements: int
    missing: int | None
    unexpected: int
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class FrameResult:
    """A suite's results over one frame: a sheet, or what is expected of it. ``rows`` are those of the frame."""

    frame: str
    sheet: str
    rows: int
    results: tuple[ExpectationResult, ...]
