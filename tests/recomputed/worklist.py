"""`city_reconciliation` of the first night: every item is new and open, and nobody has said anything yet."""

from collections.abc import Iterator

from recomputed.areas import CITY_CODE, CITY_NAME, Area
from recomputed.exact import percent
from recomputed.figures_students import ALL
from recomputed.house import House
from recomputed.published import Key
from reconciliation.oracle import Oracle, reports_in_force

RULES = ("X01", "X02", "X03", "X04", "X05", "X06", "X08", "X09")


def worklist_rows(house: House) -> Iterator[tuple[Key, dict[str, object]]]:
    """Of the areas of the night itself, in either boundaries."""
    register, night = house.register, house.today
    items = list(Oracle(reports_in_force((one.report for one in house.sent), night), register, night).items())
    reporting = {register.at_home(district, night) for _, district, _ in house.reports}
    for area in _areas(house):
        compared = len(reporting & set(area.districts))
        touching = [item.rule for item in items if not item.districts.isdisjoint(area.districts)]
        for rule in (ALL, *RULES):
            count = len(touching) if rule == ALL else touching.count(rule)
            figures: dict[str, object] = {
                "open_count": count,
                "new_count": count,
                **dict.fromkeys(("explained_count", "ruled_count", "resolved_count"), 0),
                "oldest_days": 0 if count else None,
            }
            about = {
                "area_name": area.name,
                "districts_accepted": compared,
                "districts_expected": len(area.districts),
                "coverage": percent(compared, len(area.districts)),
            }
            if not compared:
                figures = dict.fromkeys(figures)
            yield (night.isoformat(), area.level, area.code, rule), {**about, **figures}


def _areas(house: House) -> Iterator[Area]:
    register, night = house.register, house.today
    homes: dict[tuple[str, str, str], list[str]] = {}
    for district in register.reporting(night):
        homes.setdefault(("district", district, register.name(district, night)), []).append(district)
        zone = register.zone(district, night)
        homes.setdefault(("zone", zone, zone), []).append(district)
        homes.setdefault(("city", CITY_CODE, CITY_NAME), []).append(district)
    for (level, code, name), districts in homes.items():
        yield Area(level, code, name, tuple(districts))
