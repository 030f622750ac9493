"""Reports of two districts that contradict one another, taken in and compared, beside the small city.

西岗区's rows are what 中山区 may never see: their names, IDs, schools and amounts are nobody else's.
"""

from datetime import date
from decimal import Decimal

from district_reports.database.engine import engine
from district_reports.pages.data import register
from district_reports.reconciliation.reconcile import reconcile
from pages.conftest import change
from pages.small_city import XIGANG, ZHONGSHAN
from submitted import report, resident, submit

SEMESTER = "2019-S2"
OURS, THEIRS = "赵本区学生", "钱外区学生"
THEIR_ID, THEIR_AMOUNT = resident(7777), "431.7"
"""In an X06 item the two IDs differ."""
EXPLAINED = "已与学校核实，学期中转学。"
TWICE_PAID, TWO_NAMES, TWO_IDS = (10, 11, 12), 20, 30
"""The children, by their numbers: one ID in both districts; one ID with two names; one student number with two IDs."""
ITEMS = 5
"""X01 thrice for the twice paid ones; X05 and X06 once."""


def school_of(district: str) -> tuple[str, str]:
    """Code and name of a school there."""
    found = register().schools_open(district, date(2020, 1, 1), {"小学"})[0]
    return found.code, found.name


def hardship(number: int, district: str, name: str, *, resident_id: str = "", student_no: str = "") -> dict:
    """A row of 困难学生认定."""
    return {
        "row_number": 4 + number,
        "student_no": student_no or f"G{resident_id or resident(number)}",
        "student_name": name,
        "resident_id": resident_id or resident(number),
        "school_code": school_of(district)[0],
        "stage": "小学",
        "grade": 3,
        "hardship_type": "孤儿",
        "hardship_level": "困难",
        "identified_on": date(2019, 9, 9),
    }


def payment(number: int, district: str, name: str, amount: Decimal) -> dict:
    """A row of 资助发放."""
    return {
        "row_number": 4 + number,
        "student_no": f"G{resident(number)}",
        "student_name": name,
        "resident_id": resident(number),
        "school_code": school_of(district)[0],
        "stage": "小学",
        "programme": "地方资助",
        "entitled_amount": amount,
        "paid_amount": amount,
        "payment_status": "已发放",
        "paid_on": date(2019, 10, 8),
    }


def aid(district: str, *, without: tuple[int, ...] = (), amount: Decimal | None = None) -> None:
    """What a district reports of the semester; another report of it replaces the one before."""
    ours = district == ZHONGSHAN
    name, paid = (OURS, Decimal(500)) if ours else (THEIRS, Decimal(THEIR_AMOUNT))
    # One name on both sides where the name is not what is asked about.
    paid_name = "孙同名"
    rows = {
        "hardship_student": [
            hardship(TWO_NAMES, district, name),
            hardship(
                TWO_IDS,
                district,
                name,
                resident_id=resident(TWO_IDS) if ours else THEIR_ID,
                student_no="L210202202001019999",
            ),
        ],
        "aid_payment": [
            payment(number, district, paid_name, amount or paid) for number in TWICE_PAID if number not in without
        ],
    }
    workbook = report("student_aid", rows, district=district, period=SEMESTER)
    submit(engine("loader"), f"aid {district} {without} {amount}", workbook)


def add_items() -> None:
    """Five items between 中山区 and 西岗区, beside any that the small city has."""
    aid(ZHONGSHAN)
    aid(XIGANG)
    reconcile()


def explain(item: int, district: str = ZHONGSHAN, words: str = EXPLAINED) -> None:
    """As when a district has sent the workbook back."""
    change(
        "INSERT INTO reconciliation.explanation (item_id, spell, district_code, explanation, receipt_id)"
        " SELECT :item, max(spell), :district, :words, (SELECT max(receipt_id) FROM ledger.receipt)"
        " FROM reconciliation.observation WHERE item_id = :item",
        item=item,
        district=district,
        words=words,
    )
