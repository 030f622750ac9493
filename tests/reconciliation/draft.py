"""A city in the making: sound reports of thirteen districts over a school year and more, to plant rows into.

A row knows where it will stand once all is planted, in which report of its key: the one that stands, an earlier one
that was corrected, or one that was sent back or taken back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from independent.book import (
    CASES,
    ENROLMENT,
    FIRST_ROW,
    HARDSHIP,
    HEADCOUNT,
    KINDERGARTEN,
    PAYMENT,
    RECORD,
    SCHOOL,
    Row,
)
from recomputed.hostile import WRONG
from recomputed.periods import Period, due
from recomputed.place import CODES
from recomputed.plan import Report, blank
from recomputed.register import COMPULSORY, Register
from recomputed.register import KINDERGARTEN as NURSERY
from reconciliation import sound
from reconciliation.sound import Person

TODAY = date(2020, 10, 12)
"""The night that compares."""
MERGER_LATER = ("2020-10-08", "210293", "210283")
"""A second merger, after which the successor has reported nothing yet: what the merged one said is the latest."""

SHEETS = {
    "student_aid": (HARDSHIP, PAYMENT),
    "dropout_control": (CASES, ENROLMENT),
    "facilities": (SCHOOL, KINDERGARTEN),
    "teacher_training": (RECORD, HEADCOUNT),
}
FORM_OF = {sheet: form for form, sheets in SHEETS.items() for sheet in sheets}
MONTHS = (*(f"2019-{month:02d}" for month in range(9, 13)), *(f"2020-{month:02d}" for month in range(1, 10)))
QUARTERS = ("2019-Q3", "2019-Q4", "2020-Q1", "2020-Q2", "2020-Q3")
SEMESTERS = ("2019-S2", "2020-S1", "2020-S2")
PERIODS = {
    "student_aid": SEMESTERS,
    "dropout_control": MONTHS,
    "facilities": QUARTERS,
    "teacher_training": QUARTERS,
}
EARLY = ("210202", "210204", "210211", "210213", "210283", "210293")
"""They have sent aid of the semester that has begun; the last of them is merged before it ends."""
MISSING = {
    ("dropout_control", "210224", "2020-09"),
    ("student_aid", "210224", "2019-S2"),
    ("facilities", "210292", "2019-Q4"),
    ("dropout_control", "210204", "2020-03"),
}
SENT_BACK = {("dropout_control", "210281", "2020-09"), ("student_aid", "210214", "2020-S1")}
TAKEN_BACK = {("dropout_control", "210212", "2020-09")}
NIL = {("student_aid", "210291", "2019-S2"), ("teacher_training", "210292", "2020-Q1")}
BEFORE_MERGER = {("student_aid", "210203", "2020-S1")}
"""Sent by a district that was merged before the period's end: it does not report for it."""

Key = tuple[str, str, str]
Version = Literal["corrected", "standing", "sent back", "taken back"]
DAYS: dict[Version, int] = {"corrected": -3, "standing": 0, "sent back": 1, "taken back": 2}


class Side(NamedTuple):
    """A row where it was sent."""

    form: str
    period: str
    district: str
    sheet: str
    row: int


@dataclass(frozen=True, eq=False)
class Placed:
    """A row of a report that stands, or does not; `cells` are as they will be sent."""

    key: Key
    version: Version
    sheet: str
    cells: Row


class Draft:
    """Reports by key and version, and the rows that each will have."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._rows: dict[Key, dict[str, list[Placed]]] = {}
        self._wrong: set[int] = set()
        self._instead: dict[int, Placed] = {}
        for form, periods in PERIODS.items():
            for text in periods:
                for district in self._senders(form, text):
                    if (form, district, text) not in MISSING:
                        self._sound(form, district, text)

    def _senders(self, form: str, text: str) -> Iterator[str]:
        for district in CODES:
            if text == "2020-S2" and district not in EARLY:
                continue
            early = (form, district, text) in BEFORE_MERGER or text == "2020-S2"
            if early or district in self.register.reporting(Period.of(text).last):
                yield district

    def put(
        self,
        sheet: str,
        district: str,
        period: str,
        row: Row,
        *,
        version: Version = "standing",
        wrong: bool = False,
        instead: Placed | None = None,
    ) -> Placed:
        """Add a row; one of another version than the standing one may stand there `instead` of a row.

        A row that is `wrong` has a critical finding.
        """
        key = (FORM_OF[sheet], district, period)
        assert key not in MISSING, f"{key} is never sent"
        placed = Placed(key, version, sheet, row)
        if wrong:
            row.update(WRONG[sheet])
            self._wrong.add(id(placed))
        if instead is not None:
            self._instead[id(placed)] = instead
        self._rows[key][sheet].append(placed)
        return placed

    def standing(self, sheet: str, district: str, period: str) -> list[Placed]:
        rows = self._rows[FORM_OF[sheet], district, period][sheet]
        return [row for row in rows if row.version == "standing"]

    def spoil(self, placed: Placed) -> None:
        """Make a row that is there wrong."""
        placed.cells.update(WRONG[placed.sheet])
        self._wrong.add(id(placed))

    def side(self, placed: Placed) -> Side:
        rows = self._of(placed.key, placed.version)[placed.sheet]
        number = next(at for at, row in enumerate(rows, FIRST_ROW) if row is placed)
        form, district, period = placed.key
        return Side(form, period, district, placed.sheet, number)

    def _of(self, key: Key, version: Version) -> dict[str, list[Placed]]:
        """The rows of the standing version and those of this one."""
        found = {}
        for sheet, rows in self._rows[key].items():
            gone = [self._instead[id(row)] for row in rows if row.version == version and id(row) in self._instead]
            found[sheet] = [row for row in rows if row.version in ("standing", version) and row not in gone]
        return found

    def reports(self) -> list[Report]:
        """All that is sent, in the order in which it comes."""
        found = []
        for key, sheets in self._rows.items():
            versions: set[Version] = {row.version for rows in sheets.values() for row in rows}
            found += [self._report(key, version) for version in sorted(versions | {"standing"})]
        return sorted(found, key=lambda report: report.day)

    def _report(self, key: Key, version: Version) -> Report:
        form, district, text = key
        rows = self._of(key, version)
        day = min(due(form, Period.of(text)) - timedelta(days=2), TODAY - timedelta(days=7))
        if key in BEFORE_MERGER:
            day = date(2020, 5, 8)
        day += timedelta(days=DAYS[version])
        report = blank(form, district, text, day, {sheet: [row.cells for row in rows[sheet]] for sheet in rows})
        for sheet, placed in rows.items():
            wrong = {number for number, row in enumerate(placed, FIRST_ROW) if id(row) in self._wrong}
            if wrong:
                report.wrong[sheet] = wrong
        if key in NIL:
            report.book.cover["无数据申报"] = "是"
        if version == "sent back" or key in SENT_BACK:
            report.book.sheets.popitem()
            report.refused = True
            report.wrong.clear()
        if version == "taken back" or key in TAKEN_BACK:
            report.taken_back = day + timedelta(days=1)
        assert report.refused or not report.too_many, f"too many rows of {key} are wrong"
        return report

    def _sound(self, form: str, district: str, text: str) -> None:
        key, period = (form, district, text), Period.of(text)
        self._rows[key] = {sheet: [] for sheet in SHEETS[form]}
        if key in NIL:
            return
        for sheet, rows in _SOUND[form](self.register, district, period).items():
            for row in rows:
                self.put(sheet, district, text, row)


def _people(district: str, many: int, *, grown: bool = False) -> list[Person]:
    place = CODES.index(district)
    return [Person(place * 30 + number, grown=grown) for number in range(many)]


def _aid(register: Register, district: str, period: Period) -> dict[str, Iterable[Row]]:
    children = _people(district, 14)
    return {
        HARDSHIP: [sound.hardship(who, district, period) for who in children],
        PAYMENT: [sound.payment(who, district, period, date(2020, 2, 14)) for who in children],
    }


def _ledger(register: Register, district: str, period: Period) -> dict[str, Iterable[Row]]:
    """Three who get no aid, and a poor child that does in each semester."""
    schools = register.open_between(district, period.first, period.last)
    found = min(date(2020, 3, 2), period.first)
    poor = {**sound.case(_people(district, 1)[0], district, found), "主要原因": "因贫"}
    return {
        CASES: [poor, *(sound.case(who, district, found) for who in _people(district, 20)[17:])],
        ENROLMENT: [sound.enrolment(school) for school in schools if school.kind in COMPULSORY],
    }


def _facilities(register: Register, district: str, period: Period) -> dict[str, Iterable[Row]]:
    schools = register.open_between(district, period.first, period.last)
    return {
        SCHOOL: [sound.facility(school, period) for school in schools if school.kind != NURSERY],
        KINDERGARTEN: [sound.nursery(school, period) for school in schools if school.kind == NURSERY],
    }


def _training(register: Register, district: str, period: Period) -> dict[str, Iterable[Row]]:
    """Numbers begin anew in each district: T00 is somebody else next door. Also where the two merge later."""
    schools = register.open_between(district, period.first, period.last)
    teachers = enumerate(_people(district, 14, grown=True))
    return {
        RECORD: [sound.record(who, district, f"T{number:02d}", period, 1) for number, who in teachers],
        HEADCOUNT: [sound.headcount(school) for school in schools if school.kind != NURSERY],
    }


_SOUND = {
    "student_aid": _aid,
    "dropout_control": _ledger,
    "facilities": _facilities,
    "teacher_training": _training,
}
