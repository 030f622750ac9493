"""What is declared in Chinese, in English: the table, and what happens where it is silent."""

import pytest

from district_reports.errors import ReferenceDataError
from district_reports.reference.english import called, english
from district_reports.settings import load_settings


def table(folder, *rows):
    path = folder / "english.csv"
    path.write_text("\n".join(("chinese,english", *rows)) + "\n", encoding="utf-8")
    return path


def test_what_is_not_named_stays_chinese():
    assert called("中山区", "en") == "Zhongshan District"
    assert called("中山区", "zh") == "中山区"
    assert called("某某区", "en") == "某某区"


def test_another_city_gives_its_own(tmp_path):
    assert english(table(tmp_path, "铁东区,Tiedong District")) == {"铁东区": "Tiedong District"}


def test_a_city_may_do_without(tmp_path):
    assert english(tmp_path / "english.csv") == {}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["铁东区,"], "line 2: english"),
        (["铁东区,Tiedong", "铁东区,East"], "line 3: '铁东区' has two names"),
        (["铁东区,Tiedong,District"], "line 2: 3 values"),
    ],
)
def test_a_table_that_makes_no_sense_is_named(tmp_path, rows, said):
    with pytest.raises(ReferenceDataError, match=f"english.csv, {said}"):
        english(table(tmp_path, *rows))


def test_other_columns_are_refused(tmp_path):
    path = tmp_path / "english.csv"
    path.write_text("zh,en\n铁东区,Tiedong\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="line 1"):
        english(path)


def test_ours_is_in_use():
    assert len(english(load_settings({}).english)) > 300
