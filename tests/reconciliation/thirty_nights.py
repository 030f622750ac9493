"""What happens in thirty days: rows that are sent, corrected, taken back; what is said and ruled; what is read.

`EXPECTED` is typed by hand, from the contract: the state of an item after a night, and `then` after what was said and
ruled on the day that followed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from independent.book import BANDWIDTH, CASES, ENROLMENT, HARDSHIP, PAYMENT, RECORD, SCHOOL, Row
from recomputed.periods import Period
from recomputed.register import Register
from reconciliation import sound
from reconciliation.desk import Desk, with_wrong, without_sheet
from reconciliation.sound import Person
from reconciliation.worklist_model import EXPLAINED, OPEN, PARTLY, RESOLVED, RULED, Subject

FIRST_NIGHT = date(2020, 9, 20)
"""So the second merger of the register comes before the nineteenth night."""
A, B, C, SUCCESSOR, MERGED = "210204", "210211", "210213", "210283", "210293"
LATE, LATER = "210281", "210292"
SPRING, AUGUST, SEPTEMBER, OCTOBER = "2020-S1", "2020-08", "2020-09", "2020-10"
AID, LEDGER, FACILITIES, TRAINING = "student_aid", "dropout_control", "facilities", "teacher_training"
PERIOD = Period.of(SPRING)
FOUND, PAID_ON = date(2020, 3, 2), date(2020, 5, 20)

TWICE, ELSEWHERE, HERE, PASSED, BECAME_ONE, NAMES, POOR, NUMBER, OTHER = map(Person, range(5000, 5009))
# Of whom nothing is to be said; and one whom two ledgers name differently.
NEIGHBOUR, STUDENT, LEDGERS = map(Person, range(5010, 5013))
TEACHERS = [Person(5200 + number, grown=True) for number in range(3)]
SCHOOL_CODE = f"{B}0003"
STUDENT_NO = f"J{OTHER.id}"

SUBJECTS: dict[str, Subject] = {
    "paid twice": ("X01", (TWICE.id, SPRING)),
    "paid twice, one merges": ("X01", (PASSED.id, SPRING)),
    "aided elsewhere": ("X02", (ELSEWHERE.id, C)),
    "aided in what became one": ("X02", (BECAME_ONE.id, SUCCESSOR)),
    "aided in one": ("X03", (BECAME_ONE.id, SUCCESSOR)),
    "aided here": ("X03", (HERE.id, SUCCESSOR)),
    "poor": ("X04", (POOR.id, A)),
    "names": ("X05", (NAMES.id,)),
    "names in ledgers": ("X05", (LEDGERS.id,)),
    "student number": ("X06", (STUDENT_NO,)),
    "pupils": ("X08", (SCHOOL_CODE, "2020-Q3")),
    "teacher number": ("X09", (B, "T77")),
}
"""The items, by what they are called here; of districts as they are after the merger."""


@dataclass(frozen=True)
class Said:
    """A district explains an item."""

    item: str
    district: str


@dataclass(frozen=True)
class Ruled:
    """An officer closes an item, or opens it again."""

    item: str
    closes: bool = True


class Story:
    """The rows on the desk's piles, and what becomes of them day by day."""

    def __init__(self, desk: Desk, register: Register) -> None:
        self.desk = desk
        self.twice_a, self.twice_b = self._paid(TWICE, A), self._paid(TWICE, B)
        self._paid(PASSED, A)
        self._paid(PASSED, MERGED)
        self._case(ELSEWHERE, C, AUGUST)
        self._case(NEIGHBOUR, C, AUGUST)
        self._paid(ELSEWHERE, SUCCESSOR)
        self._case(HERE, MERGED, AUGUST)
        self._paid(HERE, MERGED)
        self._case(BECAME_ONE, MERGED, AUGUST)
        self._paid(BECAME_ONE, SUCCESSOR)
        self._case(POOR, A, AUGUST, 主要原因="因贫")
        self._case(LEDGERS, A, AUGUST, 姓名="阿依古丽")
        self._case(LEDGERS, C, AUGUST, 姓名="阿依·古丽")
        self._listed(NAMES, B, 姓名="刘安东")
        self.named = self._paid(NAMES, C, 姓名="刘安冬")
        self._listed(NUMBER, A, 学籍号=STUDENT_NO)
        self.numbered = self._listed(OTHER, SUCCESSOR, 学籍号=STUDENT_NO)
        self.courses = [self._taught(TEACHERS[0], 0), self._taught(TEACHERS[1], 1)]
        school = next(one for one in register.schools(B, PERIOD.last) if one.code == SCHOOL_CODE)
        self.facility = sound.facility(school, Period.of("2020-Q3")) | {"在校生数": 60}
        desk.add(SCHOOL, B, "2020-Q3", self.facility)
        desk.add(ENROLMENT, B, SEPTEMBER, {"学校标识码": SCHOOL_CODE, "应在校人数": 60, "实际在校人数": 56})
        # Late reports, of which only the first has the poor child.
        self._listed(POOR, LATE)
        self._paid(POOR, LATE)
        self._listed(STUDENT, LATER)

    def _listed(self, who: Person, district: str, **cells: object) -> Row:
        return self.desk.add(HARDSHIP, district, SPRING, sound.hardship(who, district, PERIOD) | cells)

    def _paid(self, who: Person, district: str, **cells: object) -> Row:
        return self.desk.add(PAYMENT, district, SPRING, sound.payment(who, district, PERIOD, PAID_ON) | cells)

    def _case(self, who: Person, district: str, month: str, **cells: object) -> Row:
        return self.desk.add(CASES, district, month, sound.case(who, district, FOUND) | cells)

    def _taught(self, who: Person, course: int) -> Row:
        row = sound.record(who, B, "T77", Period.of("2020-Q2"), course)
        return self.desk.add(RECORD, B, "2020-Q2", row)

    # -- the days -----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        for district in (A, B, C, SUCCESSOR, MERGED):
            self.desk.send(AID, district, SPRING)
        for district in (A, C, MERGED):
            self.desk.send(LEDGER, district, AUGUST)
        self.desk.send(TRAINING, B, "2020-Q2")

    def other_columns(self) -> None:
        """A row stands further below, and has another remark and another way of payment: the payment is the same."""
        self.desk.rows(PAYMENT, A, SPRING).insert(0, sound.payment(STUDENT, A, PERIOD, PAID_ON))
        self.twice_a.update({"备注": "已核对", "发放方式": "资助卡", "学校标识码": f"{A}0002"})
        self.desk.send(AID, A, SPRING)

    def amount_and_case_columns(self) -> None:
        self.twice_a["发放金额"] = 400
        self.desk.send(AID, A, SPRING)
        rows = self.desk.rows(CASES, C, AUGUST)
        rows.reverse()
        for row in rows:
            row.update({"劝返次数": 3, "劝返责任人": "王老师", "备注": "又去了一次"})
        self.desk.send(LEDGER, C, AUGUST)

    def payment_gone(self) -> None:
        self.desk.rows(PAYMENT, B, SPRING).remove(self.twice_b)
        self.desk.send(AID, B, SPRING)

    def late_report(self) -> None:
        self.desk.send(AID, LATE, SPRING)

    def payment_back_and_a_space(self) -> None:
        self.desk.add(PAYMENT, B, SPRING, self.twice_b)
        self.desk.send(AID, B, SPRING)
        self.named["姓名"] = "刘 安冬"
        self.desk.send(AID, C, SPRING)

    def another_name(self) -> None:
        self.named["姓名"] = "刘安西"
        self.desk.send(AID, C, SPRING)
        self.desk.take_back(AID, LATE, SPRING)

    def amount_taken_back(self) -> None:
        self.desk.take_back(AID, A, SPRING)
        self.desk.send(FACILITIES, B, "2020-Q3")

    def one_name(self) -> None:
        self.named["姓名"] = "刘安东"
        self.desk.send(AID, C, SPRING)

    def another_late_report_and_course_columns(self) -> None:
        self.desk.send(AID, LATER, SPRING)
        rows = self.desk.rows(RECORD, B, "2020-Q2")
        rows.reverse()
        for row in rows:
            row.update({"学时": 3, "评估得分": 90})
        self.desk.send(TRAINING, B, "2020-Q2")

    def two_names_again(self) -> None:
        self.named["姓名"] = "刘安西"
        self.desk.send(AID, C, SPRING)

    def next_ledgers(self) -> None:
        """What they say of the cases is what the last ones said."""
        for district in (C, MERGED):
            for row in self.desk.rows(CASES, district, AUGUST):
                self.desk.add(CASES, district, SEPTEMBER, dict(row))
            self.desk.send(LEDGER, district, SEPTEMBER)

    def pupils_differ(self) -> None:
        self.desk.send(LEDGER, B, SEPTEMBER)

    def discovered_earlier(self) -> None:
        row = self._of(ELSEWHERE, CASES, C, SEPTEMBER)
        row["发现日期"] = date(2020, 2, 3)
        self._of(LEDGERS, CASES, C, SEPTEMBER)["姓名"] = "阿依・古丽"
        self.desk.send(LEDGER, C, SEPTEMBER)

    def bandwidth(self) -> None:
        self.facility[BANDWIDTH] = 500
        self.desk.send(FACILITIES, B, "2020-Q3")

    def more_pupils(self) -> None:
        self.facility["在校生数"] = 61
        self.desk.send(FACILITIES, B, "2020-Q3")

    def third_teacher(self) -> None:
        self.courses.append(self._taught(TEACHERS[2], 2))
        self.desk.send(TRAINING, B, "2020-Q2")

    def as_many_pupils(self) -> None:
        self.facility["在校生数"] = 57
        self.desk.send(FACILITIES, B, "2020-Q3")

    def case_closed_and_one_teacher(self) -> None:
        self._of(ELSEWHERE, CASES, C, SEPTEMBER).update({"劝返状态": "已返校", "返校日期": date(2020, 9, 21)})
        self.desk.send(LEDGER, C, SEPTEMBER)
        for row in self.courses[1:]:
            self.desk.rows(RECORD, B, "2020-Q2").remove(row)
        self.desk.send(TRAINING, B, "2020-Q2")

    def row_quarantined(self) -> None:
        self.twice_a["发放金额"] = 500
        self.desk.send(AID, A, SPRING, with_wrong(PAYMENT, TWICE.id))

    def closing_taken_back(self) -> None:
        self.desk.take_back(LEDGER, C, SEPTEMBER)

    def first_ledger_of_the_successor(self) -> None:
        """It repeats the cases of the district that became part of it."""
        for row in self.desk.rows(CASES, MERGED, SEPTEMBER):
            self.desk.add(CASES, SUCCESSOR, OCTOBER, {**row, "劝返次数": 4})
        self.desk.send(LEDGER, SUCCESSOR, OCTOBER)

    def sent_back_and_a_case_gone(self) -> None:
        """Without its payments B's report would mend what it can't, since it is sent back."""
        self.desk.rows(PAYMENT, B, SPRING).remove(self.twice_b)
        self.desk.send(AID, B, SPRING, without_sheet)
        self.desk.rows(CASES, SUCCESSOR, OCTOBER).remove(self._of(HERE, CASES, SUCCESSOR, OCTOBER))
        self.desk.send(LEDGER, SUCCESSOR, OCTOBER)

    def number_corrected_and_a_third_district(self) -> None:
        self._paid(PASSED, C)
        self.desk.send(AID, C, SPRING)
        self.numbered["学籍号"] = f"G{OTHER.id}"
        self.desk.send(AID, SUCCESSOR, SPRING)

    def row_mended(self) -> None:
        self.desk.send(AID, A, SPRING)

    def _of(self, who: Person, sheet: str, district: str, period: str) -> Row:
        return next(row for row in self.desk.rows(sheet, district, period) if row["身份证件号"] == who.id)


DAYS: Mapping[int, Callable[[Story], None]] = {
    1: Story.begin,
    3: Story.other_columns,
    5: Story.amount_and_case_columns,
    6: Story.payment_gone,
    7: Story.late_report,
    8: Story.payment_back_and_a_space,
    9: Story.another_name,
    10: Story.amount_taken_back,
    11: Story.one_name,
    12: Story.another_late_report_and_course_columns,
    13: Story.two_names_again,
    14: Story.next_ledgers,
    15: Story.pupils_differ,
    16: Story.discovered_earlier,
    17: Story.bandwidth,
    18: Story.more_pupils,
    20: Story.third_teacher,
    21: Story.as_many_pupils,
    22: Story.case_closed_and_one_teacher,
    23: Story.row_quarantined,
    24: Story.closing_taken_back,
    25: Story.first_ledger_of_the_successor,
    27: Story.sent_back_and_a_case_gone,
    28: Story.number_corrected_and_a_third_district,
    29: Story.row_mended,
}
"""What is sent and taken back before a night; in the nights between, and in the nineteenth, nothing is."""

SAYINGS: Mapping[int, tuple[Said | Ruled, ...]] = {
    1: (Said("paid twice", A),),
    2: (
        Said("paid twice", B),
        Said("aided elsewhere", C),
        Said("aided elsewhere", SUCCESSOR),
        Said("aided here", MERGED),
        Said("poor", A),
        Ruled("teacher number"),
    ),
    3: (Said("aided in what became one", SUCCESSOR), Said("aided in what became one", MERGED)),
    4: (
        Ruled("paid twice"),
        Said("paid twice, one merges", MERGED),
        Said("names in ledgers", A),
        Said("names in ledgers", C),
    ),
    6: (Said("names", B),),
    9: (Said("paid twice", A),),
    10: (Said("poor", A),),
    15: (Said("pupils", B),),
    17: (Ruled("aided elsewhere"),),
    20: (Ruled("aided elsewhere", closes=False), Said("paid twice, one merges", A)),
    21: (Said("aided elsewhere", C),),
    26: (Ruled("paid twice, one merges"),),
}
"""What districts and officers say on the day after a night."""


@dataclass(frozen=True)
class At:
    """In a night; `then` is the state after the day that follows, where it is another."""

    night: int
    state: str
    then: str = ""


EXPECTED: Mapping[str, tuple[At, ...]] = {
    "paid twice": (
        At(1, OPEN, PARTLY),
        At(2, PARTLY, EXPLAINED),
        # Other columns, another row.
        At(3, EXPLAINED),
        At(4, EXPLAINED, RULED),
        # Another amount.
        At(5, OPEN),
        At(6, RESOLVED),
        At(7, RESOLVED),
        # The same payment is back: what was said of it and ruled then does not hold.
        At(8, OPEN),
        At(9, OPEN, PARTLY),
        # The amount of before, when both had explained: that was then.
        At(10, OPEN),
        At(22, OPEN),
        # Its row is quarantined.
        At(23, RESOLVED),
        # What is sent back mends nothing, and breaks nothing.
        At(27, RESOLVED),
        At(29, OPEN),
    ),
    "paid twice, one merges": (
        At(1, OPEN),
        At(4, OPEN, PARTLY),
        At(18, PARTLY),
        # The successor need not say what the merged one said.
        At(19, PARTLY),
        At(20, PARTLY, EXPLAINED),
        At(26, EXPLAINED, RULED),
        At(27, RULED),
        # A third district has paid, too.
        At(28, OPEN),
    ),
    "aided elsewhere": (
        At(1, OPEN),
        At(2, OPEN, EXPLAINED),
        At(5, EXPLAINED),
        # Next month's ledger repeats the case.
        At(14, EXPLAINED),
        At(16, OPEN),
        At(17, OPEN, RULED),
        At(19, RULED),
        At(20, RULED, OPEN),
        At(21, OPEN, PARTLY),
        At(22, RESOLVED),
        At(24, OPEN),
        At(30, OPEN),
    ),
    "aided in what became one": (
        At(1, OPEN),
        At(3, OPEN, EXPLAINED),
        # Both are one now; what each said holds.
        At(19, EXPLAINED),
        # The successor's own ledger is of a period in which they are one.
        At(25, RESOLVED),
    ),
    "aided in one": (At(25, OPEN), At(27, OPEN), At(30, OPEN)),
    "aided here": (
        At(1, OPEN),
        At(2, OPEN, EXPLAINED),
        At(14, EXPLAINED),
        At(19, EXPLAINED),
        At(25, EXPLAINED),
        At(27, RESOLVED),
    ),
    "poor": (
        At(1, OPEN),
        At(2, OPEN, EXPLAINED),
        # Another district lists and pays the child, and takes the report back.
        At(7, RESOLVED),
        At(9, OPEN),
        At(10, OPEN, EXPLAINED),
        # One report fewer is missing.
        At(12, EXPLAINED),
        At(30, EXPLAINED),
    ),
    "names": (
        At(1, OPEN),
        At(6, OPEN, PARTLY),
        # White space makes no other name.
        At(8, PARTLY),
        At(9, OPEN),
        At(11, RESOLVED),
        At(13, OPEN),
    ),
    "names in ledgers": (
        At(1, OPEN),
        At(4, OPEN, EXPLAINED),
        # A third ledger with one of the two names; the same with other dots.
        At(14, EXPLAINED),
        At(16, EXPLAINED),
        # And the closing of another case in it is taken back.
        At(24, EXPLAINED),
        At(30, EXPLAINED),
    ),
    "student number": (At(1, OPEN), At(19, OPEN), At(28, RESOLVED)),
    "pupils": (
        At(15, OPEN, EXPLAINED),
        At(17, EXPLAINED),
        At(18, OPEN),
        At(21, RESOLVED),
    ),
    "teacher number": (
        At(1, OPEN),
        At(2, OPEN, RULED),
        At(12, RULED),
        At(20, OPEN),
        At(22, RESOLVED),
    ),
}
