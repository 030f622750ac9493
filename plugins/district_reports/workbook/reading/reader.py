"""Read a guarded workbook into raw sheets. Runs inside the limited child only: it parses what districts send.

A sheet whose columns hold one kind each, as a large one does, is read by :mod:`columnar`; any other cell by cell here.
Both rest on calamine, which hands on a formula error, and a formula without a result, as an empty text; these are
therefore looked up in the sheet's XML. In the end every value that the XML holds has been handed on, or the file is
refused.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from python_calamine import CalamineError

from district_reports.workbook import sheet_xml
from district_reports.workbook.names import comparable
from district_reports.workbook.problem import Refused
from district_reports.workbook.raw import Cell, RawSheet
from district_reports.workbook.reading import cell_accounting
from district_reports.workbook.reading.cells import cells_of
from district_reports.workbook.reading.forked import ForkedWorker
from district_reports.workbook.reading.parts import Parts
from district_reports.workbook.reading.properties import formatted_numbers, properties_of

MAX_VALUES = 1_500_000
"""Values in the sheets read; a report of 50,000 rows and 20 columns has a million."""
MAX_ASIDE, MAX_ASIDE_SIZE = 400_000, 64 << 20
"""Values, and bytes of XML, of a sheet that is no data: a list of 35,000 problems."""
_LARGE = 32 << 10
Large = Callable[[Parts, int], tuple[RawSheet, int] | None]


def by_columns(parts: Parts, index: int, worker: ForkedWorker | None = None) -> tuple[RawSheet, int] | None:
    """A large sheet and how many values it holds; None for another, and for one that can't be read so.

    `worker` gives the outline of a sheet while this process reads it.
    """
    if parts.size(index) < _LARGE:
        return None
    from district_reports.workbook.reading.columnar import read_by_columns

    return read_by_columns(parts, index, worker)


def read_sheets(
    workbook: Path | bytes, titles: Iterable[str] | None = None, large: Large | None = by_columns
) -> list[RawSheet]:
    """The sheets named `titles` (all when None) in workbook order, compared without white space and width.

    `workbook` is where it lies, or its content. `large` reads the large ones; without it the same cells come from them
    more slowly, and Arrow is not imported.

    Raises:
        Refused: there are too many values, or one of them could not be read.
        Exception: whatever calamine raises on a broken workbook; the child's parent makes a finding of it.
    """
    wanted = None if titles is None else {comparable(title) for title in titles}
    with closing(Parts(workbook)) as parts:
        left = MAX_VALUES
        sheets = []
        for index, (title, _) in enumerate(parts.sheets):
            if wanted is None or comparable(title) in wanted:
                sheet, values = (large and large(parts, index)) or _cell_by_cell(parts, index, left)
                left -= values
                if left < 0:
                    raise _too_many_values()
                sheets.append(sheet)
    return sheets


def read_aside(workbook: Path | bytes, title: str) -> list[RawSheet]:
    """The sheets named `title`, which hold no data: one that is too large or can't be read is left out."""
    with closing(Parts(workbook)) as parts:
        found = [index for index, (each, _) in enumerate(parts.sheets) if comparable(each) == comparable(title)]
        return [sheet for index in found if (sheet := _sheet_aside(parts, index))]


def _sheet_aside(parts: Parts, index: int) -> RawSheet | None:
    if parts.size(index) > MAX_ASIDE_SIZE:
        return None
    try:
        return _cell_by_cell(parts, index, MAX_ASIDE)[0]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        # Whatever it was, a Rust panic included: the data beside it have been read.
        return None


def _cell_by_cell(parts: Parts, index: int, most: int) -> tuple[RawSheet, int]:
    """A sheet and how many values it holds.

    Raises:
        Refused: it holds more than `most`, or one of them could not be read.
    """
    xml = parts.canonical_sheet(index)
    values = cell_accounting.count_values(xml)
    if values > most:
        raise _too_many_values()
    try:
        return _read(parts, index, xml), values
    except CalamineError:
        # A value that is none of its type stops calamine; normalised it is a text, and is judged as one.
        return _read(parts, index, parts.normalised(index)), values


def _too_many_values() -> Refused:
    return Refused("F03", "values", limit=MAX_VALUES // 10_000)


def _read(parts: Parts, index: int, xml: bytes) -> RawSheet:
    """The sheet at `index`, whose canonical XML is `xml`."""
    title = parts.sheets[index][0]
    columns = cells_of(parts.book_of(xml, parts.strings))
    _put(columns, sheet_xml.special_cells(xml, parts.has_pictures_in_cells))
    cell_accounting.check_all_handed_on(title, xml, parts.strings, columns)
    for row, column, cell in formatted_numbers(parts, xml):
        # A format may make a date of it, to the reader.
        if isinstance(columns[column - 1][row - 1], float):
            columns[column - 1][row - 1] = cell
    return RawSheet(title, tuple(map(tuple, columns)), properties_of(parts, index, xml))


def _put(columns: list[list[Cell]], found: Iterable[tuple[int, int, Cell]]) -> None:
    """Put every found cell into `columns`, which grow where it lies outside."""
    height = len(columns[0]) if columns else 0
    for row, column, cell in found:
        while len(columns) < column:
            columns.append([None] * height)
        if row > height:
            for cells in columns:
                cells.extend([None] * (row - height))
            height = row
        columns[column - 1][row - 1] = cell
