"""docs/data-dictionary.md is what the declarations say."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from district_reports.cli import main
from district_reports.forms import forms
from district_reports.model.form import Column, Type
from district_reports.publish.data_dictionary import data_dictionary
from district_reports.publish.summary import summaries
from district_reports.reference.register import Register
from district_reports.settings import load_settings

SETTINGS = load_settings({})
REGISTER = Register.load(SETTINGS.reference)


def page(some=None, folder: Path = SETTINGS.summaries) -> str:
    return data_dictionary(some or forms(), REGISTER, folder)


def test_the_page_is_the_one_that_is_generated():
    written = (SETTINGS.root / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == page(), "docs/data-dictionary.md is out of date: make docs"


def test_the_command_prints_the_page(capsys):
    assert main(["dictionary"]) == 0
    assert capsys.readouterr().out == page()


@pytest.mark.parametrize("form", forms().values(), ids=forms())
def test_each_column_of_each_sheet_has_a_row_below_the_sheet(form):
    chapter = page().split(f"\n## {form.title} `{form.key}`\n")[1].split("\n## ")[0]
    for sheet in form.sheets:
        rows = chapter.split(f"\n### {sheet.title} `{sheet.table}`\n")[1].split("\n### ")[0].splitlines()
        found = [row.split(" | ")[0].removeprefix("| ") for row in rows if row.startswith("| ")]
        assert found[2:] == [column.title for column in sheet.columns]


def test_each_figure_of_each_city_table_has_a_row_that_says_where_it_comes_from():
    for summary in summaries(SETTINGS.summaries):
        rows = page().split(f" `{summary.table}`\n")[1].split("\n#")[0].splitlines()
        cells = {row.split(" | ")[0].strip("|` "): row.split(" | ") for row in rows if row.startswith("| `")}
        own = set(summary.origins) - {"districts_expected", "districts_accepted", "coverage"}
        assert own <= set(cells)
        assert all(cells[name][-1].strip("| ") for name in own)


def test_a_card_says_what_a_figure_is_made_of_and_what_would_mislead():
    cards = page().split(" `city_kindergartens`\n")[1].split("\n#")[0].split("\n- ")
    (rate,) = (card.splitlines() for card in cards if card.startswith("`inclusive_rate`"))
    assert "普惠性民办幼儿园的在园幼儿占全部在园幼儿的比例" in rate[0]
    assert rate[1] == "  - `inclusive_child_count` / `child_count`"
    assert "  - *注意* 不含无证园" in rate[2], "the caveat of what it is calculated from"


def test_a_column_that_is_added_appears():
    form = forms()["dropout_control"]
    added = Column(name="case_note", title="案情_摘要", type=Type.TEXT, max_length=300)
    sheet = replace(form.sheets[0], columns=(*form.sheets[0].columns, added))
    told = page({**forms(), form.key: replace(form, sheets=(sheet, *form.sheets[1:]))})
    assert "| 案情\\_摘要 | `case_note` | `text` |  | fact | up to 300 characters |" in told


def test_a_city_table_without_words_goes_by_its_own_names(tmp_path):
    shutil.copy(SETTINGS.summaries / "city_kindergartens.sql", tmp_path)
    told = page(folder=tmp_path)
    assert "### city_kindergartens `city_kindergartens`\n" in told
    row = "| `child_count` | child\\_count | child\\_count |  |  | yes | `sum(child_count) of kindergarten_facility` |"
    assert row in told
