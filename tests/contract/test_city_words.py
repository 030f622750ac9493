"""Every city table says in both languages what its columns are; a form of a city's own may leave it."""

import pytest

from district_reports.pages.city import tile_map
from district_reports.pages.city.columns import HEADER
from district_reports.publish.commitments import AREA_KEY
from district_reports.publish.lineage import COVERAGE, UNITS
from district_reports.publish.summary import Summary, summaries
from district_reports.reference.csv_files import read_files, read_table
from district_reports.reference.mergers import MERGERS
from district_reports.reference.register import Register
from district_reports.settings import settings

SUMMARIES = summaries(settings().summaries)


def columns_of(summary: Summary) -> set[str]:
    """Those of its own: every figure has an origin (test_lineage), and coverage has the same words everywhere."""
    return {*summary.key, *summary.origins} - {*AREA_KEY, *COVERAGE, *UNITS}


@pytest.mark.parametrize("summary", SUMMARIES, ids=lambda summary: summary.table)
def test_every_column_has_a_title_in_both_languages(summary: Summary) -> None:
    header, rows = read_table(read_files(settings().summaries), f"{summary.table}.csv")
    assert header == HEADER
    told = {cells[0]: dict(zip(HEADER, cells, strict=True)) for _, cells in rows}
    assert len(told) == len(rows), "a column stands there twice"
    assert {*told} - {summary.table} == columns_of(summary)
    for column, words in told.items():
        assert all((words["zh"], words["en"])), f"{column} has no title"
        assert bool(words["unit_zh"]) == bool(words["unit_en"]), f"{column} has its unit in one language"
        # A unit or a meaning that is a column's has to be one.
        for name in (words["named_by"], words["unit_zh"].strip("{}") if "{" in words["unit_zh"] else ""):
            assert not name or name in told


def test_every_district_has_a_place_on_the_map() -> None:
    register = Register.load(settings().reference)
    _, mergers = read_table(read_files(settings().reference), MERGERS)
    merged = {cells[1] for _, cells in mergers}
    assert {district.code for district in register.districts} - merged <= tile_map.places().keys()
