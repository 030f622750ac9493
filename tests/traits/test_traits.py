"""Workbooks with one trait each, as other programs and other people make them: nothing lost, nothing let in."""

from collections import Counter
from pathlib import Path

import pytest

from district_reports.checks.file import check_file
from district_reports.checks.run import check_workbook
from district_reports.model.checked import CheckedWorkbook
from district_reports.reference.register import Register
from district_reports.workbook.raw import RawSheet
from ledger_book import CASES, ENROLMENT, RECEIVED_ON
from traits import markup
from traits.packages import TWO_SHEETS_OF_ONE_TITLE
from traits.reading import READ, REFUSED, Unreadable, by_name, sheets_of, values_in_the_xml, values_of
from traits.trait import Trait

# The child takes a third of a second to start: it reads a workbook for each rule alone, and some that it refuses.
ONE_A_RULE = {trait.findings[0][:3]: trait for trait in READ[::-1] if len(trait.findings) == 1 and not trait.may_refuse}
THROUGH_THE_CHILD = [*ONE_A_RULE.values(), markup.TRAITS[0], *REFUSED[::12]]
REGISTER = Register.load(Path(__file__).parents[1] / "checks" / "reference")


def check(sheets: list[RawSheet], known: dict[str, CheckedWorkbook]) -> CheckedWorkbook:
    """The verdict; of workbooks that read alike, as most traits are meant to, the first one's is kept in `known`."""
    # 1, 1.0 and True are equal to Python, and not to the checks.
    key = repr(sheets)
    if key not in known:
        known[key] = check_workbook(sheets, REGISTER, "210202", RECEIVED_ON)
    return known[key]


@pytest.fixture(scope="module")
def known() -> dict[str, CheckedWorkbook]:
    return {}


def expect(checked: CheckedWorkbook, trait: Trait) -> None:
    """What the trait says of findings, counts and the rows that would load; all else is as in the sound ledger."""
    told = Counter(
        one.rule if one.cell is None else f"{one.rule} {'' if one.sheet == CASES else f'{one.sheet}!'}{one.cell}"
        for one in checked.findings
    )
    assert told == Counter(trait.findings)
    assert checked.verdict == ("accepted_with_errors" if trait.spoiled else "accepted")
    assert checked.rows["dropout_case"].to_pylist() == trait.rows_loaded()
    assert [row for row, _ in checked.quarantined["dropout_case"]] == list(trait.spoiled)
    assert [(one.sheet, one.rows_read, one.loaded, one.quarantined, one.ignored) for one in checked.counts] == [
        (CASES, trait.children, trait.children - len(trait.spoiled), len(trait.spoiled), 0),
        (ENROLMENT, 2, 2, 0, 0),
    ]
    assert [tuple(row.values()) for row in checked.rows["compulsory_enrolment"].to_pylist()] == [
        (4, "2102020001", 900, 899),
        (5, "2102020002", 700, 698),
    ]


@by_name(READ)
def test_a_trait_ends_in_its_findings_and_nothing_else_changes(trait, tmp_path, known):
    try:
        sheets = sheets_of(trait, tmp_path / "book.xlsx")
    except Unreadable:
        assert trait.may_refuse
        return

    expect(check(sheets, known), trait)


@by_name(READ)
def test_every_cell_with_a_value_is_handed_on(trait, tmp_path):
    try:
        sheets = sheets_of(trait, tmp_path / "book.xlsx")
    except Unreadable:
        assert trait.may_refuse
        return

    assert values_of(sheets) == values_in_the_xml(tmp_path / "book.xlsx")


@by_name(REFUSED)
def test_what_can_not_be_read_without_loss_is_refused(trait, tmp_path):
    with pytest.raises(Unreadable):
        sheets_of(trait, tmp_path / "book.xlsx")


@by_name(THROUGH_THE_CHILD)
def test_a_file_is_checked_in_the_limited_child(trait, tmp_path):
    checked = check_file(trait.write(tmp_path / "book.xlsx"), REGISTER, "210202", RECEIVED_ON)

    if trait.refused:
        (found,) = checked.findings
        assert found.rule in ("F01", "F03")
        assert not checked.rows
    else:
        expect(checked, trait)


def test_two_sheets_of_one_title_are_both_read_and_neither_counts(tmp_path):
    sheets = sheets_of(TWO_SHEETS_OF_ONE_TITLE, tmp_path / "book.xlsx")

    assert len({tuple(map(tuple, sheet.columns)) for sheet in sheets if sheet.title == CASES}) == 2
    checked = check_workbook(sheets, REGISTER, "210202", RECEIVED_ON)
    assert [(found.rule, found.sheet) for found in checked.findings] == [("F10", CASES)]
