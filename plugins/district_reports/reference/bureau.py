"""Whose system this is: the names that pages, log-in and Airflow's own head go by, from ``sql/bureau.csv``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from district_reports.errors import ReferenceDataError
from district_reports.reference.csv_files import filled, read_table

COLUMNS = ["language", "bureau", "system"]
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Names:
    """The bureau's name, and that of the system in its hands."""

    bureau: str
    system: str

    def __str__(self) -> str:
        return f"{self.bureau} {self.system}"


@lru_cache(maxsize=4)
def names(table: Path) -> Mapping[str, Names]:
    """The names by language, as they stood when this process first asked.

    Raises:
        ReferenceDataError: the table can't be read, or has not one row for each language.
    """
    try:
        header, rows = read_table({table.name: table.read_bytes()}, table.name)
    except OSError as error:
        raise ReferenceDataError(f"{table} cannot be read: {error}") from error
    if header != COLUMNS:
        raise ReferenceDataError(f"{table.name}, line 1: the columns must be {','.join(COLUMNS)}")
    found = {}
    for line, (language, *given) in rows:
        try:
            found[language] = Names(*(filled(value, column) for value, column in zip(given, COLUMNS[1:], strict=True)))
        except ValueError as error:
            raise ReferenceDataError(f"{table.name}, line {line}: {error}") from error
    if sorted(found) != sorted(LANGUAGES) or len(rows) != len(LANGUAGES):
        raise ReferenceDataError(f"{table.name}: one row for each of {', '.join(LANGUAGES)} must be there")
    return found
