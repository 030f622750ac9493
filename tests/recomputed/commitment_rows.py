"""The rows of `city_commitments`, from the other tables recomputed."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from recomputed.areas import Area, areas, districts_coverage
from recomputed.commitments import Baseline, Commitment, Measured, actual_of, baseline_of, pace, status
from recomputed.figures_submissions import listed_periods
from recomputed.house import House
from recomputed.periods import Period
from recomputed.published import KEYS, Key, Table

UnitsOf = Callable[[str, Period, Area], Mapping[str, object]]
"""Units of a table, as the table itself tells them; nothing of a table without."""


def commitment_rows(
    house: House, boundary: str, tables: Mapping[str, Table], units_of: UnitsOf
) -> Iterator[tuple[Key, dict[str, object]]]:
    periods = listed_periods(house)
    for row in house.register.rows("commitments"):
        commitment = Commitment(row)
        history: dict[tuple[str, str], list[Measured]] = {}
        for period in periods[row["form"]]:
            if not commitment.is_asked_in(period):
                continue
            for area in areas(house, period, boundary):
                coverage = _coverage(house, commitment, period, area, units_of)
                now = _measured(commitment, period, area, coverage, tables)
                past = history.setdefault((area.level, area.code), [])
                past.append(now)
                year = [one for one in past if commitment.due and one.period.year == commitment.due.year]
                baseline = baseline_of(commitment, area.level, year)
                key = (period.text, area.level, area.code, row["commitment"])
                yield key, {**coverage, **_shown(commitment, area, now, baseline)}


def _shown(commitment: Commitment, area: Area, now: Measured, baseline: Baseline) -> dict[str, object]:
    has_target = commitment.has("target_levels", area.level)
    return {
        "item": int(commitment.row["item"]),
        "wording": commitment.row["wording"],
        "unit": commitment.row["unit"],
        "kind": commitment.row["kind"],
        "baseline": baseline.value,
        "baseline_kind": baseline.kind,
        "baseline_period": baseline.period.text if baseline.period else None,
        "target": commitment.target if has_target else None,
        "due": commitment.due,
        "actual": now.actual,
        "pace": pace(commitment, area.level, now.period, baseline),
        "numerator": now.numerator,
        "denominator": now.denominator,
        "status": status(commitment, area.level, now, baseline),
    }


def _row(commitment: Commitment, table: str, period: Period, area: Area, rows: Table) -> Mapping[str, object]:
    """The row of a table that the figure stands in: all of what the commitment does not name."""
    told = commitment.breakdown if table == commitment.row["table_name"] else {}
    return rows.get((period.text, area.level, area.code, *(told.get(name, "全部") for name in KEYS.get(table, ()))), {})


def _coverage(house: House, commitment: Commitment, period: Period, area: Area, units_of: UnitsOf) -> dict[str, object]:
    """Districts of the form, and units of the sheets that the figure rests on; None where it rests on no such sheet."""
    found: dict[str, object] = districts_coverage(house, commitment.row["form"], period, area)
    names = (commitment.row["units_of"] or commitment.row["table_name"]).split(";")
    parts = [part for name in names if (part := units_of(name, period, area))]
    for column in ("units_reported", "units_expected"):
        found[column] = sum(part[column] for part in parts) if parts else None
    return found


def _measured(
    commitment: Commitment, period: Period, area: Area, coverage: Mapping[str, object], tables: Mapping[str, Table]
) -> Measured:
    name = commitment.row["table_name"]
    row = _row(commitment, name, period, area, tables[name])

    def value(column: str) -> Decimal | None:
        found = row.get(commitment.row[column])
        return None if found is None else Decimal(str(found))

    numerator, denominator = value("numerator_column"), value("denominator_column")
    complete = coverage["districts_accepted"] == coverage["districts_expected"]
    if coverage["units_expected"] is not None:
        complete = complete and coverage["units_reported"] == coverage["units_expected"]
    accepted = coverage["districts_accepted"]
    assert isinstance(accepted, int)
    return Measured(period, numerator, denominator, actual_of(commitment, numerator, denominator), accepted, complete)
