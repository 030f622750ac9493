"""Merged cells and hidden rows and columns in the data of a sheet (docs/rules.md, T11 and T12)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from district_reports.checks.catalogue import finding
from district_reports.checks.convert import is_blank
from district_reports.checks.structure import SheetLayout
from district_reports.model.finding import Finding
from district_reports.workbook.names import address, column_letter
from district_reports.workbook.raw import Cell, MergedRange


def _span(rows: Sequence[int], area: MergedRange) -> range:
    """The indices into the ascending `rows` of the Excel rows that `area` covers."""
    return range(bisect_left(rows, area.top), bisect_right(rows, area.bottom))


@dataclass(frozen=True)
class Shape:
    """What is merged and hidden among the rows read; ``rows`` are their Excel rows, in order."""

    layout: SheetLayout
    rows: tuple[int, ...]
    merged: tuple[MergedRange, ...]

    @classmethod
    def of(cls, layout: SheetLayout, rows: tuple[int, ...]) -> "Shape":
        """Ranges that touch a row read and a column of the form; what is merged elsewhere does no harm."""
        places = layout.places.values()
        touching = (area for area in layout.raw.properties.merged if any(area.left <= p <= area.right for p in places))
        return cls(layout, rows, tuple(area for area in touching if _span(rows, area)))

    @property
    def merged_rows(self) -> frozenset[int]:
        """The Excel rows among ``rows`` that a merged range spoils."""
        return frozenset(self.rows[index] for index in self._covered(self.merged))

    def merged_cells(self, column: str) -> frozenset[int]:
        """The indices into ``rows`` whose cell in `column` lies in a merged range."""
        place = self.layout.places[column]
        return self._covered([area for area in self.merged if area.left <= place <= area.right])

    def _covered(self, areas: Sequence[MergedRange]) -> frozenset[int]:
        if not areas:
            return frozenset()
        # Begins and ends are summed up, so that many ranges over many rows cost no product of the two.
        steps = [0] * (len(self.rows) + 1)
        for area in areas:
            span = _span(self.rows, area)
            steps[span.start] += 1
            steps[span.stop] -= 1
        return frozenset(index for index, depth in enumerate(accumulate(steps)) if depth)

    def findings(self, cells: Mapping[str, Sequence[Cell]]) -> list[Finding]:
        """T12 for each merged range, T11 for each hidden row or column that holds data."""
        return [*self._merged(), *self._hidden_rows(cells), *self._hidden_columns(cells)]

    def _merged(self) -> Iterator[Finding]:
        titles = {place: name for name, place in self.layout.places.items()}
        for area in self.merged:
            place = next(place for place in range(area.left, area.right + 1) if place in titles)
            column = self.layout.sheet.by_name[titles[place]]
            yield finding(
                "T12",
                sheet=self.layout.sheet.title,
                cell=address(area.top, area.left),
                column=column.title,
                field=column.name,
                row=self.rows[_span(self.rows, area).start],
                range=f"{address(area.top, area.left)}:{address(area.bottom, area.right)}",
            )

    def _hidden_rows(self, cells: Mapping[str, Sequence[Cell]]) -> Iterator[Finding]:
        hidden = set(self.layout.raw.properties.hidden_rows)
        by_place = sorted(cells, key=self.layout.places.__getitem__)
        for index, row in enumerate(self.rows):
            if row in hidden:
                first = next(name for name in by_place if not is_blank(cells[name][index]))
                yield finding(
                    "T11",
                    "row",
                    sheet=self.layout.sheet.title,
                    cell=address(row, self.layout.places[first]),
                    row=row,
                )

    def _hidden_columns(self, cells: Mapping[str, Sequence[Cell]]) -> Iterator[Finding]:
        hidden = set(self.layout.raw.properties.hidden_columns)
        for column in self.layout.sheet.columns:
            place = self.layout.places[column.name]
            if place in hidden and not all(map(is_blank, cells[column.name])):
                yield finding(
                    "T11",
                    "column",
                    sheet=self.layout.sheet.title,
                    cell=self.layout.headers.address(place),
                    column=column.title,
                    field=column.name,
                    letter=column_letter(place),
                )
