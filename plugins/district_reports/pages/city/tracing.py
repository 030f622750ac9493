"""A traced figure as a page shows it: each figure that it is made of, and the rows of the sheets under it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fastapi import HTTPException
from sqlalchemy import Connection, text

from district_reports.database.engine import Role, engine
from district_reports.pages.city.cards import card_of, unit_of
from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.face import CityTables, is_withheld
from district_reports.pages.city.origins import in_words
from district_reports.pages.city.table import KEY_PREFIX
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.commitments import PERCENT
from district_reports.publish.definitions import Card, Definitions
from district_reports.publish.printed import exact, unit_for
from district_reports.publish.summary import Summary
from district_reports.publish.trace import CannotTrace, Part, Trace, trace
from district_reports.publish.trace_report import row_ranges
from district_reports.publish.traced_items import TracedItem

MOST_RUNS = 12
MOST_PARTS = 400
_SECONDS = 20
"""How long the warehouse may look for the rows of one figure."""


@dataclass(frozen=True)
class TracedPart:
    """``runs`` are (first, last) of the first few runs of Excel's rows; ``more`` how many runs there are beyond."""

    part: Part
    runs: tuple[tuple[int, int], ...]
    more: int


@dataclass(frozen=True)
class TracedFigure:
    """``depth`` is 0 for the figure that was asked for, and one more for each step down to what it is made of.

    ``together`` is the sum of the parts, None where nothing adds up.
    """

    depth: int
    trace: Trace
    words: TableWords
    unit: str
    card: Card
    meaning: tuple[str, ...]
    parts: tuple[TracedPart, ...]
    parts_more: int
    items: tuple[TracedItem, ...]
    together: Decimal | int | None

    @property
    def key(self) -> dict[str, str]:
        """The key of its row, without the level, which the area has by itself."""
        key = {name: str(value) for name, value in self.trace.key.items()}
        return {"period": self.trace.period, "area_code": self.trace.area_code, **key}

    def printed(self, value: object, unit: bool = True) -> str:
        """A figure of this column, with its unit if so wished; rates have two decimals, as in their tables."""
        rate = self.unit == PERCENT
        said = exact(value, "numeric" if rate else "")
        if value is None or not unit or not self.unit:
            return said
        return f"{said}{'' if rate else ' '}{unit_for(value, self.unit)}"

    @property
    def query(self) -> dict[str, str]:
        """What leads to it in its table."""
        return {"period": self.trace.period, "measure": self.trace.column, **self.row_key}

    @property
    def row_key(self) -> dict[str, str]:
        """The key columns of its row, without period and area, as an address has them."""
        return {f"{KEY_PREFIX}{name}": str(value) for name, value in self.trace.key.items()}


def key_names(connection: Connection, figures: Iterable[TracedFigure]) -> dict[tuple[str, str, str], str]:
    """What the values of keys mean, where another column tells: by table, column and value."""
    found = {}
    for each in figures:
        table, release_id = each.trace.table, each.trace.release.release_id
        for column, value in each.trace.key.items():
            teller = each.words.named_by(column)
            if teller in columns_of(connection, "city", table) and (table, column, value) not in found:
                found[table, column, value] = connection.execute(
                    text(
                        f'SELECT max("{teller}") FROM city."{table}"'
                        f' WHERE {RELEASE} = :release_id AND "{column}" = :value'
                    ),
                    {"release_id": release_id, "value": value},
                ).scalar_one()
    return found


def is_withheld_outside(tables: CityTables, found: Trace) -> bool:
    """Whether the figure is withheld in the release outside that it was looked for in.

    Raises:
        HTTPException: 404, its row has not left.
    """
    key = {"period": found.period, "area_code": found.area_code, **found.key}
    if not key.keys() <= tables.columns(found.table).keys():
        raise HTTPException(404)
    where = "".join(f' AND "{name}" = :key_{place}' for place, name in enumerate(key))
    values = {f"key_{place}": value for place, value in enumerate(key.values())}
    rows = tables.connection.execute(
        text(f"SELECT * FROM {tables.relation(found.table)} WHERE {RELEASE} = :release_id{where}"),
        {"release_id": found.release.release_id, **values},
    )
    row = rows.mappings().one_or_none()
    if row is None:
        raise HTTPException(404)
    return is_withheld(row, found.column)


def find_trace(summary: Summary, query: Mapping[str, str]) -> Trace:
    """The trace of what `query` names; for who may see the city board only, since it looks with the reader's eyes.

    Raises:
        HTTPException: 404, there is no such figure; 400, what is no number of a release.
    """
    release = query.get("release", "")
    if release and not (release.isascii() and release.isdecimal() and len(release) < 18):
        raise HTTPException(400)
    with engine(Role.READER).connect().execution_options(postgresql_readonly=True) as connection:
        connection.execute(text(f"SET LOCAL statement_timeout = '{_SECONDS}s'"))
        try:
            return trace(
                connection,
                summary.table,
                query.get("column", ""),
                period=query.get("period", ""),
                area=query.get("area", ""),
                key={
                    name.removeprefix(KEY_PREFIX): value for name, value in query.items() if name.startswith(KEY_PREFIX)
                },
                release_id=int(release) if release else None,
            )
        except CannotTrace:
            raise HTTPException(404) from None


def figures(found: Trace, known: Definitions) -> list[TracedFigure]:
    """The figure and, each after what it goes into, those that it is made of."""
    return list(_figures(found, known, 0, {}))


def _figures(found: Trace, known: Definitions, depth: int, around: Mapping[str, Any]) -> Iterator[TracedFigure]:
    words = known.words(found.table)
    # What its row says beside it: a unit may stand there.
    beside = _beside(found) | dict(around)
    unit = unit_of(known, found.key.values())
    origin = known.tables[found.table].origins[found.column]
    parts = sorted(found.parts, key=lambda part: part.place)
    counted = [part.value for part in parts if not part.beside and part.value is not None]
    yield TracedFigure(
        depth=depth,
        trace=found,
        words=words,
        unit=words.unit(found.column, beside if unit is None else {**beside, "unit": unit}),
        card=card_of(known, found.table, found.column, found.key),
        meaning=tuple(in_words(origin, words)),
        parts=tuple(_bounded(part) for part in parts[:MOST_PARTS]),
        # A figure has parts or items, never both.
        parts_more=max(0, len(parts) - MOST_PARTS, len(found.items) - MOST_PARTS),
        items=found.items[:MOST_PARTS],
        together=sum(counted) if counted else None,
    )
    for each in found.inputs:
        yield from _figures(each, known, depth + 1, beside if each.table == found.table else {})


def _beside(found: Trace) -> dict[str, Any]:
    """The other figures of its row that it is made of, at any remove."""
    told: dict[str, Any] = {}
    for each in found.inputs:
        if each.table == found.table:
            told |= {**_beside(each), each.column: each.value}
    return told


def _bounded(part: Part) -> TracedPart:
    runs = row_ranges(part.rows)
    return TracedPart(part, tuple(runs[:MOST_RUNS]), max(0, len(runs) - MOST_RUNS))
