"""The ten steps to a status, each by hand."""

from datetime import date
from decimal import Decimal

import pytest

from recomputed.commitments import Baseline, Commitment, Measured, status
from recomputed.periods import Period

FIRST = Baseline("first_report", Decimal(40), Period.of("2020-Q1"), date(2020, 3, 31))
NONE = Baseline("none")


def _commitment(kind: str, target: str, denominator: str = "whole") -> Commitment:
    words = {"kind": kind, "target": target, "due": "2020-12-31", "target_levels": "city"}
    return Commitment({**words, "denominator_column": denominator})


def _measured(actual: str | None, *, text: str = "2020-Q2", complete: bool = True, accepted: int = 12) -> Measured:
    value = None if actual is None else Decimal(actual)
    return Measured(Period.of(text), value, Decimal(100), value, accepted, complete)


@pytest.mark.parametrize(
    ("commitment", "now", "baseline", "word"),
    [
        (_commitment("raise", "100"), _measured("100", accepted=0), FIRST, "待报"),
        (_commitment("keep_at_most", "0", ""), _measured(None), NONE, "无上期"),
        (_commitment("raise", ""), _measured("50"), NONE, None),
        (_commitment("raise", "100"), _measured("100", complete=False), FIRST, "数据不全"),
        (_commitment("raise", "100", ""), _measured("41", complete=False), FIRST, "数据不全"),
        (_commitment("raise", "100"), _measured("41", complete=False), FIRST, "滞后"),
        (_commitment("keep_at_most", "0", ""), _measured("1", complete=False), NONE, "滞后"),
        (_commitment("raise", "100"), _measured("100"), FIRST, "已达成"),
        (_commitment("keep_at_least", "30", ""), _measured("30"), NONE, "正常推进"),
        (_commitment("keep_at_least", "30", ""), _measured("30", text="2020-Q4"), NONE, "已达成"),
        (_commitment("raise", "100"), _measured("99.99"), NONE, "未达标（无基期）"),
        (_commitment("raise", "100"), _measured("99.99", text="2020-Q4"), NONE, "滞后"),
        # The line has come to 40 + 60 × 91 ÷ 275 = 59.85.
        (_commitment("raise", "100"), _measured("59.85"), FIRST, "滞后"),
        (_commitment("raise", "100"), _measured("59.86"), FIRST, "正常推进"),
        # And down to 40 − 40 × 91 ÷ 275 = 26.76.
        (_commitment("lower", "0"), _measured("26.76"), FIRST, "正常推进"),
        (_commitment("lower", "0"), _measured("26.77"), FIRST, "滞后"),
    ],
)
def test_the_first_step_that_holds(commitment: Commitment, now: Measured, baseline: Baseline, word: str | None) -> None:
    assert status(commitment, "city", now, baseline) == word


def test_nothing_to_measure_is_no_delay() -> None:
    now = Measured(Period.of("2020-Q2"), Decimal(0), Decimal(0), None, 12, True)
    assert status(_commitment("raise", "100"), "city", now, NONE) == "不适用"
