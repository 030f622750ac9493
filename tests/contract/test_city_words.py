"""Every city table says in both languages what its columns are and mean; a form of a city's own may leave it."""

import pytest

from contract.test_texts import HALF_WIDTH, spoken
from district_reports.publish import tile_map
from district_reports.publish.column_words import COMMON, HEADER, parted
from district_reports.publish.commitments import AREA_KEY
from district_reports.publish.definitions import PLACE, Definitions
from district_reports.publish.lineage import COVERAGE, ROW_OF, UNITS
from district_reports.publish.summary import Summary, summaries
from district_reports.reference.csv_files import read_files, read_table
from district_reports.reference.mergers import MERGERS
from district_reports.reference.register import Register
from district_reports.settings import settings

SUMMARIES = summaries(settings().summaries)
REGISTER = Register.load(settings().reference)
PLAN = range(1, 33)
"""The numbers of the work plan's items."""


def written(name: str) -> dict[str, dict[str, str]]:
    header, rows = read_table(read_files(settings().summaries), name)
    assert header == HEADER
    told = {cells[0]: dict(zip(HEADER, cells, strict=True)) for _, cells in rows}
    assert len(told) == len(rows), "a column stands there twice"
    return told


def columns_of(summary: Summary) -> set[str]:
    """Those of its own: every figure has an origin (test_lineage), and what all tables have stands in common.csv."""
    return {*summary.key, *summary.origins, *summary.per_thousand} - {*AREA_KEY, *written(COMMON)}


def sound(text: str, ending: str) -> bool:
    """A text of ours in Chinese."""
    return not HALF_WIDTH.search(spoken(text)) and text.endswith("。") == bool(ending)


@pytest.mark.parametrize("summary", SUMMARIES, ids=lambda summary: summary.table)
def test_every_column_has_a_title_in_both_languages(summary: Summary) -> None:
    told = written(f"{summary.table}.csv")
    columns = {name for name in told if "=" not in name}
    assert columns - {summary.table, *written(COMMON)} == columns_of(summary)
    assert {name.partition("=")[0] for name in told if "=" in name} <= columns, "a text of no column has a word"
    for column, words in told.items():
        assert all((words["zh"], words["en"])), f"{column} has no title"
        assert bool(words["unit_zh"]) == bool(words["unit_en"]), f"{column} has its unit in one language"
        # A unit or a meaning that is a column's has to be one.
        for name in (words["named_by"], words["unit_zh"].strip("{}") if "{" in words["unit_zh"] else ""):
            assert not name or name in told


def test_what_all_tables_have_has_its_words_once() -> None:
    assert {*ROW_OF, *COVERAGE, *UNITS} <= {*written(COMMON)}


@pytest.mark.parametrize("name", [COMMON, *(f"{summary.table}.csv" for summary in SUMMARIES)])
def test_every_column_has_a_definition_and_its_caveats_in_both_languages(name: str) -> None:
    own = next((summary for summary in SUMMARIES if f"{summary.table}.csv" == name), None)
    columns = {*written(COMMON), *(() if own is None else (*own.key, *own.origins))}
    of_columns = {column: words for column, words in written(name).items() if "=" not in column}
    for column, words in of_columns.items():
        assert sound(words["definition_zh"], "。"), f"{column}: {words['definition_zh']!r}"
        assert words["definition_en"].endswith("."), column
        assert {*words["item"].split(";")} <= {"", *map(str, PLAN)}, column
        chinese, english = parted(words["caveat_zh"]), parted(words["caveat_en"])
        # One beside the other, and both speak of the same columns, which the row has.
        assert [set(PLACE.findall(each)) for each in chinese] == [set(PLACE.findall(each)) for each in english], column
        assert all(set(PLACE.findall(each)) <= columns for each in chinese), f"{column}: {chinese}"
        assert all(sound(each, "") for each in chinese), f"{column}: {chinese}"


def test_every_commitment_has_a_definition() -> None:
    known = Definitions(settings().summaries, REGISTER, "zh")
    for row in REGISTER.rows("commitments"):
        card = known.commitments[row["commitment"]]
        assert sound(card.definition, "。"), f"{card.column}: {card.definition!r}"
        assert all(sound(each, "") for each in card.caveats), card.column
        # What it is measured by is explained where the card leads to.
        assert all(
            known.card(each.table, each.column).definition for each in (card.numerator, card.denominator) if each
        )
        own = {"baseline_period", "target", "due"}
        assert all(set(PLACE.findall(each)) <= own for each in parted(row["caveat"])), card.column


def test_every_district_has_a_place_on_the_map() -> None:
    _, mergers = read_table(read_files(settings().reference), MERGERS)
    merged = {cells[1] for _, cells in mergers}
    assert {district.code for district in REGISTER.districts} - merged <= tile_map.places().keys()
