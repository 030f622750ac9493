"""What a failed step leaves in a task's log: never what a workbook holds."""

import traceback

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from district_reports.airflow_parts.steps import redact_errors
from district_reports.errors import ConfigurationError, LeaseLost, SystemFault

VALUE = "210202201005060071"


def raised(error: Exception, name: str = "") -> Exception:
    def step() -> None:
        raise error

    with pytest.raises((SystemFault, AirflowSkipException)) as caught:
        redact_errors(step, name)()
    return caught.value


@pytest.mark.parametrize(("name", "begins"), [("", "ValueError at "), ("validate", "validate: ValueError at ")])
def test_an_unforeseen_error_tells_its_kind_and_place_and_no_value(name: str, begins: str) -> None:
    def step() -> None:
        raise ValueError(VALUE)

    with pytest.raises(SystemFault) as caught:
        redact_errors(step, name)()
    assert str(caught.value).startswith(begins)
    assert "test_redact_errors.py:" in str(caught.value)
    assert VALUE not in "".join(traceback.format_exception(caught.value))


def test_a_fault_of_our_own_is_told_as_it_is_with_the_name_of_the_step() -> None:
    fault = ConfigurationError("X is not set")
    assert raised(fault) is fault
    assert str(raised(fault, "load of submission 7")) == "load of submission 7: ConfigurationError: X is not set"


@pytest.mark.parametrize("error", [LeaseLost("another has it"), AirflowSkipException("nothing to do")])
def test_what_is_no_failure_passes(error: Exception) -> None:
    assert raised(error) is error
    assert raised(error, "load") is error


def test_the_result_passes() -> None:
    assert redact_errors(lambda one, *, other: one + other, "sum")(1, other=2) == 3
