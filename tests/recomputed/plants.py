"""What is planted by hand in the hostile city: figures on the edge, files sent back, corrections and withdrawals."""

import copy
from dataclasses import replace
from datetime import date, timedelta

from independent.book import CASES, ENROLMENT, FIRST_ROW, HEADCOUNT, RECORD, SCHOOL
from recomputed.hostile import WRONG, made
from recomputed.people import resident, sex
from recomputed.plan import Report
from recomputed.register import Register

Reports = dict[tuple[str, str, str], Report]


def planted(first: Reports) -> None:
    """Figures on the edge, in what is sent at first."""
    # 40,000 classrooms of which one is dark: 99.9975 %, which is not all.
    for number, row in enumerate(_rows(first, "facilities", "210293", "2020-Q2", SCHOOL)):
        rooms = 0 if number else 40000
        row.update({"教室总数": rooms, "采光照明达标教室数": max(0, rooms - 1), "课桌椅总套数": 7, "达标课桌椅套数": 7})
    # 1 of 800: 0.125 %, half up.
    for number, row in enumerate(_rows(first, "dropout_control", "210293", "2020-04", ENROLMENT)):
        row.update({"应在校人数": 0 if number else 800, "实际在校人数": 0 if number else 1})
    # A mean of 77.355, half up.
    for number, row in enumerate(_rows(first, "teacher_training", "210224", "2020-Q2", RECORD)):
        scored = {"考核结果": "合格", "评估得分": (77.35, 77.36)[number]} if number < 2 else {"评估得分": None}
        row.update({"考核结果": "未考核", **scored})
    # Nobody to train in a category.
    for row in _rows(first, "teacher_training", "210212", "2020-Q2", HEADCOUNT):
        row["校级领导数"] = 0
    # A child that one ledger has in a wrong row is discovered late in the next: for it is in no ledger yet.
    found = _rows(first, "dropout_control", "210214", "2020-05", CASES)[0]
    found.update({"发现日期": date(2020, 3, 20)})
    earlier = first["dropout_control", "210214", "2020-03"]
    _put_first(earlier, CASES, {**found, **WRONG[CASES]})
    earlier.wrong.setdefault(CASES, set()).add(FIRST_ROW)
    # Discovered on the first and on the last day of a month, by no ledger before: new, and not late.
    for number, day in ((401, date(2020, 5, 1)), (402, date(2020, 5, 31))):
        child = {"身份证件号": resident(number), "学籍号": None, "性别": sex(resident(number)), "发现日期": day}
        row = {**found, **child, "劝返状态": "劝返中", "返校日期": None}
        _put_first(first["dropout_control", "210214", "2020-05"], CASES, row)
    for text in ("2020-03", "2020-04"):
        _without(first["dropout_control", "210214", text], CASES, str(found["身份证件号"]))


def _rows(first: Reports, form: str, district: str, text: str, sheet: str) -> list[dict[str, object]]:
    """The sound rows."""
    report = first[form, district, text]
    others = report.totals.get(sheet, set()) | report.wrong.get(sheet, set())
    return [row for number, row in enumerate(report.book.sheets[sheet].rows, FIRST_ROW) if number not in others]


def _put_first(report: Report, sheet: str, row: dict[str, object]) -> None:
    """A sound row before the others."""
    report.book.sheets[sheet].rows.insert(0, row)
    for marks in (report.wrong, report.totals):
        if sheet in marks:
            marks[sheet] = {number + 1 for number in marks[sheet]}


def _without(report: Report, sheet: str, identifier: str) -> None:
    """Take the child's sound row out of a ledger."""
    rows = report.book.sheets[sheet].rows
    for number in range(len(rows) + 3, 3, -1):
        if rows[number - 4].get("身份证件号") == identifier and number not in report.wrong.get(sheet, ()):
            del rows[number - 4]
            for marks in (report.wrong, report.totals):
                if sheet in marks:
                    marks[sheet] = {mark - (mark > number) for mark in marks[sheet]}


def corrected(register: Register, first: Reports) -> list[Report]:
    """What comes beside the first reports: corrections, files sent back, the same again, what is taken back."""

    def next_one(form: str, district: str, text: str, days: int) -> Report:
        report = made(register, form, district, text, version=2)
        report.day = first[form, district, text].day + timedelta(days=days)
        return report

    late: list[Report] = []
    # Corrected by whole workbooks: what the first said counts no more.
    for key in (
        ("dropout_control", "210213", "2020-03"),
        ("facilities", "210283", "2019-Q4"),
        ("student_aid", "210281", "2019-S2"),
        ("teacher_training", "210213", "2020-Q1"),
        # A nil return that was none.
        ("teacher_training", "210292", "2020-Q1"),
    ):
        late.append(next_one(*key, days=4))
    # Sent back for a sheet that is missing, and for too many wrong rows; two of them are corrected.
    for key in (("student_aid", "210202", "2020-S1"), ("facilities", "210214", "2020-Q2")):
        late.append(_early(first[key], _without_sheet))
    for key in (("student_aid", "210283", "2019-S2"), ("dropout_control", "210212", "2020-04")):
        late.append(_early(first[key], _all_wrong))
    _without_sheet(first["facilities", "210212", "2020-Q1"])
    _all_wrong(first["student_aid", "210214", "2019-S2"])
    # A correction that is sent back leaves in force what was accepted.
    for key, spoil in (
        (("dropout_control", "210283", "2020-06"), _all_wrong),
        (("teacher_training", "210281", "2020-Q2"), _without_sheet),
    ):
        bad = next_one(*key, days=2)
        spoil(bad)
        late.append(bad)
    # The same bytes again: right after, and after a correction, when the first stands once more.
    late.append(_again(first["dropout_control", "210211", "2020-05"], days=1, same=True))
    late.append(_again(first["facilities", "210213", "2020-Q1"], days=1, same=True))
    late += [next_one("student_aid", "210213", "2020-S1", 1), _again(first["student_aid", "210213", "2020-S1"], days=2)]
    # Taken back by the office: with an earlier version that comes back, and with none.
    taken = next_one("facilities", "210281", "2020-Q2", days=1)
    taken.taken_back = taken.day + timedelta(days=2)
    late.append(taken)
    alone = first["dropout_control", "210292", "2020-06"]
    alone.taken_back = alone.day + timedelta(days=3)
    return late


def _early(report: Report, spoil: object) -> Report:
    """A worse version of the report, sent three days before it."""
    worse = _copied(report, -3)
    spoil(worse)
    return worse


def _copied(report: Report, days: int) -> Report:
    return replace(
        report,
        book=copy.deepcopy(report.book),
        wrong={sheet: set(rows) for sheet, rows in report.wrong.items()},
        totals={sheet: set(rows) for sheet, rows in report.totals.items()},
        day=report.day + timedelta(days=days),
    )


def _again(report: Report, days: int, *, same: bool = False) -> Report:
    return replace(report, day=report.day + timedelta(days=days), again=same)


def _without_sheet(report: Report) -> None:
    """F10: the last data sheet is missing."""
    report.book.sheets.popitem()
    report.refused = True
    report.wrong.clear()
    report.totals.clear()


def _all_wrong(report: Report) -> None:
    """F16: every second row of the first sheet is wrong."""
    sheet = next(iter(report.book.sheets))
    totals = report.totals.get(sheet, set())
    for index in range(0, len(report.book.sheets[sheet].rows), 2):
        if index + 4 not in totals:
            report.put_wrong(sheet, index, WRONG[sheet])
