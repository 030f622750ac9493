"""Every commitment at all 16 areas and in every period, against pandas (measures.py)."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from sqlalchemy import Engine

from district_reports.model.period import Period
from district_reports.publish import publish
from publish.measures import COMMITMENTS, DUE, NO_DATA, YEAR_BEGINS, Commitment, View
from publish.random_reports import PERIODS, Reported, random_reports, reference
from publish.reading import CITY, rows

DISTRICTS = {row["district_code"]: row["zone"] for row in reference("districts")}


def areas() -> dict[tuple[str, str], tuple[str, ...]]:
    """(level, area code) → its districts: 13, 2 zones and 全市."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, zone in DISTRICTS.items():
        for area in (("district", code), ("zone", zone), ("city", CITY)):
            found[area].append(code)
    return {area: tuple(districts) for area, districts in found.items()}


def actual(commitment: Commitment, numerator: Fraction | None, denominator: Fraction | None) -> Fraction | None:
    if numerator is None or denominator == 0:
        return None
    if denominator is None:
        return Fraction(numerator)
    return Fraction(numerator) / denominator * (100 if commitment.unit == "%" else 1)


def status(commitment: Commitment, level: str, value: Fraction | None, day: date) -> str | None:
    """docs/contract.md, "City tables": 滞后 is behind the straight line from the baseline to the target."""
    if value is None:
        return "无数据"
    if commitment.target is None or not commitment.applies(level):
        return None
    left = value - commitment.target if commitment.downwards else commitment.target - value
    if left <= 0:
        return "已达成"
    if day >= DUE:
        return "滞后"
    begun_with = commitment.baseline_at(level)
    if begun_with is None:
        return "推进中"
    elapsed = Fraction(max((day - YEAR_BEGINS).days, 0), (DUE - YEAR_BEGINS).days)
    return "滞后" if left > abs(commitment.target - begun_with) * (1 - elapsed) else "推进中"


def expected(reported: Reported) -> dict[tuple[str, str, str], tuple]:
    """(commitment, period, area) → numerator, denominator, actual, status, baseline, target."""
    found = {}
    for name, commitment in COMMITMENTS.items():
        for period in PERIODS[commitment.form]:
            for (level, area), districts in areas().items():
                view = View(reported, commitment.form, period, districts)
                numerator, denominator = commitment.measure(view) if view.accepted else NO_DATA
                value = actual(commitment, numerator, denominator)
                found[name, period, area] = (
                    numerator,
                    denominator,
                    rounded(value),
                    status(commitment, level, value, Period.parse(period).last_day),
                    commitment.baseline_at(level),
                    commitment.target if commitment.applies(level) else None,
                )
    return found


def rounded(value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    return (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_every_commitment_of_the_file_has_a_computation_of_its_own_and_the_other_way_round() -> None:
    listed = {row["commitment"]: (int(row["item"]), row["form"], row["unit"]) for row in reference("commitments")}
    assert listed == {name: (each.item, each.form, each.unit) for name, each in COMMITMENTS.items()}


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_every_commitment_is_what_pandas_makes_of_it(loader: Engine, seed: int) -> None:
    reported = random_reports(seed)
    reported.submit(loader)
    publish()
    names = ("numerator", "denominator", "actual", "status", "baseline", "target")
    published = {
        (row["commitment"], row["period"], row["area_code"]): tuple(row[name] for name in names)
        for row in rows("city_commitments")
    }
    computed = expected(reported)
    assert published.keys() == computed.keys()
    wrong = {key: (published[key], computed[key]) for key in computed if published[key] != computed[key]}
    assert not wrong, list(wrong.items())[:5]
    # The comparison is worth something: each status occurs, and so does every commitment with a figure.
    assert {figures[3] for figures in computed.values()} == {"已达成", "推进中", "滞后", "无数据", None}
    assert {name for (name, *_), figures in computed.items() if figures[2]} == set(COMMITMENTS)


def test_the_wording_and_the_due_date_come_from_the_file(loader: Engine) -> None:
    random_reports(1).submit(loader)
    publish()
    published = {row["commitment"]: (row["wording"], row["due"]) for row in rows("city_commitments")}
    dues = {row["commitment"]: (row["wording"], row["due"]) for row in reference("commitments")}
    assert published == {
        name: (wording, date.fromisoformat(due) if due else None) for name, (wording, due) in dues.items()
    }
