"""A warning keeps its name wherever its row moves and however it is spelt, and loses it with the value."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from district_reports.checks.run import check_workbook
from district_reports.checks.warning_ids import is_warning_id
from district_reports.model.finding import Severity
from district_reports.model.history import History
from district_reports.reference.register import Register
from district_reports.workbook.reading.reader import read_sheets
from independent.book import BANDWIDTH, HARDSHIP, HEADCOUNT, KINDERGARTEN, PAYMENT, RECORD, SCHOOL, Book, Row
from independent.persons import resident_id
from independent.sound_schools import facilities, teacher_training
from independent.sound_students import student_aid
from ledger_book import CASE_HEADERS, CASES, ENROLMENT_HEADERS, SCHOOLS, case
from ledger_book import resident_id as ledger_id

MAY = {
    "dropout_case": [
        {
            "resident_id": ledger_id(77),
            "case_status": "劝返中",
            "student_name": "学生77",
            "discovered_on": date(2020, 5, 7),
        }
    ],
    "compulsory_enrolment": [{"school_code": SCHOOLS[0]["学校标识码"], "expected_enrolment": 500}],
}
Names = Counter[tuple[str, str | None]]
WIDE = {code: code + 0xFEE0 for code in range(ord("0"), ord("9") + 1)}


def poor_schools() -> Book:
    book = facilities()
    book.put(SCHOOL, 13, {"在校生数": 496, "课桌椅总套数": 600})
    book.put(SCHOOL, 5, {BANDWIDTH: 99})
    book.put(SCHOOL, 8, {"随班就读残疾学生数": 5})
    book.put(SCHOOL, 9, {"专项检查日期": date(2019, 12, 31)})
    book.put(KINDERGARTEN, 4, {"在园幼儿数": 325})
    book.put(KINDERGARTEN, 5, {"本年新开办": "是"})
    book.remove(SCHOOL, 12)
    return book


def doubtful_courses() -> Book:
    book = teacher_training()
    book.put(RECORD, 16, {"学校标识码": "2102830001"})
    book.put(RECORD, 36, {"开始日期": date(2020, 3, 30), "结束日期": date(2020, 3, 31)})
    book.put(HEADCOUNT, 7, {"思政课教师数": 3})
    book.remove(HEADCOUNT, 11)
    again = {**book.row(RECORD, 23), "培训名称": "另一期"}
    book.add(RECORD, again)
    return book


def doubtful_aid() -> Book:
    book = student_aid()
    book.put(HARDSHIP, 14, {"学籍号": f"G{resident_id(77, '20100311')}"})
    book.put(HARDSHIP, 32, {"认定日期": date(2020, 5, 21)})
    book.put(PAYMENT, 17, {"发放日期": date(2020, 1, 31)})
    book.remove(HARDSHIP, 40)
    book.remove(PAYMENT, 6)
    return book


@pytest.fixture(scope="session")
def before(city: Register, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Names]:
    """The names in a workbook as it was."""
    folder = tmp_path_factory.mktemp("before")
    return cache(lambda sound: names(sound().write(folder / f"{sound.__name__}.xlsx"), city))


def names(path: Path, city: Register) -> Names:
    checked = check_workbook(read_sheets(path), city, "210283", date(2020, 7, 4))
    assert [found for found in checked.findings if found.severity is Severity.CRITICAL] == []
    assert all((found.warning_id is not None) == (found.severity is Severity.WARNING) for found in checked.findings)
    return Counter((found.rule, found.warning_id) for found in checked.findings if found.warning_id)


def respelt(value: object) -> object:
    """The same value, typed by somebody else."""
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return None if value is None else f" {value}".translate(WIDE) + "\u200b"


@pytest.mark.parametrize(
    ("sound", "rules"),
    [
        (poor_schools, "B02 B04 B07 B09 B10 B11"),
        pytest.param(doubtful_courses, "C08 C10 E03 E06 E08 E09", marks=pytest.mark.slow),
        pytest.param(doubtful_aid, "A04 A05 A08 C07 C08", marks=pytest.mark.slow),
    ],
)
def test_rows_move_columns_move_and_cells_are_respelt(
    sound: Callable[[], Book], rules: str, before: Callable[..., Names], city: Register, tmp_path: Path
) -> None:
    assert {rule for rule, _ in before(sound)} >= set(rules.split())
    assert all(is_warning_id(name or "") for _, name in before(sound))
    dice, moved = random.Random(6), sound()
    for sheet in moved.sheets.values():
        dice.shuffle(sheet.rows)
        dice.shuffle(sheet.headers)
        for row in sheet.rows:
            row.update({title: respelt(value) for title, value in row.items()})

    assert names(moved.write(tmp_path / "after.xlsx"), city) == before(sound)


@pytest.mark.parametrize(
    ("sound", "rules", "changes"),
    [
        (
            poor_schools,
            ["B02", "B04", "B07", "B09", "B11"],
            [
                (SCHOOL, 12, {"在校生数": 497}),
                (SCHOOL, 5, {BANDWIDTH: 98}),
                (SCHOOL, 8, {"随班就读残疾学生数": 6}),
                (SCHOOL, 9, {"专项检查日期": date(2019, 12, 30)}),
                (KINDERGARTEN, 4, {"学位数": 269}),
            ],
        ),
        (poor_schools, ["B02"], [(SCHOOL, 12, {"班级数": 8})]),
        (
            doubtful_aid,
            ["A08", "A08", "C07", "C08"],
            [
                (HARDSHIP, 32, {"认定日期": date(2020, 5, 22)}),
                (HARDSHIP, 14, {"学籍号": f"G{resident_id(78, '20100311')}"}),
                # The student of this payment was identified after it, and the warning about that quotes its date.
                (PAYMENT, 16, {"发放日期": date(2020, 1, 30)}),
            ],
        ),
    ],
)
def test_another_value_is_another_warning(
    sound: Callable[[], Book],
    rules: list[str],
    changes: list[tuple[str, int, Row]],
    before: Callable[..., Names],
    city: Register,
    tmp_path: Path,
) -> None:
    changed = sound()
    for change in changes:
        changed.put(*change)
    after = names(changed.write(tmp_path / "after.xlsx"), city)

    assert sorted(rule for rule, _ in (before(sound) - after).elements()) == rules
    assert sorted(rule for rule, _ in (after - before(sound)).elements()) == rules


def by_rule(checked) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in checked.findings:
        if one.warning_id:
            found.setdefault(one.rule, set()).add(one.warning_id)
    return found


def test_warnings_about_sheets_and_files(check) -> None:
    """Late, a column too many, a total, a hidden row, a missing school, a missing child: no row number counts."""

    def hide(row: int):
        def change(book) -> None:
            book[CASES].row_dimensions[row].hidden = True
            book[CASES]["S3"], book[CASES]["S4"] = "领导意见", "同意"

        return change

    rows = [case(number) for number in range(1, 41)]
    total = {"身份证件号": "合计", "劝返次数": 80}
    history = History("2020-05", MAY)
    first = check(
        cases=[*rows, total],
        enrolment=SCHOOLS[:1],
        history=history,
        change=hide(4),
        received_on=date(2020, 7, 7),
    )
    before = by_rule(first)
    assert before.keys() == {"F12", "T09", "T11", "C06", "C10", "D07"}, "a late report is a fact, and asks for nothing"

    moved = check(
        cases=[*rows[1:20], rows[0], *rows[20:], {}, total],
        enrolment=SCHOOLS[:1],
        enrolment_headers=ENROLMENT_HEADERS[::-1],
        history=history,
        change=hide(23),
        received_on=date(2020, 7, 8),
    )
    assert by_rule(moved) == before, "a day later it says the same"

    child, school = MAY["dropout_case"][0], MAY["compulsory_enrolment"][0]
    other = {
        "dropout_case": [{**child, "resident_id": ledger_id(78)}],
        "compulsory_enrolment": [{**school, "expected_enrolment": 510}],
    }
    others = check(cases=rows[::-1], enrolment=SCHOOLS[:1], history=History("2020-05", other), change=hide(4))
    after = by_rule(others)
    assert (after["F12"], after["C10"]) == (before["F12"], before["C10"])
    assert not any(after[rule] & before[rule] for rule in ("C06", "D07", "T11"))


def test_the_same_of_another_period_is_another_warning(check) -> None:
    rows = [case(1, 主要原因="因贫", 发现日期=date(2020, 5, 6))]
    june, may = (by_rule(check(cases=rows, cover={"报告期": period})) for period in ("2020-06", "2020-05"))
    assert june["D06"].isdisjoint(may["D06"])


def test_another_column_that_is_not_known(check) -> None:
    one, other = (
        by_rule(check(case_headers=[*CASE_HEADERS, title], cases=[case(1, **{title: "一"})])) for title in ("甲", "乙")
    )
    assert one["F12"].isdisjoint(other["F12"])


def test_beyond_what_is_listed_the_number_counts(check, monkeypatch) -> None:
    monkeypatch.setattr("district_reports.checks.bounded.LISTED", 2)
    poor = [case(number, 主要原因="因贫") for number in range(1, 6)]
    five, again, four = (check(cases=rows).findings for rows in (poor, poor[::-1], poor[:4]))
    rest = [[one.warning_id for one in found if one.rows] for found in (five, again, four)]
    assert rest[0] == rest[1] != rest[2]
    assert replace(five[-1], warning_id=None) == replace(again[-1], warning_id=None, rows=five[-1].rows)
