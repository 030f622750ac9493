"""Every commitment at all 16 areas and in every period, against pandas (measures.py) and the ten steps once more."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property

import pytest
from sqlalchemy import Engine

from district_reports.model.period import Period
from district_reports.publish import publish
from publish.measures import COMMITMENTS, COMPULSORY, DUE, NO_DATA, YEAR_BEGINS, Commitment, View
from publish.plan import change
from publish.random_reports import Reported, random_reports, reference
from publish.reading import CITY, rows

PERIODS = {
    "dropout_control": ("2020-10", "2020-11", "2020-12"),
    "facilities": ("2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4"),
    "student_aid": ("2019-S2", "2020-S1", "2020-S2"),
    "teacher_training": ("2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4"),
}
COMPLETE = ("2020-11", "2020-Q2", "2020-Q4", "2019-S2", "2020-S1")
DISTRICTS = {row["district_code"]: row["zone"] for row in reference("districts")}


def areas() -> dict[tuple[str, str], tuple[str, ...]]:
    """(level, area code) → its districts: 13, 2 zones and 全市."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, zone in DISTRICTS.items():
        for area in (("district", code), ("zone", zone), ("city", CITY)):
            found[area].append(code)
    return {area: tuple(districts) for area, districts in found.items()}


@dataclass(frozen=True)
class Unit:
    """A school or kindergarten of the register."""

    code: str
    school_type: str
    opened_on: date = date(2000, 9, 1)
    closed_on: date | None = None

    def owes(self, sheet: str, day: date) -> bool:
        kindergarten = self.school_type == "幼儿园"
        of_sheet = {
            "school_facility": not kindergarten,
            "kindergarten_facility": kindergarten,
            "teacher_headcount": not kindergarten,
            "compulsory_enrolment": self.school_type in COMPULSORY,
        }
        return of_sheet[sheet] and self.opened_on <= day and (self.closed_on is None or day < self.closed_on)


def register_of(reported: Reported) -> list[Unit]:
    """Schools that report in each complete quarter, and two that never do: one opens late, one closes early."""
    units = []
    for table, numbers in (("school_facility", range(3)), ("kindergarten_facility", range(20, 30))):
        frame = reported.frames[table]
        of_quarter = [set(frame.loc[frame["period"] == quarter, "school_code"]) for quarter in ("2020-Q2", "2020-Q4")]
        types = {0: "小学", 1: "初中", 2: "普通高中"}
        units += [
            Unit(f"{district}{number:04d}", types.get(number, "幼儿园"))
            for district in DISTRICTS
            for number in numbers
            if all(f"{district}{number:04d}" in codes for codes in of_quarter)
        ]
    late, early = (
        Unit("2102240050", "小学", opened_on=date(2020, 12, 31)),
        Unit("2102130050", "初中", closed_on=date(2020, 6, 30)),
    )
    return [*units, late, early]


def load_register(units: list[Unit]) -> None:
    listed = [
        f"('{unit.code}', '学校', '{unit.code[:6]}', '{unit.school_type}', '城区', '公办', '{unit.opened_on}', "
        + (f"'{unit.closed_on}')" if unit.closed_on else "NULL)")
        for unit in units
    ]
    change("schools", f"DELETE FROM reference.schools; INSERT INTO reference.schools VALUES {', '.join(listed)}")


@dataclass(frozen=True)
class Standing:
    """A commitment in an area and a period."""

    commitment: Commitment
    level: str
    view: View
    units: list[Unit]

    @property
    def last_day(self) -> date:
        return Period.parse(self.view.period).last_day

    @cached_property
    def measured(self) -> tuple[Fraction | int | None, Fraction | int | None]:
        return self.commitment.measure(self.view) if self.view.accepted else NO_DATA

    @cached_property
    def value(self) -> Fraction | None:
        numerator, denominator = self.measured
        if numerator is None or denominator == 0:
            return None
        if denominator is None:
            return Fraction(numerator)
        return Fraction(numerator) / denominator * (100 if self.commitment.unit == "%" else 1)

    @cached_property
    def coverage(self) -> tuple[int | None, int | None]:
        """Units reported and expected; None for a form without a row a school."""
        if not self.commitment.owed:
            return None, None
        reported = expected = 0
        for sheet in self.commitment.owed:
            owed = {
                unit.code
                for unit in self.units
                if unit.code[:6] in self.view.districts and unit.owes(sheet, self.last_day)
            }
            expected += len(owed)
            reported += len(owed & set(self.view.rows(sheet)["school_code"]))
        return reported, expected

    @property
    def complete(self) -> bool:
        reported, expected = self.coverage
        return len(self.view.accepted) == len(self.view.districts) and reported == expected

    @property
    def target(self) -> int | None:
        return self.commitment.target if self.commitment.applies(self.level) else None


def status(now: Standing, baseline: tuple[Fraction, date] | None) -> str | None:
    """The first of the ten steps of docs/contract.md that holds. `baseline`: with the day on which its line begins."""
    if not now.view.accepted:
        return "待报"
    if now.measured[1] == 0:
        return "不适用"
    if now.value is None:
        return "无上期"
    if now.target is None:
        return None
    word = judged(now, baseline, now.value, now.target)
    counted_up = now.measured[1] is None and now.commitment.kind in ("raise", "keep_at_least")
    if not now.complete and (word in ("已达成", "正常推进") or (word == "滞后" and counted_up)):
        return "数据不全"
    return word


def judged(now: Standing, baseline: tuple[Fraction, date] | None, value: Fraction, target: int) -> str:
    kind, is_due = now.commitment.kind, now.last_day >= DUE
    left = value - target if kind in ("lower", "keep_at_most") else target - value
    if kind.startswith("keep"):
        return "滞后" if left > 0 else "已达成" if is_due else "正常推进"
    if left <= 0:
        return "已达成"
    if is_due:
        return "滞后"
    if baseline is None:
        return "未达标（无基期）"
    begun_with, begun_on = baseline
    elapsed = Fraction(max((now.last_day - begun_on).days, 0), (DUE - begun_on).days)
    return "滞后" if left > abs(target - begun_with) * (1 - elapsed) else "正常推进"


def expected(reported: Reported, units: list[Unit]) -> dict[tuple[str, str, str], tuple]:
    """(commitment, period, area) → the figures in the order of NAMES."""
    found = {}
    for name, commitment in COMMITMENTS.items():
        for (level, area), districts in areas().items():
            first: Standing | None = None
            for period in PERIODS[commitment.form]:
                now = Standing(commitment, level, View(reported, commitment.form, period, districts), units)
                if first is None and now.complete and Period.parse(period).first_day.year == DUE.year:
                    first = now
                found[name, period, area] = told(now, first)
    return found


NAMES = [
    *("numerator", "denominator", "actual", "status", "target", "kind"),
    *("units_reported", "units_expected", "baseline", "baseline_kind", "baseline_period"),
]


def told(now: Standing, first: Standing | None) -> tuple:
    commitment = now.commitment
    plans = commitment.baseline_at(now.level)
    line: tuple[Fraction, date] | None = None
    baseline: tuple = (None, "none", None)
    if plans is not None:
        line, baseline = (Fraction(plans), YEAR_BEGINS), (plans, "plan", None)
    elif now.target is not None and not commitment.kind.startswith("keep"):
        baseline = (None, "first_report", None)
        if first is not None:
            line = None if first.value is None else (first.value, first.last_day)
            baseline = (rounded(first.value, commitment.unit), "first_report", first.view.period)
    return (
        *now.measured,
        rounded(now.value, commitment.unit),
        status(now, line),
        now.target,
        commitment.kind,
        *now.coverage,
        *baseline,
    )


def rounded(value: Fraction | None, unit: str = "") -> Decimal | None:
    if value is None:
        return None
    shown = (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return min(shown, Decimal("99.99")) if unit == "%" and value < 100 else shown


def test_every_commitment_of_the_file_has_a_computation_of_its_own_and_the_other_way_round() -> None:
    listed = {row["commitment"]: (int(row["item"]), row["form"], row["unit"]) for row in reference("commitments")}
    assert listed == {name: (each.item, each.form, each.unit) for name, each in COMMITMENTS.items()}


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_every_commitment_is_what_pandas_makes_of_it(loader: Engine, seed: int) -> None:
    reported = random_reports(seed, PERIODS, COMPLETE)
    units = register_of(reported)
    load_register(units)
    reported.submit(loader)
    publish()
    published = {
        (row["commitment"], row["period"], row["area_code"]): tuple(row[name] for name in NAMES)
        for row in rows("city_commitments")
    }
    computed = expected(reported, units)
    assert published.keys() == computed.keys()
    wrong = {key: (published[key], computed[key]) for key in computed if published[key] != computed[key]}
    assert not wrong, list(wrong.items())[:5]
    # The comparison is worth something: each status occurs, and so does every commitment with a figure.
    assert {figures[3] for figures in computed.values()} == {
        *("待报", "不适用", "无上期", None, "数据不全", "已达成", "滞后", "未达标（无基期）", "正常推进")
    }
    assert {name for (name, *_), figures in computed.items() if figures[2]} == set(COMMITMENTS)
    assert {figures[9:] for (*_, area), figures in computed.items() if area == CITY} >= {
        ("none", None),
        ("plan", None),
        *(("first_report", period) for period in ("2020-Q2", "2020-S1", None)),
    }


def test_the_wording_and_the_due_date_come_from_the_file(loader: Engine) -> None:
    random_reports(1).submit(loader)
    publish()
    published = {row["commitment"]: (row["wording"], row["due"]) for row in rows("city_commitments")}
    dues = {row["commitment"]: (row["wording"], row["due"]) for row in reference("commitments")}
    assert published == {
        name: (wording, date.fromisoformat(due) if due else None) for name, (wording, due) in dues.items()
    }
