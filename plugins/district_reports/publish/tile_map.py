"""The map of tiles: each district a square, in about the place where it lies.

The places are ``sql/map/districts.csv`` (``district_code,row,column``, both from 1); another city brings its own. A
district that has no place there comes under the others.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache
from itertools import count
from pathlib import Path

from district_reports.errors import ReferenceDataError
from district_reports.publish.printed import is_long
from district_reports.reference.csv_files import read_table
from district_reports.settings import settings

HEADER = ["district_code", "row", "column"]
STEPS = 5
"""How many shades a map has."""
_LARGEST = 30
_LEAST = Decimal("0.01")
"""Figures have two decimals at most."""


@dataclass(frozen=True)
class Tile:
    """``step`` is the shade, 1 (lowest) to :data:`STEPS`; None where there is no figure, or it is ``hidden``. Row and
    column from 0."""

    code: str
    name: str
    row: int
    column: int
    figure: Decimal | int | None
    step: int | None
    hidden: bool


@dataclass(frozen=True)
class TileMap:
    """``legend`` has each class of figures by its step, from the lowest to the highest: step, first and last figure.

    Between classes of figures with decimals the last of one is the first of the next, and belongs to the next.
    """

    tiles: tuple[Tile, ...]
    rows: int
    columns: int
    legend: tuple[tuple[int, Decimal | int, Decimal | int], ...]

    @property
    def grid(self) -> list[list[Tile | None]]:
        """The tiles row by row, None where there is no district."""
        placed = {(tile.row, tile.column): tile for tile in self.tiles}
        return [[placed.get((row, column)) for column in range(self.columns)] for row in range(self.rows)]

    @property
    def crowded(self) -> bool:
        """Whether a figure is wider than its tile."""
        return any(is_long(tile.figure) for tile in self.tiles)


def places() -> dict[str, tuple[int, int]]:
    """District code → (row, column) from 1; empty where the city has no map.

    Raises:
        ReferenceDataError: the file makes no sense; the message names the line.
    """
    path = settings().tile_map
    return dict(_read(path, path.stat().st_mtime_ns)) if path.exists() else {}


def lay_out(figures: Sequence[tuple[str, str, Decimal | int | None]], hidden: Collection[str] = ()) -> TileMap:
    """The map of `figures`: district code, name and figure; `hidden` are the districts whose figure is withheld."""
    known = places()
    placed = {code: known[code] for code, _, _ in figures if code in known}
    columns = max((column for _, column in placed.values()), default=6)
    below = max((row for row, _ in placed.values()), default=0)
    for number, code in enumerate(code for code, _, _ in figures if code not in known):
        placed[code] = (below + 1 + number // columns, number % columns + 1)
    classes = _classes([figure for _, _, figure in figures if figure is not None])
    tiles = tuple(
        Tile(
            code=code,
            name=name,
            row=placed[code][0] - 1,
            column=placed[code][1] - 1,
            figure=figure,
            step=None if figure is None else next(step for step, low, _ in reversed(classes) if figure >= low),
            hidden=code in hidden,
        )
        for code, name, figure in figures
    )
    return TileMap(tiles, max((tile.row for tile in tiles), default=0) + 1, columns, classes)


def _classes(figures: Sequence[Decimal | int]) -> tuple[tuple[int, Decimal | int, Decimal | int], ...]:
    """Classes of one width between round numbers, at most :data:`STEPS` of them, over all the shades."""
    if not figures:
        return ()
    low, high = min(figures), max(figures)
    if low == high:
        # Nothing at all is as pale as it is beside other figures.
        return ((1 if low == 0 else (STEPS + 1) // 2, low, high),)
    whole = all(isinstance(figure, int) for figure in figures)
    # A count may stand in a column that could hold decimals.
    whole = whole or (high - low < STEPS and all(figure == int(figure) for figure in figures))
    # A last figure with decimals may be the end of its class: 100% needs none of its own.
    end = high if whole else high - _LEAST
    width = next(width for width in _widths(whole) if _floor(end, width) - _floor(low, width) < STEPS)
    first = _floor(low, width)
    classes = int(_floor(end, width) - first) + 1
    bounds = [(first + number) * width for number in range(classes)]
    shades = [1 + round(number * (STEPS - 1) / max(1, classes - 1)) for number in range(classes)]
    if whole:
        return tuple((shade, int(bound), int(bound + width) - 1) for shade, bound in zip(shades, bounds, strict=True))
    return tuple((shade, bound, bound + width) for shade, bound in zip(shades, bounds, strict=True))


def _floor(figure: Decimal | int, width: Decimal) -> Decimal:
    return (Decimal(figure) / width).to_integral_value(ROUND_FLOOR)


def _widths(whole: bool) -> Iterator[Decimal]:
    """1, 2, 3, 4, 5, 10, 20, …; from a hundredth where figures have decimals."""
    for power in count(0 if whole else -2):
        for digit in range(1, 6):
            yield Decimal(digit).scaleb(power)


@lru_cache(maxsize=8)
def _read(path: Path, _: int) -> tuple[tuple[str, tuple[int, int]], ...]:
    header, rows = read_table({path.name: path.read_bytes()}, path.name)
    if header != HEADER:
        raise ReferenceDataError(f"{path.name}: the header must be {','.join(HEADER)}")
    found: dict[str, tuple[int, int]] = {}
    for line, (code, *numbers) in rows:
        if not all(number.isascii() and number.isdecimal() and 1 <= int(number) <= _LARGEST for number in numbers):
            raise ReferenceDataError(f"{path.name}, line {line}: row and column are numbers from 1 to {_LARGEST}")
        place = (int(numbers[0]), int(numbers[1]))
        if code in found or place in found.values():
            raise ReferenceDataError(f"{path.name}, line {line}: the district or its place stands there already")
        found[code] = place
    return tuple(found.items())
