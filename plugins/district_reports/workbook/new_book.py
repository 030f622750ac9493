"""How every workbook that we list something in is written by xlsxwriter, whoever opens it."""

from datetime import datetime
from typing import Any

from district_reports.workbook.formats import FONT

CREATED = datetime(2020, 1, 1)  # noqa: DTZ001 (xlsxwriter wants it naive)
"""Fixed, so that the same content is the same file, byte for byte."""


def safe() -> dict[str, Any]:
    """Options by which every text goes out as a string cell: a value that begins with ``=`` must not run in Excel.

    They are made anew for each workbook: xlsxwriter keeps what it is given, and changes it.
    """
    return {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": FONT, "font_size": 10},
    }


def row_by_row() -> dict[str, Any]:
    """The same for a long list, whose cells are written row after row."""
    return safe() | {"in_memory": False, "constant_memory": True}
