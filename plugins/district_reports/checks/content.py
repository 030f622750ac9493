"""Run a suite of content rules over a frame with Great Expectations and give exact places.

GX's results carry the failing values and its exceptions carry tracebacks: neither leaves this module. Great
Expectations takes seconds to import, so it is imported when the first suite runs; warm workers have it already.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from district_reports.checks.frame import BROKEN
from district_reports.checks.suites import Expectation
from district_reports.errors import SystemFault

_NOT_NULL = "expect_column_values_to_not_be_null"
_EXCEPTION_KIND = re.compile(r"[A-Za-z_][\w.]*")
_RESULT_FORMAT = {"result_format": "COMPLETE", "partial_unexpected_count": 0, "return_unexpected_index_query": False}


@dataclass(frozen=True)
class Failure:
    """An expectation (its position in the suite) and the index labels of the rows that fail it."""

    position: int
    severity: str
    labels: tuple[int, ...]


class RuleFault(SystemFault):
    """A rule could not be evaluated: a missing column, a wrong type. Never a mistake of the district."""


def failures(
    name: str, frame: pd.DataFrame, expectations: Sequence[Expectation], parameters: Mapping[str, object]
) -> list[Failure]:
    """The failures of `expectations` over `frame`, in suite order; an empty frame fails nothing.

    `parameters` fill ``{"$PARAMETER": …}`` in the expectations' kwargs; dates must come as datetime, since GX compares
    them with the frame's timestamps.

    Raises:
        RuleFault: an expectation raised, or failed without naming rows.
    """
    if frame.empty or not expectations:
        return []
    from great_expectations.core.expectation_suite import ExpectationSuite

    configured = [_prepared(expectation, position, frame) for position, expectation in enumerate(expectations)]
    suite = ExpectationSuite(name=name, expectations=configured)
    batch = _batch_definition().get_batch({"dataframe": frame})
    result = batch.validate(suite, result_format=_RESULT_FORMAT, expectation_parameters=dict(parameters))
    found = []
    for item in result.results:
        position = item.expectation_config.meta["position"]
        rule = expectations[position]["meta"]["rule"]
        if "raised_exception" not in item.exception_info or item.exception_info["raised_exception"]:
            raise RuleFault(f"rule {rule} of {name} could not be evaluated: {_causes(item.exception_info)}")
        if item.success:
            continue
        labels = item.result.get("unexpected_index_list")
        if not labels:
            raise RuleFault(f"rule {rule} of {name} failed without naming rows")
        found.append(Failure(position, expectations[position]["severity"], tuple(int(label) for label in labels)))
    return sorted(found, key=lambda failure: failure.position)


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


def _causes(exception_info: Mapping[str, Any]) -> str:
    """Only the kinds of exceptions: their messages may quote a child's data."""
    entries: list[Mapping[str, Any]] = [entry for entry in exception_info.values() if isinstance(entry, dict)]
    entries = entries or [exception_info]
    last_lines = (str(entry.get("exception_traceback") or "").strip().rpartition("\n")[2] for entry in entries)
    kinds = {match[0] for line in last_lines if (match := _EXCEPTION_KIND.match(line))}
    return ", ".join(sorted(kinds)) or "unknown"


@lru_cache(maxsize=1)
def _batch_definition() -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("workbooks").add_dataframe_asset("sheet")
    return asset.add_batch_definition_whole_dataframe("whole")
