"""Every figure whose SELECT follows from its summary's header, at all areas, in every period and for every key.

The header declares such a figure once, for table and trace alike. Here each is said once more in pandas, from what
docs/data-dictionary.md calls it and the comments of its summary say of it.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

import pandas as pd
import pytest

from district_reports.publish import Release
from district_reports.publish.lineage import COVERAGE
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from publish.measures import (
    Measured,
    View,
    compulsory,
    counted,
    everything,
    growth_of_large_classes,
    kindergartens,
    retained_rural,
    rural_public_toilets,
    schools,
    special,
    total,
)
from publish.random_reports import CODES, PERIODS, random_reports
from publish.reading import ALL, rows
from publish.test_commitments import areas, rounded

SEED = 20200704
"""Of the reports that the fixture ``release`` stands on."""
OPEN = ("未劝返", "劝返中")
Measure = Callable[[View], Measured]
Rate = tuple[str, str]
"""A figure in percent: the figures above and below the line."""


def of_status(*status: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda frame: frame["case_status"].isin(status)


CASES = {
    "open_count": of_status(*OPEN),
    "new_count": lambda f: f["discovered_on"].map(lambda day: f"{day:%Y-%m}") == f["period"],
    "returned_count": of_status("已返校"),
    "placed_count": of_status("已安置"),
    "written_off_count": of_status("已核销"),
    "poverty_count": lambda f: of_status(*OPEN)(f) & (f["reason"] == "因贫"),
}
FACILITIES: dict[str, Measure | Rate] = {
    "school_count": schools(everything),
    "class_count": schools(everything, "class_count"),
    "large_class_count": schools(everything, "large_class_count"),
    "oversize_class_count": schools(everything, "oversize_class_count"),
    "new_large_class_count": growth_of_large_classes(everything),
    "compulsory_large_class_count": schools(compulsory, "large_class_count"),
    "compulsory_oversize_class_count": schools(compulsory, "oversize_class_count"),
    "compulsory_new_large_class_count": growth_of_large_classes(compulsory),
    "retained_rural_school_count": schools(retained_rural),
    "retained_rural_fast_count": schools(lambda f: retained_rural(f) & (f["bandwidth_mbps"] >= 100)),
    "retained_rural_fast_rate": ("retained_rural_fast_count", "retained_rural_school_count"),
    "rural_dry_toilet_start_count": lambda view: (
        sum(rural_public_toilets(converted_only=each)(view)[0] for each in (True, False)),
        None,
    ),
    "rural_dry_toilet_converted_count": rural_public_toilets(converted_only=True),
    "rural_dry_toilet_left_count": rural_public_toilets(converted_only=False),
    "classroom_count": schools(everything, "classroom_count"),
    "lit_classroom_count": schools(everything, "lit_classroom_count"),
    "lit_classroom_rate": ("lit_classroom_count", "classroom_count"),
    "desk_count": schools(everything, "desk_count"),
    "fit_desk_count": schools(everything, "fit_desk_count"),
    "fit_desk_rate": ("fit_desk_count", "desk_count"),
    "inspected_school_count": schools(lambda f: f["inspected_on"].notna()),
    "inspected_school_rate": ("inspected_school_count", "school_count"),
    "resource_room_needed_count": schools(lambda f: f["inclusive_pupil_count"] > 4),
    "resource_room_lacking_count": schools(lambda f: (f["inclusive_pupil_count"] > 4) & (f["resource_room_count"] < 1)),
    "special_school_count": schools(special),
    "special_wireless_count": schools(lambda f: special(f) & (f["wireless"] == "全覆盖")),
    "special_wireless_rate": ("special_wireless_count", "special_school_count"),
    "special_learning_space_count": schools(lambda f: special(f) & (f["learning_space"] == "全覆盖")),
    "special_learning_space_rate": ("special_learning_space_count", "special_school_count"),
    "football_school_count": schools(lambda f: f["football_school"]),
    "football_school_passed_count": schools(lambda f: f["football_school"] & (f["football_inspection"] == "通过")),
    "counsellor_count": schools(everything, "counsellor_count"),
    "counsellor_school_count": schools(lambda f: f["counsellor_count"] >= 1),
    "counsellor_school_rate": ("counsellor_school_count", "school_count"),
}
KINDERGARTENS: dict[str, Measure | Rate] = {
    "kindergarten_count": kindergartens(everything),
    "place_count": kindergartens(everything, "place_count"),
    "child_count": kindergartens(everything, "child_count"),
    "public_child_count": kindergartens(lambda f: f["ownership"] == "公办", "child_count"),
    "inclusive_private_child_count": kindergartens(lambda f: f["ownership"] == "普惠性民办", "child_count"),
    "other_private_child_count": kindergartens(lambda f: f["ownership"] == "其他民办", "child_count"),
    "inclusive_child_count": kindergartens(lambda f: f["ownership"] != "其他民办", "child_count"),
    "inclusive_rate": ("inclusive_child_count", "child_count"),
    "new_public_kindergarten_count": kindergartens(lambda f: (f["ownership"] == "公办") & f["opened_this_year"]),
    "new_public_place_count": kindergartens(everything, "new_public_places"),
    "township_centre_count": kindergartens(lambda f: f["township_centre"]),
    "community_kindergarten_count": kindergartens(lambda f: f["community_kindergarten"] != "否"),
    "handed_over_count": kindergartens(lambda f: f["community_kindergarten"] == "已移交"),
    "not_handed_over_count": kindergartens(lambda f: f["community_kindergarten"] == "未移交"),
    "handed_over_rate": ("handed_over_count", "community_kindergarten_count"),
    "football_kindergarten_count": kindergartens(lambda f: f["football_kindergarten"]),
}
HEADCOUNT_OF = {
    ALL: "teacher_count",
    "师德师风": "teacher_count",
    "思政课教师全员通识": "ideology_teacher_count",
    "思政统编教材教法": "ideology_teacher_count",
    "乡村教师支持": "rural_teacher_count",
    "名校长骨干校长": "principal_count",
    "双师型教师": "dual_teacher_count",
    "教育信息化": "it_teacher_count",
    "法治教育": "backbone_teacher_count",
}
RATES_OF_TRAINING = {
    "pass_rate": ("passed_count", "assessed_count"),
    "coverage_rate": ("trained_count", "headcount"),
    "coverage_year_rate": ("trained_year_count", "headcount_year"),
}


def dropout_control(view: View, reason: str) -> dict[str, object]:
    def of_reason(choose: Callable[[pd.DataFrame], pd.Series]) -> Measure:
        return counted("dropout_case", lambda f: choose(f) & ((f["reason"] == reason) | (reason == ALL)))

    measured: dict[str, object] = {name: of_reason(choose)(view)[0] for name, choose in CASES.items()}
    enrolment = view.rows("compulsory_enrolment")
    for name in ("expected_enrolment", "actual_enrolment"):
        measured[name] = total(enrolment[name]) if reason == ALL else None
    return with_rates(measured, {"enrolment_rate": ("actual_enrolment", "expected_enrolment")})


def by_measures(measures: Mapping[str, Measure | Rate]) -> Callable[[View, str], dict[str, object]]:
    def computed(view: View, _key: str) -> dict[str, object]:
        plain = {name: each(view)[0] for name, each in measures.items() if not isinstance(each, tuple)}
        return with_rates(plain, {name: each for name, each in measures.items() if isinstance(each, tuple)})

    return computed


def teacher_training(view: View, category: str) -> dict[str, object]:
    def of_category(frame: pd.DataFrame) -> pd.DataFrame:
        return frame if category == ALL else frame[frame["training_category"] == category]

    records, column = of_category(view.rows("training_record")), HEADCOUNT_OF.get(category)
    teachers: set[str] = set()
    heads = 0
    for district in view.accepted:
        quarters = view.quarters_so_far(district)
        for quarter in quarters:
            teachers |= set(of_category(view.rows("training_record", quarter, [district]))["teacher_no"])
        named = [each for each in quarters if (view.form, each, district) not in view.reported.nil]
        if named and column:
            heads += int(view.rows("teacher_headcount", named[-1], [district])[column].sum())
    scores = records["score"].dropna()
    measured: dict[str, object] = {
        "training_count": len(records),
        "trained_count": records["teacher_no"].nunique(),
        "trained_year_count": len(teachers),
        "hours": total(records["hours"]),
        "assessed_count": int((records["result"] != "未考核").sum()),
        "passed_count": int(records["result"].isin(("优秀", "合格")).sum()),
        "scored_count": len(scores),
        "score_sum": total(scores),
        "mean_score": rounded(Fraction(total(scores)) / len(scores)) if len(scores) else None,
        "headcount": int(view.rows("teacher_headcount")[column].sum()) if column else None,
        "headcount_year": heads if column else None,
    }
    return with_rates(measured, RATES_OF_TRAINING)


def with_rates(measured: dict[str, object], rates: Mapping[str, Rate]) -> dict[str, object]:
    for name, (above, below) in rates.items():
        part, whole = measured[above], measured[below]
        measured[name] = rounded(Fraction(part) / Fraction(whole) * 100) if part is not None and whole else None
    return measured


TABLES = {
    "city_dropout_control": ("dropout_control", "reason", dropout_control),
    "city_facilities": ("facilities", None, by_measures(FACILITIES)),
    "city_kindergartens": ("facilities", None, by_measures(KINDERGARTENS)),
    "city_teacher_training": ("teacher_training", "training_category", teacher_training),
}


def test_these_tables_have_no_select_of_their_own() -> None:
    without = {
        path.stem
        for path in settings().summaries.glob("*.sql")
        if all(line.startswith("--") for line in path.read_text(encoding="utf-8").splitlines() if line)
    }
    assert set(TABLES) <= without


@pytest.mark.parametrize("table", TABLES)
def test_every_figure_is_what_pandas_makes_of_it(table: str, release: Release) -> None:
    form, key, computed = TABLES[table]
    (summary,) = (each for each in summaries(settings().summaries) if each.table == table)
    reported = random_reports(SEED)
    published = {(each["period"], each["area_code"], each[key] if key else ALL): each for each in rows(table)}
    wrong, compared = [], set()
    for period in PERIODS[form]:
        for (_, area), districts in areas().items():
            view = View(reported, form, period, districts)
            for value in (ALL, *(CODES[key] if key else ())):
                row = published.pop((period, area, value))
                expected = computed(view, value) if view.accepted else {}
                for name in set(summary.figures(row)) - set(COVERAGE):
                    compared.add(name)
                    if row[name] != expected.get(name):
                        wrong.append((period, area, value, name, row[name], expected.get(name)))
    assert not wrong, wrong[:5]
    assert published == {}
    assert compared == set(computed(view, ALL))
