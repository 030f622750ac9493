"""What the city and its forms declare in Chinese, as it is called in English: ``sql/english.csv``, ``chinese,english``.

Districts and zones, forms with their sheets, columns and codes, rules, commitments. It is no file of the reference
folder, because no decision rests on it: who mends a word need not have every file checked again. What it does not name
stays Chinese.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from district_reports.errors import ReferenceDataError
from district_reports.reference.csv_files import filled, read_table
from district_reports.settings import settings

COLUMNS = ["chinese", "english"]


@lru_cache(maxsize=4)
def english(table: Path) -> Mapping[str, str]:
    """The English names by the Chinese, as they stood when this process first asked; none where there is no table.

    Raises:
        ReferenceDataError: the table makes no sense; the message names file and line.
    """
    if not table.exists():
        return {}
    try:
        header, rows = read_table({table.name: table.read_bytes()}, table.name)
    except OSError as error:
        raise ReferenceDataError(f"{table} cannot be read: {error}") from error
    if header != COLUMNS:
        raise ReferenceDataError(f"{table.name}, line 1: the columns must be {','.join(COLUMNS)}")
    found: dict[str, str] = {}
    for line, cells in rows:
        try:
            chinese, name = (filled(cell, column) for cell, column in zip(cells, COLUMNS, strict=True))
        except ValueError as error:
            raise ReferenceDataError(f"{table.name}, line {line}: {error}") from error
        if found.setdefault(chinese, name) != name:
            raise ReferenceDataError(f"{table.name}, line {line}: {chinese!r} has two names")
    return found


def called(chinese: str, language: str) -> str:
    """What is declared as `chinese`, in `language`; as it is where it has no English name."""
    return english(settings().english).get(chinese, chinese) if language == "en" else chinese
