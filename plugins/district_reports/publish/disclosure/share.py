"""Of the counts of people that are not 0, how many are withheld: for themselves, and to protect others."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from district_reports.moment.boundaries import CITY_CODE
from district_reports.moment.frame import EVERYTHING
from district_reports.publish.disclosure.cells import AREA_CODE, LEVEL, Left, Table, numbered
from district_reports.publish.disclosure.inside import read_inside
from district_reports.publish.disclosure.knowledge import Knowledge, gather
from district_reports.publish.disclosure.prepare import left_before, left_releases, rule_of
from district_reports.publish.disclosure.rule import Rule
from district_reports.publish.disclosure.targets import Small, find_small, standing_districts
from district_reports.publish.summary import summaries
from district_reports.settings import settings

_AREA_KEY = ("period", LEVEL, AREA_CODE)


@dataclass
class Held:
    """Of ``counts`` that are not 0, those withheld because they (or what they differ by) are small, and the others."""

    counts: int = 0
    for_themselves: int = 0
    for_others: int = 0


@dataclass(frozen=True)
class CityCount:
    """A count of the whole city, not broken down and not small, that is withheld all the same.

    ``whole`` is the column to which its difference is small, None where it protects another figure.
    """

    schema: str
    table: str
    period: str
    column: str
    whole: str | None


@dataclass
class Share:
    """By schema, table and level; and the counts of the whole city that had to go, which should be few."""

    held: dict[tuple[str, str, str], Held] = field(default_factory=lambda: defaultdict(Held))
    city: list[CityCount] = field(default_factory=list)


def withheld_share(connection: Connection, release_id: int) -> Share:
    """Of a release that has left, beside all that had left before it.

    Raises:
        DoesNotAddUp: a table is not as it declares.
    """
    tables = summaries(settings().summaries)
    order = left_releases(connection)
    left = [left_before(connection, each, tables) for each in order[: order.index(release_id) + 1]]
    rule = rule_of(connection, read_inside(connection, release_id, tables))
    return share_of(left, rule)


def share_of(left: list[Left], rule: Rule) -> Share:
    """Of the last of the releases."""
    knowledge, last = gather(left), left[-1]
    small = find_small(knowledge, [each.tables for each in left], rule, standing_districts(last.tables))
    share = Share()
    for table in last.tables:
        for number, column in _counts_of_people(table, knowledge):
            row, place = table.rows[number], table.place(number, column)
            held = share.held[table.schema, table.name, row[LEVEL]]
            held.counts += 1
            if place not in last.withheld:
                continue
            cell = knowledge.cell_of[-1][place]
            if cell in small.withheld:
                held.for_themselves += 1
            else:
                held.for_others += 1
            if _is_city(table, row) and row[column] >= rule.threshold(table.name, column, row[LEVEL]):
                whole = _whole_of(table, number, column, knowledge, small)
                share.city.append(CityCount(table.schema, table.name, row["period"], column, whole))
    return share


def _counts_of_people(table: Table, knowledge: Knowledge) -> Iterator[tuple[int, str]]:
    for number, row, _ in numbered(table):
        for column, where in table.protection.people.items():
            if row.get(column) and where.holds(row) and table.place(number, column) in knowledge.cell_of[-1]:
                yield number, column


def _is_city(table: Table, row: Mapping[str, object]) -> bool:
    parts = [row[name] for name in table.key if name not in _AREA_KEY]
    return row[AREA_CODE] == CITY_CODE and all(part == EVERYTHING for part in parts)


def _whole_of(table: Table, number: int, column: str, knowledge: Knowledge, small: Small) -> str | None:
    cells = knowledge.cell_of[-1]
    own = cells[table.place(number, column)]
    pairs = {frozenset(cell for cell, _ in target.terms) for target in small.targets if len(target.terms) == 2}
    for part, whole in table.protection.ratios.values():
        other = whole if part == column else part if whole == column else None
        if other is not None and frozenset((own, cells.get(table.place(number, other)))) in pairs:
            return other
    return None
