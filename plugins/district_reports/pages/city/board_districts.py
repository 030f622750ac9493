"""Which districts are furthest from a commitment's target."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import text

from district_reports.moment.boundaries import CITY_CODE
from district_reports.pages.city.board_line import Commitment, Furthest, Worst
from district_reports.pages.city.face import WITHHELD, CityTables, is_withheld
from district_reports.pages.data import register
from district_reports.publish.city_tables import RELEASE

_MOST = 3
"""How many are named."""


def worst_districts(
    tables: CityTables, table: str, release_id: int, area_code: str, found: Collection[Commitment]
) -> Mapping[str, Furthest]:
    """By commitment, the districts of the area that are short of its target in the period that the board tells of.

    Where a figure is withheld, its district is not ranked.
    """
    members = _members(area_code)
    compared = {each.key: each for each in found if each.compares_districts}
    if not members or not compared:
        return {}
    withheld = "" if tables.look.inside else f", {WITHHELD}"
    statement = (
        f"SELECT commitment, area_code, area_name, actual{withheld} FROM {tables.relation(table)}"
        " JOIN unnest(CAST(:keys AS text[]), CAST(:periods AS text[]))"
        " AS shown (commitment, period) USING (commitment, period)"
        f" WHERE {RELEASE} = :release_id AND level = 'district' AND area_code = ANY (:members)"
    )
    values = {
        "keys": list(compared),
        "periods": [each.period for each in compared.values()],
        "release_id": release_id,
        "members": sorted(members),
    }
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in tables.connection.execute(text(statement), values).mappings():
        rows.setdefault(row["commitment"], []).append(dict(row))
    return {key: _furthest(compared[key], each) for key, each in rows.items()}


def _members(area_code: str) -> set[str]:
    """The districts of the city or a zone; a district has none."""
    return {each.code for each in register().districts if area_code in (CITY_CODE, each.zone)}


def _furthest(commitment: Commitment, rows: Collection[Mapping[str, Any]]) -> Furthest:
    sign, target = (1 if commitment.upwards else -1), commitment.target or 0
    shown = [row for row in rows if not is_withheld(row, "actual")]
    short = [
        Worst(row["area_code"], row["area_name"], row["actual"])
        for row in shown
        if row["actual"] is not None and sign * row["actual"] < sign * target
    ]
    short.sort(key=lambda each: (sign * each.actual, each.code))
    tied = _tied(short)
    named = short[: short.index(tied[0]) if tied else _MOST]
    return Furthest(tuple(named), tied, hidden=len(shown) < len(rows))


def _tied(short: Sequence[Worst]) -> tuple[Worst, ...]:
    """Those with the same figure of whom there is no place for all: to name some would blame them alone."""
    if len(short) <= _MOST or short[_MOST - 1].actual != short[_MOST].actual:
        return ()
    return tuple(each for each in short if each.actual == short[_MOST].actual)
