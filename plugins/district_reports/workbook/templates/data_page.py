"""A worksheet of xlsxwriter that takes the rows of a table, and the columns beside it, at a tenth of its cost.

Each cell written through xlsxwriter's methods is checked, kept as an object and looked up again; each of the 16,000
columns beside a table is an object that is compared with the one before. Here a row becomes XML at once.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import isfinite
from xml.sax.saxutils import escape

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from district_reports.model.form import FIRST_DATA_ROW, HEADER_ROW, Column
from district_reports.workbook.names import column_letter
from district_reports.workbook.templates.layout import ROW, Formula, Layout

_LAST_COLUMN = 16383
_EPOCH = date(1899, 12, 30).toordinal()


class DataPage(Worksheet):  # type: ignore[misc]
    """The page of a data sheet; what stands above the rows is written with xlsxwriter's own methods."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self._shared: dict[tuple[str, str], int] = {}
        self._beside = _LAST_COLUMN

    def set_columns_beside(self, first: int, width: float, style: Format) -> None:
        """Width and format of every column from `first` (counted from 0) to the sheet's end."""
        self.set_column(first, first, width, style)
        # A formatted column counts as used; nothing stands in it.
        self.dim_colmax = first - 1
        self._beside = first

    def write_table(
        self,
        layout: Layout,
        rows: Sequence[Mapping[str, object]],
        styles: Sequence[Format],
        prepared: int,
        below: Sequence[Format],
    ) -> None:
        """Write `rows` from the first data row on, the cells of each field in its style; None and "" are no cell.

        A row's values are by the name of the column; that of schools' names beside codes is its title. The last
        `prepared` rows have the styles `below`.

        Raises:
            KeyError: a row has a column that the layout has not.
            TypeError: a value that is no str, date, :class:`Formula` or finite int, float or Decimal.
        """
        table = layout.sheet.table
        names = [field.name if isinstance(field, Column) else field.title for field in layout.fields]
        known = frozenset(names)
        given, following = (
            [
                (name, column_letter(place), f'" s="{style._get_xf_index()}"')
                for place, (name, style) in enumerate(zip(names, looks, strict=True), start=1)
            ]
            for looks in (styles, below)
        )
        last = FIRST_DATA_ROW + len(rows) - 1
        index_of = self.str_table._get_shared_string_index
        for number, values in enumerate(rows, start=FIRST_DATA_ROW):
            if not values.keys() <= known:
                raise KeyError(f"{table} has no column {sorted(values.keys() - known)}")
            cells = []
            for name, letter, style in given if number <= last - prepared else following:
                value = values.get(name)
                if isinstance(value, str):
                    if value:
                        cells.append(f'<c r="{letter}{number}{style} t="s"><v>{index_of(value)}</v></c>')
                elif isinstance(value, Formula):
                    cells.append(self._formula(f"{table}.{name}", value, letter, (number, last), style))
                elif value is not None:
                    cells.append(f'<c r="{letter}{number}{style}><v>{_number(f"{table}.{name}", value)}</v></c>')
            if cells:
                self._lines.append(f'<row r="{number}">{"".join(cells)}</row>')
                self.dim_rowmax = number - 1

    def _formula(self, name: str, formula: Formula, letter: str, rows: tuple[int, int], style: str) -> str:
        """The first cell of a column with a formula holds it for all below; each has its own result."""
        number, last = rows
        shared = self._shared.get((letter, formula.text))
        if shared is None:
            shared = self._shared[letter, formula.text] = len(self._shared)
            text = escape(formula.text.replace(ROW, str(number)))
            says = f'<f t="shared" ref="{letter}{number}:{letter}{last}" si="{shared}">{text}</f>'
        else:
            says = f'<f t="shared" si="{shared}"/>'
        result, kind = formula.result, ""
        if isinstance(result, str):
            value, kind = escape(result), ' t="str"'
        else:
            value = _number(name, result)
        return f'<c r="{letter}{number}{style}{kind}>{says}<v>{value}</v></c>'

    def _write_rows(self) -> None:
        # By now the extent of the sheet is written: these are the rows above the table.
        self.dim_rowmax = HEADER_ROW - 1
        super()._write_rows()
        self.fh.writelines(self._lines)

    def _write_col_info(self, col_min: int, col_max: int, col_info: object) -> None:
        super()._write_col_info(col_min, _LAST_COLUMN if col_max == self._beside else col_max, col_info)


def _number(name: str, value: object) -> str:
    if isinstance(value, date):
        return str(value.toordinal() - _EPOCH)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and isfinite(value):
        return f"{value:.16G}"
    what = "True or False where only 是 and 否 go" if isinstance(value, bool) else "not a value of a cell"
    raise TypeError(f"{name}: a {type(value).__name__} is {what}")
