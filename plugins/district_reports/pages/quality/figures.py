"""The page's figures: of all that was asked for, and of each district, form or month."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row


@dataclass(frozen=True)
class Figures:
    """``files`` are decided files, of which ``rejected`` were rejected; ``with_findings`` have findings of the one rule
    asked for, and mean nothing where several were. ``quarantined`` are rows with a critical finding, of ``rows_read``.

    ``tries`` are first files of a (form, period, district), of which ``right`` were accepted without a critical
    finding. Of the rest, ``hours`` are those until the district's first file that was right, ``open`` have none yet,
    and ``settled`` need none: the report was withdrawn, or is right since the house checked it again.
    """

    files: int = 0
    rejected: int = 0
    rows_read: int = 0
    quarantined: int = 0
    with_findings: int = 0
    findings: int = 0
    explained: int = 0
    tries: int = 0
    right: int = 0
    hours: tuple[float, ...] = ()
    open: int = 0
    settled: int = 0

    @property
    def rejected_share(self) -> float | None:
        return share(self.rejected, self.files)

    @property
    def error_rate(self) -> float | None:
        return share(self.quarantined, self.rows_read)

    @property
    def share_with(self) -> float | None:
        return share(self.with_findings, self.files)

    @property
    def per_thousand(self) -> float | None:
        """Findings per 1,000 rows read."""
        return 1000 * self.findings / self.rows_read if self.rows_read else None

    @property
    def right_share(self) -> float | None:
        return share(self.right, self.tries)

    @property
    def median_hours(self) -> float | None:
        return percentile(self.hours, 0.5)

    @property
    def late_hours(self) -> float | None:
        """The 90th percentile."""
        return percentile(self.hours, 0.9)


def share(part: int, whole: int) -> float | None:
    """0 to 1; None of nothing."""
    return part / whole if whole else None


def percentile(values: Iterable[float], fraction: float) -> float | None:
    """Between the two nearest values, as ``percentile_cont`` has it; None of none."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = fraction * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


Grouping = Callable[[Row[Any]], Any]


@dataclass(frozen=True)
class Counted:
    """What the queries answered for one span; see :mod:`.queries`."""

    files: Sequence[Row[Any]]
    rules: Sequence[Row[Any]]
    tries: Sequence[Row[Any]] = ()

    def total(self) -> Figures:
        return self.grouped(lambda _: None).get(None, Figures())

    def by(self, column: str) -> dict[Any, Figures]:
        """By ``district_code``, ``form`` (None: no form was recognised) or ``month``."""
        return self.grouped(lambda row: getattr(row, column), by_month=column == "month")

    def grouped(self, group: Grouping, *, by_month: bool = False) -> dict[Any, Figures]:
        """By what `group` makes of a row; `by_month` says that it needs the month of findings."""
        sums: Mapping[Any, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
        hours: Mapping[Any, list[float]] = defaultdict(list)
        for row in self.files:
            one = sums[group(row)]
            one["files"] += row.files
            one["rejected"] += row.rejected
            one["rows_read"] += row.rows_read
            one["quarantined"] += row.quarantined
        for row in self.rules:
            if (row.month is not None) == by_month:
                one = sums[group(row)]
                one["with_findings"] += row.files
                one["findings"] += row.findings
                one["explained"] += row.explained
        for row in self.tries:
            key = group(row)
            one = sums[key]
            one["tries"] += 1
            one["right"] += row.is_right
            if row.hours is not None:
                hours[key].append(row.hours)
            elif not row.is_right:
                one["settled" if row.settled else "open"] += 1
        return {key: Figures(**one, hours=tuple(hours[key])) for key, one in sums.items()}
