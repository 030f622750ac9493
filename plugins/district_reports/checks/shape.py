"""Merged cells in the data of a sheet (docs/rules.md, T12)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from district_reports.checks.catalogue import finding
from district_reports.checks.structure import SheetLayout
from district_reports.model.finding import Finding
from district_reports.workbook.names import address
from district_reports.workbook.raw import MergedRange


def _span(rows: Sequence[int], area: MergedRange) -> range:
    """The indices into the ascending `rows` of the Excel rows that `area` covers."""
    return range(bisect_left(rows, area.top), bisect_right(rows, area.bottom))


@dataclass(frozen=True)
class Shape:
    """What is merged among the rows read; ``rows`` are their Excel rows, in order."""

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

    def findings(self) -> Iterator[Finding]:
        """T12 for each merged range."""
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
