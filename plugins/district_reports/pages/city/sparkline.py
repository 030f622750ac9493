"""A trend line small enough for a cell of a table."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT = 120, 32
_MARGIN = 4


@dataclass(frozen=True)
class Sparkline:
    """In units of the picture: ``runs`` of points ("x,y x,y …"; a period without a figure breaks the line), the last
    point, and the height of the target where it is in the picture. ``figures`` are the periods and figures themselves,
    ``hidden`` the periods whose figure is withheld.
    """

    runs: tuple[str, ...]
    last: tuple[float, float]
    target: float | None
    figures: tuple[tuple[str, Decimal | None], ...]
    hidden: frozenset[str]


def sparkline(
    figures: Sequence[tuple[str, Decimal | None]], target: Decimal | None, hidden: Collection[str] = ()
) -> Sparkline | None:
    """The trend of `figures` (period, figure), ascending; None for fewer than two figures. `hidden`: periods whose
    figure is withheld."""
    present = [figure for _, figure in figures if figure is not None]
    if len(present) < 2:
        return None
    low, high = min(present), max(present)
    # A target far away would press the line flat.
    near = target is not None and low - (high - low) <= target <= high + (high - low)
    if near and target is not None:
        low, high = min(low, target), max(high, target)

    def height(figure: Decimal) -> float:
        part = 0.5 if low == high else float((figure - low) / (high - low))
        return round(HEIGHT - _MARGIN - part * (HEIGHT - 2 * _MARGIN), 1)

    step = (WIDTH - 2 * _MARGIN) / (len(figures) - 1)
    runs: list[list[str]] = [[]]
    last = (0.0, 0.0)
    for place, (_, figure) in enumerate(figures):
        if figure is None:
            runs.append([])
            continue
        last = (round(_MARGIN + place * step, 1), height(figure))
        runs[-1].append(f"{last[0]},{last[1]}")
    return Sparkline(
        runs=tuple(" ".join(run) for run in runs if run),
        last=last,
        target=height(target) if near and target is not None else None,
        figures=tuple(figures),
        hidden=frozenset(hidden),
    )
