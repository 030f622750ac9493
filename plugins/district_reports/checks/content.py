"""Run a suite of content rules over a frame with Great Expectations and give exact places.

GX's results carry the failing values and its exceptions carry tracebacks: neither leaves this module, only counts do.
Great Expectations takes seconds to import, so it is imported when the first suite runs; warm workers have it already.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import pandas as pd

from district_reports.checks.frame import BROKEN
from district_reports.checks.gx_memo import remembered
from district_reports.checks.suites import Expectation
from district_reports.errors import SystemFault
from district_reports.model.validation import ROWS_KEPT, ExpectationResult

_NOT_NULL = "expect_column_values_to_not_be_null"
_EXCEPTION_KIND = re.compile(r"[A-Za-z_][\w.]*")
# An expectation's places cost GX as much again as its counts, and nearly every expectation of a sound workbook holds:
# counts are asked of all, places only of those that fail.
_COUNTS = {"result_format": "BASIC", "partial_unexpected_count": 0}
_PLACES = {"result_format": "COMPLETE", "partial_unexpected_count": 0, "return_unexpected_index_query": False}


@dataclass(frozen=True)
class Failure:
    """An expectation (its position in the suite) and the index labels of the rows that fail it."""

    position: int
    severity: str
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Validated:
    """The failures, and in suite order what became of every expectation, in counts."""

    failures: list[Failure]
    results: tuple[ExpectationResult, ...]

    def with_rows(self) -> tuple[ExpectationResult, ...]:
        """The results with the first rows that fail; of a frame whose index labels are Excel rows."""
        first = {failure.position: failure.labels[:ROWS_KEPT] for failure in self.failures}
        return tuple(replace(each, rows=first.get(position, ())) for position, each in enumerate(self.results))


class RuleFault(SystemFault):
    """A rule could not be evaluated: a missing column, a wrong type. Never a mistake of the district."""


def validate(
    name: str, frame: pd.DataFrame, expectations: Sequence[Expectation], parameters: Mapping[str, datetime]
) -> Validated:
    """`expectations` over `frame`; an empty frame fails nothing, and nothing is looked at.

    `parameters` fill ``{"$PARAMETER": …}`` in the expectations' kwargs; dates must come as datetime, since GX compares
    them with the frame's timestamps.

    Raises:
        RuleFault: an expectation raised, or failed without naming rows.
    """
    if frame.empty or not expectations:
        return Validated([], ())
    from great_expectations.core.expectation_suite import ExpectationSuite

    configured = [_prepared(expectation, position, frame) for position, expectation in enumerate(expectations)]
    # Each condition is a query, which costs by the columns of the frame.
    batch = batch_definition().get_batch({"dataframe": frame[_columns_named(configured, frame)]})

    def evaluated(chosen: list[Expectation], result_format: Mapping[str, Any]) -> dict[int, Any]:
        suite = ExpectationSuite(name=name, expectations=chosen)
        run = batch.validate(suite, result_format=result_format, expectation_parameters=dict(parameters))
        for item in run.results:
            if "raised_exception" not in item.exception_info or item.exception_info["raised_exception"]:
                rule = expectations[_position(item)]["meta"]["rule"]
                raise RuleFault(f"rule {rule} of {name} could not be evaluated: {_causes(item.exception_info)}")
        return {_position(item): item for item in run.results}

    with remembered():
        counts = evaluated(configured, _COUNTS)
        failing = [position for position in sorted(counts) if not counts[position].success]
        places = evaluated([configured[position] for position in failing], _PLACES) if failing else {}
    found: list[Failure] = []
    for position in failing:
        labels = places[position].result.get("unexpected_index_list")
        if not labels:
            raise RuleFault(f"rule {expectations[position]['meta']['rule']} of {name} failed without naming rows")
        found.append(Failure(position, expectations[position]["severity"], tuple(int(label) for label in labels)))
    results = (_counted(expectations[position], counts[position].result, parameters) for position in sorted(counts))
    return Validated(found, tuple(results))


def _position(item: Any) -> int:
    position: int = item.expectation_config.meta["position"]
    return position


def _counted(
    expectation: Expectation, result: Mapping[str, Any], parameters: Mapping[str, datetime]
) -> ExpectationResult:
    """The counts of a result, and nothing else of it."""
    meta, missing = expectation["meta"], result.get("missing_count")
    return ExpectationResult(
        type=expectation["type"],
        kwargs={name: _filled(value, parameters) for name, value in expectation["kwargs"].items()},
        rule=meta["rule"],
        title=meta["title"],
        severity=expectation["severity"],
        elements=int(result["element_count"]),
        missing=None if missing is None else int(missing),
        unexpected=int(result["unexpected_count"]),
    )


def _filled(value: Any, parameters: Mapping[str, datetime]) -> Any:
    """A kwarg as declared, with the day that it names."""
    if isinstance(value, dict) and "$PARAMETER" in value:
        return f"{parameters[value['$PARAMETER']]:%Y-%m-%d}"
    return value


def _prepared(expectation: Expectation, position: int, frame: pd.DataFrame) -> Expectation:
    """The configuration for GX: the position in its meta, and no "is empty" finding for a cell that is broken."""
    kwargs = dict(expectation["kwargs"])
    # Each condition costs GX a query over all columns, so only where a cell is broken.
    if expectation["type"] == _NOT_NULL and frame[BROKEN.format(kwargs["column"])].any():
        sound = {
            "type": "comparison",
            "column": {"name": BROKEN.format(kwargs["column"])},
            "operator": "==",
            "parameter": False,
        }
        own = kwargs.get("row_condition")
        kwargs["row_condition"] = sound if own is None else {"type": "and", "conditions": [own, sound]}
    return {
        "type": expectation["type"],
        "severity": expectation["severity"],
        "kwargs": kwargs,
        "meta": {"position": position},
    }


def _columns_named(configured: Sequence[Expectation], frame: pd.DataFrame) -> list[str]:
    """The columns of `frame` whose names occur anywhere in the expectations, in expressions too."""
    words = set(_texts([expectation["kwargs"] for expectation in configured]))
    return [name for name in frame.columns if any(name in word for word in words)]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)


def _causes(exception_info: Mapping[str, Any]) -> str:
    """Only the kinds of exceptions: their messages may quote a child's data."""
    entries: list[Mapping[str, Any]] = [entry for entry in exception_info.values() if isinstance(entry, dict)]
    entries = entries or [exception_info]
    last_lines = (str(entry.get("exception_traceback") or "").strip().rpartition("\n")[2] for entry in entries)
    kinds = {match[0] for line in last_lines if (match := _EXCEPTION_KIND.match(line))}
    return ", ".join(sorted(kinds)) or "unknown"


@lru_cache(maxsize=1)
def batch_definition() -> Any:
    """What turns a frame into GX's batch; made once a process, in 20 ms and a temporary folder of GX's."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("workbooks").add_dataframe_asset("sheet")
    return asset.add_batch_definition_whole_dataframe("whole")
