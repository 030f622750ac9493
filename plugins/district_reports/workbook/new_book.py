"""How every workbook that we list something in is written by xlsxwriter, whoever opens it."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from district_reports.workbook.formats import FONT

SAFE: Mapping[str, Any] = MappingProxyType(
    {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": FONT, "font_size": 10},
    }
)
"""Every text goes out as a string cell: a value that begins with ``=`` must not run in Excel."""
ROW_BY_ROW: Mapping[str, Any] = MappingProxyType({**SAFE, "in_memory": False, "constant_memory": True})
"""The same for a long list, whose cells are written row after row."""
CREATED = datetime(2020, 1, 1)  # noqa: DTZ001 (xlsxwriter wants it naive)
"""Fixed, so that the same content is the same file, byte for byte."""
