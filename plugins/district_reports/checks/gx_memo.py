"""What Great Expectations works out anew at each look is worked out once a validation.

GX 1.24 serialises a whole expectation each time its ``configuration`` is asked for, and makes it anew of that each time
a metric asks, both a hundred times an expectation; it queries the frame for a row condition once for each of its
metrics; and it names a metric by a hash of its arguments each time that another one depends on it. None of it changes
while a suite runs over a frame, and together it is more than half of a suite's time. The results are the same: a test
compares them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def remembered() -> Iterator[None]:
    """Within this, GX keeps what it has worked out; afterwards it is as it was. For one thread at a time."""
    from great_expectations.core.id_dict import IDDict
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    filtered, identified = PandasExecutionEngine._apply_row_condition_filter, IDDict.to_id
    frames: dict[tuple[int, str], tuple[Any, Any]] = {}
    identities: dict[str, Any] = {}

    def rows(engine: Any, data: Any, row_condition: Any, domain_kwargs: Any) -> Any:
        key = (id(data), repr(row_condition))
        if key not in frames:
            frames[key] = (data, filtered(engine, data, row_condition, domain_kwargs))
        return frames[key][1]

    def identity(arguments: Any, *keys: Any, **named_keys: Any) -> Any:
        # Of a metric: names, numbers, dates, and lists of them, which their text tells apart; of a batch: frames.
        if keys or named_keys or type(arguments) is not IDDict:
            return identified(arguments, *keys, **named_keys)
        text = repr(arguments)
        if text not in identities:
            identities[text] = identified(arguments)
        return identities[text]

    with (
        _replaced(Expectation, "configuration", property(_once_each(Expectation.configuration.fget))),
        _replaced(ExpectationConfiguration, "to_domain_obj", _once_each(ExpectationConfiguration.to_domain_obj)),
        _replaced(PandasExecutionEngine, "_apply_row_condition_filter", rows),
        _replaced(IDDict, "to_id", identity),
    ):
        yield


def _once_each(work: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`work`, done once for each object."""
    # By identity, with the object beside it, so that no other can come to have its address.
    done: dict[int, tuple[Any, Any]] = {}

    def once(each: Any) -> Any:
        if id(each) not in done:
            done[id(each)] = (each, work(each))
        return done[id(each)][1]

    return once


@contextmanager
def _replaced(owner: type, name: str, value: Any) -> Iterator[None]:
    before = vars(owner)[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
