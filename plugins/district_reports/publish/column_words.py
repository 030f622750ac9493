"""The words of the columns of a city table: ``sql/summaries/<table>.csv``, beside the summary.

A row for the table itself (under its own name) and one for each of its columns. A unit ``{column}`` is what that column
of the same row says, and ``children|child`` has a word for a single one; ``named_by`` is the column whose text tells
people what a value of a key means; ``item`` is the work plan's (several are parted by ``;``); several caveats are
parted by ``|``. What the definitions and caveats are for stands in :mod:`.definitions`. ``common.csv`` has the words of
the columns that every table has; a table's own row goes before. A row ``column=text`` has what such a text of the
column is called. A table without the file, or a column without a row, goes by its own name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from district_reports.errors import ReferenceDataError
from district_reports.forms import forms
from district_reports.publish.printed import Unit
from district_reports.reconciliation.rules import cross_rules
from district_reports.reference.csv_files import read_table
from district_reports.reference.english import called

HEADER = [
    *("column", "zh", "en", "unit_zh", "unit_en", "named_by"),
    *("item", "definition_zh", "definition_en", "caveat_zh", "caveat_en"),
]
COMMON = "common.csv"
_OF_FORMS, _OF_RULES = "form", "rule"


@dataclass(frozen=True)
class ColumnWords:
    """What is said of one column; what differs by language is by language, and a text may be empty."""

    titles: Mapping[str, str]
    units: Mapping[str, str]
    named_by: str
    items: tuple[str, ...]
    definitions: Mapping[str, str]
    caveats: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class TableWords:
    """The words of one city table in one language."""

    table: str
    language: str
    columns: Mapping[str, ColumnWords]

    def in_language(self, language: str) -> "TableWords":
        return TableWords(self.table, language, self.columns)

    @property
    def title(self) -> str:
        return self.of(self.table)

    def of(self, column: str) -> str:
        """The column's title."""
        return self.columns[column].titles[self.language] if column in self.columns else column

    def unit(self, column: str, row: Mapping[str, Any] | None = None) -> str:
        """The unit in which the column counts; one that each row has for itself is empty without `row`."""
        unit = self.columns[column].units[self.language] if column in self.columns else ""
        if unit.startswith("{"):
            said = (row or {}).get(unit.strip("{}"))
            return said if isinstance(said, str) else ""
        return unit

    def headed(self, column: str, row: Mapping[str, Any] | None = None) -> str:
        """The title, with the unit in brackets where it says more than the title."""
        title, unit = self.of(column), self.unit(column, row)
        opening, closing = ("（", "）") if self.language == "zh" else (" (", ")")
        return f"{title}{opening}{unit}{closing}" if unit and unit.lower() != title.lower() else title

    def named_by(self, column: str) -> str:
        """The column that says what a value of this key means; empty where the value says it itself."""
        return self.columns[column].named_by if column in self.columns else ""

    def items(self, column: str) -> tuple[str, ...]:
        """The items of the work plan that the column serves."""
        return self.columns[column].items if column in self.columns else ()

    def definition(self, column: str) -> str:
        """What exactly the column says."""
        return self.columns[column].definitions[self.language] if column in self.columns else ""

    def caveats(self, column: str) -> tuple[str, ...]:
        """What would mislead who does not know it, with the places still open."""
        return self.columns[column].caveats[self.language] if column in self.columns else ()

    def value(self, column: str, value: str) -> str:
        """A text of the table as people know it: a form, or a rule across submissions, by its title."""
        if column == _OF_FORMS and value in forms():
            return called(forms()[value].title, self.language)
        if column == _OF_RULES and (rule := cross_rules().get(value)):
            return f"{rule.code} {called(rule.title, self.language)}"
        known = f"{column}={value}"
        return self.of(known) if known in self.columns else called(value, self.language)


def words_of(folder: Path, table: str, language: str) -> TableWords:
    """The words of `table`; `folder` holds the summaries.

    Raises:
        ReferenceDataError: a file of words makes no sense.
    """
    found = {name: _read(path, path.stat().st_mtime_ns) for name, path in _files(folder, table).items()}
    return TableWords(table, language, {**found.get(COMMON, {}), **found.get(table, {})})


def _files(folder: Path, table: str) -> Mapping[str, Path]:
    known = {COMMON: folder / COMMON, table: folder / f"{table}.csv"}
    return {name: path for name, path in known.items() if path.exists()}


@lru_cache(maxsize=64)
def _read(path: Path, _: int) -> Mapping[str, ColumnWords]:
    header, rows = read_table({path.name: path.read_bytes()}, path.name)
    if header != HEADER:
        raise ReferenceDataError(f"{path.name}, line 1: its columns are to be {','.join(HEADER)}")
    return {cells[0]: _words(dict(zip(HEADER, cells, strict=True))) for _, cells in rows}


def _words(row: Mapping[str, str]) -> ColumnWords:
    name = row["column"]
    return ColumnWords(
        titles={"zh": row["zh"] or name, "en": row["en"] or row["zh"] or name},
        units={language: Unit(unit) for language, unit in _by_language(row, "unit").items()},
        named_by=row["named_by"],
        items=tuple(filter(None, row["item"].split(";"))),
        definitions=_by_language(row, "definition"),
        caveats={language: parted(text) for language, text in _by_language(row, "caveat").items()},
    )


def _by_language(row: Mapping[str, str], kind: str) -> Mapping[str, str]:
    return {language: row[f"{kind}_{language}"] for language in ("zh", "en")}


def parted(caveats: str) -> tuple[str, ...]:
    """The caveats of one cell of a CSV, one by one."""
    return tuple(filter(None, (each.strip() for each in caveats.split("|"))))
