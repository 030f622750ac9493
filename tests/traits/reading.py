"""All the traits, read in this process as the limited child would."""

from pathlib import Path

import pytest

from district_reports.workbook.guard.guard import guard
from district_reports.workbook.names import address
from district_reports.workbook.raw import RawSheet
from district_reports.workbook.reading.reader import read_sheets
from independent.held_cells import held_cells
from traits import dates, formulas, markup, numbers, packages, places, shapes, texts
from traits.trait import Trait

MODULES = (texts, numbers, dates, formulas, places, markup, shapes, packages)
TRAITS = [trait for module in MODULES for trait in module.TRAITS]
READ = [trait for trait in TRAITS if not trait.refused]
REFUSED = [trait for trait in TRAITS if trait.refused]


def by_name(traits: list[Trait]) -> pytest.MarkDecorator:
    assert len({trait.name for trait in traits}) == len(traits)
    return pytest.mark.parametrize("trait", traits, ids=[trait.name for trait in traits])


class Unreadable(Exception):
    """The guard or the reader refused the workbook, as the child would with F01 or F03."""


def sheets_of(trait: Trait, path: Path) -> list[RawSheet]:
    """The sheets of the trait's workbook, guarded and read.

    Raises:
        Unreadable: it is refused.
    """
    if problems := guard(trait.write(path)):
        raise Unreadable(problems)
    try:
        return read_sheets(path)
    except Exception as error:
        raise Unreadable from error


def values_of(sheets: list[RawSheet]) -> list[tuple[str, str]]:
    """(title, address) of every cell that was handed on; a text of blanks is no value."""
    return sorted(
        (sheet.title, address(row, column))
        for sheet in sheets
        for column, cells in enumerate(sheet.columns, 1)
        for row, cell in enumerate(cells, 1)
        if cell is not None and not (isinstance(cell, str) and not cell.strip(" \t\r\n"))
    )


def values_in_the_xml(path: Path) -> list[tuple[str, str]]:
    """The same, counted independently."""
    return sorted((sheet.title, place) for sheet in held_cells(path) for place in sheet.addresses)
