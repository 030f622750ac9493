"""The story of thirty days: rows of five districts that are sent, corrected and taken back."""

from datetime import date

from independent.book import BANDWIDTH, CASES, ENROLMENT, HARDSHIP, PAYMENT, RECORD, SCHOOL, Row
from recomputed.periods import Period
from recomputed.register import Register
from reconciliation import sound
from reconciliation.desk import Desk, with_wrong, without_sheet
from reconciliation.sound import Person

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
