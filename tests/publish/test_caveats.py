"""What is said beside a figure: what holds for it, and nothing else."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from district_reports.publish.caveats import Caveats
from district_reports.publish.definitions import Definitions, Level
from district_reports.reference.register import Register
from district_reports.settings import load_settings

SETTINGS = load_settings({})
REGISTER = Register.load(SETTINGS.reference)
KNOWN = {language: Definitions(SETTINGS.summaries, REGISTER, language) for language in ("zh", "en")}
CITY = {"period": "2020-Q2", "level": "city", "area_code": "全市", "area_name": "全市"}
KEYS = dict.fromkeys(("form", "reason", "dropout_kind", "registered_poor", "training_category"), "全部")
COMPLETE = {"districts_accepted": 13, "districts_expected": 13}


def said(table: str, column: str, row: Mapping[str, Any], find: Callable[..., Any] = lambda *_: None) -> list[str]:
    caveats = Caveats(KNOWN["zh"], find).beside(table, column, {**CITY, **KEYS, **COMPLETE, **row})
    return [caveat.text.split("，")[0] for caveat in caveats]


def test_a_caveat_that_names_a_column_holds_where_the_row_has_something_there():
    compared = {"compulsory_new_large_class_count": 4, "compulsory_uncompared_school_count": 3}
    column, always = "compulsory_new_large_class_count", "完全中学和十二年一贯制学校整校计入义务教育"
    assert said("city_facilities", column, compared) == [always, "在上一份报表中没有数据的学校未参与比较：3 所"]
    for none in (0, None):
        assert said("city_facilities", column, {**compared, "compulsory_uncompared_school_count": none}) == [always]
    assert "3 所" not in " ".join(said("city_facilities", "class_count", {**compared, "class_count": 9}))


def test_missing_districts_are_said_of_every_figure_but_of_coverage():
    row = {"class_count": 5, "districts_accepted": 5, "districts_expected": 13, "coverage": 38.46}
    assert said("city_facilities", "class_count", row) == ["只含 5/13 个区县"]
    assert said("city_facilities", "class_count", {"class_count": 5}) == []
    assert said("city_facilities", "districts_accepted", row) == said("city_facilities", "coverage", row) == []
    # Where none is accepted there is nothing that they would be missing from.
    awaited = {"commitment": "fit_desks", "status": "待报", "districts_accepted": 0}
    assert said("city_commitments", "status", awaited) == []
    assert said("city_submissions", "rows_read", {**row, "rows_read": 0, "districts_accepted": 0}) == []
    # What counts reports is whole without them, and what counts their rows is not.
    came = {**row, "received": 5, "rows_read": 70}
    assert said("city_submissions", "received", came) == []
    assert said("city_submissions", "rows_read", came)[0] == "只含 5/13 个区县"


@pytest.mark.parametrize(
    ("table", "of_units", "others", "expected"),
    [
        ("city_dropout_control", "actual_enrolment", "returned_count", "只含 30/32 所学校"),
        ("city_teacher_training", "headcount", "hours", "只含 30/32 所学校"),
        ("city_kindergartens", "place_count", None, "只含 30/32 所幼儿园"),
    ],
)
def test_missing_units_are_said_of_what_rests_on_their_sheet(table, of_units, others, expected):
    row = {of_units: 7, others: 7, "units_reported": 30, "units_expected": 32}
    assert expected in said(table, of_units, row)
    assert others is None or expected not in said(table, others, row)


def test_a_figure_that_compares_says_when_there_is_nothing_to_compare_with():
    assert said("city_facilities", "compulsory_new_large_class_count", {"compulsory_new_large_class_count": None}) == [
        "没有更早的报表可以比较"
    ]
    # Missing for other reasons.
    assert said("city_facilities", "lit_classroom_rate", {"lit_classroom_rate": None}) == []
    nothing = {"compulsory_new_large_class_count": None, "districts_accepted": 0}
    assert said("city_facilities", "compulsory_new_large_class_count", nothing) == []


def test_a_first_report_that_is_its_own_baseline_says_so():
    row = {"commitment": "fit_desks", "status": "正常推进", "baseline": 90, "baseline_period": "2020-Q2"}
    assert "本期就是基期值所在的一期" in said("city_commitments", "status", row)
    assert "本期就是基期值所在的一期" not in said("city_commitments", "status", {**row, "baseline_period": "2020-Q1"})


def test_a_commitment_has_the_caveats_of_the_row_that_it_measures():
    asked = []

    def find(table: str, key: Mapping[str, str]) -> Mapping[str, Any]:
        asked.append((table, dict(key)))
        return {"compulsory_uncompared_school_count": 2, "compulsory_uncompared_school_year_count": 2}

    row = {"commitment": "new_large_classes", "numerator": 0, "actual": 0}
    told = said("city_commitments", "actual", row, find)
    assert [each for each in told if each.endswith("未参与比较：2 所")]
    assert "完全中学和十二年一贯制学校整校计入义务教育" in told
    assert asked == [("city_facilities", {name: CITY[name] for name in ("period", "level", "area_code")})]
    assert said("city_commitments", "actual", {"commitment": "fit_desks", "actual": 1}) == [
        *(each.split("，")[0] for each in _own("fit_desks")),
        "由学校、幼儿园自行填报",
    ]


def _own(commitment: str) -> list[str]:
    row = next(row for row in REGISTER.rows("commitments") if row["commitment"] == commitment)
    return row["caveat"].split("|")


def test_a_row_names_the_figures_for_which_a_caveat_holds_where_they_are_few():
    row = {**CITY, **COMPLETE, "districts_accepted": 12, "class_count": 9, "school_count": 2, "desk_count": 4}
    row |= {"new_large_class_count": None}
    told = Caveats(KNOWN["en"], lambda *_: None).of_row("city_facilities", [*row], row)
    assert told == [
        ((), "Districts: only 12 of 13"),
        (("new_large_class_count",), "There is no earlier report to compare with, so there is no figure"),
    ]


def test_a_card_is_derived_from_the_declared_origin():
    known = KNOWN["en"]
    rate = known.card("city_kindergartens", "inclusive_rate")
    assert rate.numerator is not None
    assert rate.denominator is not None
    assert (rate.numerator.column, rate.denominator.column) == ("inclusive_child_count", "child_count")
    assert (rate.level, known.card("city_kindergartens", "child_count").level) == (Level.COMPUTED, Level.ADDS_UP)
    score = known.card("city_teacher_training", "mean_score")
    assert score.numerator is not None
    assert score.denominator is not None
    assert (score.numerator.column, score.denominator.column) == ("score_sum", "scored_count")
    aided = known.card("city_student_aid", "aided_student_count")
    assert aided.breakdown == ("Stage", "Programme")
    assert known.card("city_student_aid", "hardship_student_count").breakdown == ("Stage",)
    assert known.card("city_student_aid", "aid_coverage_rate").breakdown == ("Stage",)
    assert known.card("city_teacher_training", "headcount").breakdown == ("Training category",)
    assert known.card("city_facilities", "class_count").breakdown == ()
    assert known.card("city_facilities", "new_large_class_count").caveats == (
        "Schools without a row in the report before, and not compared",
    )
    coverage = known.commitments["compulsory_aid_coverage"]
    assert coverage.chosen == (("Stage", "All"), ("Programme", "All"))
