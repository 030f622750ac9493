"""city_submissions, first_…: how sound the reports are as districts send them, before anything comes back."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from district_reports.checks.run import check_workbook
from district_reports.database.engine import engine
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Outcome
from district_reports.publish import publish
from district_reports.publish.trace import trace
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.workbook.reading.reader import read_sheets
from ledger_book import ENROLMENT, RECEIVED_ON, write_book
from ledger_book import case as typed_case
from publish.reading import CITY, FIVE, figures
from submitted import FORM, MAY, XIGANG, ZHONGSHAN, case, checked, claimed, finish, receive, report, submit, withdraw

COUNTS = "first_count first_accepted_count first_refused_count"
ROWS = "first_rows_read first_rows_sound first_sound_rate"
REJECTED, WITH_ERRORS = Outcome.REJECTED, Outcome.ACCEPTED_WITH_ERRORS
BAD = [(90 + number, {"resident_id": "x"}) for number in range(3)]


def first(area: str, names: str, period: str = MAY) -> tuple:
    return figures("city_submissions", area, names, form=FORM, period=period)


def with_totals(workbook: CheckedWorkbook) -> CheckedWorkbook:
    """Each sheet ends with a total, which is read and judged by nobody."""
    counts = [
        replace(each, rows_read=each.rows_read + 1, ignored=each.ignored + 1, no_data=1) for each in workbook.counts
    ]
    return replace(workbook, counts=tuple(counts))


def test_accepted_at_once(loader: Engine) -> None:
    submit(loader, "a", with_totals(checked([case(1), case(2)])))
    publish()
    assert first(ZHONGSHAN, COUNTS) == first(CITY, COUNTS) == (1, 1, 0)
    assert first(ZHONGSHAN, ROWS) == first(CITY, ROWS) == (3, 3, 100)
    assert first(XIGANG, COUNTS) == (0, 0, 0)
    assert first(XIGANG, ROWS) == (None, None, None)


def test_what_came_after_it_does_not_mend_the_first(loader: Engine) -> None:
    workbook = checked([case(1), case(2)], verdict=WITH_ERRORS, quarantined=BAD[:1])
    submit(loader, "a", with_totals(workbook))
    submit(loader, "b", checked([case(1), case(2), case(3)]))
    publish()
    assert first(ZHONGSHAN, COUNTS) == (1, 0, 0)
    assert first(ZHONGSHAN, ROWS) == (4, 3, 75)


def test_of_a_first_submission_with_too_many_errors_the_sound_rows_count(loader: Engine) -> None:
    submit(loader, "a", with_totals(checked([case(1), case(2)], verdict=REJECTED, quarantined=BAD)))
    publish()
    assert first(ZHONGSHAN, COUNTS) == (1, 0, 0)
    assert first(ZHONGSHAN, ROWS) == (6, 3, 50)


def test_what_was_sent_back_as_a_file_is_counted_beside(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)], verdict=REJECTED))
    submit(loader, "b", checked([case(1)], verdict=REJECTED, district=XIGANG))
    submit(loader, "c", checked([case(1)], district=XIGANG))
    publish()
    assert (first(ZHONGSHAN, COUNTS), first(FIVE, COUNTS)) == ((1, 0, 1), (2, 0, 2))
    assert first(ZHONGSHAN, ROWS) == (None, None, None)
    assert first(XIGANG, ROWS) == first(FIVE, ROWS) == (0, 0, None)


def test_a_nil_return_is_accepted_without_a_row(loader: Engine) -> None:
    submit(loader, "nil", report("student_aid", {}, district=ZHONGSHAN, period="2020-S1"))
    publish()
    found = figures("city_submissions", ZHONGSHAN, f"{COUNTS} {ROWS}", form="student_aid", period="2020-S1")
    assert found == (1, 1, 0, 0, 0, None)


def test_what_was_taken_back_stays_the_first(loader: Engine) -> None:
    only = submit(loader, "a", checked([case(1)], verdict=WITH_ERRORS, quarantined=BAD[:1]))
    withdraw(loader, only.submission_id)
    submit(loader, "b", checked([case(1)]))
    publish()
    assert first(ZHONGSHAN, COUNTS) == (1, 0, 0)
    assert first(ZHONGSHAN, ROWS)[:2] == (3, 2)


def test_a_waiting_file_is_the_first_once_it_is_decided(loader: Engine) -> None:
    receive(loader, "a")
    publish()
    assert first(ZHONGSHAN, f"{COUNTS} first_rows_read") == (0, 0, 0, None)
    taken = claimed(loader)
    assert taken is not None
    finish(loader, taken, checked([case(1)], verdict=WITH_ERRORS, quarantined=BAD[:1]))
    publish()
    assert first(ZHONGSHAN, f"{COUNTS} first_rows_read") == (1, 0, 0, 3)
    # The release before is still told as it was.
    for release, value in ((1, 0), (2, 1)):
        with engine("publisher").connect() as connection:
            found = trace(
                connection,
                "city_submissions",
                "first_count",
                period=MAY,
                area=ZHONGSHAN,
                key={"form": FORM},
                release_id=release,
            )
        assert (found.value, found.recomputed) == (value, value)


def test_a_trace_names_the_file(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)], verdict=REJECTED, quarantined=BAD))
    submit(loader, "b", checked([case(1)]))
    publish()
    with engine("publisher").connect() as connection:
        found = trace(connection, "city_submissions", "first_rows_sound", period=MAY, area=FIVE, key={"form": FORM})
    assert [(part.file and part.file.file_name, part.value) for part in found.parts] == [("a.xlsx", 2)]
    assert found.agrees


TOTAL = {"学校标识码": "合计", "应在校人数": 0, "实际在校人数": 0}
WRONG = [typed_case(number, 劝返次数="两次") for number in range(1, 4)]


@pytest.mark.parametrize(
    ("book", "refused", "rows"),
    [
        ({"cover": {"填报单位代码": "210203"}}, 1, None),  # F08
        ({"drop_sheets": (ENROLMENT,)}, 1, None),  # F10
        ({"case_headers": ["身份证件号"]}, 1, None),  # F11
        ({"cases": [], "enrolment": [TOTAL]}, 1, None),  # F14
        ({"cover": {"无数据申报": "是"}}, 1, None),  # F15
        ({"cases": WRONG, "enrolment": [TOTAL]}, 0, 3),  # F16
    ],
)
def test_a_file_is_refused_by_f01_to_f15_and_judged_for_f16(
    loader: Engine, tmp_path: Path, book: dict, refused: int, rows: int | None
) -> None:
    path = write_book(tmp_path / "book.xlsx", **book)
    workbook = check_workbook(read_sheets(path), Register.load(settings().reference), ZHONGSHAN, RECEIVED_ON)
    assert workbook.verdict is REJECTED
    submit(loader, "a", workbook)
    publish()
    found = first(ZHONGSHAN, "first_refused_count first_rows_read", period="2020-06")
    assert found == (refused, rows)
