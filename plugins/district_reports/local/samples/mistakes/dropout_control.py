"""Mistakes in the dropout-control ledger."""

from collections.abc import Callable
from datetime import date, timedelta

from district_reports.local.samples.file_mistakes import active, column_added, late, wrong_on_cover
from district_reports.local.samples.mistakes import Mistakes
from district_reports.local.samples.package import add_macro
from district_reports.local.samples.planting import Mistake, Row, cell, missing, total, twice
from district_reports.local.samples.workbooks import SAMPLE_DAY
from district_reports.model.identifiers import make_resident_id

_CASE, _ENROLMENT = "dropout_case", "compulsory_enrolment"
_PERIOD_BEGINS = SAMPLE_DAY.replace(day=1)


def _open_case(row: Row) -> bool:
    """A case of a pupil at a school that is being worked on, with everything a mistake may need."""
    return bool(row["case_status"] == "劝返中" and row["school_code"] and row["student_no"])


def _ends_in_x(row: Row) -> bool:
    return _open_case(row) and str(row["resident_id"]).endswith("X")


def _large(row: Row) -> bool:
    return bool(row["expected_enrolment"] >= 100)


def _long_open(row: Row) -> bool:
    """Found before the period began, so that the ledger before has the case as well."""
    return _open_case(row) and bool(row["discovered_on"] < _PERIOD_BEGINS - timedelta(days=12))


def _new(row: Row) -> bool:
    """Found in the period: under another ID it is not missed as a case that was open before."""
    return _open_case(row) and bool(row["discovered_on"] > _PERIOD_BEGINS)


def _case(
    rule: str, column: str, change: Callable[[Row], Row] | Row, suits: Callable[[Row], bool] = _open_case
) -> Mistake:
    return cell(rule, _CASE, column, change, suits)


def _wrong_check_character(row: Row) -> Row:
    right: str = row["resident_id"]
    return {"resident_id": right[:17] + ("1" if right[17] != "1" else "2"), "student_no": None}


def _digits_lost(row: Row) -> Row:
    return {"resident_id": float(row["resident_id"][:17] + "0"), "student_no": None}


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


MISTAKES = Mistakes(
    scale=10.0,
    contents=(
        missing("D07", _CASE, _long_open, needs_earlier=True),
        _case("T01", "case_officer", {"case_officer": None}),
        _case("T02", "persuasion_count", {"persuasion_count": "3次"}),
        _case("T03", "discovered_on", {"discovered_on": "2020年6月"}),
        _case("T04", "reason", {"reason": "不想上学"}),
        _case("T05", "resident_id", _digits_lost, _new),
        _case("T08", "remark", {"remark": "家访记录。" * 250}),
        _case("T10", "resident_id", lambda row: {"resident_id": row["resident_id"].lower()}, _ends_in_x),
        _case("T10", "discovered_on", lambda row: {"discovered_on": f"{row['discovered_on']:%Y.%m.%d}"}),
        _case("T10", "persuasion_count", {"persuasion_count": "３"}),
        _case("T13", "persuasion_count", {"persuasion_count": -1}),
        _case("C01", "resident_id", _wrong_check_character, _new),
        _case("C02", "school_code", {"school_code": "2999999999"}),
        _case("C04", "discovered_on", {"discovered_on": SAMPLE_DAY + timedelta(days=1)}),
        _case("C05", "sex", lambda row: {"sex": "女" if row["sex"] == "男" else "男"}),
        _case("C07", "student_no", _neighbour),
        _case("C09", "student_no", {"student_no": "G2020"}),
        _case("D01", "discovered_on", lambda row: _born(row, 18), _new),
        _case("D02", "returned_on", {"case_status": "已返校", "returned_on": None}),
        _case("D02", "returned_on", {"case_status": "已返校", "returned_on": _PERIOD_BEGINS}, _new),
        _case("D03", "placement", {"case_status": "已安置", "placement": None}),
        _case("D04", "write_off_reason", {"case_status": "已核销", "write_off_reason": None}),
        _case("D05", "grade", {"grade": 10}),
        _case("D06", "reason", {"reason": "因贫"}),
        _case("D08", "persuasion_count", {"persuasion_count": 0}),
        twice(_CASE, "resident_id", _open_case),
        total(_CASE, "resident_id", persuasion_count=999),
        cell("D09", _ENROLMENT, "actual_enrolment", lambda row: {"actual_enrolment": row["expected_enrolment"] + 10}),
        cell(
            *("C06", _ENROLMENT, "expected_enrolment"),
            lambda row: {"expected_enrolment": row["expected_enrolment"] * 14 // 10},
            _large,
            needs_earlier=True,
        ),
        missing("C10", _ENROLMENT),
    ),
    files=(
        active("含宏", add_macro),
        column_added("F13", "姓名列两次", _CASE, "姓 名"),
        wrong_on_cover("F15", "误报无数据", "无数据申报", "是"),
        late(),
    ),
)
