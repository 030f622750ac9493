"""What GX keeps while a suite runs changes no result, and is gone afterwards."""

from contextlib import nullcontext
from datetime import datetime

import pandas as pd
from great_expectations.expectations.expectation import Expectation

from district_reports.checks import content


def _expectation(kind: str, rule: str, **kwargs):
    return {"type": kind, "severity": "warning", "kwargs": kwargs, "meta": {"rule": rule, "title": rule}}


CONDITION = {"type": "comparison", "column": {"name": "stage"}, "operator": "==", "parameter": "小学"}
SUITE = [
    _expectation("expect_column_values_to_be_in_set", "T04", column="stage", value_set=["小学", "初中"]),
    _expectation("expect_column_values_to_be_between", "A09", column="grade", max_value=6, row_condition=CONDITION),
    _expectation("expect_column_values_to_be_between", "A10", column="grade", min_value=1, row_condition=CONDITION),
]
FRAME = pd.DataFrame({"stage": ["小学", "小学", "初中", "大学"], "grade": [3, 7, 8, 0]}, index=[4, 5, 6, 7])


def test_the_results_are_the_same_and_gx_is_as_before(monkeypatch):
    original = Expectation.configuration

    remembered = content.validate("frame", FRAME, SUITE, {"day": datetime(2020, 7, 4)})  # noqa: DTZ001
    assert [(failure.position, failure.labels) for failure in remembered.failures] == [(0, (7,)), (1, (5,))]
    assert Expectation.configuration is original
    monkeypatch.setattr(content, "remembered", nullcontext)
    # Of another day, which no rule asks for: the tests' own memory of validations must not answer.
    assert content.validate("frame", FRAME, SUITE, {"day": datetime(2020, 7, 5)}) == remembered  # noqa: DTZ001
