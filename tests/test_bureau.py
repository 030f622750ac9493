"""The names that head the pages come from a file; one that makes no sense is told by its line."""

import pytest

from district_reports.errors import ReferenceDataError
from district_reports.reference.bureau import names
from district_reports.settings import load_settings


def written(folder, *rows: str):
    path = folder / "bureau.csv"
    path.write_text("\n".join(("language,bureau,system", *rows)) + "\n", encoding="utf-8")
    return path


def test_ours_has_both_languages():
    assert {language: str(each) for language, each in names(load_settings({}).bureau).items()} == {
        "zh": "大连市教育局 区县报表",
        "en": "Dalian Education Bureau District Reports",
    }


def test_another_city_is_another_file(tmp_path):
    found = names(written(tmp_path, "zh,鞍山市教育局,上报系统", "en,Anshan,Reports"))
    assert (found["zh"].bureau, found["zh"].system, found["en"].bureau) == ("鞍山市教育局", "上报系统", "Anshan")


@pytest.mark.parametrize(
    "rows",
    [
        ("zh,局,系统",),
        ("zh,局,系统", "en,,Reports"),
        ("zh,局,系统", "fr,Bureau,Rapports"),
        ("zh,局,系统", "en,Bureau,Reports", "en,Bureau,Reports"),
        ("zh,局", "en,Bureau"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(tmp_path, rows):
    with pytest.raises(ReferenceDataError, match=r"bureau\.csv"):
        names(written(tmp_path, *rows))


def test_a_missing_table_is_told(tmp_path):
    with pytest.raises(ReferenceDataError, match="cannot be read"):
        names(tmp_path / "none.csv")
