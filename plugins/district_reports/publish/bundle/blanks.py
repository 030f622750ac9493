"""Why a cell of what leaves is empty: withheld, no data, or not applicable.

SQL knows null only, and names the withheld columns beside it. The rest follows from the origin of the column:

- A figure whose ``for`` condition asks for another row of the key (``for programme = '全部'``) does not apply; where
  the condition asks for data (``for districts_accepted > 0``), there are none.
- Rows that are measured are missing where there is no report, or none to compare with. Of the largest of no rows there
  is none: it does not apply.
- A formula does not apply where something it needs does not, or where there is nothing to divide by; it has no data
  where something it needs has none.
- A field of reference data that is left open does not apply, nor does a figure that the reference data do not name.
"""

import re
from collections.abc import Mapping, Set
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from district_reports.publish.definitions import Definitions
from district_reports.publish.lineage import FigureOf, Formula, Judged, Measure, Rows
from district_reports.publish.summary import Summary


class Blank(StrEnum):
    """Why there is no figure; the value is what stands in a CSV for it."""

    WITHHELD = "c"
    NO_DATA = "x"
    NOT_APPLICABLE = "z"


MEANINGS: Mapping[Blank, Mapping[str, str]] = MappingProxyType(
    {
        Blank.WITHHELD: {"zh": "已隐去", "en": "withheld"},
        Blank.NO_DATA: {"zh": "无数据", "en": "no data"},
        Blank.NOT_APPLICABLE: {"zh": "不适用", "en": "not applicable"},
    }
)
_COALESCES = re.compile(r"\b(case|coalesce)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def conditions(summary: Summary) -> dict[str, str]:
    """Of each column that stands on some rows of the table only: the condition, in SQL over the table's own row."""
    found = {}
    for column, origin in summary.origins.items():
        if isinstance(origin, tuple) and (asked := [f"({rows.applies})" for rows in origin if rows.applies]):
            found[column] = " AND ".join(asked)
    return found


class Blanks:
    """Of the rows of one table."""

    def __init__(self, known: Definitions, summary: Summary) -> None:
        self._known = known
        self._summary = summary
        # Words in quotes are values, and may be called as a column is.
        asked = {name: set(_WORD.findall(re.sub(r"'[^']*'", "", each))) for name, each in conditions(summary).items()}
        columns = {*summary.origins, *summary.key}
        self._by_key = {name for name, words in asked.items() if words & columns <= set(summary.key)}

    def of(self, column: str, row: Mapping[str, Any], withheld: Set[str], outside_of: Set[str]) -> Blank:
        """Why `column` is null in `row`; `outside_of` are the columns whose condition does not hold there."""
        if column in withheld:
            return Blank.WITHHELD
        match self._summary.origins.get(column):
            case tuple() as origin:
                return self._measured(column, origin, outside_of)
            case Formula() | Judged() as origin:
                needs = self._known.inputs(self._summary.table, column)
                missing = {self.of(name, row, withheld, outside_of) for name in needs if row.get(name) is None}
                strict = isinstance(origin, Formula) and not _COALESCES.search(origin.expression)
                if Blank.NO_DATA in missing and not (strict and Blank.NOT_APPLICABLE in missing):
                    return Blank.NO_DATA
                return Blank.NOT_APPLICABLE
            case FigureOf(on=on, named_in=str()):
                named = self._known.named(self._summary.table, column, row[on])
                return Blank.NO_DATA if named else Blank.NOT_APPLICABLE
            case FigureOf() | None:
                return Blank.NO_DATA
        return Blank.NOT_APPLICABLE

    def _measured(self, column: str, origin: tuple[Rows, ...], outside_of: Set[str]) -> Blank:
        if column in outside_of:
            return Blank.NOT_APPLICABLE if column in self._by_key else Blank.NO_DATA
        largest = all(rows.measure is Measure.MAX for rows in origin) and any(rows.applies for rows in origin)
        return Blank.NOT_APPLICABLE if largest else Blank.NO_DATA
