"""The first tries as bars: where everything stands in the picture, in the units of its view box."""

from collections.abc import Sequence
from dataclasses import dataclass

from district_reports.ledger.first_tries import FirstTry, Try

LEFT, TOP, SLOT, HEIGHT = 44, 26, 66, 110
"""Of the plot: its left and upper edge, the width of a period, and the height of 100 %."""
FEWEST = 3
BAR, STUB = 32, 3
"""The width of a bar, and the height of one that shows a share of 0, or none that is known."""
_WITHOUT_ROWS = (Try.NIL, Try.UNDECIDED, Try.EXPECTED, Try.MISSING)
_REPORTED = (Try.RIGHT, Try.NIL, Try.WITH_ERRORS, Try.REJECTED)
_RIGHT = (Try.RIGHT, Try.NIL)


@dataclass(frozen=True)
class Bar:
    """One period. ``share`` and ``city`` are percentages in words, empty where they are not known.

    ``empty``: no rows came, and a frame stands in the place of the bar.
    """

    period: str
    kind: str
    label: str
    share: str
    city: str
    x: int
    y: float
    height: float
    empty: bool

    @property
    def middle(self) -> float:
        return self.x + BAR / 2


@dataclass(frozen=True)
class Chart:
    """``grid`` are the lines of the scale: y and what it says; ``summary`` tells all in a sentence or two."""

    bars: Sequence[Bar]
    width: int
    height: int
    bottom: int
    grid: Sequence[tuple[float, str]]
    summary: str
    bar_width: int = BAR
    left: int = LEFT
    top: int = TOP
    full: int = HEIGHT


def chart_of(tries: Sequence[FirstTry]) -> Chart | None:
    """The chart of `tries`, oldest first; None where they are too few to show how it went."""
    if len(tries) < FEWEST:
        return None
    bottom = TOP + HEIGHT
    return Chart(
        bars=[_bar(each, LEFT + SLOT * number + (SLOT - BAR) // 2, bottom) for number, each in enumerate(tries)],
        width=LEFT + SLOT * len(tries) + 8,
        height=bottom + 40,
        bottom=bottom,
        grid=[(bottom - HEIGHT * share / 100, f"{share}%") for share in (0, 50, 100)],
        summary=_summary(tries),
    )


def _bar(each: FirstTry, x: int, bottom: int) -> Bar:
    empty = each.became in _WITHOUT_ROWS
    height = HEIGHT if empty else max(float(STUB), HEIGHT * (each.sound_share or 0))
    return Bar(
        period=each.period,
        kind=each.became.value,
        label=each.became.label,
        share="" if empty else percent(each.sound_share),
        city=percent(each.city_rate),
        x=x,
        y=round(bottom - height, 1),
        height=round(height, 1),
        empty=empty,
    )


def percent(share: float | None) -> str:
    """``97%``; never 100 % of what is not all."""
    return "" if share is None else f"{int(share * 100 + 1e-9)}%"


def _summary(tries: Sequence[FirstTry]) -> str:
    reported = sum(each.became in _REPORTED for each in tries)
    right = sum(each.became in _RIGHT for each in tries)
    missing = sum(each.became is Try.MISSING for each in tries)
    rates = [each.city_rate for each in tries if each.city_rate is not None]
    text = f"最近 {len(tries)} 期里报了 {reported} 期，其中 {right} 期第一次上报就没有错误"
    text += f"；未报 {missing} 期。" if missing else "。"
    return f"{text}全市同期第一次上报就没有错误的单位平均占 {percent(sum(rates) / len(rates))}。" if rates else text
