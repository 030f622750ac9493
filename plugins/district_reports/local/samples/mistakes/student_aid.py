"""Mistakes in student aid."""

from datetime import date, timedelta

from district_reports.local.samples.file_mistakes import (
    column_added,
    column_missing,
    csv_called_xlsx,
    the_same_again,
    wrong_on_cover,
)
from district_reports.local.samples.mistakes import Mistakes
from district_reports.local.samples.planting import Book, Mistake, Row, Suits, cell
from district_reports.local.samples.workbooks import SAMPLE_DAY

_LIST, _PAYMENT = "hardship_student", "aid_payment"
_WEEK = timedelta(days=7)


def _fee_only(row: Row) -> bool:
    """Paid to a pupil who, being exempt from fees, need not be on the hardship list."""
    return bool(row["programme"] == "中职免学费" and row["payment_status"] == "已发放" and row["student_no"])


def _payment(rule: str, column: str, change: Row, suits: Suits = _fee_only) -> Mistake:
    """A mistake in a payment that no rule of the hardship list looks at."""

    def plant(book: Book) -> None:
        listed = {row["resident_id"] for row in book.rows[_LIST]}
        cell(rule, _PAYMENT, column, change, lambda row: suits(row) and row["resident_id"] not in listed)(book)

    return plant


def _vocational_grant(row: Row) -> bool:
    return bool(row["programme"] == "中职国家助学金" and row["payment_status"] == "已发放")


def _unpaid(row: Row) -> bool:
    return bool(row["payment_status"] == "未发放")


def _junior(row: Row) -> bool:
    return bool(row["stage"] == "初中")


def _with_one_payment(book: Book, programme: str) -> tuple[Row, Row]:
    """A free listed pupil and the pupil's only payment, which is of `programme`."""

    def suits(row: Row) -> bool:
        payments = book.matching(_PAYMENT, "resident_id", row["resident_id"])
        return len(payments) == 1 and payments[0]["programme"] == programme and book.is_free(payments[0])

    listed = book.take(_LIST, suits)
    payments = book.matching(_PAYMENT, "resident_id", listed["resident_id"])
    book.take_all(payments)
    return listed, payments[0]


def _not_on_the_list(book: Book) -> None:
    _payment("A04", "resident_id", {"programme": "中职国家助学金", "entitled_amount": 1000, "paid_amount": 1000})(book)


def _entitled_but_unpaid(book: Book) -> None:
    listed, payment = _with_one_payment(book, "非寄宿生生活补助")
    payment.update({"payment_status": "未发放", "paid_amount": 0, "paid_on": None})
    book.mark("A05", _LIST, listed, "resident_id")


def _paid_twice(book: Book) -> None:
    _, payment = _with_one_payment(book, "寄宿生生活补助")
    other = book.add(_PAYMENT, payment | {"programme": "非寄宿生生活补助", "entitled_amount": 250, "paid_amount": 250})
    for row in (payment, other):
        book.mark("A06", _PAYMENT, row, "programme")


def _paid_before_identified(book: Book) -> None:
    listed, payment = _with_one_payment(book, "非寄宿生生活补助")
    listed["identified_on"] = SAMPLE_DAY
    payment["paid_on"] = SAMPLE_DAY - _WEEK
    book.mark("A08", _LIST, listed, "identified_on")


def _more_than_before(book: Book) -> None:
    book.mark("C06", _LIST, needs_earlier=True)


MISTAKES = Mistakes(
    scale=0.4,
    earlier=0.5,
    contents=(
        _more_than_before,
        _not_on_the_list,
        _entitled_but_unpaid,
        _paid_twice,
        _paid_before_identified,
        cell("A09", _LIST, "grade", {"grade": 10}, _junior),
        cell("T04", _LIST, "hardship_level", {"hardship_level": "很困难"}),
        cell("A01", _PAYMENT, "programme", {"programme": "学前教育资助"}, _vocational_grant),
        cell("A02", _PAYMENT, "paid_amount", {"paid_amount": 1050}, _vocational_grant),
        cell("A07", _PAYMENT, "entitled_amount", {"entitled_amount": 1200}, _vocational_grant),
        cell("A07", _PAYMENT, "entitled_amount", {"entitled_amount": 0}, _unpaid),
        cell("A03", _PAYMENT, "paid_on", {"paid_on": SAMPLE_DAY}, _unpaid),
        cell("A03", _PAYMENT, "paid_on", {"paid_amount": 100}, _unpaid),
        _payment("A03", "paid_on", {"paid_on": None}),
        _payment("C08", "paid_on", {"paid_on": date(2020, 1, 20)}),
        _payment("C04", "paid_on", {"paid_on": SAMPLE_DAY + _WEEK}),
        _payment("C02", "school_code", {"school_code": "3999999999"}),
        _payment("C01", "resident_id", {"resident_id": "21020220031301001X", "student_no": None}),
        _payment("C09", "student_no", {"student_no": "学籍在外省"}),
        _payment("T02", "paid_amount", {"paid_amount": "1500元"}),
        _payment("T10", "paid_amount", {"entitled_amount": 1100, "paid_amount": "1,100"}),
    ),
    files=(
        csv_called_xlsx(),
        wrong_on_cover("F07", "旧版模板", "模板版本", "2019.1"),
        column_missing(_PAYMENT, "payment_status"),
        column_added("F12", "多出一列", _LIST, "班主任"),
        wrong_on_cover("F15", "误报无数据", "无数据申报", "是"),
        the_same_again(),
    ),
)
