"""Rows and figures of a bundle as people read them, in Chinese."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from district_reports.moment.frame import EVERYTHING
from district_reports.publish.bundle.blanks import MEANINGS, Blank
from district_reports.publish.bundle.content import OUTSIDE_NOW, Content
from district_reports.publish.definitions import AREA_KEY
from district_reports.publish.printed import short

LANGUAGE = "zh"
BOUNDARIES: Mapping[bool, str] = MappingProxyType({False: "then", True: "now"})
"""How the files call the schema: in the boundaries of the period, or in those of the release's day."""
LEVEL_WORDS: Mapping[str, str] = MappingProxyType({"city": "全市", "zone": "片区", "district": "区县"})
NOTHING = "–"


def boundaries_of(schema: str) -> str:
    return BOUNDARIES[schema == OUTSIDE_NOW]


def breakdown(key: Mapping[str, Any]) -> str:
    """The columns of a key that are neither period nor area, as a program reads them."""
    return ";".join(f"{name}={value}" for name, value in key.items() if name not in AREA_KEY)


class Wording:
    """What codes of the bundle's rows mean."""

    def __init__(self, content: Content) -> None:
        self._known = content.chinese
        self._areas: dict[tuple[str | None, str | None], str] = {}
        self._named: dict[tuple[str, str, str], str] = {}
        for table in content.every_table:
            words = self._known.words(table.name)
            tellers = {
                name: words.named_by(name) for name in table.summary.key if words.named_by(name) in table.columns
            }
            for row in table.rows:
                if "area_name" in table.columns:
                    self._areas[row.get("period"), row["area_code"]] = str(row["area_name"])
                for name, teller in tellers.items():
                    self._named[table.name, name, str(row[name])] = str(row[teller])

    def area(self, period: str | None, area_code: str | None) -> str:
        return self._areas.get((period, area_code), area_code or "")

    def parts(self, table: str, key: Mapping[str, Any]) -> str:
        """The values of the breakdown that are not 全部."""
        chosen = {name: value for name, value in key.items() if name not in AREA_KEY and value != EVERYTHING}
        return "、".join(self._value(table, name, str(value)) for name, value in chosen.items())

    def _value(self, table: str, name: str, value: str) -> str:
        return self._named.get((table, name, value)) or self._known.words(table).value(name, value)

    def figure(self, table: str, column: str, value: Any) -> str:
        """A figure or a word as it is printed."""
        if value is None:
            return NOTHING
        if isinstance(value, Blank):
            return MEANINGS[value][LANGUAGE]
        if isinstance(value, str):
            return LEVEL_WORDS.get(value, value) if column == "level" else self._value(table, column, value)
        if isinstance(value, float):
            # JSON has no decimals of its own.
            return short(Decimal(str(value)))
        return value.isoformat() if isinstance(value, date) else short(value)
