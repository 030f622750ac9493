"""The commitments of the work plan as a release knows them, what lags first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import text

from district_reports.moment.boundaries import CITY_CODE
from district_reports.pages.city.face import WITHHELD, CityTables, is_withheld
from district_reports.pages.city.sparkline import Sparkline, sparkline
from district_reports.publish.city_tables import RELEASE
from district_reports.publish.commitment_status import STATUSES, Coverage, latest_complete, urgency
from district_reports.publish.commitments import Kind

TABLE, KEY = "city_commitments", "commitment"
HIDDEN = "已隐去"
"""In the place of a status that is withheld; it comes last."""
_UPWARDS = (Kind.RAISE, Kind.KEEP_AT_LEAST)
_MOST_PERIODS = 12
_AHEAD = 2
"""How many periods may have begun without any report before an older one is no longer looked for."""


@dataclass(frozen=True)
class Area:
    level: str
    code: str
    name: str


@dataclass(frozen=True)
class Later:
    """A period that is under way; ``hidden`` says that its figure is withheld."""

    period: str
    actual: Decimal | None
    hidden: bool
    coverage: Coverage


@dataclass(frozen=True)
class Commitment:
    """A commitment in its latest complete period; where there is none in the latest that any district reported for, or
    in the latest at all.

    ``later`` is the latest period after it with reports, which is not complete. ``hidden`` are the columns whose
    figure is withheld.
    """

    key: str
    item: int
    wording: str
    unit: str
    kind: str | None
    baseline: Decimal | None
    baseline_kind: str | None
    baseline_period: str | None
    target: Decimal | None
    due: date | None
    period: str
    actual: Decimal | None
    status: str | None
    coverage: Coverage
    later: Later | None
    trend: Sparkline | None
    hidden: frozenset[str]

    @property
    def share(self) -> float | None:
        """The actual figure as a share of a target that it is to come up to, at most 1; None for any other."""
        if self.kind not in _UPWARDS or self.target is None or self.actual is None or self.target <= 0:
            return None
        return min(max(float(self.actual / self.target), 0.0), 1.0)


@dataclass(frozen=True)
class Board:
    """``items`` are (item of the plan, its commitments), ``counts`` how many have each status, filters aside."""

    area: Area
    areas: tuple[Area, ...]
    items: tuple[tuple[int, tuple[Commitment, ...]], ...]
    plan: tuple[int, ...]
    counts: Mapping[str | None, int]


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
    found = [
        _commitment(list(periods)) for _, periods in groupby(rows, key=lambda row: (row["item"], row["commitment"]))
    ]
    areas = _areas(tables, release_id, rows[-1])
    status, item = query.get("status", ""), query.get("item", "")
    wanted = [each for each in found if (not status or _word(each) == status) and (not item or str(each.item) == item)]
    return Board(
        area=next((area for area in areas if area.code == code), areas[0]),
        areas=areas,
        items=_items(wanted),
        plan=tuple(sorted({each.item for each in found})),
        counts={word: sum(each.status == word for each in found) for word in statuses_in(tables)},
    )


NO_TARGET = "none"
"""The status in an address of commitments without a target."""


def _word(commitment: Commitment) -> str:
    return commitment.status or NO_TARGET


def _urgency(commitment: Commitment) -> int:
    return urgency(commitment.status)


def _items(found: Iterable[Commitment]) -> tuple[tuple[int, tuple[Commitment, ...]], ...]:
    by_item: dict[int, list[Commitment]] = {}
    for each in found:
        by_item.setdefault(each.item, []).append(each)
    items = [(item, tuple(sorted(each, key=_urgency))) for item, each in by_item.items()]
    return tuple(sorted(items, key=lambda pair: (_urgency(pair[1][0]), pair[0])))


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
        status=HIDDEN if "status" in hidden else row["status"],
        coverage=Coverage.of(row),
        later=None if later is None else _later(later),
        trend=sparkline(
            [(each["period"], each["actual"]) for each in until],
            row["target"],
            [each["period"] for each in until if is_withheld(each, "actual")],
        ),
        hidden=hidden,
    )


def _later(row: Mapping[str, Any]) -> Later:
    return Later(row["period"], row["actual"], is_withheld(row, "actual"), Coverage.of(row))
