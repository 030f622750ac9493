"""What `city_commitments` must say of a commitment in a period and area, judged by the ten steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from recomputed.exact import mean, percent, rounded
from recomputed.periods import Period

LACKING, DONE, ON_WAY, BEHIND = "数据不全", "已达成", "正常推进", "滞后"
NOT_YET, NOTHING, NO_EARLIER, NO_BASELINE = "待报", "不适用", "无上期", "未达标（无基期）"


@dataclass(frozen=True)
class Commitment:
    """A row of commitments.csv."""

    row: Mapping[str, str]

    @property
    def target(self) -> Decimal | None:
        return Decimal(self.row["target"]) if self.row["target"] else None

    @property
    def due(self) -> date | None:
        return date.fromisoformat(self.row["due"]) if self.row["due"] else None

    def is_asked_in(self, period: Period) -> bool:
        """What is due on a day is asked in the periods that touch the year up to that day; a trend in all."""
        return self.due is None or (period.first <= self.due and period.last.year >= self.due.year)

    @property
    def is_count(self) -> bool:
        return not self.row["denominator_column"]

    def has(self, what: str, level: str) -> bool:
        """Whether the level is among ``baseline_levels`` or ``target_levels``."""
        return level in self.row[what].split(";")

    @property
    def breakdown(self) -> dict[str, str]:
        """What the rows of the table have that the figure is taken from, where not 全部."""
        return dict(part.split("=") for part in self.row["filter"].split(";") if part)


@dataclass(frozen=True)
class Measured:
    """What was measured in one period and area."""

    period: Period
    numerator: Decimal | None
    denominator: Decimal | None
    actual: Decimal | None
    accepted: int
    complete: bool


@dataclass(frozen=True)
class Baseline:
    kind: str
    value: Decimal | None = None
    period: Period | None = None
    begins: date | None = None


def actual_of(commitment: Commitment, numerator: Decimal | None, denominator: Decimal | None) -> Decimal | None:
    if commitment.is_count or numerator is None or denominator is None:
        return numerator if commitment.is_count else None
    if commitment.row["unit"] == "%":
        return percent(numerator, denominator)
    return mean(numerator, int(denominator))


def baseline_of(commitment: Commitment, level: str, year: list[Measured]) -> Baseline:
    """`year` are the area's periods that begin in the year in which it is due, up to the judged one, oldest first."""
    row = commitment.row
    if row["baseline"] and commitment.has("baseline_levels", level):
        assert commitment.due is not None
        begins = date.fromisoformat(row["baseline_on"]) if row["baseline_on"] else date(commitment.due.year, 1, 1)
        return Baseline("plan", Decimal(row["baseline"]), begins=begins)
    if row["baseline_kind"] != "none" and commitment.has("target_levels", level):
        first = next((one for one in year if one.complete), None)
        if first is not None and first.actual is not None:
            return Baseline("first_report", first.actual, first.period, first.period.last)
    return Baseline("none")


def status(commitment: Commitment, level: str, now: Measured, baseline: Baseline) -> str | None:
    """The first of the ten steps that holds."""
    if not now.accepted:
        return NOT_YET
    if not commitment.is_count and now.denominator == 0:
        return NOTHING
    if now.numerator is None:
        return NO_EARLIER
    if commitment.target is None or not commitment.has("target_levels", level):
        return None
    word = _word(commitment, now, baseline)
    more_would_help = commitment.is_count and commitment.row["kind"] in ("raise", "keep_at_least")
    if not now.complete and (word in (DONE, ON_WAY) or (word == BEHIND and more_would_help)):
        return LACKING
    return word


def pace(commitment: Commitment, level: str, period: Period, baseline: Baseline) -> Decimal | None:
    """What the figure should have come to by the period's last day."""
    target, due = commitment.target, commitment.due
    if target is None or due is None or not commitment.has("target_levels", level):
        return None
    if commitment.row["kind"].startswith("keep") or period.last >= due:
        return target
    if baseline.value is None:
        return None
    return rounded(_line(baseline, target, due, period))


def _line(baseline: Baseline, target: Decimal, due: date, period: Period) -> Fraction:
    assert baseline.value is not None
    assert baseline.begins is not None
    gone = Fraction(max(0, (period.last - baseline.begins).days), (due - baseline.begins).days)
    return Fraction(baseline.value) + (Fraction(target) - Fraction(baseline.value)) * gone


def _word(commitment: Commitment, now: Measured, baseline: Baseline) -> str:
    kind, target, due, actual = commitment.row["kind"], commitment.target, commitment.due, now.actual
    assert target is not None
    assert due is not None
    assert actual is not None
    there = actual >= target if kind in ("raise", "keep_at_least") else actual <= target
    is_due = now.period.last >= due
    if kind.startswith("keep"):
        return BEHIND if not there else DONE if is_due else ON_WAY
    if there:
        return DONE
    if is_due:
        return BEHIND
    if baseline.value is None:
        return NO_BASELINE
    line = _line(baseline, target, due, now.period)
    behind = actual < line if kind == "raise" else actual > line
    return BEHIND if behind else ON_WAY
