"""Mistakes in teacher training."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

from district_reports.forms.teacher_training import TRAINED_IN
from district_reports.local.samples.file_mistakes import (
    active,
    encrypted,
    nothing_filled_in,
    too_many_mistakes,
    wrong_on_cover,
)
from district_reports.local.samples.mistakes import Mistakes
from district_reports.local.samples.package import add_external_link, merged_with_next_row
from district_reports.local.samples.planting import Book, Mistake, Row, Suits, cell, missing, twice
from district_reports.local.samples.workbooks import SAMPLE_DAY
from district_reports.reference.register import School

_RECORD, _STAFF = "training_record", "teacher_headcount"


def _ethics(row: Row) -> bool:
    """A course of one day that no rule counts, with a score that fits."""
    return bool(row["training_category"] == "师德师风" and row["result"] == "合格" and row["score"])


def _alone(book: Book, row: Row) -> bool:
    """Whether it is the teacher's only course."""
    return len(book.matching(_RECORD, "teacher_no", row["teacher_no"])) == 1


def _record(rule: str, column: str, change: Row, suits: Suits = _ethics) -> Mistake:
    """A mistake in the record of a teacher who has no other."""

    def plant(book: Book) -> None:
        cell(rule, _RECORD, column, change, lambda row: suits(row) and _alone(book, row))(book)

    return plant


def _ended_before_started(book: Book) -> None:
    row = book.take(_RECORD, lambda row: _ethics(row) and row["started_on"] > date(2020, 4, 15))
    row["ended_on"] = row["started_on"] - timedelta(days=1)
    book.mark("E01", _RECORD, row, "ended_on")


def _two_courses_at_once(book: Book) -> None:
    row = book.take(_RECORD, lambda row: _ethics(row) and _alone(book, row))
    other = book.add(_RECORD, row | {"training_category": "其他", "course_name": "校本研修（补课）"})
    for each in (row, other):
        book.mark("E03", _RECORD, each, "started_on")


def _at_the_wrong_school(rule: str, of: str, wrong: Callable[[School], bool]) -> Mistake:
    """A course for those that such a school has not; its headcount says that there is one, or it would be E09 too."""

    def plant(book: Book) -> None:
        def staff(row: Row) -> Row:
            return book.matching(_STAFF, "school_code", row["school_code"])[0]

        def suits(row: Row) -> bool:
            return wrong(book.sample.register.schools_of(row["school_code"])[-1]) and book.is_free(staff(row))

        row = book.take(_RECORD, lambda row: _ethics(row) and _alone(book, row) and suits(row))
        row["training_category"] = TRAINED_IN[of]
        book.mark(rule, _RECORD, row, "training_category")
        staff(row)[f"{of}_count"] = 1
        book.take_all([staff(row)])

    return plant


def _more_trained_than_there_are(rule: str, of: str) -> Mistake:
    def plant(book: Book) -> None:
        def trained(row: Row) -> int:
            rows = book.matching(_RECORD, "school_code", row["school_code"])
            return len({each["teacher_no"] for each in rows if each["training_category"] == TRAINED_IN[of]})

        row = book.take(_STAFF, lambda row: trained(row) > 0)
        row[f"{of}_count"] = trained(row) - 1
        book.mark(rule, _STAFF, row, f"{of}_count")

    return plant


def _merged_school_codes(book: Book) -> None:
    rows = book.rows[_RECORD]
    place = next(
        place
        for place, (row, below) in enumerate(pairwise(rows))
        if row["school_code"] == below["school_code"]
        and all(_ethics(each) and book.is_free(each) for each in (row, below))
    )
    book.take_all(rows[place : place + 2])
    book.edit(_RECORD, rows[place], "school_code", merged_with_next_row)
    book.mark("T12", _RECORD, rows[place], "school_code")


def _many(row: Row) -> bool:
    return bool(row["teacher_count"] >= 40)


MISTAKES = Mistakes(
    scale=0.5,
    contents=(
        # First, while rows still stand beside one another.
        _merged_school_codes,
        _ended_before_started,
        _two_courses_at_once,
        _at_the_wrong_school("E05", "dual_teacher", lambda school: school.school_type != "中职"),
        _at_the_wrong_school("E06", "rural_teacher", lambda school: school.area_type == "城区"),
        _more_trained_than_there_are("E08", "ideology_teacher"),
        *(_more_trained_than_there_are("E09", of) for of in TRAINED_IN if of != "ideology_teacher"),
        _record("E02", "hours", {"hours": 12}),
        _record("E02", "hours", {"hours": 0}),
        _record("E04", "score", {"score": 101}),
        _record("E04", "score", {"score": 55}),
        _record("C08", "ended_on", {"started_on": date(2020, 3, 27), "ended_on": date(2020, 3, 27)}),
        _record("C04", "ended_on", {"ended_on": SAMPLE_DAY + timedelta(days=2)}),
        _record("T13", "hours", {"hours": -6}),
        _record("T03", "started_on", {"started_on": "4月27日"}),
        twice(_RECORD, "teacher_no", _ethics),
        cell("E07", _STAFF, "ideology_teacher_count", lambda row: {"ideology_teacher_count": row["teacher_count"] + 1}),
        cell("E07", _STAFF, "principal_count", lambda row: {"principal_count": row["teacher_count"] + 1}),
        cell(
            *("C06", _STAFF, "teacher_count"),
            lambda row: {"teacher_count": row["teacher_count"] * 14 // 10},
            _many,
            needs_earlier=True,
        ),
        missing("C10", _STAFF),
    ),
    files=(
        encrypted(),
        active("链接到别的工作簿", add_external_link),
        wrong_on_cover("F05", "封面缺填报人", "填报人", ""),
        wrong_on_cover("F09", "报告期写成月份", "报告期", "2020-06"),
        nothing_filled_in(),
        too_many_mistakes(_STAFF, "principal_count"),
    ),
)
