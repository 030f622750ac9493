"""The commitments of the work plan as a release knows them, what lags first, and where and since when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import groupby, takewhile
from typing import Any

from sqlalchemy import text

from district_reports.moment.boundaries import CITY_CODE
from district_reports.pages.city.board_districts import worst_districts
from district_reports.pages.city.board_line import Behind, Commitment, Later, by_urgency, is_upwards
from district_reports.pages.city.face import WITHHELD, CityTables, is_withheld
from district_reports.pages.city.sparkline import sparkline
from district_reports.publish.city_tables import RELEASE
from district_reports.publish.commitment_status import BEHIND, STATUSES, Coverage, latest_complete
from district_reports.publish.commitments import PERCENT

TABLE, KEY = "city_commitments", "commitment"
HIDDEN = "已隐去"
"""In the place of a status that is withheld; it comes last."""
_MOST_PERIODS = 12
_AHEAD = 2
"""How many periods may have begun without any report before an older one is no longer looked for."""


@dataclass(frozen=True)
class Area:
    level: str
    code: str
    name: str


@dataclass(frozen=True)
class Board:
    """``aimed`` have a target and ``others`` none, as far as the filters let them through, the most urgent first.

    Filters aside, ``behind`` are those that lag, and ``counts`` how many of those with a target have each status, and
    under None how many have no target.
    """

    area: Area
    areas: tuple[Area, ...]
    aimed: tuple[Commitment, ...]
    others: tuple[Commitment, ...]
    plan: tuple[int, ...]
    counts: Mapping[str | None, int]
    behind: tuple[Commitment, ...]

    @property
    def shown(self) -> tuple[Commitment, ...]:
        return (*self.aimed, *self.others)


def statuses_in(tables: CityTables) -> Mapping[str | None, str]:
    """:data:`STATUSES`, and outside that one is withheld."""
    return STATUSES if tables.look.inside else {**STATUSES, HIDDEN: "calm"}


def board(tables: CityTables, release_id: int, query: Mapping[str, str]) -> Board | None:
    """The board of the area that `query` names by ``area``, with the filters ``status`` and ``item``.

    None where the release has no commitments; an area that it does not know gives way to 全市.
    """
    if not tables.columns(TABLE):
        return None
    code = query.get("area") or CITY_CODE
    rows = _rows(tables, release_id, code)
    if not rows:
        code = CITY_CODE
        rows = _rows(tables, release_id, code)
    if not rows:
        return None
    grouped = groupby(rows, key=lambda row: (row["item"], row["commitment"]))
    found = [_commitment(list(periods)) for _, periods in grouped]
    worst = worst_districts(tables, TABLE, release_id, code, found)
    found = sorted((replace(each, worst=worst.get(each.key, each.worst)) for each in found), key=by_urgency)
    areas = _areas(tables, release_id, rows[-1])
    status, item = query.get("status", ""), query.get("item", "")
    wanted = [each for each in found if (not status or _word(each) == status) and (not item or str(each.item) == item)]
    words = statuses_in(tables)
    aimed = [each for each in found if each.target is not None]
    return Board(
        area=next((area for area in areas if area.code == code), areas[0]),
        areas=areas,
        aimed=tuple(each for each in wanted if each.target is not None),
        others=tuple(each for each in wanted if each.target is None),
        plan=tuple(sorted({each.item for each in found})),
        counts={word: sum(_word(each) == (word or NO_TARGET) for each in found) for word in words},
        behind=tuple(each for each in aimed if each.status == BEHIND),
    )


NO_TARGET = "none"
"""The status in an address of commitments without a target."""


def _word(commitment: Commitment) -> str:
    """By what it is counted and found; without a target also where its status says that nothing is in."""
    return NO_TARGET if commitment.target is None else commitment.status or NO_TARGET


def _rows(tables: CityTables, release_id: int, area_code: str) -> list[Mapping[str, Any]]:
    statement = (
        "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY commitment ORDER BY period DESC) AS age"
        f" FROM {tables.relation(TABLE)} WHERE {RELEASE} = :release_id AND area_code = :area_code) AS numbered"
        " WHERE age <= :most ORDER BY item, commitment, period"
    )
    values = {"release_id": release_id, "area_code": area_code, "most": _MOST_PERIODS + _AHEAD}
    return [dict(row) for row in tables.connection.execute(text(statement), values).mappings()]


def _areas(tables: CityTables, release_id: int, row: Mapping[str, Any]) -> tuple[Area, ...]:
    """City, zones and districts of the period that `row` is of."""
    statement = (
        f"SELECT level, area_code, area_name FROM {tables.relation(TABLE)}"
        f" WHERE {RELEASE} = :release_id AND commitment = :commitment AND period = :period"
        " ORDER BY array_position(ARRAY['city', 'zone', 'district'], level), area_code"
    )
    values = {"release_id": release_id, "commitment": row["commitment"], "period": row["period"]}
    return tuple(Area(*each) for each in tables.connection.execute(text(statement), values))


def _commitment(periods: list[Mapping[str, Any]]) -> Commitment:
    reported = [row for row in periods if row["districts_accepted"]]
    row = latest_complete(periods)
    later = reported[-1] if reported and reported[-1] is not row else None
    hidden = frozenset(row.get(WITHHELD) or ())
    until = [each for each in periods if each["period"] <= row["period"]][-_MOST_PERIODS:]
    return Commitment(
        key=row["commitment"],
        item=row["item"],
        wording=row["wording"],
        unit=row["unit"],
        kind=row.get("kind"),
        baseline=row["baseline"],
        baseline_kind=row.get("baseline_kind"),
        baseline_period=row.get("baseline_period"),
        target=row["target"],
        due=row["due"],
        period=row["period"],
        actual=row["actual"],
        pace=pace_of(row),
        status=HIDDEN if "status" in hidden else row["status"],
        coverage=Coverage.of(row),
        behind=_behind(until),
        later=None if later is None else _later(later),
        trend=sparkline(
            [(each["period"], each["actual"]) for each in until],
            row["target"],
            [each["period"] for each in until if is_withheld(each, "actual")],
        ),
        hidden=hidden,
    )


def pace_of(row: Mapping[str, Any]) -> Decimal | None:
    """What a row's actual figure should be; None in a release of before it was published.

    Of whole things the first whole number that is not behind.
    """
    pace: Decimal | None = row.get("pace")
    if pace is None or row["denominator"] is not None or row["unit"] == PERCENT:
        return pace
    return pace.to_integral_value(ROUND_CEILING if is_upwards(row["kind"]) else ROUND_FLOOR)


def _behind(until: list[Mapping[str, Any]]) -> Behind | None:
    """Of the periods up to the one that is told, oldest first."""
    lags = list(takewhile(lambda row: row["status"] == BEHIND, reversed(until)))
    if not lags:
        return None
    before = until[: len(until) - len(lags)]
    return Behind(lags[-1]["period"], len(lags), bool(before) and is_withheld(before[-1], "status"))


def _later(row: Mapping[str, Any]) -> Later:
    return Later(row["period"], row["actual"], is_withheld(row, "actual"), Coverage.of(row))
