"""An excerpt of a city table beside an earlier or later period, and two of its areas beside each other.

The address says ``against=<period>`` for the one, ``one=<area>&other=<area>`` for the other. A difference that involves
a withheld figure is withheld: the figure beside it would tell it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from district_reports.pages.city.face import CityTables, is_withheld
from district_reports.pages.city.table import PERIOD, Excerpt, Row, rows_of
from district_reports.publish.commitments import LEVELS

AGAINST, ONE, OTHER = "against", "one", "other"
_COVERAGE = (("districts_accepted", "districts_expected"), ("units_reported", "units_expected"))


@dataclass(frozen=True)
class Difference:
    """``value`` is None where a figure is missing or ``hidden``."""

    value: Decimal | int | None
    hidden: bool


@dataclass(frozen=True)
class Comparison:
    """``against`` is the other period, empty for none, and ``before`` its rows by what tells them apart within it.

    ``areas`` are two rows of the excerpt, or none.
    """

    against: str
    before: Mapping[tuple[str, ...], Row]
    areas: tuple[Row, ...]
    excerpt: Excerpt

    def query(self) -> dict[str, str]:
        """What the address of the view says of it."""
        areas = dict(zip((ONE, OTHER), (row["area_code"] for row in self.areas), strict=False))
        return {AGAINST: self.against, **areas}

    def of(self, row: Row) -> Row | None:
        """The same row of the other period."""
        return self.before.get(_within(self.excerpt, row))

    @property
    def figures(self) -> tuple[str, ...]:
        """What the two areas can be compared by: the measures that one of them has."""
        ordered = (self.excerpt.measure, *(name for name in self.excerpt.measures if name != self.excerpt.measure))
        return tuple(
            name for name in ordered if any(row[name] is not None or is_withheld(row, name) for row in self.areas)
        )


def difference(row: Row, other: Row | None, column: str) -> Difference:
    """How much more `row` has in `column` than `other`."""
    if other is None:
        return Difference(None, is_withheld(row, column))
    if is_withheld(row, column) or is_withheld(other, column):
        return Difference(None, True)
    value, base = row[column], other[column]
    return Difference(None if value is None or base is None else value - base, False)


def incomplete(row: Row | None) -> bool:
    """Whether districts or units are missing in the row, so that it can hardly be compared."""
    if row is None:
        return False
    pairs = ((row.get(some), row.get(whole)) for some, whole in _COVERAGE)
    return any(some is not None and whole is not None and some < whole for some, whole in pairs)


def read_comparison(tables: CityTables, excerpt: Excerpt, release_id: int, query: Mapping[str, str]) -> Comparison:
    """What `query` asks to compare; nothing in the place of what makes no sense."""
    against = query.get(AGAINST, "")
    if against not in excerpt.periods or against == excerpt.period or excerpt.by == PERIOD:
        against = ""
    before: dict[tuple[str, ...], Row] = {}
    if against:
        for level in dict.fromkeys((excerpt.level, LEVELS[-1])):
            rows = rows_of(tables, excerpt.summary, release_id, level, (against,), excerpt.selected)
            before |= {_within(excerpt, row): row for row in rows}
    by_area = {} if excerpt.by else {row["area_code"]: row for row in excerpt.rows}
    areas = tuple(by_area[code] for code in (query.get(ONE, ""), query.get(OTHER, "")) if code in by_area)
    return Comparison(against, before, areas if len({row["area_code"] for row in areas}) == 2 else (), excerpt)


def _within(excerpt: Excerpt, row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in excerpt.summary.key if name != PERIOD)
