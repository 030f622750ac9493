"""What a commitment takes over from other rows is followed there: figure, units, a baseline of an earlier period."""

import pytest
from sqlalchemy import Engine

from altered import altered
from district_reports.database.engine import engine
from district_reports.publish import publish
from district_reports.publish.trace import Trace, trace
from district_reports.publish.trace_report import as_text
from district_reports.publish.traced_cell import Cause
from publish.plan import BOTH, Q1, Q2, Q3, facilities, register
from publish.reading import CITY
from publish.records import hardship
from submitted import JINPU, ZHONGSHAN, report, submit


def traced(column: str, commitment: str, area: str = CITY, period: str = Q2) -> Trace:
    with engine("publisher").connect() as connection:
        key = {"commitment": commitment}
        return trace(connection, "city_commitments", column, period=period, area=area, key=key)


def under(found: Trace, column: str) -> Trace:
    """The first figure of that name below, at whatever depth."""
    return next(each for each in below(found) if each.column == column)


def below(found: Trace) -> list[Trace]:
    return [each for made_of in found.inputs for each in (made_of, *below(made_of))]


def test_a_baseline_of_a_first_report_is_followed_to_the_rows_of_that_report(two_districts: Engine) -> None:
    for period, rooms in ((Q1, 10), (Q2, 12)):
        facilities(two_districts, *BOTH, period=period, lit_classroom_count=rooms)
    publish()
    found = traced("baseline", "classroom_lighting")
    assert (found.value, found.verified, found.agrees) == (50, True, True)
    (then,) = found.inputs
    assert (then.column, then.period, then.value) == ("actual", Q1, 50)
    rooms = under(then, "lit_classroom_count")
    assert {(part.file and part.file.file_name, part.value) for part in rooms.parts} == {
        (f"{district} {Q1}.xlsx", 10) for district in BOTH
    }
    altered("UPDATE city.city_commitments SET baseline = 51 WHERE period = '2020-Q2'")
    changed = traced("baseline", "classroom_lighting")
    assert (changed.agrees, changed.recomputed) == (False, 50)


@pytest.mark.parametrize(
    ("commitment", "value", "cause", "words"),
    [
        ("large_classes", 147, None, "reference commitments"),
        (
            "classroom_lighting",
            None,
            Cause.EARLIER,
            "no earlier period of city_commitments is named to take actual from",
        ),
        ("football_schools", None, Cause.EARLIER, "the reference data have no value"),
    ],
)
def test_a_baseline_that_no_period_gave(
    two_districts: Engine, commitment: str, value: int | None, cause: Cause | None, words: str
) -> None:
    facilities(two_districts, ZHONGSHAN)
    publish()
    found = traced("baseline", commitment)
    assert (found.value, found.because and found.because.cause, found.inputs) == (value, cause, ())
    assert words in as_text(found, 10)


def test_a_first_report_that_had_nothing_to_measure_says_so(two_districts: Engine) -> None:
    facilities(two_districts, *BOTH)
    publish()
    found = traced("baseline", "special_school_wireless")
    assert (found.value, found.because and found.because.cause) == (None, Cause.EARLIER)


def test_units_of_several_tables_are_added_up(two_districts: Engine) -> None:
    register(f"{ZHONGSHAN}0001")
    register(f"{ZHONGSHAN}0002", school_type="幼儿园")
    register(f"{JINPU}0009", JINPU, school_type="幼儿园")
    facilities(two_districts, ZHONGSHAN)
    sheets = {"hardship_student": [hardship(1)], "aid_payment": []}
    submit(two_districts, "aid", report("student_aid", sheets, district=ZHONGSHAN, period="2020-S1"))
    publish()
    found = traced("units_expected", "dry_toilets_left")
    assert (found.value, found.verified, found.agrees) == (3, True, True)
    assert [(each.table, each.value) for each in found.inputs] == [("city_facilities", 1), ("city_kindergartens", 2)]
    without = traced("units_expected", "compulsory_aid_coverage", period="2020-S1")
    assert (without.value, without.because and without.because.cause) == (None, Cause.UNMEASURED)


def test_a_period_for_which_nobody_reported_has_no_row_to_follow(two_districts: Engine) -> None:
    for period in (Q1, Q3):
        facilities(two_districts, *BOTH, period=period)
    publish()
    found = traced("status", "large_classes", period=Q2)
    assert found.value == "待报"
    numerator = under(found, "numerator")
    assert (numerator.value, numerator.because and numerator.because.cause) == (None, Cause.UNREPORTED)
    assert all(each.agrees for each in below(found))
