"""Areas of a period, then and now: of which reporting districts each is made, and its coverage."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from recomputed.exact import percent
from recomputed.house import Accepted, House
from recomputed.periods import Period

CITY_CODE, CITY_NAME = "全市", "全市"


@dataclass(frozen=True)
class Area:
    level: str
    code: str
    name: str
    districts: tuple[str, ...]


def areas(house: House, period: Period, boundary: str) -> Iterator[Area]:
    """Districts, zones and the city; `districts` are those that owed a report of the period."""
    register = house.register
    day = period.last if boundary == "then" else house.today
    homes: dict[tuple[str, str, str], list[str]] = {}
    for district in register.reporting(period.last):
        home = register.at_home(district, day)
        homes.setdefault(("district", home, register.name(home, day)), []).append(district)
        zone = register.zone(home, day)
        homes.setdefault(("zone", zone, zone), []).append(district)
        homes.setdefault(("city", CITY_CODE, CITY_NAME), []).append(district)
    for (level, code, name), districts in homes.items():
        yield Area(level, code, name, tuple(districts))


def accepted(house: House, form: str, period: Period, area: Area) -> list[Accepted]:
    found = (house.reports.get((form, district, period.text)) for district in area.districts)
    return [report for report in found if report is not None]


def districts_coverage(house: House, form: str, period: Period, area: Area) -> dict[str, object]:
    count, expected = len(accepted(house, form, period, area)), len(area.districts)
    return {
        "area_name": area.name,
        "districts_accepted": count,
        "districts_expected": expected,
        "coverage": percent(count, expected),
    }


@dataclass(frozen=True)
class Units:
    """A sheet with a row a school: its title, the column of codes, and the types that owe one."""

    sheet: str
    column: str
    kinds: Collection[str]


def units_coverage(house: House, form: str, period: Period, area: Area, units: Units) -> Mapping[str, object]:
    """Schools of the register that owe a row, and those of them that have one in a report in force."""
    expected = reported = 0
    for district in area.districts:
        owed = house.register.owed(district, period.last, units.kinds)
        expected += len(owed)
        report = house.reports.get((form, district, period.text))
        if report is not None:
            reported += len(owed & {str(row[units.column]) for row in report.sheets.get(units.sheet, [])})
    return {"units_reported": reported, "units_expected": expected}
