"""A large sheet may be read another way than a small one, and must be read alike."""

from dataclasses import replace

from district_reports.workbook.raw import Cell, RawSheet
from ledger_book import CASES
from traits.reading import READ, Unreadable, by_name, sheets_of, values_in_the_xml, values_of
from traits.trait import LETTERS

CHILDREN = 90


def ledger(sheets: list[RawSheet]) -> RawSheet:
    return next(sheet for sheet in sheets if CASES in sheet.title.replace(" ", ""))


def first_rows(sheet: RawSheet) -> list[tuple[type, Cell]]:
    """The cells of the headers and the first four cases, with their types."""
    cells = [sheet.cell(row, column) for row in range(1, 8) for column in range(1, len(LETTERS) + 1)]
    return [(type(cell), cell if cell == cell else None) for cell in cells]


@by_name(READ)
def test_a_trait_in_a_large_sheet_is_read_as_in_a_small_one(trait, tmp_path):
    large = replace(trait, children=CHILDREN)
    try:
        sheets = sheets_of(large, tmp_path / "large.xlsx")
        small = sheets_of(trait, tmp_path / "small.xlsx")
    except Unreadable:
        assert trait.may_refuse
        return

    assert first_rows(ledger(sheets)) == first_rows(ledger(small))
    assert ledger(sheets).traits == ledger(small).traits
    assert values_of(sheets) == values_in_the_xml(tmp_path / "large.xlsx")
