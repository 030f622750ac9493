"""Rows and columns of data that whoever looks at the sheet overlooks, or takes for deleted (docs/rules.md, T11).

They are hidden, filtered out, struck through, or written in the colour of their ground.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from district_reports.checks.catalogue import finding
from district_reports.checks.cleaning import is_blank
from district_reports.checks.structure import SheetLayout
from district_reports.model.finding import Finding
from district_reports.workbook.names import address, column_letter
from district_reports.workbook.raw import Cell, Faded


def overlooked(layout: SheetLayout, rows: Sequence[int], cells: Mapping[str, Sequence[Cell]]) -> list[Finding]:
    """One finding a row or column, and one for all rows that filters hide; `rows` are the Excel rows of `cells`."""
    looked_at = _Sheet(layout, rows, cells)
    properties = layout.raw.properties
    return [
        *looked_at.hidden_rows(),
        *looked_at.hidden_columns(),
        *looked_at.faded("struck", properties.struck),
        *looked_at.faded("unseen", properties.unseen),
    ]


class _Sheet:
    def __init__(self, layout: SheetLayout, rows: Sequence[int], cells: Mapping[str, Sequence[Cell]]) -> None:
        self._layout = layout
        self._rows = rows
        self._cells = cells
        self._by_place = sorted(cells, key=layout.places.__getitem__)

    def hidden_rows(self) -> Iterator[Finding]:
        hidden = set(self._layout.raw.properties.hidden_rows).intersection(self._rows)
        filters = self._layout.raw.properties.filters
        filtered = {row for row in hidden if any(area.top < row <= area.bottom for area in filters)}
        if filtered:
            area = next(area for area in filters if any(area.top < row <= area.bottom for row in filtered))
            cell = address(max(area.top, self._layout.headers.bottom), min(self._layout.places.values()))
            yield finding(
                "T11",
                "filter",
                sheet=self._layout.sheet.title,
                cell=cell,
                count=len(filtered),
                first=min(filtered),
            )
        others = hidden - filtered
        for index, row in enumerate(self._rows):
            if row in others:
                yield self._of_row("row", index)

    def hidden_columns(self) -> Iterator[Finding]:
        hidden = set(self._layout.raw.properties.hidden_columns)
        for column in self._layout.sheet.columns:
            if self._layout.places[column.name] in hidden and not all(map(is_blank, self._cells[column.name])):
                yield self._of_column("column", column.name)

    def faded(self, kind: str, told: Iterable[Faded]) -> Iterator[Finding]:
        """The rows of which half the cells, or the whole key, are faded; of the other rows the columns that are
        faded from top to bottom. Where every row is and they are more than the columns, those are told instead."""
        places = {row: frozenset(one.columns) for one in told for row in one.rows}
        if not places:
            return
        filled = [
            [name for name in self._by_place if not is_blank(self._cells[name][index])] for index in self._indices
        ]
        faded = [
            {name for name in names if self._layout.places[name] in places.get(row, ())}
            for row, names in zip(self._rows, filled, strict=True)
        ]
        whole = [index for index in self._indices if self._is_faded(filled[index], faded[index])]
        of_columns = sorted({name for names in filled for name in names}, key=self._layout.places.__getitem__)
        if len(whole) == len(self._rows) and len(whole) > len(of_columns):
            whole = []
        yield from (self._of_row(f"{kind}_row", index) for index in whole)
        others = sorted(set(self._indices).difference(whole))
        for name in of_columns:
            holding = [index for index in others if name in filled[index]]
            if holding and all(name in faded[index] for index in holding):
                yield self._of_column(f"{kind}_column", name)

    @property
    def _indices(self) -> range:
        return range(len(self._rows))

    def _is_faded(self, filled: Sequence[str], faded: set[str]) -> bool:
        key = set(self._layout.sheet.key).intersection(filled)
        return 2 * len(faded) >= len(filled) or (bool(key) and key <= faded)

    def _of_row(self, variant: str, index: int) -> Finding:
        first = next(name for name in self._by_place if not is_blank(self._cells[name][index]))
        row = self._rows[index]
        cell = address(row, self._layout.places[first])
        return finding("T11", variant, sheet=self._layout.sheet.title, cell=cell, row=row)

    def _of_column(self, variant: str, name: str) -> Finding:
        place = self._layout.places[name]
        return finding(
            "T11",
            variant,
            sheet=self._layout.sheet.title,
            cell=self._layout.headers.address(place),
            column=self._layout.sheet.by_name[name].title,
            field=name,
            letter=column_letter(place),
        )
