"""Everything that we declare in Chinese and that pages show has an English name in sql/english.csv."""

from collections.abc import Iterator

import pytest

from district_reports.checks.instructions import all_texts
from district_reports.forms import forms
from district_reports.model.form import ReferenceCodes
from district_reports.publish.column_words import parted
from district_reports.publish.commitment_status import STATUSES
from district_reports.reconciliation.rules import cross_rules
from district_reports.reference.english import english
from district_reports.reference.register import Register
from district_reports.settings import load_settings

SETTINGS = load_settings({})


def of_the_register() -> Iterator[str]:
    register = Register.load(SETTINGS.reference)
    for district in register.districts:
        yield from (district.name, district.zone)
    for row in register.rows("commitments"):
        yield from (row["wording"], row["definition"], *parted(row["caveat"]))
    for row in register.rows("aid_programmes"):
        yield from (row["programme"], row["stage"])


def of_the_forms() -> Iterator[str]:
    for form in forms().values():
        yield form.title
        for sheet in form.sheets:
            yield sheet.title
            for column in sheet.columns:
                yield column.title
                if not isinstance(column.codes, ReferenceCodes):
                    yield from column.codes


def of_the_rules() -> Iterator[str]:
    yield from (text.title for text in all_texts())
    yield from (rule.title for rule in cross_rules().rules)


DECLARED = {
    "register": of_the_register,
    "forms": of_the_forms,
    "rules": of_the_rules,
    "statuses": lambda: filter(None, STATUSES),
}


@pytest.mark.parametrize("kind", DECLARED)
def test_every_one_has_an_english_name(kind):
    declared = {text for text in DECLARED[kind]() if text}
    assert declared
    assert sorted(declared - set(english(SETTINGS.english))) == []


def test_english_names_are_english():
    assert [name for name in english(SETTINGS.english).values() if not name.replace("ü", "u").isascii()] == []
