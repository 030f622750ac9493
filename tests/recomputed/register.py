"""The register as the recomputation reads it from its CSV files: who reports when, and for which schools."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

COMPULSORY = ("教学点", "小学", "初中", "九年一贯制", "十二年一贯制", "完全中学")
KINDERGARTEN = "幼儿园"


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _holds(first: date, end: date | None, day: date) -> bool:
    return first <= day and (end is None or day < end)


@dataclass(frozen=True)
class School:
    code: str
    district: str
    kind: str
    area: str
    sponsor: str
    opened: date
    closed: date | None


@dataclass(frozen=True)
class Register:
    folder: Path

    def rows(self, table: str) -> list[dict[str, str]]:
        with (self.folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def _mergers(self) -> dict[str, tuple[date, str]]:
        return {
            row["district_code"]: (date.fromisoformat(row["merged_on"]), row["into_code"])
            for row in self.rows("mergers")
        }

    def at_home(self, district: str, day: date) -> str:
        """The district that speaks for `district` on a day."""
        while district in self._mergers and self._mergers[district][0] <= day:
            district = self._mergers[district][1]
        return district

    @cached_property
    def _districts(self) -> list[tuple[str, str, str, date, date | None]]:
        found = []
        for row in self.rows("districts"):
            ends = _day(row["valid_to"])
            if ends is None and row["district_code"] in self._mergers:
                ends = self._mergers[row["district_code"]][0]
            first = date.fromisoformat(row["valid_from"])
            found.append((row["district_code"], row["name"], row["zone"], first, ends))
        return found

    def reporting(self, day: date) -> list[str]:
        """The districts that stand on a day."""
        return [code for code, _, _, first, ends in self._districts if _holds(first, ends, day)]

    def name(self, district: str, day: date) -> str:
        return self._row(district, day)[1]

    def zone(self, district: str, day: date) -> str:
        return self._row(district, day)[2]

    def _row(self, district: str, day: date) -> tuple[str, str, str, date, date | None]:
        return next(row for row in self._districts if row[0] == district and _holds(row[3], row[4], day))

    def spoken_for(self, district: str, day: date) -> set[str]:
        """The district, and those that had become part of it by a day."""
        return {code for code, *_ in self._districts if self.at_home(code, day) == district}

    @cached_property
    def _schools(self) -> list[School]:
        return [
            School(
                *(row[name] for name in ("school_code", "district_code", "school_type", "area_type", "sponsor")),
                date.fromisoformat(row["opened_on"]),
                _day(row["closed_on"]),
            )
            for row in self.rows("schools")
        ]

    def schools(self, district: str, day: date) -> Iterator[School]:
        """Those open on a day in a district, merged ones' included."""
        for school in self._schools:
            if _holds(school.opened, school.closed, day) and self.at_home(school.district, day) == district:
                yield school

    def open_between(self, district: str, first: date, last: date) -> list[School]:
        """Those open there on the last day, and those that were open there on an earlier one but closed since."""
        now = list(self.schools(district, last))
        gone = [
            school
            for school in self._schools
            if school.closed and first < school.closed <= last and self.at_home(school.district, last) == district
        ]
        known = {school.code for school in now} | {s.code for s in self._schools if _holds(s.opened, s.closed, last)}
        return now + [school for school in gone if school.code not in known]

    def owed(self, district: str, day: date, kinds: Collection[str]) -> set[str]:
        """Codes of the schools of `kinds` open in the district on a day."""
        return {school.code for school in self.schools(district, day) if school.kind in kinds}
