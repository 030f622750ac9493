"""Mistakes that a clerk might make in one row of the dropout-control ledger, each found by exactly one rule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from district_reports.identifiers import make_resident_id

Row = dict[str, Any]


def _open_case(row: Row) -> bool:
    """A case of a pupil at a school that is being worked on, with everything a mistake may need."""
    return bool(row["case_status"] == "劝返中" and row["school_code"] and row["student_no"])


@dataclass(frozen=True)
class Mistake:
    """A mistake: what rule finds it, in which column, how it changes a right row, and which rows it suits."""

    rule: str
    marks: str
    change: Callable[[Row], Row]
    suits: Callable[[Row], bool] = _open_case


def _wrong_check_character(row: Row) -> Row:
    right: str = row["resident_id"]
    return {"resident_id": right[:17] + ("1" if right[17] != "1" else "2"), "student_no": None}


def _born(row: Row, years_before: int) -> Row:
    """The same child, born so many years before it was discovered."""
    discovered: date = row["discovered_on"]
    birth = discovered - timedelta(days=years_before * 365 + 180)
    old: str = row["resident_id"]
    return {"resident_id": make_resident_id(old[:6], birth, int(old[14:17])), "student_no": None}


def _neighbour(row: Row) -> Row:
    """The student number of the child born a day later."""
    old: str = row["resident_id"]
    birth = date(int(old[6:10]), int(old[10:12]), int(old[12:14])) + timedelta(days=1)
    return {"student_no": "G" + make_resident_id(old[:6], birth, int(old[14:17]))}


def _ends_in_x(row: Row) -> bool:
    return _open_case(row) and str(row["resident_id"]).endswith("X")


def _set(**values: object) -> Callable[[Row], Row]:
    return lambda row: dict(values)


LEDGER_MISTAKES = (
    Mistake("T01", "case_officer", _set(case_officer=None)),
    Mistake("T02", "persuasion_count", _set(persuasion_count="3次")),
    Mistake("T03", "discovered_on", _set(discovered_on="2020年6月")),
    Mistake("T04", "reason", _set(reason="不想上学")),
    Mistake(
        "T05", "resident_id", lambda row: {"resident_id": float(row["resident_id"][:17] + "0"), "student_no": None}
    ),
    Mistake("T08", "remark", _set(remark="家访记录。" * 250)),
    Mistake("T10", "resident_id", lambda row: {"resident_id": row["resident_id"].lower()}, _ends_in_x),
    Mistake("T10", "discovered_on", lambda row: {"discovered_on": f"{row['discovered_on']:%Y.%m.%d}"}),
    Mistake("T10", "persuasion_count", _set(persuasion_count="３")),
    Mistake("T13", "persuasion_count", _set(persuasion_count=-1)),
    Mistake("C01", "resident_id", _wrong_check_character),
    Mistake("C02", "school_code", _set(school_code="2999999999")),
    Mistake("C04", "discovered_on", _set(discovered_on=date(2020, 7, 1))),
    Mistake("C05", "sex", lambda row: {"sex": "女" if row["sex"] == "男" else "男"}),
    Mistake("C07", "student_no", _neighbour),
    Mistake("C09", "student_no", _set(student_no="G2020")),
    Mistake("D01", "discovered_on", lambda row: _born(row, 18)),
    Mistake("D02", "returned_on", _set(case_status="已返校", returned_on=None)),
    Mistake("D03", "placement", _set(case_status="已安置", placement=None)),
    Mistake("D04", "write_off_reason", _set(case_status="已核销", write_off_reason=None)),
    Mistake("D05", "grade", _set(grade=10)),
    Mistake("D06", "reason", _set(reason="因贫")),
    Mistake("D08", "persuasion_count", _set(persuasion_count=0)),
)
ENROLMENT_MISTAKES = (
    Mistake(
        "D09",
        "actual_enrolment",
        lambda row: {"actual_enrolment": row["expected_enrolment"] + 10},
        suits=lambda row: True,
    ),
)
