"""What became of the first files of a span: how many were right at once, and how soon the others were."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from district_reports.ledger.quality import DISTRICT, FORM, MONTH, TOTAL


@dataclass(frozen=True)
class Tries:
    """As rows of the ledger's other figures, by level: see :class:`.figures.Figures`."""

    level: str
    month: str | None
    form: str | None
    district_code: str | None
    tries: int
    right_at_once: int
    corrected: int
    settled: int
    open: int
    median_hours: float | None
    late_hours: float | None


def tries(firsts: Sequence[Row[Any]]) -> list[Tries]:
    """By total, month, form and district."""
    found: dict[tuple[str, str | None, str | None, str | None], list[tuple[bool, float | None, bool]]]
    found = defaultdict(list)
    # Unpacked by position: access by name takes three times as long, and there are thousands of rows.
    for form, _, district_code, month, in_span, is_right, hours, settled, _ in map(tuple, firsts):
        if in_span:
            one = (is_right, hours, settled)
            found[TOTAL, None, None, None].append(one)
            found[MONTH, month, None, None].append(one)
            found[FORM, None, form, None].append(one)
            found[DISTRICT, None, None, district_code].append(one)
    return [_counted(*key, each) for key, each in found.items()]


def _counted(
    level: str,
    month: str | None,
    form: str | None,
    district_code: str | None,
    firsts: Sequence[tuple[bool, float | None, bool]],
) -> Tries:
    corrected = sorted(hours for _, hours, _ in firsts if hours is not None)
    settled = sum(settled for _, _, settled in firsts)
    right = sum(is_right for is_right, _, _ in firsts)
    return Tries(
        level,
        month,
        form,
        district_code,
        tries=len(firsts),
        right_at_once=right,
        corrected=len(corrected),
        settled=settled,
        open=len(firsts) - right - len(corrected) - settled,
        median_hours=percentile(corrected, 0.5),
        late_hours=percentile(corrected, 0.9),
    )


def percentile(ascending: Sequence[float], part: float) -> float | None:
    """The value below which the `part` lies, between two values as far as it is (PostgreSQL's percentile_cont)."""
    if not ascending:
        return None
    place = part * (len(ascending) - 1)
    low = int(place)
    high = min(low + 1, len(ascending) - 1)
    return ascending[low] + (place - low) * (ascending[high] - ascending[low])
