"""Which format each cell of one sheet has in the copy."""

from collections.abc import Mapping, Sequence

from district_reports.model.finding import Severity
from district_reports.workbook.marking.styles import Styles
from district_reports.workbook.names import address


class Formatting:
    """The formats of one sheet's cells: those of an earlier marking restored, those with a finding filled.

    `severities` are by row and column; `known_fills` what an earlier list says of the fills that cells had before, by
    their address. ``fills`` collects the same for the list to come. ``columns`` are the formats of whole columns, as
    (first, last, format), set once the head of the sheet has been seen.
    """

    def __init__(
        self, styles: Styles, severities: Mapping[int, Mapping[int, Severity]], known_fills: Mapping[str, str]
    ) -> None:
        self.severities = severities
        self.marked = styles.marked
        self.fills: dict[str, str] = {}
        self.columns: Sequence[tuple[int, int, int]] = ()
        self._styles = styles
        self._known_fills = known_fills

    def format_of(self, row: int, column: int, before: int) -> int:
        """The format of a cell whose format was `before`."""
        severity = self.severities.get(row, {}).get(column)
        if severity is None and before not in self.marked:
            return before
        cell = address(row, column)
        if before in self.marked:
            before = self._styles.filled(before, self._known_fills.get(cell, ""))
        if severity is None:
            return before
        self.fills[cell] = self._styles.fill_of(before)
        return self._styles.marked_as(before, severity)

    def format_of_line(self, before: int) -> int:
        """The format of a whole row or column whose format was `before`."""
        return self._styles.filled(before, "") if before in self.marked else before

    def format_of_column(self, column: int) -> int:
        """The format of an absent cell in `column`, whose row has none."""
        return next((format_ for first, last, format_ in self.columns if first <= column <= last), 0)
