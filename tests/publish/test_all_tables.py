"""What holds for every city table, those to come included: each area in each period, and columns that add up."""

from collections import Counter, defaultdict

import pytest

from district_reports.publish import Release
from district_reports.publish.commitments import AREA_KEY
from district_reports.publish.summary import Summary, summaries
from district_reports.settings import Settings
from publish.random_reports import PERIODS
from publish.reading import rows

LEVELS = {"district": 13, "zone": 2, "city": 1}


@pytest.fixture
def published(release: Release, tmp_settings: Settings) -> list[Summary]:
    """The summaries behind a release of random reports."""
    return summaries(tmp_settings.summaries)


def breakdown(summary: Summary, row: dict) -> tuple:
    return tuple(row[name] for name in summary.key if name not in AREA_KEY)


def test_every_period_has_every_area_in_every_breakdown(published: list[Summary]) -> None:
    for summary in published:
        levels: dict[tuple, Counter] = defaultdict(Counter)
        of_period: dict[str, set[tuple]] = defaultdict(set)
        for row in rows(summary.table):
            levels[row["period"], *breakdown(summary, row)][row["level"]] += 1
            of_period[row["period"]].add(breakdown(summary, row))
        assert all(found == LEVELS for found in levels.values()), summary.table
        if summary.nightly:
            assert len(of_period) == 1, summary.table
            continue
        reported = [periods for form, periods in PERIODS.items() if summary.form in (form, None)]
        assert set(of_period) == {period for periods in reported for period in periods}, summary.table
        for first, second in reported:
            assert of_period[first] == of_period[second], summary.table


def test_additive_columns_add_up_from_the_districts(published: list[Summary]) -> None:
    for summary in published:
        sums: dict[tuple, dict[str, object]] = defaultdict(dict)
        for row in rows(summary.table):
            for name in summary.additive:
                of_level = sums[row["period"], *breakdown(summary, row), name]
                of_level[row["level"]] = added(of_level.get(row["level"]), row[name])
        for key, levels in sums.items():
            assert levels["district"] == levels["zone"] == levels["city"], f"{summary.table}: {key} {levels}"
        for name in summary.additive:
            assert any(levels["city"] for key, levels in sums.items() if key[-1] == name), (
                f"{summary.table}.{name} is 0"
            )


def added(one: object, other: object) -> object:
    """The sum of what there is; None where nothing is."""
    return one if other is None else other if one is None else one + other


def test_where_no_district_reported_there_are_no_figures(published: list[Summary]) -> None:
    for summary in published:
        if summary.table != "city_submissions":
            for row in rows(summary.table, districts_accepted=0):
                figures = [row[name] for name in (*summary.additive, *summary.counts_of_people)]
                assert figures == [None] * len(figures), f"{summary.table}: {row}"
        # Of all periods together, every district has reported something.
        assert summary.nightly or rows(summary.table, districts_accepted=0), summary.table


def test_coverage_is_of_the_districts_of_the_area(published: list[Summary]) -> None:
    expected = {"district": 1, "市内五区": 5, "涉农地区": 8, "全市": 13}
    for summary in published:
        for row in rows(summary.table):
            assert row["districts_expected"] == expected.get(row["area_code"], 1)
            assert float(row["coverage"]) == round(100 * row["districts_accepted"] / row["districts_expected"], 2)


def test_nothing_personal_is_published(published: list[Summary]) -> None:
    for summary in published:
        written = " ".join(str(value) for row in rows(summary.table) for value in row.values())
        assert not [
            word for word in ("张小", "王老师", "21020220100", "v1:", "王会计", "0411", "T1") if word in written
        ]
