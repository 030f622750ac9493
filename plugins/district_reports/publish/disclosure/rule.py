"""From which count of people on a figure may be told outside: ``sql/reference/disclosure.csv``.

``valid_from,valid_to,columns,level,threshold,spread``: ``columns`` is ``*`` or names of tables and columns
(``city_dropout_control.*``, ``city_dropout_control.open_count``), ``;`` between; ``level`` is ``*`` or ``district``,
``zone`` or ``city``. A count of people from 1 to ``threshold`` - 1 is withheld. An amount, a score or a number of days
that rests on such a count is, too, and has to be possible up to ``spread`` percent above and below itself. Of several
rows that fit a figure on a day the last holds; where none fits, nothing is withheld.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from district_reports.errors import ReferenceDataError

TABLE = "disclosure"
"""The reference table's name."""
COLUMNS = ("valid_from", "valid_to", "columns", "level", "threshold", "spread")
_EVERY = "*"
_LEVELS = (_EVERY, "district", "zone", "city")


@dataclass(frozen=True)
class Line:
    """A row of the table that is valid on the day."""

    columns: tuple[str, ...]
    level: str
    threshold: int
    spread: int

    def fits(self, table: str, column: str, level: str) -> bool:
        named = any(fnmatchcase(f"{table}.{column}", each) for each in self.columns)
        return named and self.level in (_EVERY, level)


@dataclass(frozen=True)
class Rule:
    """What holds on a day."""

    lines: tuple[Line, ...]

    def threshold(self, table: str, column: str, level: str) -> int:
        """The smallest count that is told; 0 where every one is."""
        found = self._line(table, column, level)
        return 0 if found is None else found.threshold

    def spread(self, table: str, column: str, level: str) -> float:
        """By which part of itself a figure that rests on a small count has to seem possibly larger, and smaller."""
        found = self._line(table, column, level)
        return 0.0 if found is None else found.spread / 100

    def _line(self, table: str, column: str, level: str) -> Line | None:
        fitting = [line for line in self.lines if line.fits(table, column, level)]
        return fitting[-1] if fitting else None


def rule_on(day: date, rows: Iterable[Mapping[str, Any]]) -> Rule:
    """The rule of `day` by the rows of the reference table; dates may be texts (YYYY-MM-DD).

    Raises:
        ReferenceDataError: a row makes no sense.
    """
    lines = []
    for row in rows:
        first, last = (_day(row[name]) for name in ("valid_from", "valid_to"))
        line = _line_of(row)
        if (first is None or first <= day) and (last is None or day < last):
            lines.append(line)
    return Rule(tuple(lines))


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else (value or None)


def _line_of(row: Mapping[str, Any]) -> Line:
    named = tuple(each.strip() for each in str(row["columns"] or "").split(";"))
    level, threshold, spread = (str(row[name] or "") for name in ("level", "threshold", "spread"))
    if not all(named) or level not in _LEVELS or not threshold.isdecimal() or not spread.isdecimal():
        raise ReferenceDataError(f"{TABLE}.csv: a row names no columns, no level, or no whole threshold and spread")
    return Line(
        tuple(f"{each}.*" if each != _EVERY and "." not in each else each for each in named),
        level,
        int(threshold),
        int(spread),
    )
