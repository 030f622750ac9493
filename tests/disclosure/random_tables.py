"""City tables of a random city, as those that disclosure control is asked to protect."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from disclosure.random_city import REASONS, City, Event, Shape
from district_reports.publish.disclosure.cells import Place, Table
from district_reports.publish.disclosure.declared import AREA, Bound, Factor, How, Parts, Protection, Term, Where

ALL, CITY = "全部", "全市"
COUNTED, PLEDGES, ROWS, TONIGHT = "city_counted", "city_pledges", "city_rows", "city_tonight"
SCHEMAS = ("city", "city_now")
_ALWAYS = Where()


@dataclass(frozen=True)
class Area:
    level: str
    code: str
    members: frozenset[str]


def tables_of(city: City, day: str) -> tuple[Table, ...]:
    """All tables of a release, in both boundaries."""
    found = []
    for schema in SCHEMAS:
        counted = _counted(city, schema)
        found += [counted, _pledges(city, schema, counted), _rows(city, schema), _tonight(city, schema, day)]
    return tuple(found)


def percent(part: int, whole: int) -> Decimal | None:
    """With two decimals, half up; below 100 it shows 99.99 at most."""
    if not whole:
        return None
    rounded = (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Decimal("99.99") if part < whole and rounded == 100 else rounded


def _areas(shape: Shape, schema: str, period: str) -> list[Area]:
    standing = shape.standing(shape.periods[-1] if schema == "city_now" else period)
    members = {district: {district} for district in standing}
    if schema == "city_now" and shape.merged is not None and period < shape.merged[2]:
        members[shape.merged[1]].add(shape.merged[0])
    zones: dict[str, set[str]] = {}
    for district, each in members.items():
        zones.setdefault(shape.zones[district], set()).update(each)
    return [
        *(Area("district", district, frozenset(each)) for district, each in members.items()),
        *(Area("zone", zone, frozenset(each)) for zone, each in sorted(zones.items())),
        Area("city", CITY, frozenset().union(*members.values())),
    ]


def _accepted(city: City, area: Area, period: str) -> list[str]:
    return [district for district in sorted(area.members) if (district, period) not in city.missing]


def _figures(events: Iterable[Event]) -> dict[str, int]:
    events = list(events)
    return {
        "open_count": len(events),
        **{f"reason_{reason}": sum(event.reason == reason for event in events) for reason in REASONS},
        "children": len({event.person for event in events}),
        "hardship": sum(event.hardship for event in events),
        "aided": sum(event.aided for event in events),
        "amount": sum(event.amount for event in events),
    }


def _counted(city: City, schema: str) -> Table:
    shape = city.shape
    names = tuple(f"part_{number}" for number in range(len(shape.breakdowns)))
    rows, members = [], []
    for period in shape.periods:
        for area in _areas(shape, schema, period):
            accepted = set(_accepted(city, area, period))
            reported = [event for event in city.events if event.district in accepted]
            for parts in shape.parts_of_rows():
                row: dict[str, Any] = {
                    "period": period,
                    "level": area.level,
                    "area_code": area.code,
                    **{name: value or ALL for name, value in zip(names, parts, strict=True)},
                    "districts_accepted": len(accepted),
                    "districts_expected": len(area.members),
                }
                inside = [event for event in reported if _is_in(event, parts)]
                rows.append({**row, **_row_figures(city, shape, inside, period, area, accepted)})
                members.append(area.members)
    return Table(
        name=COUNTED,
        schema=schema,
        key=("period", "level", "area_code", *names),
        protection=_counted_protection(names, shape),
        rows=tuple(rows),
        members=tuple(members),
        factors=tuple({"ceiling": shape.ceiling} for _ in rows),
    )


def _is_in(event: Event, parts: Sequence[str | None]) -> bool:
    return all(part in (None, value) for part, value in zip(parts, event.values, strict=True))


def _row_figures(
    city: City, shape: Shape, inside: Sequence[Event], period: str, area: Area, accepted: set[str]
) -> dict[str, Any]:
    figures = _figures(event for event in inside if event.period == period)
    since = [event for event in inside if event.period <= period and (event.district, event.period) not in city.missing]
    if not accepted:
        return dict.fromkeys((*figures, "since", "aided_rate", "mean_amount"))
    aided, amount = figures["aided"], figures["amount"]
    mean = (Decimal(amount) / aided).quantize(Decimal("0.01"), ROUND_HALF_UP) if aided else None
    return {
        **figures,
        "since": len(since),
        "aided_rate": percent(aided, figures["hardship"]),
        "mean_amount": mean,
    }


def _counted_protection(names: tuple[str, ...], shape: Shape) -> Protection:
    counts = ("open_count", *(f"reason_{reason}" for reason in REASONS), "hardship", "aided")
    over = (AREA, *names)
    bounds = [
        _bound((1, "open_count"), *((-1, f"reason_{reason}") for reason in REASONS), equal=True),
        _bound((1, "children"), (-1, "open_count")),
        _bound((1, "hardship"), (-1, "open_count")),
        _bound((1, "aided"), (-1, "hardship")),
        Bound((Term(1, "amount"), Term(-1, "aided", factor="ceiling")), False, _ALWAYS, "amount <= ceiling * aided"),
        Bound(
            (Term(1, "since"), Term(-1, "since", before=True), Term(-1, "open_count")),
            True,
            _ALWAYS,
            "since = before.since + open_count",
        ),
    ]
    return _protection(
        people=(*counts, "children", "since"),
        parts=(
            Parts(How.SUM, over, (*counts, "amount", "since")),
            Parts(How.DISTINCT, over, ("children",)),
        ),
        bounds=bounds,
        rests_on={"amount": "aided", "mean_amount": "aided"},
        ratios={"aided_rate": ("aided", "hardship")},
        follows={"aided_rate": ("aided", "hardship"), "mean_amount": ("amount", "aided")},
        factors={"ceiling": Factor("ceiling", "programmes", ())},
        alike=(("open_count", "children"),),
    )


_PLEDGES: Mapping[str, tuple[str, str | None]] = {
    "keep": ("open_count", None),
    "help": ("aided", "hardship"),
    "children": ("children", None),
}


def _pledges(city: City, schema: str, counted: Table) -> Table:
    """Figures of the table of counts once more, each a row of its own."""
    rows, members = [], []
    same_as: dict[tuple[int, str], Place] = {}
    for number, row in enumerate(counted.rows):
        if any(row[name] != ALL for name in counted.key[3:]):
            continue
        for pledge, (part, whole) in _PLEDGES.items():
            same_as[len(rows), "numerator"] = counted.place(number, part)
            if whole is not None:
                same_as[len(rows), "denominator"] = counted.place(number, whole)
            rows.append(
                {
                    **{name: row[name] for name in ("period", "level", "area_code")},
                    "pledge": pledge,
                    "numerator": row[part],
                    "denominator": row[whole] if whole else None,
                    "actual": percent(row[part], row[whole]) if whole and row[whole] is not None else row[part],
                }
            )
            members.append(counted.members[number])
    protection = _protection(
        people=("numerator", "denominator"), follows={"actual": ("numerator", "denominator")}, parts=(), bounds=()
    )
    return Table(
        PLEDGES, schema, ("period", "level", "area_code", "pledge"), protection, tuple(rows), tuple(members),
        same_as=same_as,
    )  # fmt: skip


def _rows(city: City, schema: str) -> Table:
    """How many rows the reports have: as many as there are events, of two reasons and of the others."""
    rows, members = [], []
    for period, area in _period_areas(city, schema):
        accepted = _accepted(city, area, period)
        events = [event for event in city.events if event.period == period and event.district in accepted]
        rows.append(
            {
                "period": period,
                "level": area.level,
                "area_code": area.code,
                "item_rows": len(events) if accepted else None,
                "other_rows": sum(event.reason != REASONS[0] for event in events) if accepted else None,
            }
        )
        members.append(area.members)
    everything = tuple((name, ALL) for name in (f"part_{number}" for number in range(len(city.shape.breakdowns))))
    counted = [Term(-1, f"reason_{reason}", table=COUNTED, keys=everything) for reason in REASONS]
    protection = _protection(
        people=("item_rows", "other_rows"),
        parts=(Parts(How.SUM, (AREA,), ("item_rows", "other_rows")),),
        bounds=(
            Bound((Term(1, "item_rows"), *counted), True, _ALWAYS, "item_rows = all reasons"),
            Bound((Term(1, "other_rows"), *counted[1:]), True, _ALWAYS, "other_rows = the other reasons"),
        ),
    )
    return Table(ROWS, schema, ("period", "level", "area_code"), protection, tuple(rows), tuple(members))


def _tonight(city: City, schema: str, day: str) -> Table:
    """What stands in the night itself: children of all periods, whose count of another night is about the same."""
    rows, members = [], []
    for area in _areas(city.shape, schema, city.shape.periods[-1]):
        everybody = [event for event in city.events if event.district in area.members]
        rows.append(
            {
                "period": day,
                "level": area.level,
                "area_code": area.code,
                "waiting": len({event.person for event in everybody if event.hardship}),
            }
        )
        members.append(area.members)
    protection = _protection(
        people=("waiting",), parts=(Parts(How.DISTINCT, (AREA,), ("waiting",)),), bounds=()
    )  # fmt: skip
    return Table(
        TONIGHT, schema, ("period", "level", "area_code"), protection, tuple(rows), tuple(members), nightly=True
    )


def _period_areas(city: City, schema: str) -> Iterator[tuple[str, Area]]:
    for period in city.shape.periods:
        for area in _areas(city.shape, schema, period):
            yield period, area


def _bound(*terms: tuple[int, str], equal: bool = False) -> Bound:
    said = " ".join(f"{factor:+d} {column}" for factor, column in terms)
    return Bound(tuple(Term(*term) for term in terms), equal, _ALWAYS, f"{said} {'=' if equal else '<='} 0")


def _protection(
    *,
    people: Sequence[str],
    parts: tuple[Parts, ...],
    bounds: Sequence[Bound],
    rests_on: Mapping[str, str] | None = None,
    ratios: Mapping[str, tuple[str, str]] | None = None,
    follows: Mapping[str, tuple[str, ...]] | None = None,
    factors: Mapping[str, Factor] | None = None,
    alike: tuple[tuple[str, ...], ...] = (),
) -> Protection:
    return Protection(
        people=dict.fromkeys(people, _ALWAYS),
        parts=parts,
        bounds=tuple(bounds),
        rests_on=rests_on or {},
        ratios=ratios or {},
        follows=follows or {},
        factors=factors or {},
        earlier={},
        alike=alike,
    )
