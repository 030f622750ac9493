"""What is compared with the last accepted period (docs/rules.md, C06 and D07)."""

from datetime import date

import pandas as pd
import pytest

from district_reports.checks.context import Context
from district_reports.checks.sheet_frames import frame_of
from district_reports.forms import forms
from district_reports.model.finding import Severity
from district_reports.model.history import History
from ledger_book import CASES, ENROLMENT, SCHOOLS, case, resident_id


def last_month(*cases: tuple[int, str], enrolment: int | None = 900) -> History:
    """May, with children by number and status, and the expected enrolment of the first school."""
    return History(
        "2020-05",
        {
            "dropout_case": [
                {
                    "resident_id": resident_id(number),
                    "case_status": status,
                    "student_name": f"学生{number}",
                    "discovered_on": date(2020, 5, 7),
                }
                for number, status in cases
            ],
            "compulsory_enrolment": []
            if enrolment is None
            else [{"school_code": SCHOOLS[0]["学校标识码"], "expected_enrolment": enrolment}],
        },
    )


def test_an_open_case_of_last_month_that_is_missing_is_named(check):
    history = last_month((1, "劝返中"), (77, "劝返中"), (78, "未劝返"), (79, "已返校"))
    found = check(history=history).findings

    assert [(one.rule, one.severity, one.sheet, one.cell) for one in found] == [
        ("D07", Severity.WARNING, CASES, None)
    ] * 2
    assert [one.value for one in found] == [resident_id(77), resident_id(78)]
    assert "学生77" in found[0].message
    assert "2020-05-07" in found[0].message


def test_a_case_in_a_row_with_another_mistake_is_not_missing(told):
    rows = [case(1, 劝返次数="两次"), *(case(number) for number in range(2, 41))]

    assert told(cases=rows, history=last_month((1, "劝返中"))) == {("T02", CASES, "M4")}


def test_an_empty_ledger_misses_every_open_case(told):
    assert told(cases=[], history=last_month((1, "劝返中"))) == {("D07", CASES, None)}


@pytest.mark.parametrize(
    ("then", "now", "speaks"),
    [
        (900, 900, False),
        (20, 26, False),
        (20, 14, False),
        (20, 27, True),
        (20, 13, True),
        (19, 900, False),
        (0, 900, False),
        (None, 900, False),
    ],
)
def test_a_change_of_more_than_thirty_per_cent_from_twenty_on(check, then, now, speaks):
    schools = [{**SCHOOLS[0], "应在校人数": now, "实际在校人数": 0}, SCHOOLS[1]]
    found = check(enrolment=schools, history=last_month(enrolment=then)).findings

    assert [(one.rule, one.severity, one.sheet, one.cell) for one in found] == [
        ("C06", Severity.WARNING, ENROLMENT, "B4")
    ] * speaks
    if speaks:
        assert f"{then}" in found[0].message
        assert "2020年5月" in found[0].message


def test_the_first_report_has_nothing_to_compare_with(check):
    checked = check(history=History())

    assert checked.findings == ()
    assert checked.not_checked == ()


def test_without_a_warehouse_the_rules_are_named(check):
    assert check().not_checked == ("C06", "D07")


@pytest.mark.parametrize(("then", "now", "change"), [(100, 131, 31.0), (19, 100, None), (100, 100, 0.0)])
def test_the_rows_of_a_sheet_are_compared_as_a_whole(register, then, now, change):
    sheet = forms()["student_aid"].sheet("hardship_student")
    history = History("2019-S2", {"hardship_student": [{}] * then})

    class Rows:
        rows = range(now)

    Rows.sheet = sheet
    frame = frame_of(
        sheet.frames[0],
        Rows(),
        Context(register, "210202", None, date(2020, 7, 4), history),
    )
    told = frame.at[0, "change"]
    assert (None if pd.isna(told) else told) == change
