"""What a table shows first, and what it tells per 1,000 of another figure."""

from decimal import Decimal

import pytest

from district_reports.errors import SystemFault
from district_reports.publish.first_measures import PerThousand
from district_reports.publish.summary import summaries
from district_reports.settings import settings

HEADER = """-- form: facilities
-- key: period, level, area_code
-- counts of people: none
-- additive: class_count
-- trace class_count: sum(class_count) of school_facility
"""


def test_a_count_per_thousand_is_missing_where_one_of_the_two_is():
    counted = PerThousand("open_count", "expected_enrolment")
    assert counted.value({"open_count": 15, "expected_enrolment": 41_767}) == Decimal("0.36")
    for row in ({"open_count": None, "expected_enrolment": 5}, {"open_count": 5, "expected_enrolment": 0}, {}):
        assert counted.value(row) is None


@pytest.mark.parametrize(
    "line",
    [
        "-- first: nowhere",
        "-- per 1,000 relative: class_count",
        "-- per 1,000 relative: class_count of nowhere",
        "-- per 1,000 class_count: class_count of class_count",
    ],
)
def test_a_header_that_names_no_column_is_refused(tmp_path, line):
    (tmp_path / "city_classes.sql").write_text(f"{HEADER}{line}\n", encoding="utf-8")
    with pytest.raises(SystemFault, match=r"city_classes\.sql"):
        summaries(tmp_path)


def test_every_table_of_ours_says_what_it_shows_first():
    assert [each.table for each in summaries(settings().summaries) if not each.first] == []
