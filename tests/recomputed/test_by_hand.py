"""Cells of the recomputation that were computed by hand: it is held to the contract itself."""

from decimal import Decimal
from fractions import Fraction

import pytest

from independent.book import HARDSHIP, PAYMENT
from recomputed.exact import mean, percent, rounded
from recomputed.figures_students import student_aid
from recomputed.house import Accepted
from recomputed.periods import Period, due


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(1, 800, "0.13"), (39999, 40000, "99.99"), (8, 8, "100.00"), (0, 7, "0.00"), (3, 2, "150.00"), (2, 3, "66.67")],
)
def test_a_rate_is_half_up_and_all_only_where_it_is_all(part: int, whole: int, shown: str) -> None:
    assert percent(part, whole) == Decimal(shown)
    assert percent(part, 0) is None


def test_a_mean_is_half_up() -> None:
    assert mean(Decimal("154.71"), 2) == Decimal("77.36")
    assert rounded(Fraction(1, 200)) == Decimal("0.01")


def test_periods_begin_and_are_due_as_the_contract_says() -> None:
    semester = Period.of("2019-S2")
    assert (str(semester.first), str(semester.last), str(due("student_aid", semester))) == (
        "2019-08-01",
        "2020-01-31",
        "2020-02-20",
    )
    assert Period.of("2019-Q4").following().text == "2020-Q1"
    assert Period.of("2020-09").following().text == "2020-10"
    assert semester.following() == Period.of("2020-S1")


def _paid(
    child: str, stage: str, programme: str, entitled: str, given: str, status: str = "已发放"
) -> dict[str, object]:
    return {
        "身份证件号": child,
        "学段": stage,
        "资助项目": programme,
        "资助标准": Decimal(entitled),
        "发放金额": Decimal(given),
        "发放状态": status,
    }


def test_a_child_that_is_paid_in_another_stage_is_aided_on_the_whole_alone() -> None:
    listed = [{"身份证件号": child, "学段": stage} for child, stage in (("A", "小学"), ("B", "小学"), ("C", "学前"))]
    paid = [
        _paid("A", "初中", "地方资助", "300", "100"),
        _paid("A", "小学", "非寄宿生生活补助", "250", "250", "已退回"),
        _paid("B", "小学", "非寄宿生生活补助", "250", "0"),
        _paid("C", "学前", "学前教育资助", "900", "900"),
    ]
    report = Accepted("student_aid", "210202", Period.of("2020-S1"), {HARDSHIP: listed, PAYMENT: paid}, False)
    every, primary = student_aid([report], "全部", "全部"), student_aid([report], "小学", "全部")
    assert [every[f"{word}_count"] for word in ("hardship_student", "aided_student", "partly_aided_student")] == [
        3,
        2,
        1,
    ]
    assert [every[f"{word}_amount"] for word in ("entitled", "paid", "returned", "unpaid")] == [1700, 1000, 250, 450]
    assert every["compulsory_unaided_student_count"] == 1
    assert primary["aided_hardship_student_count"] == 0
    assert primary["compulsory_unaided_student_count"] == 2
    assert primary["partly_aided_student_count"] == 0
