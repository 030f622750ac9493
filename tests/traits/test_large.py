"""A large sheet may be read another way than a small one, and must be read alike."""

from dataclasses import replace

import pytest

from district_reports.workbook.raw import Cell, RawSheet
from ledger_book import CASES
from traits.reading import READ, REFUSED, Unreadable, by_name, sheets_of, values_in_the_xml, values_of
from traits.trait import DATE_STYLE, DAY, FIRST_STYLE, LETTERS, Trait

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
    assert ledger(sheets).properties == ledger(small).properties
    assert values_of(sheets) == values_in_the_xml(tmp_path / "large.xlsx")


@pytest.mark.parametrize("one", [14, 27, 31, 36, 50, 57, 58, 'yyyy"年"m"月"d"日"', "[$-804]aaaa;@"])
def test_a_large_column_of_dates_in_any_format(one, tmp_path):
    """Alone of its kind, so that the sheet is one to read by columns."""
    dates = Trait(
        name="dates",
        children=CHILDREN,
        formats=(one,),
        rewrite=lambda xml: xml.replace(f's="{DATE_STYLE}"', f's="{FIRST_STYLE}"'),
    )
    sheet = ledger(sheets_of(dates, tmp_path / "large.xlsx"))

    assert sheet.columns[LETTERS.index("I")][3:] == (DAY,) * CHILDREN


@by_name(REFUSED)
def test_what_is_refused_in_a_small_sheet_is_refused_in_a_large_one(trait, tmp_path):
    with pytest.raises(Unreadable):
        sheets_of(replace(trait, children=CHILDREN), tmp_path / "large.xlsx")
