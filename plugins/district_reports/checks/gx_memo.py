"""What Great Expectations works out anew at each look is worked out once a validation.

GX 1.24 serialises a whole expectation each time its ``configuration`` is asked for, a hundred times an expectation, and
queries the frame for a row condition once for each of its metrics. Neither changes while a suite runs over a frame, and
both together are half of a suite's time. The results are the same: a test compares them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def remembered() -> Iterator[None]:
    """Within this, GX keeps what it has worked out; afterwards it is as it was. For one thread at a time."""
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import Expectation

    configuration, filtered = Expectation.configuration, PandasExecutionEngine._apply_row_condition_filter
    # By identity, with the object beside it, so that no other can come to have its address.
    configurations: dict[int, tuple[Any, Any]] = {}
    frames: dict[tuple[int, str], tuple[Any, Any]] = {}

    def configured(expectation: Any) -> Any:
        if id(expectation) not in configurations:
            configurations[id(expectation)] = (expectation, configuration.fget(expectation))
        return configurations[id(expectation)][1]

    def rows(engine: Any, data: Any, row_condition: Any, domain_kwargs: Any) -> Any:
        key = (id(data), repr(row_condition))
        if key not in frames:
            frames[key] = (data, filtered(engine, data, row_condition, domain_kwargs))
        return frames[key][1]

    Expectation.configuration = property(configured)
    PandasExecutionEngine._apply_row_condition_filter = rows
    try:
        yield
    finally:
        Expectation.configuration = configuration
        PandasExecutionEngine._apply_row_condition_filter = filtered
