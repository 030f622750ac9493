"""Mistakes in teacher training."""

from datetime import date, timedelta
from itertools import pairwise

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

_RECORD, _STAFF = "training_record", "teacher_headcount"
_EVERYBODY = "思政课教师全员通识"


def _ethics(row: Row) -> bool:
    """A course of one day that no rule counts, with a score that fits."""
    return bool(row["training_category"] == "师德师风" and row["result"] == "合格" and row["score"])


def _record(rule: str, column: str, change: Row, suits: Suits = _ethics) -> Mistake:
    """A mistake in the record of a teacher who has no other."""

    def plant(book: Book) -> None:
        def only(row: Row) -> bool:
            return suits(row) and len(book.matching(_RECORD, "teacher_no", row["teacher_no"])) == 1

        cell(rule, _RECORD, column, change, only)(book)

    return plant


def _ended_before_started(book: Book) -> None:
    row = book.take(_RECORD, lambda row: _ethics(row) and row["started_on"] > date(2020, 4, 15))
    row["ended_on"] = row["started_on"] - timedelta(days=1)
    book.mark("E01", _RECORD, row, "ended_on")


def _two_courses_at_once(book: Book) -> None:
    row = book.take(
        _RECORD, lambda row: _ethics(row) and len(book.matching(_RECORD, "teacher_no", row["teacher_no"])) == 1
    )
    other = book.add(_RECORD, row | {"training_category": "其他", "course_name": "校本研修（补课）"})
    for each in (row, other):
        book.mark("E03", _RECORD, each, "started_on")


def _rural_course_in_town(book: Book) -> None:
    def in_town(row: Row) -> bool:
        return _ethics(row) and book.sample.register.schools_of(row["school_code"])[-1].area_type == "城区"

    cell("E06", _RECORD, "training_category", {"training_category": "乡村教师支持"}, in_town)(book)


def _more_trained_than_there_are(book: Book) -> None:
    def trained(school: object) -> set[str]:
        rows = book.matching(_RECORD, "school_code", school)
        return {row["teacher_no"] for row in rows if row["training_category"] == _EVERYBODY}

    row = book.take(_STAFF, lambda row: len(trained(row["school_code"])) >= 2)
    row["ideology_teacher_count"] = len(trained(row["school_code"])) - 1
    book.mark("E08", _STAFF, row, "ideology_teacher_count")


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
        _rural_course_in_town,
        _more_trained_than_there_are,
        _record("E02", "hours", {"hours": 12}),
        _record("E02", "hours", {"hours": 0}),
        _record("E04", "score", {"score": 101}),
        _record("E04", "score", {"score": 55}),
        _record("E05", "training_category", {"training_category": "双师型教师"}),
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
