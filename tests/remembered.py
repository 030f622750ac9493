"""Great Expectations is asked once about equal frames: a check costs half a second, and most tests change one cell."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd

from district_reports.checks import content

_MOST_ROWS = 500
"""Of larger frames the comparison costs more than it saves."""


@contextmanager
def remembered_validations() -> Iterator[None]:
    """In this block the same frame, expectations and parameters get the same answer, from memory."""
    validate, answers = content.validate, {}

    def remembering(name: str, frame: pd.DataFrame, expectations: Any, parameters: Mapping[str, Any]) -> Any:
        if len(frame) > _MOST_ROWS:
            return validate(name, frame, expectations, parameters)
        # Spelt out with the kinds of all values: in CSV no cell and an empty one are the same.
        key = repr((name, frame.dtypes.to_dict(), frame.to_dict("split"), expectations, dict(parameters)))
        if key not in answers:
            answers[key] = validate(name, frame, expectations, parameters)
        return answers[key]

    content.validate = remembering
    yield
    content.validate = validate
