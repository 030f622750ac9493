"""The styles of a workbook: more formats than Excel opens are refused."""

import re

from district_reports.workbook.limits import Limits
from district_reports.workbook.problem import Refused

_TABLE = re.compile(rb"<((?:\w+:)?(?:cellXfs|cellStyleXfs|cellStyles))[\s>].*?</\1>", re.DOTALL)
_FORMAT = re.compile(rb"<(?:\w+:)?(?:xf|cellStyle)[\s/>]")


def check_styles(xml: bytes, limits: Limits) -> None:
    """Count the formats and named styles in a styles part.

    Raises:
        Refused: more than allowed.
    """
    for table in _TABLE.finditer(xml):
        if len(_FORMAT.findall(table[0])) > limits.cell_formats:
            raise Refused("F03", "styles", limit=limits.cell_formats)
