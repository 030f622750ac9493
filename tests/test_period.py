"""Periods: their days, their neighbours, and the school year that they belong to."""

from datetime import date, timedelta

import pytest

from district_reports.model.period import Period


@pytest.mark.parametrize(
    ("text", "first", "last", "school_year"),
    [
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29), 2019),
        ("2020-08", date(2020, 8, 1), date(2020, 8, 31), 2019),
        ("2020-09", date(2020, 9, 1), date(2020, 9, 30), 2020),
        ("2020-12", date(2020, 12, 1), date(2020, 12, 31), 2020),
        ("2020-Q1", date(2020, 1, 1), date(2020, 3, 31), 2019),
        ("2020-Q3", date(2020, 7, 1), date(2020, 9, 30), 2020),
        ("2020-S1", date(2020, 2, 1), date(2020, 7, 31), 2019),
        ("2020-S2", date(2020, 8, 1), date(2021, 1, 31), 2020),
    ],
)
def test_a_period_has_its_days(text: str, first: date, last: date, school_year: int) -> None:
    period = Period.parse(text)
    assert (period.first_day, period.last_day, period.school_year) == (first, last, school_year)
    assert Period.containing(period.kind, first) == Period.containing(period.kind, last) == period
    assert period.previous().last_day == first - timedelta(days=1)
    assert period.following().first_day == last + timedelta(days=1)


@pytest.mark.parametrize(
    "text", ["", "2020", "2020-13", "2020-00", "2020-Q5", "2020-S3", "2020-5", "２０２０-05", "0020-05"]
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        Period.parse(text)
