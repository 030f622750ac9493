"""What a form declares as known beforehand fits its columns, and no figure that is counted anew is among it."""

from collections.abc import Iterator
from dataclasses import fields

import pytest

from district_reports.forms import forms
from district_reports.model.condition import When
from district_reports.model.form import Form, Sheet, Type
from district_reports.model.prefill import (
    CarriedRows,
    Computed,
    FromTable,
    HelperSheet,
    SchoolRows,
    asked_of_report,
    names_of,
)
from district_reports.reference.register import SCHOOL_TYPES, School

NUMBERS = {Type.INTEGER, Type.DECIMAL}
DECLARED = [
    pytest.param(form, sheet, id=sheet.table) for form in forms().values() for sheet in form.sheets if sheet.prefill
]


def conditions(sheet: Sheet) -> Iterator[When]:
    """Those that name codes."""
    match sheet.prefill:
        case SchoolRows(kept=kept) | CarriedRows(kept=kept):
            yield from (each for each in (*kept.always, *kept.in_year, *kept.in_school_year) if isinstance(each, When))
    if isinstance(sheet.prefill, CarriedRows) and sheet.prefill.where:
        yield sheet.prefill.where


@pytest.mark.parametrize(("form", "sheet"), DECLARED)
def test_it_names_columns_and_codes_that_there_are(form: Form, sheet: Sheet) -> None:
    match sheet.prefill:
        case SchoolRows() as schools:
            assert [sheet.by_name[name].type for name in sheet.key] == [Type.SCHOOL_CODE]
            assert set(schools.types) <= set(SCHOOL_TYPES)
            of_school = {each.name for each in fields(School)}
            assert {attribute for _, attribute in schools.register} <= of_school
            assert schools.opened_this_year in (None, *sheet.by_name)
            for settled in schools.settled:
                assert settled.column in sheet.by_name
                assert settled.given in sheet.by_name.keys() | of_school
        case CarriedRows(promotion=promotion) if promotion:
            assert {name for name, _ in promotion.last} == set(sheet.by_name[promotion.stage].codes)
            telling = form.sheet(promotion.told_by[0]) if promotion.told_by else sheet
            assert {promotion.grade, promotion.stage} <= set(asked_of_report(telling.prefill))
            assert {promotion.stage, *promotion.left} <= sheet.by_name.keys()
            if promotion.told_by:
                assert promotion.told_by[1] in sheet.by_name.keys() & telling.by_name.keys()
    assert set(asked_of_report(sheet.prefill)) <= sheet.by_name.keys()
    for condition in conditions(sheet):
        assert set(condition.values) <= set(sheet.by_name[condition.column].codes)


@pytest.mark.parametrize(
    ("form", "sheet"),
    [pytest.param(form, sheet, id=sheet.table) for form in forms().values() for sheet in form.sheets if sheet.follows],
)
def test_what_follows_names_columns_that_there_are(form: Form, sheet: Sheet) -> None:
    told = [(type(follow), name) for follow in sheet.follows for name in follow.columns]
    assert len(told) == len(set(told)), "what two things tell is told by two kinds of them, the first before the second"
    assert {name for _, name in told} <= sheet.by_name.keys()
    for follow in sheet.follows:
        match follow:
            case HelperSheet():
                assert {*follow.by, *follow.known, *follow.asked} <= {*sheet.by_name}
                assert {*follow.known, *follow.asked} <= {*follow.columns}
                assert follow.title not in {each.title for each in form.sheets}
                # Else it would be a second copy of the data sheet (F10).
                required = {column.name for column in sheet.columns if column.required}
                assert not required <= {*follow.by, *follow.columns}
            case FromTable():
                assert {*follow.by, *follow.columns} <= form.sheet(follow.table).by_name.keys() & sheet.by_name.keys()
            case Computed():
                assert {follow.on, follow.otherwise or follow.on} <= sheet.by_name.keys()


@pytest.mark.parametrize(("form", "sheet"), DECLARED)
def test_no_figure_that_is_counted_anew_is_kept_for_good(form: Form, sheet: Sheet) -> None:
    if isinstance(sheet.prefill, SchoolRows | CarriedRows):
        advanced = (
            {sheet.prefill.promotion.grade}
            if isinstance(sheet.prefill, CarriedRows) and sheet.prefill.promotion
            else {}
        )
        kept = set(names_of(sheet.prefill.kept.always)) - set(advanced)
        assert [name for name in kept if sheet.by_name[name].type in NUMBERS] == []


def test_it_is_no_part_of_what_decides() -> None:
    """A decision names the hash of its rules; what a template holds must not make every decision an old one."""
    assert all(word not in repr(form) for form in forms().values() for word in ("prefill", "follows", "between"))
    assert len(DECLARED) >= 7
