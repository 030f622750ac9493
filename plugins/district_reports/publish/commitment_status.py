"""How a commitment of the work plan stands: its statuses by urgency, and in which of its periods it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BEHIND = "滞后"

STATUSES: Mapping[str | None, str] = {
    BEHIND: "bad",
    "数据不全": "warn",
    "未达标（无基期）": "warn",
    "无上期": "calm",
    "待报": "calm",
    "正常推进": "busy",
    "已达成": "good",
    "不适用": "calm",
    None: "",
}
"""The statuses of the summary, the most urgent first, each with its tone; None: there are data but no target."""


@dataclass(frozen=True)
class Coverage:
    """How many districts, and units of the register, are in of those that are owed; a form may have no units."""

    districts: int
    districts_owed: int
    units: int | None
    units_owed: int | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Coverage":
        # A release of before units were counted has no such column.
        units = row.get("units_reported"), row.get("units_expected")
        return cls(row["districts_accepted"], row["districts_expected"], *units)

    @property
    def complete(self) -> bool:
        return (self.districts, self.units) == (self.districts_owed, self.units_owed)


def latest_complete(periods: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Of the rows of a commitment, in the order of their periods: the latest complete one; where there is none the
    latest that any district reported for, or the latest at all.
    """
    reported = [row for row in periods if row["districts_accepted"]]
    complete = [row for row in reported if Coverage.of(row).complete]
    return (complete or reported or periods)[-1]


def urgency(status: str | None) -> int:
    """What lags comes first; an unknown status last, after those without a target."""
    order = list(STATUSES)
    return order.index(status) if status in order else len(order)
