"""Rows in which nothing stands but what was dragged down: one 否, fifteen hundred times (docs/rules.md, T01).

Each of their empty cells is a mistake by itself. What the clerk has to do is said once: delete the rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from district_reports.checks.catalogue import finding
from district_reports.checks.cleaning import is_blank
from district_reports.checks.structure import SheetLayout
from district_reports.model.finding import Finding
from district_reports.workbook.names import address
from district_reports.workbook.raw import Cell
from district_reports.workbook.show import shown

_FEWEST = 3
"""Rows of the same cells from which on they count as dragged down; fewer may have been typed."""


@dataclass(frozen=True)
class DraggedDown:
    """One finding a block, and the positions in the rows read that they speak of."""

    findings: tuple[Finding, ...]
    positions: frozenset[int]


def dragged_down(layout: SheetLayout, rows: Sequence[int], cells: Mapping[str, Sequence[Cell]]) -> DraggedDown:
    """Blocks of rows that have the same few cells and no whole key; `cells` are those of `rows`, by column."""
    blocks = list(_blocks(layout.sheet.key, rows, cells))
    return DraggedDown(
        tuple(_finding(layout, [rows[position] for position in block], cells, block[0]) for block in blocks),
        frozenset(position for block in blocks for position in block),
    )


def _blocks(key: Sequence[str], rows: Sequence[int], cells: Mapping[str, Sequence[Cell]]) -> Iterator[list[int]]:
    keyless = sorted({position for name in key for position, cell in enumerate(cells[name]) if is_blank(cell)})

    def alike(numbered: tuple[int, int]) -> tuple[object, ...]:
        """The same for neighbours with the same cells: a sound row between two must not be deleted with them."""
        number, position = numbered
        return (position - number, *((type(column[position]), column[position]) for column in cells.values()))

    for _, block in groupby(enumerate(keyless), alike):
        positions = [position for _, position in block]
        if len(positions) >= _FEWEST:
            yield positions


def _finding(layout: SheetLayout, rows: Sequence[int], cells: Mapping[str, Sequence[Cell]], first: int) -> Finding:
    filled = [column for column in layout.sheet.columns if not is_blank(cells[column.name][first])]
    found = finding(
        "T01",
        "dragged_down",
        sheet=layout.sheet.title,
        cell=address(rows[0], layout.places[filled[0].name]),
        row=rows[0],
        first=rows[0],
        last=rows[-1],
        count=len(rows),
        cells=tuple(f"“{column.title}”的“{shown(cells[column.name][first])}”" for column in filled),
    )
    return replace(found, rows=tuple(rows))
