"""Versions of definitions: sql/summaries/versions.csv, and what would mislead in it."""

from dataclasses import replace
from pathlib import Path

import pytest

from district_reports.errors import SystemFault
from district_reports.publish.summary import summaries
from district_reports.publish.versions import definitions, versions
from district_reports.settings import Settings

TABLES = ("city_cases", "city_others")
HEADER = "table,version,zh,en\n"


def test_the_versions_of_the_house_are_of_its_tables(tmp_settings: Settings) -> None:
    found = summaries(tmp_settings.summaries)
    told = versions(tmp_settings.summaries, [each.table for each in found])
    assert {each.table for each in found} - set(told) == {"city_reconciliation"}, "which has its first"


def test_the_latest_row_of_a_table_is_its_version(tmp_path: Path) -> None:
    (tmp_path / "versions.csv").write_text(f"{HEADER}city_cases,2,甲,a\ncity_cases,4,乙,b\n", encoding="utf-8")
    told = versions(tmp_path, TABLES)
    assert [(each.number, each.words["en"]) for each in told["city_cases"]] == [(2, "a"), (4, "b")]
    assert "city_others" not in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("table,version,zh\ncity_cases,2,甲\n", "its header must be"),
        (f"{HEADER}city_unknown,2,甲,a\n", "line 2: there is no city table 'city_unknown'"),
        (f"{HEADER}city_cases,1,甲,a\n", "version '1' of city_cases does not come after 1"),
        (f"{HEADER}city_cases,3,甲,a\ncity_cases,2,乙,b\n", "line 3: version '2' of city_cases does not come after 3"),
        (f"{HEADER}city_cases,two,甲,a\n", "version 'two'"),
        (f"{HEADER}city_cases,2,甲,\n", "both languages"),
        (f"{HEADER}city_cases,2,甲\n", "versions.csv"),
    ],
)
def test_what_would_mislead_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "versions.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SystemFault, match=words):
        versions(tmp_path, TABLES)


def test_the_hash_is_of_key_select_and_origins(tmp_settings: Settings) -> None:
    one, *others = summaries(tmp_settings.summaries)

    def told(**other: object) -> str:
        return definitions(tmp_settings.summaries, [replace(one, **other), *others])[one.table].sha256

    assert told(protection=replace(one.protection, people={}), additive=()) == told()
    column = next(iter(one.origins))
    changed = [
        {"key": one.key[1:]},
        {"select": f"{one.select} LIMIT 1"},
        {"origins": {name: origin for name, origin in one.origins.items() if name != column}},
    ]
    assert len({told(), *(told(**other) for other in changed)}) == 4
