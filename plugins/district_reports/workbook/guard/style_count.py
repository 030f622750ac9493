"""The styles of a workbook: more formats than Excel opens are refused."""

import re

from district_reports.workbook.limits import Limits
from district_reports.workbook.problem import Refused

_TABLES = (b"cellXfs", b"cellStyleXfs", b"cellStyles")
_FORMAT = re.compile(rb"<(?:\w+:)?(?:xf|cellStyle)[\s/>]")


def check_styles(xml: bytes, limits: Limits) -> None:
    """Count the formats and named styles in a styles part.

    Raises:
        Refused: more than allowed.
    """
    for table in _TABLES:
        start, end = xml.find(table), xml.rfind(table)
        if len(_FORMAT.findall(xml, max(start, 0), max(end, 0))) > limits.cell_formats:
            raise Refused("F03", "styles", limit=limits.cell_formats)
