"""A line of the board: one commitment of the work plan in one period, and how far it is from where it should be."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from district_reports.pages.city.sparkline import Sparkline
from district_reports.publish.commitment_status import Coverage, urgency
from district_reports.publish.commitments import PERCENT, Kind

_UPWARDS = (Kind.RAISE, Kind.KEEP_AT_LEAST)


def is_upwards(kind: str | None) -> bool:
    """Whether more is better."""
    return kind in _UPWARDS


@dataclass(frozen=True)
class Later:
    """A period that is under way; ``hidden`` says that its figure is withheld."""

    period: str
    actual: Decimal | None
    hidden: bool
    coverage: Coverage


@dataclass(frozen=True)
class Behind:
    """Since which period a commitment lags without a break, and for how many; ``open``: what was before is withheld."""

    period: str
    periods: int
    open: bool


@dataclass(frozen=True)
class Bar:
    """Shares of the way to the target, 0 to 1: what is done, and what should be by now where that is known."""

    done: float
    pace: float | None


@dataclass(frozen=True)
class Worst:
    """A district that is short of the target; ``actual`` is its own figure."""

    code: str
    name: str
    actual: Decimal


@dataclass(frozen=True)
class Furthest:
    """The districts that are furthest from the target, of those whose figure is shown; ``hidden``: others' are not.

    ``tied`` are those after them that have one figure and are too many to be named.
    """

    districts: tuple[Worst, ...] = ()
    tied: tuple[Worst, ...] = ()
    hidden: bool = False

    @property
    def any(self) -> bool:
        return bool(self.districts or self.tied)


@dataclass(frozen=True)
class Commitment:
    """A commitment in its latest complete period; where there is none in the latest that any district reported for, or
    in the latest at all.

    ``pace`` is what ``actual`` should be by then. ``later`` is the latest period after it with reports, which is not
    complete. ``hidden`` are the columns whose figure is withheld.
    """

    key: str
    item: int
    wording: str
    unit: str
    kind: str | None
    baseline: Decimal | None
    baseline_kind: str | None
    baseline_period: str | None
    target: Decimal | None
    due: date | None
    period: str
    actual: Decimal | None
    pace: Decimal | None
    status: str | None
    coverage: Coverage
    behind: Behind | None
    later: Later | None
    trend: Sparkline | None
    hidden: frozenset[str]
    worst: Furthest = Furthest()

    @property
    def upwards(self) -> bool:
        return is_upwards(self.kind)

    @property
    def compares_districts(self) -> bool:
        """Whether districts beside each other say where it lags: rates do, and counts of what should not be."""
        return self.target is not None and (self.unit == PERCENT or not self.upwards)

    @property
    def ahead(self) -> Decimal | None:
        """By how much the figure is better than it should be by now; negative where it is worse."""
        if self.actual is None or self.pace is None or self.hidden & {"actual", "pace"}:
            return None
        return self.actual - self.pace if self.upwards else self.pace - self.actual

    @property
    def bar(self) -> Bar | None:
        """None where there is no way to show: no target, one to stay below, or a figure of it is withheld."""
        if self.actual is None or self.target is None or self.hidden & {"actual", "pace", "baseline"}:
            return None
        begin = self.baseline if self.kind == Kind.LOWER else Decimal(0) if self.upwards else None
        if begin is None or begin == self.target:
            return None
        pace = None if self.pace is None else _share(begin, self.target, self.pace)
        return Bar(_share(begin, self.target, self.actual), pace)


def by_urgency(each: Commitment) -> tuple[int, float, Decimal, int, str]:
    """The order of the board: by status, and within it what is furthest behind its pace, as a share of the two figures,
    which compares rates with counts; where that is the same, by the difference itself.
    """
    if each.ahead is None or each.actual is None or each.pace is None:
        return urgency(each.status), 1.0, Decimal(0), each.item, each.key
    largest = max(abs(each.actual), abs(each.pace))
    return urgency(each.status), float(each.ahead / largest) if largest else 0.0, each.ahead, each.item, each.key


def _share(begin: Decimal, end: Decimal, figure: Decimal) -> float:
    return min(max(float((figure - begin) / (end - begin)), 0.0), 1.0)
