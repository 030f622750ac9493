"""The hostile city: which district sends what and when, in five quarters, five months and four semesters.

Everything comes from seeds of its own, so a change in one report leaves the others as they are.
"""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from independent.book import CASES, ENROLMENT, HARDSHIP, HEADCOUNT, KINDERGARTEN, LARGE, PAYMENT, RECORD, SCHOOL, Row
from recomputed.periods import Period, due
from recomputed.place import CODES, MERGED
from recomputed.plan import Report
from recomputed.register import Register
from recomputed.rows_schools import facilities, training
from recomputed.rows_students import aid, ledger

SEED = "hostile city 1"
MAKE: dict[str, Callable[[Random, Register, str, Period, date], Report]] = {
    "student_aid": aid,
    "dropout_control": ledger,
    "facilities": facilities,
    "teacher_training": training,
}
WRONG: dict[str, Row] = {
    HARDSHIP: {"年级": 99},
    PAYMENT: {"发放状态": "已发放", "发放日期": None},
    CASES: {"劝返状态": "劝返中", "劝返次数": 0},
    ENROLMENT: {"实际在校人数": 99999},
    SCHOOL: {LARGE: 999},
    KINDERGARTEN: {"本年改造旱厕数": 99},
    RECORD: {"学时": "八"},
    HEADCOUNT: {"校级领导数": 999},
}
"""A sheet → what makes any of its rows a critical finding."""
WRONG_RULES = dict(zip(WRONG, ("A09", "A03", "D08", "D09", "B01", "B05", "T02", "E07"), strict=True))
EVERYBODY = frozenset(CODES)
STANDING = EVERYBODY - {MERGED}
INNER = {"210202", "210203", "210204", "210211", "210291"}

# Who reports. What is `WHOLE` has every row, sound, so that the period is complete wherever all of these are.
SENT: dict[tuple[str, str], frozenset[str]] = {
    ("dropout_control", "2020-03"): EVERYBODY - {"210224", "210281", "210293"},
    ("dropout_control", "2020-04"): EVERYBODY,
    ("dropout_control", "2020-05"): STANDING - {"210204"},
    ("dropout_control", "2020-06"): STANDING - {"210202", "210291", "210293"},
    ("dropout_control", "2020-12"): frozenset({"210211", "210224", "210293"}),
    ("facilities", "2019-Q4"): EVERYBODY - {"210202", "210212", "210224", "210291"},
    ("facilities", "2020-Q1"): EVERYBODY - {"210203", "210291"},
    ("facilities", "2020-Q2"): STANDING,
    ("facilities", "2020-Q3"): frozenset({"210202", "210211", "210291", "210293"}),
    ("facilities", "2020-Q4"): STANDING - {"210202", "210204"},
    ("teacher_training", "2019-Q4"): frozenset({"210202", "210203", "210213", "210281"}),
    ("teacher_training", "2020-Q1"): EVERYBODY - {"210211", "210281", "210291"},
    ("teacher_training", "2020-Q2"): STANDING,
    ("teacher_training", "2020-Q3"): frozenset({"210202", "210211", "210212", "210293"}),
    ("teacher_training", "2020-Q4"): frozenset({"210204", "210281", "210293"}),
    ("student_aid", "2019-S1"): frozenset({"210202", "210203", "210211", "210283", "210293"}),
    ("student_aid", "2019-S2"): EVERYBODY - {"210204", "210224"},
    ("student_aid", "2020-S1"): STANDING,
    ("student_aid", "2020-S2"): frozenset({"210202", "210204", "210211", "210212", "210281", "210293"}),
}
WHOLE = {
    ("dropout_control", "2020-04"): EVERYBODY,
    ("facilities", "2020-Q1"): EVERYBODY - INNER,
    ("facilities", "2020-Q2"): STANDING,
    ("facilities", "2020-Q4"): STANDING - INNER,
    ("teacher_training", "2020-Q2"): STANDING,
}
NIL = {
    ("student_aid", "210293", "2019-S2"),
    ("student_aid", "210224", "2020-S1"),
    ("student_aid", "210212", "2020-S2"),
    ("teacher_training", "210292", "2020-Q1"),
    ("teacher_training", "210293", "2020-Q3"),
    ("teacher_training", "210204", "2020-Q4"),
}
UNITS = {
    "dropout_control": (ENROLMENT,),
    "facilities": (SCHOOL, KINDERGARTEN),
    "teacher_training": (HEADCOUNT,),
    "student_aid": (),
}


def made(register: Register, form: str, district: str, text: str, version: int = 1, after: int | None = None) -> Report:
    """A sound report of its own seed, sent `after` days from the due date."""
    random = Random(f"{SEED}|{form}|{district}|{text}|{version}")
    period = Period.of(text)
    late = random.choice([-2, -2, 0, 0, 1, 3]) if after is None else after
    day = due(form, period) + timedelta(days=late)
    report = MAKE[form](random, register, district, period, day)
    if (form, district, text) in NIL and version == 1:
        report.book.cover["无数据申报"] = "是"
        for part in report.book.sheets.values():
            part.rows.clear()
    elif district not in WHOLE.get((form, text), ()):
        _spoil(random, report)
    if random.random() < 0.4 and not report.nil:
        report.put_total(random.choice([title for title, part in report.book.sheets.items() if part.rows]))
    return report


def _spoil(random: Random, report: Report) -> None:
    """Leave out a school, and make a row or two wrong."""
    for title in UNITS[report.form]:
        rows = report.book.sheets[title].rows
        if random.random() < 0.4 and len(rows) > 1:
            del rows[random.randrange(len(rows))]
    for title, part in report.book.sheets.items():
        for index in random.sample(range(len(part.rows)), min(len(part.rows), random.choice([0, 0, 1, 2]))):
            report.put_wrong(title, index, WRONG[title])
