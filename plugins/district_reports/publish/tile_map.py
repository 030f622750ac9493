"""The map of tiles: each district a square, in about the place where it lies.

The places are ``sql/map/districts.csv`` (``district_code,row,column``, both from 1); another city brings its own. A
district that has no place there comes under the others.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from district_reports.errors import ReferenceDataError
from district_reports.publish.printed import is_long
from district_reports.reference.csv_files import read_table
from district_reports.settings import settings

HEADER = ["district_code", "row", "column"]
STEPS = 5
"""How many shades a map has."""
_LARGEST = 30


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
    """``legend`` has a step with its lowest and highest figure, for each that is used."""

    tiles: tuple[Tile, ...]
    rows: int
    columns: int
    legend: tuple[tuple[int, Decimal | int, Decimal | int], ...]

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
    step_of = _steps([figure for _, _, figure in figures if figure is not None])
    tiles = tuple(
        Tile(
            code=code,
            name=name,
            row=placed[code][0] - 1,
            column=placed[code][1] - 1,
            figure=figure,
            step=None if figure is None else step_of[figure],
            hidden=code in hidden,
        )
        for code, name, figure in figures
    )
    legend = []
    for step in range(1, STEPS + 1):
        within = [figure for figure, its in step_of.items() if its == step]
        if within:
            legend.append((step, min(within), max(within)))
    return TileMap(tiles, max((tile.row for tile in tiles), default=0) + 1, columns, tuple(legend))


def _steps(figures: Sequence[Decimal | int]) -> dict[Decimal | int, int]:
    """The shade of each figure, by equal parts of the way from the lowest to the highest."""
    if not figures:
        return {}
    low, high = min(figures), max(figures)
    if low == high:
        return {low: (STEPS + 1) // 2}
    return {figure: min(STEPS, 1 + int(STEPS * (figure - low) / (high - low))) for figure in figures}


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
