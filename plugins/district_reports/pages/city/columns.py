"""The titles and units of the columns of a city table: ``sql/summaries/<table>.csv``, beside the summary.

``column,zh,en,unit_zh,unit_en,named_by``, a row for the table itself (under its own name) and one for each of its
columns. A unit ``{column}`` is what that column of the same row says; ``named_by`` is the column whose text tells
people what a value of a key means. The columns of area and coverage are the same everywhere, and have their words
here (``words/city.json``). A table without the file, or a column without a row, goes by its own name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from district_reports.forms import forms
from district_reports.pages.words import say, words
from district_reports.publish.lineage import COVERAGE, ROW_OF, UNITS
from district_reports.reference.csv_files import read_table
from district_reports.settings import settings

HEADER = [
    *("column", "zh", "en", "unit_zh", "unit_en", "named_by"),
    *("item", "definition_zh", "definition_en", "caveat_zh", "caveat_en"),
]
_COMMON = frozenset({*ROW_OF, *COVERAGE, *UNITS})
_OF_FORMS = "form"


@dataclass(frozen=True)
class ColumnWords:
    """``titles`` and ``units`` by language; a unit may be the empty text."""

    titles: Mapping[str, str]
    units: Mapping[str, str] = field(default_factory=dict)
    named_by: str = ""


@dataclass(frozen=True)
class TableWords:
    """The words of one city table in one language."""

    table: str
    language: str
    columns: Mapping[str, ColumnWords]

    @property
    def title(self) -> str:
        return self.of(self.table)

    def of(self, column: str) -> str:
        """The column's title."""
        known = self.columns.get(column)
        if known is not None:
            return known.titles[self.language]
        common = f"city.column.{column}"
        return say(self.language, common) if column in _COMMON and common in words() else column

    def unit(self, column: str, row: Mapping[str, Any] | None = None) -> str:
        """The unit in which the column counts; one that each row has for itself is empty without `row`."""
        if column == "coverage" and column not in self.columns:
            return "%"
        unit = self.columns[column].units.get(self.language, "") if column in self.columns else ""
        if unit.startswith("{"):
            return str((row or {}).get(unit.strip("{}")) or "")
        return unit

    def headed(self, column: str, row: Mapping[str, Any] | None = None) -> str:
        """The title, with the unit in brackets."""
        unit = self.unit(column, row)
        opening, closing = ("（", "）") if self.language == "zh" else (" (", ")")
        return f"{self.of(column)}{opening}{unit}{closing}" if unit else self.of(column)

    def named_by(self, column: str) -> str:
        """The column that says what a value of this key means; empty where the value says it itself."""
        return self.columns[column].named_by if column in self.columns else ""

    def value(self, column: str, value: str) -> str:
        """A text of the table as people know it: a form by its title."""
        if column == _OF_FORMS and value in forms():
            return forms()[value].title
        return value


def words_of(table: str, language: str) -> TableWords:
    """The words of `table`.

    Raises:
        ReferenceDataError: its file makes no sense.
    """
    path = settings().summaries / f"{table}.csv"
    stamp = path.stat().st_mtime_ns if path.exists() else None
    return TableWords(table, language, {} if stamp is None else _read(path, stamp))


@lru_cache(maxsize=64)
def _read(path: Path, _: int) -> Mapping[str, ColumnWords]:
    _header, rows = read_table({path.name: path.read_bytes()}, path.name)
    return {
        column: ColumnWords({"zh": zh or column, "en": en or zh or column}, {"zh": unit, "en": unit_en}, named_by)
        for _, (column, zh, en, unit, unit_en, named_by, *_) in rows
    }
