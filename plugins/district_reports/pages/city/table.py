"""An excerpt of a city table: one period, level and value of each key, or one of these side by side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from fastapi import HTTPException
from sqlalchemy import text

from district_reports.pages.city.cards import unit_of
from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.face import WITHHELD, CityTables, is_withheld
from district_reports.pages.words import say
from district_reports.publish.city_tables import RELEASE
from district_reports.publish.commitments import AREA_KEY, LEVELS
from district_reports.publish.definitions import Definitions
from district_reports.publish.lineage import EarlierFigure, ReferenceField
from district_reports.publish.printed import period_named
from district_reports.publish.summary import Summary, summaries
from district_reports.reference.english import called
from district_reports.settings import settings

PERIOD = "period"
KEY_PREFIX = "key."
ALL = "全部"
"""The value of a key under which a summary adds up all others."""
MOST_PERIODS = 12
MOST_ROWS = 500
_NUMBERS = ("integer", "bigint", "numeric")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """A key column that is neither period nor area: its values, each with its words, and the selected one."""

    column: str
    values: tuple[tuple[str, str], ...]
    selected: str


@dataclass(frozen=True)
class Excerpt:
    """``by`` is the key column (or ``period``) whose values stand side by side; empty for none.

    ``figures`` are the figure columns and what is told per 1,000, ``measures`` those of them that are numbers, and
    ``folded`` those that say the same in every row. ``rows`` are of ``level``;
    ``totals`` the city's own, where the level is below it, whose figures may differ from what is folded. ``more`` says
    that there are more rows than ``rows`` holds.
    """

    summary: Summary
    kinds: Mapping[str, str]
    figures: tuple[str, ...]
    measures: tuple[str, ...]
    measure: str
    level: str
    period: str
    periods: tuple[str, ...]
    keys: tuple[Key, ...]
    by: str
    rows: Sequence[Row]
    totals: Sequence[Row]
    more: bool

    @property
    def breakdown(self) -> tuple[str, ...]:
        return tuple(key.column for key in self.keys)

    @property
    def selected(self) -> dict[str, str]:
        """The value of each key that does not stand side by side."""
        return {key.column: key.selected for key in self.keys if key.column != self.by}

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The figures, but for the measure, that are the same in all of several rows, and in all totals."""
        if len(self.rows) < 3:
            return ()
        return tuple(
            name
            for name in self.figures
            if name != self.measure
            and all(len({_said(row, name) for row in rows}) <= 1 for rows in (self.rows, self.totals))
        )

    @property
    def folded_figures(self) -> tuple[str, ...]:
        """Those of :attr:`folded` that any row has a figure of."""
        nothing = (False, None)
        return tuple(
            name for name in self.folded if any(_said(row, name) != nothing for row in (*self.rows, *self.totals))
        )

    @property
    def spread(self) -> tuple[str, ...]:
        """The other figures, the measure first."""
        others = (name for name in self.figures if name != self.measure and name not in self.folded)
        return (self.measure, *others)

    def identity(self, row: Row) -> tuple[str, ...]:
        """Which row it is, in any release."""
        return tuple(row[name] for name in self.summary.identity if name != "level")

    def query(self) -> dict[str, str]:
        """What the address of this view says, the release aside."""
        selected = {f"{KEY_PREFIX}{column}": value for column, value in self.selected.items()}
        period = {} if self.by == PERIOD else {PERIOD: self.period}
        return {**period, "level": self.level, "measure": self.measure, "by": self.by, **selected}


def find(table: str) -> Summary:
    """The summary of a published table.

    Raises:
        HTTPException: 404, there is none.
    """
    for summary in summaries(settings().summaries):
        if summary.table == table:
            return summary
    raise HTTPException(404)


def has_areas(summary: Summary) -> bool:
    """Whether it has a row a period and area, so that it can be drawn; any table can be downloaded."""
    return set(AREA_KEY) <= set(summary.key)


def read_excerpt(
    tables: CityTables, summary: Summary, release_id: int, query: Mapping[str, str], words: TableWords
) -> Excerpt | None:
    """The excerpt that `query` asks for; defaults take the place of values that make no sense.

    None where the release has no row of the table.
    """
    columns, breakdown = tables.columns(summary.table), _breakdown(summary)
    measured = _measures(summary.figures(columns), columns)
    found = _combinations(tables, summary, release_id, words) if measured else []
    if not found:
        return None
    by = query.get("by", "")
    by = by if by in (*breakdown, PERIOD) else ""
    keys, left = _keys(found, breakdown, by, query, words)
    accepted: dict[str, int] = {}
    for row in left:
        accepted[row[PERIOD]] = max(accepted.get(row[PERIOD], 0), row["accepted"] or 0)
    periods = tuple(sorted(accepted, reverse=True))
    reported = [period for period in periods if accepted[period]]
    period = query.get(PERIOD, "")
    period = period if period in periods else (reported or periods)[0]
    level = query.get("level", "")
    level = level if level in LEVELS else LEVELS[0]
    selected = {key.column: key.selected for key in keys if key.column != by}
    drawn = periods[:MOST_PERIODS] if by == PERIOD else (period,)
    rows = rows_of(tables, summary, release_id, level, drawn, selected)
    totals = rows_of(tables, summary, release_id, LEVELS[-1], drawn, selected) if level != LEVELS[-1] else []
    # What is told per 1,000 is no column, and calculated from two that are.
    kinds = {**dict.fromkeys(summary.per_thousand, "numeric"), **columns}
    # A column that the summary no longer makes stays in the table, for the releases that have it.
    figures = tuple(
        name
        for name in summary.figures(kinds)
        if name in (*summary.origins, *summary.per_thousand)
        or any(row[name] is not None or is_withheld(row, name) for row in (*rows, *totals))
    )
    measures = _measures(figures, kinds)
    measure = query.get("measure", "")
    return Excerpt(
        summary=summary,
        kinds=kinds,
        figures=figures,
        measures=measures,
        measure=measure if measure in measures else _usual(summary, measures, rows),
        level=level,
        period=period,
        periods=periods,
        keys=keys,
        by=by,
        rows=rows[:MOST_ROWS],
        totals=totals[:MOST_ROWS],
        more=len(rows) > MOST_ROWS,
    )


def _said(row: Row, column: str) -> tuple[bool, Any]:
    return is_withheld(row, column), row[column]


def _measures(figures: Iterable[str], kinds: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in figures if kinds[name] in _NUMBERS)


def in_language(excerpt: Excerpt, known: Definitions) -> Excerpt:
    """The excerpt with its areas, and the units of commitments, by what they are called, as a page shows them."""

    def named(rows: Sequence[Row]) -> list[Row]:
        return [{**row, "area_name": called(row["area_name"], known.language), **unit(row)} for row in rows]

    def unit(row: Row) -> dict[str, str]:
        found = unit_of(known, (row[name] for name in excerpt.breakdown))
        return {} if found is None or not row.get("unit") else {"unit": found}

    return replace(excerpt, rows=named(excerpt.rows), totals=named(excerpt.totals))


def former_figures(tables: CityTables, excerpt: Excerpt, release_id: int) -> dict[tuple[str, ...], Any]:
    """The measure of the same rows in another release, by period, area and keys; empty if nothing can be compared."""
    if not excerpt.rows:
        return {}
    periods = None if excerpt.summary.nightly else list(dict.fromkeys(row[PERIOD] for row in excerpt.rows))
    rows = [
        row
        for level in {excerpt.level, LEVELS[-1]}
        for row in rows_of(tables, excerpt.summary, release_id, level, periods, excerpt.selected)
    ]
    found = {excerpt.identity(row): row[excerpt.measure] for row in rows}
    now = {excerpt.identity(row) for row in (*excerpt.rows, *excerpt.totals) if row[excerpt.measure] is not None}
    return found if any(found.get(each) is not None for each in now) else {}


def _breakdown(summary: Summary) -> tuple[str, ...]:
    return tuple(name for name in summary.key if name not in AREA_KEY)


def _usual(summary: Summary, measures: Sequence[str], rows: Sequence[Row]) -> str:
    """What the summary shows first, if there is a figure of it, or else the first measure that is counted."""
    for name in summary.first:
        if name in measures and any(row[name] is not None or is_withheld(row, name) for row in rows):
            return name
    referred = (ReferenceField, EarlierFigure)
    counted = (name for name in measures if not isinstance(summary.origins.get(name), referred))
    return next(counted, measures[0])


def _combinations(tables: CityTables, summary: Summary, release_id: int, words: TableWords) -> list[Row]:
    """Every period with every value of the keys: they are the same in every area, so the city's rows tell them."""
    breakdown, kinds = _breakdown(summary), tables.columns(summary.table)
    named = {name: words.named_by(name) for name in breakdown if words.named_by(name) in kinds}
    names = "".join(f', max("{column}") AS "{key} named"' for key, column in named.items())
    accepted = "max(districts_accepted)" if "districts_accepted" in kinds else "NULL::integer"
    listed = ", ".join(f'"{name}"' for name in (PERIOD, *breakdown))
    statement = (
        f"SELECT {listed}, {accepted} AS accepted{names} FROM {tables.relation(summary.table)}"
        f" WHERE {RELEASE} = :release_id AND level = :level GROUP BY {listed} ORDER BY {listed}"
    )
    values = {"release_id": release_id, "level": LEVELS[-1]}
    return [dict(row) for row in tables.connection.execute(text(statement), values).mappings()]


def _keys(
    found: list[Row], breakdown: Sequence[str], by: str, query: Mapping[str, str], words: TableWords
) -> tuple[tuple[Key, ...], list[Row]]:
    """Each key with what may be selected once those before it are, and the combinations that are left."""
    keys = []
    for column in breakdown:
        names = {row[column]: _name(row, column, words) for row in found}
        # 全部 first: it is the row of all others.
        values = sorted(names, key=lambda value: value != ALL)
        requested = query.get(f"{KEY_PREFIX}{column}", "")
        selected = requested if requested in names else values[0]
        keys.append(Key(column, tuple((value, names[value]) for value in values), selected))
        if column != by:
            found = [row for row in found if row[column] == selected]
    return tuple(keys), found


def _name(row: Row, column: str, words: TableWords) -> str:
    known = row.get(f"{column} named")
    return called(known, words.language) if known else words.value(column, row[column])


def rows_of(
    tables: CityTables,
    summary: Summary,
    release_id: int,
    level: str,
    periods: Sequence[str] | None,
    selected: Mapping[str, str],
) -> list[Row]:
    """The table's rows of `periods`, or of every one, each with what is told per 1,000."""
    where = "".join(f' AND "{name}" = :key_{name}' for name in selected)
    order = "".join(f', "{name}" <> \'{ALL}\', "{name}"' for name in _breakdown(summary))
    statement = (
        f"SELECT * FROM {tables.relation(summary.table)} WHERE {RELEASE} = :release_id AND level = :level"
        f" AND coalesce(period = ANY (:periods), true){where} ORDER BY period DESC, area_code{order} LIMIT :most"
    )
    values = {
        "release_id": release_id,
        "level": level,
        "periods": None if periods is None else list(periods),
        "most": MOST_ROWS + 1,
    }
    values |= {f"key_{name}": value for name, value in selected.items()}
    return [_relative(summary, dict(row)) for row in tables.connection.execute(text(statement), values).mappings()]


def _relative(summary: Summary, row: dict[str, Any]) -> Row:
    """The row with its counts per 1,000; one that rests on a withheld figure is withheld as well."""
    for name, counted in summary.per_thousand.items():
        row[name] = counted.value(row)
        if any(is_withheld(row, each) for each in counted.inputs):
            row |= {name: None, WITHHELD: [*row[WITHHELD], name]}
    return row


def filters_in_words(excerpt: Excerpt, words: TableWords) -> list[tuple[str, str]]:
    """What a view of a table is of, in words."""
    period = period_named(excerpt.period, words.language)
    told = [] if excerpt.by == PERIOD else [(words.of("period"), period)]
    told.append((words.of("level"), say(words.language, f"city.level.{excerpt.level}")))
    keys = [(words.of(key.column), dict(key.values)[key.selected]) for key in excerpt.keys if key.column != excerpt.by]
    return [*told, *keys]
